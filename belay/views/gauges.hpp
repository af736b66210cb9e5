// SPDX-License-Identifier: Apache-2.0
// Gauges: what is so at this moment and is told by no event: whether new orders are taken, the
// calendar and the clock, what waits for a send slot, counters. None of it has to be durable to be
// true. Whoever runs the machines reads them off; callers see them through the view.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/core/ids/id_rules.hpp"
#include "belay/core/link/calendar.hpp"
#include "belay/core/polls/poll_stats.hpp"

namespace belay::views {

/// What decides whether new risk is taken, apart from what the book says. Of this moment: it is not
/// kept while an input is stepped.
struct Conditions {
  bool dead = false;                   ///< the journal cannot be written
  bool stalled = false;                ///< ... or takes too long
  bool ready = false;                  ///< the broker session is up, and its lists were read
  bool gate_closed = false;            ///< for new risk; it closes before that is durable
  std::string_view refusing_new = {};  ///< why, as the host says; empty: it does not
  const core::Calendar::State& calendar;
};

struct Counters {
  struct Queue {
    std::string_view lane;
    std::size_t depth = 0;
    std::optional<base::Time> oldest = {};  ///< since when it waits; not told of all lanes
  };
  std::vector<Queue> queues;
  std::size_t queued = 0;  ///< orders and modifications that wait for a slot
  std::size_t recalls_waiting = 0;
  std::size_t archive_kept_bytes = 0;  ///< memory of keys and of what is known of archived orders
  // ---- the broker's message rate ----
  unsigned pacing_limit = 0;
  unsigned pacing_used = 0;
  unsigned pacing_reserved = 0;
  // ---- since the start ----
  std::uint64_t inputs_total = 0;
  std::uint64_t commits_total = 0;
  std::uint64_t events_total = 0;
  std::uint64_t sends_total = 0;
  std::uint64_t withdrawn_total = 0;
  std::uint64_t writer_refusals_total = 0;
  std::uint64_t replayed_total = 0;
  std::uint64_t snapshot_seq = 0;
  base::Duration last_commit{};
  core::ReconcileStats polls = {};
};

class Gauges {
 public:
  Gauges() = default;
  Gauges(const Gauges&) = delete;
  Gauges& operator=(const Gauges&) = delete;
  virtual ~Gauges() = default;

  virtual Conditions conditions(base::Time now) const = 0;
  virtual Counters counters(base::Time now) const = 0;
  /// How far our time is ahead of the clocks of this machine and the broker, where they agree.
  virtual base::Duration ahead() const = 0;
  /// What these clocks show at a moment of ours.
  base::Time civil(base::Time now) const { return now - ahead(); }
  /// In which lane a new order waits for a slot; empty when it does not wait.
  virtual std::string_view lane_of(core::OrderId order) const = 0;
  /// True of an order that lessens a position or stands against one: it is taken while new risk is
  /// not.
  virtual bool protects(const core::OrderSpec& spec) const = 0;
  /// The order that a key has made, perhaps one that is not published yet.
  virtual std::optional<core::OrderId> order_of(const core::AccountId& account,
                                                const core::ClOrdId& key) const = 0;
  /// The settings of broker order ids.
  virtual const core::IdOptions& ids() const = 0;
};

}  // namespace belay::views
