// SPDX-License-Identifier: Apache-2.0
// The doors of tests and harnesses to orders and prices: what the broker, other clients and a
// person at the screen do.
#include "belay/simtws/server.hpp"

namespace belay::simtws {

using base::Time;

void Server::notice(std::int32_t code, const std::string& text, Time now) {
  enter(now);
  notice_all(code, text);
  leave();
}

void Server::say_error(ClientId client, OrderId order_id, std::int32_t code,
                       const std::string& text, Time now) {
  enter(now);
  if (Connection* conn = find_client(client); conn != nullptr) fail(*conn, order_id, code, text);
  leave();
}

void Server::set_price(std::string_view symbol, base::Decimal bid, base::Decimal ask, Time now) {
  enter(now);
  prices_moved(market_.set_price(symbol, bid, ask));
  leave();
}

bool Server::correct_execution(std::string_view exec_id, base::Decimal shares, base::Decimal price,
                               Time now) {
  enter(now);
  const bool done = exchange_.correct(exec_id, shares, price, now_);
  leave();
  return done;
}

bool Server::late_fill(ClientId client, OrderId order_id, base::Decimal shares, Time now) {
  enter(now);
  const bool done = exchange_.late_fill({client, order_id}, shares, now_);
  leave();
  return done;
}

bool Server::fill_order(PermId perm_id, base::Decimal shares, std::optional<base::Decimal> price,
                        Time now) {
  enter(now);
  const bool done = exchange_.fill_by_hand(perm_id, shares, price, now_);
  leave();
  return done;
}

bool Server::bust_execution(std::string_view exec_id, Time now) {
  const SimExecution* found = book().find_execution(exec_id);
  return found != nullptr && correct_execution(exec_id, base::Decimal{}, found->price, now);
}

bool Server::transmit(ClientId client, OrderId order_id, Time now) {
  enter(now);
  const bool done = exchange_.transmit({client, order_id}, now_);
  leave();
  return done;
}

std::optional<PermId> Server::manual_now(const tws::wire::Contract& contract,
                                         const tws::wire::Order& order) {
  const auto perm_id = exchange_.place_manual(contract, order, now_);
  flush();
  const Connection* zero = find_client(0);
  if (zero != nullptr && zero->auto_bind) exchange_.bind_manual(now_);
  return perm_id;
}

std::optional<PermId> Server::place_manual(const tws::wire::Contract& contract,
                                           const tws::wire::Order& order, Time now) {
  enter(now);
  const auto perm_id = manual_now(contract, order);
  leave();
  return perm_id;
}

bool Server::person_cancel(PermId perm_id, Time now) {
  enter(now);
  const bool done = exchange_.person_cancel(perm_id, now_);
  leave();
  return done;
}

bool Server::person_change(PermId perm_id, const PersonChange& change, Time now) {
  enter(now);
  const bool done = exchange_.person_change(perm_id, change, now_);
  leave();
  return done;
}

std::optional<OrderId> Server::place_as_now(ClientId client, const tws::wire::Contract& contract,
                                            const tws::wire::Order& order) {
  const OrderId id = exchange_.next_order_id(client);
  exchange_.place(client, {id, contract, order}, now_);
  return book().copies({client, id}).empty() ? std::nullopt : std::optional(id);
}

std::optional<OrderId> Server::place_as(ClientId client, const tws::wire::Contract& contract,
                                        const tws::wire::Order& order, Time now) {
  enter(now);
  const auto id = place_as_now(client, contract, order);
  leave();
  return id;
}

void Server::change_as(ClientId client, OrderId order_id, const tws::wire::Contract& contract,
                       const tws::wire::Order& order, Time now) {
  enter(now);
  exchange_.place(client, {order_id, contract, order}, now_);
  leave();
}

void Server::cancel_as(ClientId client, OrderId order_id, Time now) {
  enter(now);
  exchange_.cancel(client, order_id, now_);
  leave();
}

std::optional<PermId> Server::duplicate_order(ClientId client, OrderId order_id, Time now) {
  enter(now);
  const auto perm_id = exchange_.duplicate({client, order_id}, now_);
  leave();
  return perm_id;
}

}  // namespace belay::simtws
