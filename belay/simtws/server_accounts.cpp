// SPDX-License-Identifier: Apache-2.0
// Requests about accounts and positions. Values follow from the book and the market; margins are
// plain fractions of what is held, enough to be read and too simple to be believed.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/reports.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using tws::wire::Real;

std::string money(Int128 value) {
  const auto cents = static_cast<std::int64_t>(value / (Int128{Decimal::one} * 1'000'000));
  const std::int64_t size = cents < 0 ? -cents : cents;
  return fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", size / 100, size % 100);
}

bool lists(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    const std::size_t comma = tags.find(',');
    std::string_view word = tags.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    if (word == tag) return true;
    if (comma == std::string_view::npos) return false;
    tags.remove_prefix(comma + 1);
  }
  return false;
}

struct AccountValue {
  std::string_view tag;
  std::string value;
  std::string_view currency;
};

struct Totals {
  Int128 net = 0;
  Int128 cash = 0;
  Int128 gross = 0;
};

Totals totals(const Exchange& exchange, const Market& market, const std::string& account) {
  Totals out;
  out.net = exchange.net_liquidation(account);
  out.cash = Int128{Decimal::from_int(1'000'000).units()} * Decimal::one +
             exchange.book().cash_change(account);
  for (const auto& [key, position] : exchange.book().positions()) {
    const Instrument* instrument = market.find(key.second);
    if (key.first != account || instrument == nullptr || instrument->sec_type == "FUT") continue;
    const Int128 value = Int128{market.quote(key.second)->last.units()} * position.quantity.units();
    out.gross += value < 0 ? -value : value;
  }
  return out;
}

std::vector<AccountValue> account_values(const Totals& sum) {
  const Int128 margin = sum.gross / 4;
  return {
      {"AccountType", "INDIVIDUAL", ""},
      {"NetLiquidation", money(sum.net), "USD"},
      {"TotalCashValue", money(sum.cash), "USD"},
      {"SettledCash", money(sum.cash), "USD"},
      {"AccruedCash", "0.00", "USD"},
      {"BuyingPower", money((sum.net - margin) * 4), "USD"},
      {"EquityWithLoanValue", money(sum.net), "USD"},
      {"PreviousDayEquityWithLoanValue", money(sum.net), "USD"},
      {"GrossPositionValue", money(sum.gross), "USD"},
      {"InitMarginReq", money(margin), "USD"},
      {"MaintMarginReq", money(margin), "USD"},
      {"AvailableFunds", money(sum.net - margin), "USD"},
      {"ExcessLiquidity", money(sum.net - margin), "USD"},
      {"FullInitMarginReq", money(margin), "USD"},
      {"FullMaintMarginReq", money(margin), "USD"},
      {"FullAvailableFunds", money(sum.net - margin), "USD"},
      {"FullExcessLiquidity", money(sum.net - margin), "USD"},
      {"Cushion", "1", ""},
      {"DayTradesRemaining", "-1", ""},
      {"Leverage", "0.00", ""},
  };
}

std::vector<AccountValue> ledger_values(const Totals& sum, std::string_view currency) {
  return {
      {"Currency", std::string(currency), currency},
      {"CashBalance", money(sum.cash), currency},
      {"TotalCashBalance", money(sum.cash), currency},
      {"StockMarketValue", money(sum.net - sum.cash), currency},
      {"NetLiquidationByCurrency", money(sum.net), currency},
      {"ExchangeRate", "1.00", currency},
      {"UnrealizedPnL", "0.00", currency},
      {"RealizedPnL", "0.00", currency},
  };
}

tws::wire::Contract held_contract(const Instrument& instrument) {
  return echo_contract(instrument, instrument.primary_exchange);
}

}  // namespace

bool Server::knows_account(const std::string& account) const {
  return std::find(options_.accounts.begin(), options_.accounts.end(), account) !=
         options_.accounts.end();
}

void Server::handle(Connection& conn, const tws::wire::ReqPositions&) {
  conn.positions = true;
  for (const auto& [key, position] : book().positions()) {
    if (position.quantity.is_zero()) continue;
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
    if (position.quantity.is_zero()) continue;
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

void Server::send_summary(Connection& conn, std::int32_t req_id, const std::string& tags) {
  for (const std::string& account : options_.accounts) {
    const Totals sum = totals(exchange_, market_, account);
    for (const AccountValue& one : account_values(sum)) {
      if (!lists(tags, one.tag)) continue;
      send(conn, tws::wire::AccountSummary{req_id, account, std::string(one.tag), one.value,
                                           std::string(one.currency)});
    }
    const bool ledger_all = lists(tags, "$LEDGER:ALL");
    if (!ledger_all && !lists(tags, "$LEDGER") && !lists(tags, "$LEDGER:USD")) continue;
    for (const std::string_view currency : {"BASE", "USD"}) {
      if (currency == "BASE" && lists(tags, "$LEDGER:USD")) continue;
      if (currency == "USD" && lists(tags, "$LEDGER")) continue;
      for (const AccountValue& one : ledger_values(sum, currency)) {
        send(conn, tws::wire::AccountSummary{req_id, account, std::string(one.tag), one.value,
                                             std::string(one.currency)});
      }
    }
  }
}

void Server::handle(Connection& conn, const tws::wire::ReqAccountSummary& message) {
  // The real server allows two at a time.
  if (conn.summaries.count(message.req_id) == 0 && conn.summaries.size() >= 2) {
    return fail(conn, message.req_id, 322,
                "Error processing request.-'bN' : cause - Maximum number of account summary "
                "requests exceeded");
  }
  conn.summaries[message.req_id] = {message.tags};
  send_summary(conn, message.req_id, message.tags);
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

void Server::handle(Connection& conn, const tws::wire::ReqAccountUpdates& message) {
  if (!message.subscribe) {
    conn.account_updates.reset();
    return;
  }
  const std::string account =
      message.acct_code.empty() ? options_.accounts.front() : message.acct_code;
  if (!knows_account(account)) {
    return fail(conn, -1, 321, "Error validating request.-'bN' : cause - Invalid account code");
  }
  conn.account_updates = account;
  const Totals sum = totals(exchange_, market_, account);
  send(conn, tws::wire::AcctValue{"AccountCode", account, "", account});
  send(conn, tws::wire::AcctValue{"AccountReady", "true", "", account});
  for (const auto& values : {account_values(sum), ledger_values(sum, "USD")}) {
    for (const AccountValue& one : values) {
      send(conn, tws::wire::AcctValue{std::string(one.tag), one.value, std::string(one.currency),
                                      account});
    }
  }
  for (const auto& [key, position] : book().positions()) {
    if (key.first == account && !position.quantity.is_zero()) {
      send_portfolio(conn, account, key.second);
    }
  }
  send(conn, tws::wire::AcctUpdateTime{ib_time(now_).substr(9, 5)});
  send(conn, tws::wire::AcctDownloadEnd{account});
}

void Server::handle(Connection& conn, const tws::wire::ReqAccountUpdatesMulti& message) {
  for (const std::string& account : options_.accounts) {
    if (!message.account.empty() && message.account != account) continue;
    const Totals sum = totals(exchange_, market_, account);
    const auto values = message.ledger_and_nlv ? ledger_values(sum, "USD") : account_values(sum);
    for (const AccountValue& one : values) {
      send(conn, tws::wire::AccountUpdateMulti{message.req_id, account, message.model_code,
                                               std::string(one.tag), one.value,
                                               std::string(one.currency)});
    }
  }
  send(conn, tws::wire::AccountUpdateMultiEnd{message.req_id});
}

void Server::handle(Connection&, const tws::wire::CancelAccountUpdatesMulti&) {}

void Server::handle(Connection& conn, const tws::wire::ReqPnl& message) {
  Int128 realized = 0;
  Int128 unrealized = 0;
  for (const auto& [key, position] : book().positions()) {
    if (!message.account.empty() && key.first != message.account) continue;
    const Int128 value = Int128{market_.quote(key.second)->last.units()} *
                         position.quantity.units() * market_.find(key.second)->units;
    realized += position.realized;
    unrealized += position.quantity.is_negative() ? value + position.cost : value - position.cost;
  }
  const auto real = [](Int128 value) { return Real::from_decimal(to_decimal(value)); };
  send(conn, tws::wire::Pnl{message.req_id, real(realized + unrealized), real(unrealized),
                            real(realized)});
}

void Server::handle(Connection& conn, const tws::wire::ReqPnlSingle& message) {
  const auto found = book().positions().find({message.account, message.con_id});
  const SimPosition position = found == book().positions().end() ? SimPosition{} : found->second;
  const Instrument* instrument = market_.find(message.con_id);
  const Int128 value = instrument == nullptr ? Int128{0}
                                             : Int128{market_.quote(message.con_id)->last.units()} *
                                                   position.quantity.units() * instrument->units;
  const Int128 gain =
      position.quantity.is_negative() ? value + position.cost : value - position.cost;
  const auto real = [](Int128 amount) { return Real::from_decimal(to_decimal(amount)); };
  send(conn, tws::wire::PnlSingle{message.req_id, Real::from_decimal(position.quantity),
                                  real(position.realized + gain), real(gain),
                                  real(position.realized), real(value)});
}

// One figure is given; there is no stream to end.
void Server::handle(Connection&, const tws::wire::CancelPnl&) {}
void Server::handle(Connection&, const tws::wire::CancelPnlSingle&) {}

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
  if (conn.account_updates == change.account) send_portfolio(conn, change.account, change.con_id);
}

}  // namespace belay::simtws
