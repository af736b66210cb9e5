// SPDX-License-Identifier: Apache-2.0
// Whose an order is, in words that callers and refusals share.
#pragma once

#include <string>

#include "belay/core/facts/book.hpp"

namespace belay::core {

/// Entered by hand and taken over by the session that may do so: such ids are below zero.
inline bool is_bound(const Order& order) {
  return order.external && order.broker_id && order.broker_id->number < 0;
}
/// Entered by hand and not bound: it has no id by which a client could name it.
inline bool is_unbound(const Order& order) {
  return order.external && !order.broker_id;
}
/// "ours", "manual", "bound" or "client 3".
inline std::string owner_word(const Order& order) {
  if (!order.external) return "ours";
  if (is_unbound(order)) return "manual";
  if (is_bound(order)) return "bound";
  return "client " + std::to_string(order.broker_id->session);
}
/// The client in whose name the broker takes requests about it.
inline std::int32_t owner_session(const Order& order) {
  return order.broker_id ? order.broker_id->session : 0;
}
/// Another program's order that works under the id of this one.
const Order* rival_of(const Book& book, const Order& ours);
/// True when a request under this session's numbers would be about another order, or about none.
/// Before a first session our own orders are taken to be ours to name.
bool is_elsewhere(const Book& book, std::int32_t session, const Order& target);

}  // namespace belay::core
