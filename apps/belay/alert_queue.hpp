// SPDX-License-Identifier: Apache-2.0
// AlertQueue: what a sink has still to deliver. The queue is bounded and hands out a few alerts at
// a time. A failed one is tried again after growing pauses, and given up after so many attempts.
// The queue counts; it delivers nothing itself and asks no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "belay/base/time.hpp"
#include "belay/views/alert.hpp"

namespace belay::app {

struct AlertQueueOptions {
  std::size_t max = 1000;  ///< waiting; the oldest give way
  std::size_t parallel = 1;
  unsigned attempts = 5;
  base::Duration retry_first = std::chrono::seconds(1);  ///< doubles
  base::Duration retry_max = std::chrono::seconds(60);
};

struct AlertStats {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;    ///< attempts
  std::uint64_t given_up = 0;  ///< alerts
  std::uint64_t dropped = 0;   ///< gave way
  std::size_t waiting = 0;
};

class AlertQueue {
 public:
  struct Attempt {
    std::uint64_t number = 0;
    views::Alert alert;
  };

  explicit AlertQueue(AlertQueueOptions options) : options_(options) {}

  void push(views::Alert alert, base::Time now);
  /// The next one to deliver now, if one is due and a place is free. done() ends it.
  std::optional<Attempt> take(base::Time now);
  /// True when the alert is given up: it failed too often.
  bool done(std::uint64_t number, bool delivered, base::Time now);
  /// When take() has something again, as far as time decides.
  base::Time next() const;
  AlertStats stats() const;

 private:
  struct Item {
    views::Alert alert;
    unsigned attempts = 0;
    base::Time due;
  };
  AlertQueueOptions options_;
  std::deque<Item> waiting_;
  std::map<std::uint64_t, Item> running_;
  std::uint64_t last_number_ = 0;
  AlertStats stats_;
};

}  // namespace belay::app
