// SPDX-License-Identifier: Apache-2.0
// The doors of tests and harnesses: what breaks, and what a person at the screen could do.
#include "belay/simtws/server.hpp"

namespace belay::simtws {

void Server::disconnect(ConnId id, base::Time now) {
  enter(now);
  if (Connection* conn = find(id); conn != nullptr) close(*conn, "by fault");
  leave();
}

void Server::disconnect_client(ClientId client, base::Time now) {
  enter(now);
  if (Connection* conn = find_client(client); conn != nullptr) close(*conn, "by fault");
  leave();
}

void Server::restart(base::Time now) {
  enter(now);
  for (auto& [id, conn] : connections_) close(conn, "restart");
  leave();
}

void Server::notice(std::int32_t code, const std::string& text, base::Time now) {
  enter(now);
  for (auto& [id, conn] : connections_) {
    if (conn.has_client()) fail(conn, -1, code, text);
  }
  leave();
}

void Server::set_price(std::string_view symbol, base::Decimal bid, base::Decimal ask,
                       base::Time now) {
  enter(now);
  prices_moved(market_.set_price(symbol, bid, ask));
  leave();
}

bool Server::correct_execution(std::string_view exec_id, base::Decimal shares, base::Decimal price,
                               base::Time now) {
  enter(now);
  const bool done = exchange_.correct(exec_id, shares, price, now_);
  leave();
  return done;
}

bool Server::late_fill(ClientId client, OrderId order_id, base::Decimal shares, base::Time now) {
  enter(now);
  const bool done = exchange_.late_fill({client, order_id}, shares, now_);
  leave();
  return done;
}

bool Server::bust_execution(std::string_view exec_id, base::Time now) {
  const SimExecution* found = book().find_execution(exec_id);
  return found != nullptr && correct_execution(exec_id, base::Decimal{}, found->price, now);
}

bool Server::transmit(ClientId client, OrderId order_id, base::Time now) {
  enter(now);
  const bool done = exchange_.transmit({client, order_id}, now_);
  leave();
  return done;
}

std::optional<PermId> Server::place_manual(const tws::wire::Contract& contract,
                                           const tws::wire::Order& order, base::Time now) {
  enter(now);
  const auto perm_id = exchange_.place_manual(contract, order, now_);
  flush();
  const Connection* zero = find_client(0);
  if (zero != nullptr && zero->auto_bind) exchange_.bind_manual();
  leave();
  return perm_id;
}

std::optional<PermId> Server::duplicate_order(ClientId client, OrderId order_id, base::Time now) {
  enter(now);
  const auto perm_id = exchange_.duplicate({client, order_id}, now_);
  leave();
  return perm_id;
}

}  // namespace belay::simtws
