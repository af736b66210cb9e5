// SPDX-License-Identifier: Apache-2.0
// Requests that place, cancel and list orders and executions.
#include <algorithm>

#include "belay/simtws/reports.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

bool same_or_empty(const std::string& filter, std::string_view value) {
  return filter.empty() || filter == value;
}

bool is_wanted(const tws::wire::ReqExecutions& filter, const SimExecution& one,
               std::string_view venue, const std::optional<base::Time>& since) {
  const std::string_view side = one.is_buy ? "BUY" : "SELL";
  const std::string_view word = one.is_buy ? "BOT" : "SLD";
  if (filter.client_id != 0 && filter.client_id != one.key.first) return false;
  if (!same_or_empty(filter.acct_code, one.account)) return false;
  if (!same_or_empty(filter.symbol, one.contract.symbol)) return false;
  if (!same_or_empty(filter.sec_type, one.contract.sec_type)) return false;
  if (!same_or_empty(filter.exchange, one.contract.exchange) &&
      !same_or_empty(filter.exchange, venue)) {
    return false;
  }
  if (!same_or_empty(filter.side, side) && !same_or_empty(filter.side, word)) return false;
  if (!filter.specific_dates.empty()) {
    return std::find(filter.specific_dates.begin(), filter.specific_dates.end(),
                     ib_date(one.time)) != filter.specific_dates.end();
  }
  return !since || one.time >= *since;
}

}  // namespace

void Server::handle(Connection& conn, const tws::wire::PlaceOrder& message) {
  exchange_.place(conn.client, message, now_);
}

void Server::handle(Connection& conn, const tws::wire::CancelOrder& message) {
  exchange_.cancel(conn.client, message.order_id, now_);
}

void Server::handle(Connection& conn, const tws::wire::ReqGlobalCancel&) {
  exchange_.global_cancel(conn.client, now_);
}

int Server::send_open_orders(Connection& conn, std::optional<ClientId> client) {
  int sent = 0;
  for (const PermId id : book().live()) {
    const SimOrder& order = book().orders().at(id);
    if (order.held || (client && *client != order.key.first)) continue;
    send(conn, open_order(order));
    send(conn, order_status(order, exchange_.parent_id(order)));
    ++sent;
  }
  return sent;
}

// Client 0 also takes over the orders made by hand: that is what makes this request dangerous.
void Server::handle(Connection& conn, const tws::wire::ReqOpenOrders&) {
  if (conn.client == 0) exchange_.bind_manual(now_);
  flush();
  send_open_orders(conn, conn.client);
  send(conn, tws::wire::OpenOrderEnd{});
}

void Server::handle(Connection& conn, const tws::wire::ReqAllOpenOrders&) {
  send_open_orders(conn, std::nullopt);
  send(conn, tws::wire::OpenOrderEnd{});
}

void Server::handle(Connection& conn, const tws::wire::ReqAutoOpenOrders& message) {
  if (conn.client != 0) {
    return fail(conn, -1, 321,
                "Error validating request.-'bN' : cause - Only the default client (i.e 0) can auto "
                "bind orders");
  }
  conn.auto_bind = message.auto_bind;
  if (message.auto_bind) exchange_.bind_manual(now_);
}

void Server::handle(Connection& conn, const tws::wire::ReqCompletedOrders& message) {
  const base::Time since = listed_since(options_.days_listed);
  for (const auto& [id, order] : book().orders()) {
    if (order.is_live() || order.finished_at < since) continue;
    if (message.api_only && order.key.second == 0) continue;
    send(conn, completed_order(order));
  }
  send(conn, tws::wire::CompletedOrdersEnd{});
}

// All executions, then all commissions (recorded). Of what was corrected only the last revision,
// unless the option wants all.
void Server::handle(Connection& conn, const tws::wire::ReqExecutions& message) {
  base::Time day = listed_since(options_.days_listed);
  if (message.last_n_days.value_or(0) > 0) day = std::max(day, listed_since(*message.last_n_days));
  const auto since = parse_ib_time(message.time);
  std::vector<const SimExecution*> listed;
  for (const SimExecution& one : book().executions_since(day)) {
    if (one.superseded && !options_.all_revisions) continue;
    const std::string_view venue = exchange_.venue(one.con_id);
    if (!is_wanted(message, one, venue, since)) continue;
    send(conn, exec_details(one, message.req_id, venue));
    if (one.is_paid()) listed.push_back(&one);
  }
  for (const SimExecution* one : listed) send(conn, commission_report(*one));
  send(conn, tws::wire::ExecDetailsEnd{message.req_id});
}

}  // namespace belay::simtws
