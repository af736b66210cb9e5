// SPDX-License-Identifier: Apache-2.0
// Pacer: at most `limit` messages in any sliding second (IB allows 50 and answers more with error
// 100, then with a disconnect). It counts what was sent, what is promised to an intent that waits
// for its commit, and what waits in the lanes; it sends nothing itself.
//
// Invariant: sent in the last second + reserved <= limit, at every moment. A reservation becomes a
// send without asking again, however late, and the sum does not change.
#pragma once

#include <algorithm>
#include <deque>

#include "belay/base/check.hpp"
#include "belay/base/time.hpp"

namespace belay::tws::session {

class Pacer {
 public:
  explicit Pacer(unsigned limit) : limit_(limit) {}

  /// Messages that may start now.
  unsigned available(base::Time now) const {
    const auto used = reserved_ + static_cast<unsigned>(sent_.end() - first_in_window(now));
    return used >= limit_ ? 0 : limit_ - used;
  }
  /// When `available` may grow by time alone; `never` when nothing was sent in the last second.
  base::Time next_change(base::Time now) const {
    const auto first = first_in_window(now);
    return first == sent_.end() ? base::never : *first + window;
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
  unsigned limit() const { return limit_; }

 private:
  static constexpr base::Duration window = std::chrono::seconds(1);
  std::deque<base::Time>::const_iterator first_in_window(base::Time now) const {
    return std::upper_bound(sent_.begin(), sent_.end(), now - window);
  }

  unsigned limit_;
  unsigned reserved_ = 0;
  std::deque<base::Time> sent_;
};

}  // namespace belay::tws::session
