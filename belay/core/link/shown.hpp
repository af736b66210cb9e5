// SPDX-License-Identifier: Apache-2.0
// Shown: which orders the broker has shown as open under our ids since the syncing began. An order
// is modified by placing it again under its id, so the broker takes a modification of what it does
// not have for a new order: what it has not shown is not modified.
#pragma once

#include <set>

#include "belay/core/facts/event.hpp"

namespace belay::core {

class Shown {
 public:
  bool contains(OrderId id) const { return shown_.contains(id); }
  /// True when it was not shown before.
  bool add(OrderId id) { return shown_.insert(id).second; }
  void follow(const Event& event);

 private:
  std::set<OrderId> shown_;
};

}  // namespace belay::core
