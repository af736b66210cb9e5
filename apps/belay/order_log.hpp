// SPDX-License-Identifier: Apache-2.0
// The log's lines about orders: one for each durable step of an order of ours, in plain words, with
// the order id, the client order id and the correlation id of the request behind it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/api/correlations.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/event.hpp"

namespace belay::app {

/// Told of every event before and after it is applied to the book.
class OrderLog {
 public:
  void before(const core::Event& event, const core::Book& book);
  /// The lines of the event that was applied: none for most events, one else, and one more for what
  /// ends an order.
  std::vector<std::string> after(const core::Event& event, const core::Book& book,
                                 const api::Correlations& correlations);

 private:
  bool ends(const core::Event& event, const core::Order& order);

  std::optional<core::OrdStatus> before_;  // of the order that the event is about
  // Their inferred fill gave way to the real one, which fills them again: that is no other end.
  std::set<core::OrderId> refilled_;
};

}  // namespace belay::app
