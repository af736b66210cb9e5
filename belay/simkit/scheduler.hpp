// SPDX-License-Identifier: Apache-2.0
// Scheduler: virtual time. Work is run in the order of its time, and of its making where times are
// equal, so a run is a function of its seed. Nothing waits: time jumps to the next piece of work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "belay/base/time.hpp"

namespace belay::simkit {

class Scheduler {
 public:
  using Id = std::pair<base::Time, std::uint64_t>;

  explicit Scheduler(base::Time start) : now_(start) {}
  base::Time now() const { return now_; }

  /// Runs `work` at `when`, or at once when that has passed.
  Id at(base::Time when, std::function<void()> work);
  Id after(base::Duration delay, std::function<void()> work) {
    return at(now_ + delay, std::move(work));
  }
  void cancel(const Id& id) { work_.erase(id); }

  /// Runs the next piece of work. False: there is none.
  bool step();
  /// Runs everything up to `end`, and leaves the clock there.
  void run_until(base::Time end);
  std::size_t pending() const { return work_.size(); }

 private:
  base::Time now_;
  std::uint64_t made_ = 0;
  std::map<Id, std::function<void()>> work_;
};

}  // namespace belay::simkit
