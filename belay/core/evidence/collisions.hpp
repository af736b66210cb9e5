// SPDX-License-Identifier: Apache-2.0
// The broker refused an id as used (IB: 103). That request did nothing; whether the order lives
// under the id all the same is found out before anything else. It is sent again under another id
// only when it is proven to be nowhere; until then it is unknown.
#pragma once

#include <map>

#include "belay/core/step.hpp"

namespace belay::core {

class Collisions {
 public:
  bool contains(OrderId id) const { return open_.contains(id); }
  std::set<OrderId> ids() const;
  void refused(OrderId id, const BrokerNotice& notice, Step& step);
  /// A complete poll has ended.
  void settle(const SnapshotDone& done, Step& step);
  void on(const NextIdSeen& seen, const Step& step);
  /// With the session they end: their orders are unknown, and what the next one lists decides.
  void follow(const Event& event);

 private:
  struct Collision {
    std::int64_t number = 0;
    base::Time since;
    int rounds = 0;         // complete lists seen since
    std::int64_t next = 0;  // the broker's next id, asked since
  };
  std::map<OrderId, Collision> open_;
};

}  // namespace belay::core
