// SPDX-License-Identifier: Apache-2.0
// Profit and loss by subscription: told at once, then whenever it is another.
#include "belay/simtws/account_values.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using base::Int128;
using tws::wire::Real;

Real amount(Int128 value) {
  return Real::from_decimal(to_decimal(value));
}

}  // namespace

tws::wire::Pnl Server::pnl_of(std::int32_t req_id, const std::string& account) const {
  const Totals sum = totals(exchange_, market_, account);
  return {req_id, amount(sum.realized + sum.unrealized), amount(sum.unrealized),
          amount(sum.realized)};
}

tws::wire::PnlSingle Server::pnl_single_of(std::int32_t req_id,
                                           const Book::PositionKey& key) const {
  const auto found = book().positions().find(key);
  const SimPosition position = found == book().positions().end() ? SimPosition{} : found->second;
  const Instrument* instrument = market_.find(key.second);
  const Int128 value = instrument == nullptr ? Int128{0}
                                             : Int128{market_.quote(key.second)->last.units()} *
                                                   position.quantity.units() * instrument->units;
  const Int128 gain =
      position.quantity.is_negative() ? value + position.cost : value - position.cost;
  return {req_id,
          Real::from_decimal(position.quantity),
          amount(position.realized + gain),
          amount(gain),
          amount(position.realized),
          amount(value)};
}

void Server::handle(Connection& conn, const tws::wire::ReqPnl& message) {
  if (!message.account.empty() && !knows_account(message.account)) {
    return fail(conn, message.req_id, 321,
                "Error validating request.-'bN' : cause - Invalid account code");
  }
  const tws::wire::Pnl now = pnl_of(message.req_id, message.account);
  conn.pnl[message.req_id] = {message.account, now};
  send(conn, now);
}

void Server::handle(Connection& conn, const tws::wire::ReqPnlSingle& message) {
  if (!knows_account(message.account)) {
    return fail(conn, message.req_id, 321,
                "Error validating request.-'bN' : cause - Invalid account code");
  }
  const Book::PositionKey key{message.account, message.con_id};
  const tws::wire::PnlSingle now = pnl_single_of(message.req_id, key);
  conn.pnl_single[message.req_id] = {key, now};
  send(conn, now);
}

void Server::handle(Connection& conn, const tws::wire::CancelPnl& message) {
  conn.pnl.erase(message.req_id);
}

void Server::handle(Connection& conn, const tws::wire::CancelPnlSingle& message) {
  conn.pnl_single.erase(message.req_id);
}

void Server::tell_pnl(Connection& conn) {
  if (outage_) return;
  for (auto& [req_id, watch] : conn.pnl) {
    const tws::wire::Pnl now = pnl_of(req_id, watch.account);
    if (now == watch.told) continue;
    watch.told = now;
    send(conn, now);
  }
  for (auto& [req_id, watch] : conn.pnl_single) {
    const tws::wire::PnlSingle now = pnl_single_of(req_id, watch.of);
    if (now == watch.told) continue;
    watch.told = now;
    send(conn, now);
  }
}

}  // namespace belay::simtws
