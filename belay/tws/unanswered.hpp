// SPDX-License-Identifier: Apache-2.0
// Unanswered: the commands that went out and still wait for the broker: for any word about the
// order, for the word that it was taken, or for its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "belay/base/time.hpp"
#include "belay/core/asks/effect.hpp"

namespace belay::tws {

class Unanswered {
 public:
  struct Command {
    core::OrderId order;
    std::int64_t number = 0;  ///< the broker's order id
    base::Time at;
  };

  /// A command of this order has gone out. Several count as one, of the first's time.
  void sent(core::OrderId order, std::int64_t number, base::Time now) {
    if (commands_.emplace(number, Command{order, number, now}).second) {
      by_time_.push_back({now, number});
    }
  }
  /// The broker said it.
  void answered(std::int64_t number) { commands_.erase(number); }
  /// A whole list that was asked for at `asked_at` tells what became of what went out before, but
  /// of the numbers that wait although it holds them.
  void decided(base::Time asked_at, const std::set<std::int64_t>& waiting) {
    std::erase_if(commands_, [&](const auto& entry) {
      return entry.second.at < asked_at && !waiting.contains(entry.first);
    });
  }
  void clear() { commands_.clear(), by_time_.clear(); }

  /// The one that waits longest, of those that went out at `from` or later.
  std::optional<Command> oldest(base::Time from = {}) const {
    drop_answered();
    auto at = std::lower_bound(by_time_.begin(), by_time_.end(), from,
                               [](const At& each, base::Time time) { return each.at < time; });
    for (; at != by_time_.end(); ++at) {
      if (const auto found = find(*at)) return found;
    }
    return std::nullopt;
  }

 private:
  struct At {
    base::Time at;
    std::int64_t number = 0;
  };
  std::optional<Command> find(const At& at) const {
    const auto found = commands_.find(at.number);
    if (found == commands_.end() || found->second.at != at.at) return std::nullopt;
    return found->second;
  }
  void drop_answered() const {
    while (!by_time_.empty() && !find(by_time_.front())) by_time_.pop_front();
  }

  std::map<std::int64_t, Command> commands_;
  mutable std::deque<At> by_time_;  // answered ones are taken out when they come to the front
};

}  // namespace belay::tws
