// SPDX-License-Identifier: Apache-2.0
// Lanes: what a broker's limit of messages leaves for whom. Cancels may take every slot, protection
// all but those kept for cancels, and so on down to new risk. Questions share the lowest lane's
// slots with new risk: each has at most its half, measured over two seconds, so that neither a full
// queue nor a long list of questions leaves the other nothing.
//
// It counts and sends nothing: what waits is with its owner, who says how much that is.
//
// Invariant: what is kept for a higher lane is never taken by a lower one.
#pragma once

#include <cstddef>

#include "belay/base/time.hpp"
#include "belay/broker/pacer.hpp"

namespace belay::broker {

struct LaneLimits {
  unsigned messages_a_second = 0;   ///< in any second; 0 is no limit
  unsigned cancel_reserve = 5;      ///< of these, slots that only cancels may take
  unsigned protective_reserve = 5;  ///< ... only cancels and protection
  unsigned reducing_reserve = 3;    ///< ... only these and what reduces a position
};

/// Sends that may start now, or the most that ever may at once, lane by lane.
struct OrderSlots {
  unsigned protective = 0;
  unsigned reducing = 0;
  unsigned entry = 0;
};

class Lanes {
 public:
  /// Messages that wait for a slot.
  struct Waiting {
    std::size_t cancels = 0;
    std::size_t queries = 0;
  };

  /// A small limit must leave room for new orders too: half of it is kept for cancels at most, and
  /// half of the rest for the lanes between.
  explicit Lanes(LaneLimits limits);

  OrderSlots slots(base::Time now, const Waiting& waiting) const;
  OrderSlots capacity() const;
  bool is_unlimited() const { return unlimited_; }

  bool cancel_may_go(base::Time now) const;
  /// Whether somebody is there: on any slot but the cancels' own. A link that looks dead because
  /// intents hold the slots while a disk stalls must not be dropped.
  bool probe_may_go(base::Time now) const { return pacer_.available(now) > limits_.cancel_reserve; }
  bool query_may_go(base::Time now, const Waiting& waiting) const;
  /// When the first of what waits may go; `never` when nothing does.
  base::Time next_waiting(base::Time now, const Waiting& waiting) const;

  void sent_query(base::Time now) { query_pacer_.sent(now); }  ///< beside sent()
  void sent(base::Time now) { pacer_.sent(now); }
  void reserve() { pacer_.reserve(); }
  void unreserve() { pacer_.unreserve(); }
  base::Time next_change(base::Time now) const { return pacer_.next_change(now); }
  const Pacer& pacer() const { return pacer_; }

 private:
  LaneLimits limits_;
  bool unlimited_;
  Pacer pacer_;
  Pacer query_pacer_;  // the share of queries
};

}  // namespace belay::broker
