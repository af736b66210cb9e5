// SPDX-License-Identifier: Apache-2.0
// Pacer: at most `limit` messages in any sliding window of a second (a broker answers more with an
// error, then with a disconnect). It counts what was sent, what is promised to an intent that waits
// for its commit, and what waits in the lanes; it sends nothing itself.
//
// Invariant: sent in the last second + reserved <= limit, at every moment. A reservation becomes a
// send without asking again, however late, and the sum does not change.
#pragma once

#include <algorithm>
#include <deque>

#include "belay/base/check.hpp"
#include "belay/base/time.hpp"

namespace belay::broker {

class Pacer {
 public:
  explicit Pacer(unsigned limit, base::Duration window = std::chrono::seconds(1))
      : limit_(limit), window_(window) {}

  /// Messages that may start now.
  unsigned available(base::Time now) const {
    const unsigned taken = reserved_ + used(now);
    return taken >= limit_ ? 0 : limit_ - taken;
  }
  /// When `available` may grow by time alone; `never` when nothing was sent in the window.
  base::Time next_change(base::Time now) const {
    const auto first = first_in_window(now);
    return first == sent_.end() ? base::never : *first + window_;
  }
  void sent(base::Time now) {
    sent_.erase(sent_.cbegin(), first_in_window(now));
    sent_.push_back(now);
  }
  void reserve() { ++reserved_; }
  void unreserve() {
    BELAY_CHECK(reserved_ > 0);
    --reserved_;
  }
  void sent_reserved(base::Time now) {
    unreserve();
    sent(now);
  }
  unsigned reserved() const { return reserved_; }
  /// Sent within the window.
  unsigned used(base::Time now) const {
    return static_cast<unsigned>(sent_.end() - first_in_window(now));
  }
  unsigned limit() const { return limit_; }

 private:
  std::deque<base::Time>::const_iterator first_in_window(base::Time now) const {
    return std::upper_bound(sent_.begin(), sent_.end(), now - window_);
  }

  unsigned limit_;
  base::Duration window_;
  unsigned reserved_ = 0;
  std::deque<base::Time> sent_;
};

}  // namespace belay::broker
