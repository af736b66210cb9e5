// SPDX-License-Identifier: Apache-2.0
// Requests about accounts and positions, and what is told of them afterwards.
#include <algorithm>
#include <chrono>

#include "belay/simtws/account_values.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using tws::wire::Real;

// Where it is listed; futures and options are shown without an exchange (recorded).
tws::wire::Contract held_contract(const Instrument& instrument) {
  tws::wire::Contract out = echo_contract(instrument, instrument.primary_exchange);
  if (instrument.sec_type == "FUT" || instrument.sec_type == "OPT") out.exchange.clear();
  return out;
}

}  // namespace

bool Server::knows_account(const std::string& account) const {
  return std::find(options_.accounts.begin(), options_.accounts.end(), account) !=
         options_.accounts.end();
}

// What was closed today is still listed, with nothing held and no cost (recorded).
bool Server::is_listed(const Book::PositionKey& key, const SimPosition& position) const {
  if (!position.quantity.is_zero()) return true;
  const auto today = book().executions_since(day_began());
  return std::any_of(today.begin(), today.end(), [&](const SimExecution& one) {
    return !one.superseded && one.account == key.first && one.con_id == key.second;
  });
}

void Server::handle(Connection& conn, const tws::wire::ReqPositions&) {
  conn.positions = true;
  for (const auto& [key, position] : book().positions()) {
    if (!is_listed(key, position)) continue;
    send(conn, tws::wire::Position{key.first, held_contract(*market_.find(key.second)),
                                   Real::from_decimal(position.quantity),
                                   Real::from_decimal(position.average_cost())});
  }
  send(conn, tws::wire::PositionEnd{});
}

void Server::handle(Connection& conn, const tws::wire::CancelPositions&) {
  conn.positions = false;
}

void Server::handle(Connection& conn, const tws::wire::ReqPositionsMulti& message) {
  conn.multi[message.req_id] = message.account;
  for (const auto& [key, position] : book().positions()) {
    if (!is_listed(key, position)) continue;
    if (!message.account.empty() && message.account != key.first) continue;
    send(conn, tws::wire::PositionMulti{
                   message.req_id, key.first, held_contract(*market_.find(key.second)),
                   Real::from_decimal(position.quantity),
                   Real::from_decimal(position.average_cost()), message.model_code});
  }
  send(conn, tws::wire::PositionMultiEnd{message.req_id});
}

void Server::handle(Connection& conn, const tws::wire::CancelPositionsMulti& message) {
  conn.multi.erase(message.req_id);
}

// All rows, or with `changed_only` those that differ from what was told last.
void Server::send_summary(Connection& conn, std::int32_t req_id, bool changed_only) {
  Connection::Summary& summary = conn.summaries.at(req_id);
  for (const std::string& account : options_.accounts) {
    std::vector<AccountValue> rows =
        summary_rows(totals(exchange_, market_, account), summary.tags);
    std::vector<AccountValue>& told = summary.told[account];
    for (const AccountValue& row : rows) {
      if (changed_only && std::find(told.begin(), told.end(), row) != told.end()) continue;
      send(conn, tws::wire::AccountSummary{req_id, account, row.tag, row.value, row.currency});
    }
    told = std::move(rows);
  }
}

void Server::handle(Connection& conn, const tws::wire::ReqAccountSummary& message) {
  // The real server allows two at a time.
  if (conn.summaries.count(message.req_id) == 0 && conn.summaries.size() >= 2) {
    return fail(conn, message.req_id, 322,
                "Error processing request.-'bN' : cause - Maximum number of account summary "
                "requests exceeded");
  }
  conn.summaries[message.req_id] = {message.tags, {}};
  start_accounts();
  send_summary(conn, message.req_id, false);
  send(conn, tws::wire::AccountSummaryEnd{message.req_id});
}

void Server::handle(Connection& conn, const tws::wire::CancelAccountSummary& message) {
  conn.summaries.erase(message.req_id);
}

void Server::send_portfolio(Connection& conn, const std::string& account, std::int32_t con_id) {
  const auto found = book().positions().find({account, con_id});
  if (found == book().positions().end()) return;
  const SimPosition& position = found->second;
  const Instrument& instrument = *market_.find(con_id);
  const Decimal price = market_.quote(con_id)->last;
  const Int128 value = Int128{price.units()} * position.quantity.units() * instrument.units;
  const Int128 gain =
      position.quantity.is_negative() ? value + position.cost : value - position.cost;
  tws::wire::PortfolioValue out;
  out.contract = held_contract(instrument);
  out.contract.primary_exchange = instrument.primary_exchange;
  out.position = Real::from_decimal(position.quantity);
  out.market_price = Real::from_decimal(price);
  out.market_value = Real::from_decimal(to_decimal(value));
  out.average_cost = Real::from_decimal(position.average_cost());
  out.unrealized_pnl = Real::from_decimal(to_decimal(gain));
  out.realized_pnl = Real::from_decimal(to_decimal(position.realized));
  out.account_name = account;
  send(conn, out);
}

void Server::send_account_time(Connection& conn) {
  send(conn, tws::wire::AcctUpdateTime{ib_time(now_).substr(9, 5)});
}

void Server::send_account_values(Connection& conn, bool changed_only) {
  const std::string& account = *conn.account_updates;
  std::vector<AccountValue> rows = update_rows(totals(exchange_, market_, account), account);
  std::vector<AccountValue>& told = conn.account_told;
  for (const AccountValue& row : rows) {
    if (changed_only && std::find(told.begin(), told.end(), row) != told.end()) continue;
    send(conn, tws::wire::AcctValue{row.tag, row.value, row.currency, account});
  }
  told = std::move(rows);
}

void Server::handle(Connection& conn, const tws::wire::ReqAccountUpdates& message) {
  if (!message.subscribe) {
    if (!conn.account_updates) return;
    conn.account_updates.reset();
    return fail(conn, -1, 2100, "API client has been unsubscribed from account data.");
  }
  const std::string account =
      message.acct_code.empty() ? options_.accounts.front() : message.acct_code;
  if (!knows_account(account)) {
    return fail(conn, -1, 321, "Error validating request.-'bN' : cause - Invalid account code");
  }
  conn.account_updates = account;
  start_accounts();
  send_account_values(conn, false);
  for (const auto& [key, position] : book().positions()) {
    if (key.first == account && is_listed(key, position)) {
      send_portfolio(conn, account, key.second);
    }
  }
  send_account_time(conn);
  send(conn, tws::wire::AcctDownloadEnd{account});
}

void Server::handle(Connection& conn, const tws::wire::ReqAccountUpdatesMulti& message) {
  for (const std::string& account : options_.accounts) {
    if (!message.account.empty() && message.account != account) continue;
    const Totals sum = totals(exchange_, market_, account);
    for (const AccountValue& row : multi_rows(sum, message.ledger_and_nlv)) {
      send(conn, tws::wire::AccountUpdateMulti{message.req_id, account, message.model_code, row.tag,
                                               row.value, row.currency});
    }
  }
  send(conn, tws::wire::AccountUpdateMultiEnd{message.req_id});
}

void Server::handle(Connection&, const tws::wire::CancelAccountUpdatesMulti&) {}

void Server::position_changed(Connection& conn, const PositionChanged& change) {
  if (!conn.has_client() || conn.is_closed) return;
  const SimPosition& position = book().positions().at({change.account, change.con_id});
  const tws::wire::Contract contract = held_contract(*market_.find(change.con_id));
  const Real quantity = Real::from_decimal(position.quantity);
  const Real cost = Real::from_decimal(position.average_cost());
  if (conn.positions) {
    send(conn, tws::wire::Position{change.account, contract, quantity, cost});
  }
  for (const auto& [req_id, account] : conn.multi) {
    if (!account.empty() && account != change.account) continue;
    send(conn, tws::wire::PositionMulti{req_id, change.account, contract, quantity, cost, ""});
  }
  tell_account(conn, change.account);
}

// Every three minutes, as the real server: what has changed since it was told.
void Server::run_accounts() {
  constexpr std::chrono::minutes pause(3);
  if (next_account_ > now_) return;
  bool any = false;
  for (auto& [conn_id, conn] : connections_) {
    if (conn.is_closed) continue;
    any = any || conn.account_updates || !conn.summaries.empty();
    if (outage_) continue;
    for (const auto& [req_id, summary] : conn.summaries) send_summary(conn, req_id, true);
    if (conn.account_updates) send_account_values(conn, true);
  }
  next_account_ = any ? now_ + pause : base::never;
}

void Server::start_accounts() {
  if (next_account_ == base::never) next_account_ = now_ + std::chrono::minutes(3);
}

// Recorded after a fill: the values that changed, the time, then every position each followed by
// the time, then profit and loss.
void Server::tell_account(Connection& conn, const std::string& account) {
  if (conn.account_updates == account) {
    send_account_values(conn, true);
    send_account_time(conn);
    for (const auto& [key, position] : book().positions()) {
      if (key.first != account || !is_listed(key, position)) continue;
      send_portfolio(conn, account, key.second);
      send_account_time(conn);
    }
  }
  tell_pnl(conn);
}

}  // namespace belay::simtws
