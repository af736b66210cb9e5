// SPDX-License-Identifier: Apache-2.0
// RoundState: what the core remembers between rounds of questions. None of it is history: it is
// made anew at Started and with each link.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/polls/reconcile.hpp"

namespace belay::core {

struct ReconcileOptions {
  ReconcilePolicy policy;
  /// A command without an answer is asked about after this long, then after twice as long each
  /// time.
  base::Duration probe_after = std::chrono::seconds(2);
  base::Duration probe_after_max = std::chrono::minutes(5);
  base::Duration interval{};      ///< between light rounds; 0 asks only when there is a reason
  std::size_t waiting_max = 64;   ///< callers who wait for a round
  std::size_t report_max = 1000;  ///< findings and events that an answer names, of each
};

struct ReconcileStats {
  std::uint64_t rounds_total = 0;  ///< that ended, of any scope
  std::uint64_t settled_total = 0;
  std::uint64_t probes_total = 0;
  std::map<std::string, std::uint64_t> findings_total;  ///< by kind
  base::Time last_settled;
  /// The broker's clock minus our civil time, to about a second, as last told.
  std::optional<base::Duration> clock_ahead;
};

struct RoundState {
  RoundMemory memory;
  base::Time syncing_since;
  bool new_link = false;  ///< the syncing began with the link: nothing was sent on it before
  base::Time interval_at = base::never;
  base::Time look_again_at = base::never;
  bool ask_soon = false;  ///< something was said that only a list can explain

  std::uint64_t wishes = 0;    ///< rounds asked for, counted
  std::uint64_t wish_out = 0;  ///< the last of them that was no dry run
  std::uint64_t served = 0;
  bool full_wish_out = false;

  struct Probe {
    base::Time due;
    base::Duration wait;
  };
  std::map<OrderId, Probe> probes;  ///< orders with a command that has no answer
  std::set<std::pair<base::Time, OrderId>> probes_due;
  std::map<OrderId, std::set<std::string>> subjects;  ///< of open incidents
  std::map<OrderId, std::pair<PermanentId, std::string>> working_though_done;

  bool listing = false;  ///< the input answers a question of ours
  std::vector<Finding> findings;
  std::uint64_t findings_count = 0;

  struct Waiting {
    Correlation correlation = 0;
    std::uint64_t wish = 0;
    bool dry_run = false;
    std::vector<std::string> events;
  };
  std::vector<Waiting> waiting;

  ReconcileStats stats;
};

}  // namespace belay::core
