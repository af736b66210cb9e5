// SPDX-License-Identifier: Apache-2.0
// The line between the gateway and the broker: while it is down orders live on at the exchange, and
// no client hears of it. Restarts of the gateway, too.
#include "belay/simtws/server.hpp"
#include "belay/tws/wire/codec.hpp"

namespace belay::simtws {
namespace {

using namespace tws::wire;

template <class... Kinds>
bool is_any(const ClientMessage& message) {
  return (std::holds_alternative<Kinds>(message) || ...);
}

bool is_order(const ClientMessage& message) {
  return is_any<PlaceOrder, CancelOrder, ReqGlobalCancel>(message);
}

// What the gateway cannot answer of itself.
bool needs_broker(const ClientMessage& message) {
  return is_order(message) ||
         is_any<ReqOpenOrders, ReqAllOpenOrders, ReqAutoOpenOrders, ReqCompletedOrders,
                ReqExecutions, ReqPositions, ReqPositionsMulti, ReqAccountSummary,
                ReqAccountUpdates, ReqAccountUpdatesMulti, ReqPnl, ReqPnlSingle, ReqContractDetails,
                ReqMarketRule, ReqMktData, ReqHistoricalData, ReqHeadTimestamp, ReqHistoricalTicks,
                ReqHistogramData, ReqTickByTickData, ReqRealTimeBars, ReqMktDepth,
                ReqSecDefOptParams, ReqMatchingSymbols, ReqScannerSubscription>(message);
}

std::string text_of(std::int32_t code) {
  switch (code) {
    case 1100:
      return "Connectivity between IBKR and Trader Workstation has been lost.";
    case 2110:
      return "Connectivity between Trader Workstation and server is broken. It will be restored "
             "automatically.";
    case 1101:
      return "Connectivity between IBKR and Trader Workstation has been restored - data lost. All "
             "data requests need to be resubmitted.";
    default:
      return "Connectivity between IBKR and Trader Workstation has been restored - data "
             "maintained.";
  }
}

}  // namespace

void Server::notice_all(std::int32_t code, const std::string& text) {
  for (auto& [id, conn] : connections_) {
    if (conn.has_client()) fail(conn, -1, code, text);
  }
}

void Server::notice_one(Connection& conn, std::int32_t code) {
  fail(conn, -1, code, text_of(code));
}

void Server::outage_begins(std::int32_t code) {
  notice_all(code, text_of(code));
  if (!outage_) outage_ = Outage{};
  outage_->code = code;
}

void Server::outage_ends(std::int32_t code) {
  if (!outage_) return;
  flush();
  Outage over = std::move(*outage_);
  outage_.reset();
  if (code == 1101) {
    for (auto& [id, conn] : connections_) conn.end_subscriptions();
  }
  notice_all(code, text_of(code));
  for (const Outgoing& out : over.unheard) {
    if (code == 1102 && late_.chance(options_.late_reports_percent)) deliver(out);
  }
  for (const Delayed& one : over.delayed) {
    Connection* conn = find(one.conn);
    if (one.twin) {
      exchange_.change_into_twin(one.client, std::get<PlaceOrder>(one.message), now_);
    } else if (conn != nullptr) {
      handle_any(*conn, one.message);
    } else if (const auto* place = std::get_if<PlaceOrder>(&one.message)) {
      exchange_.place(one.client, *place, now_);
    } else if (const auto* cancel = std::get_if<CancelOrder>(&one.message)) {
      exchange_.cancel(one.client, cancel->order_id, now_);
    } else if (std::holds_alternative<ReqGlobalCancel>(one.message)) {
      exchange_.global_cancel(one.client, now_);
    }
    flush();
  }
}

void Server::take_in_outage(Connection& conn, const ClientMessage& message) {
  if (!needs_broker(message)) return handle_any(conn, message);
  bool twin = false;
  if (const auto* place = std::get_if<PlaceOrder>(&message)) {
    const SimOrder* known = exchange_.book().find(OrderKey{conn.client, place->order_id});
    twin = options_.twin_on_outage_modify && known != nullptr && known->is_live();
  }
  const auto rule = is_order(message) ? options_.outage_orders : options_.outage_requests;
  if (twin || rule == Options::InOutage::delayed) {
    log_event(&conn, "delayed_by_outage", name(message));
    outage_->delayed.push_back({conn.id, conn.client, twin, message});
  } else {
    log_event(&conn, "lost_in_outage", name(message));
  }
}

void Server::not_heard(const Outgoing& out) {
  if (const auto* message = std::get_if<ServerMessage>(&out.what)) {
    log_event(find_client(out.client), "not_told", name(*message));
  }
  if (options_.late_reports_percent == 0) return;
  outage_->unheard.push_back(out);
  if (outage_->unheard.size() > options_.history_max) outage_->unheard.pop_front();
}

void Server::restart_now(RestartLoss loss) {
  if (loss != RestartLoss::nothing) {
    exchange_.forget_unacknowledged(loss == RestartLoss::unacknowledged_ids_burnt);
    flush();
  }
  // What it kept for a better line went with it.
  if (outage_) outage_->delayed.clear();
  close_all("restart");
}

void Server::restart(base::Time now, RestartLoss loss) {
  enter(now);
  restart_now(loss);
  leave();
}

void Server::begin_outage(std::int32_t code, base::Time now) {
  enter(now);
  outage_begins(code);
  leave();
}

void Server::end_outage(std::int32_t code, base::Time now) {
  enter(now);
  outage_ends(code);
  leave();
}

}  // namespace belay::simtws
