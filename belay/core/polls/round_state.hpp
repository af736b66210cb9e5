// SPDX-License-Identifier: Apache-2.0
// RoundState: what Polls remembers between rounds of questions. None of it is history: it is
// made anew at Started and with each link.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/polls/findings.hpp"
#include "belay/core/polls/poll_stats.hpp"
#include "belay/core/polls/reconcile.hpp"

namespace belay::core {

struct RoundState {
  RoundMemory memory;
  base::Time syncing_since;
  base::Time interval_at = base::never;
  base::Time look_again_at = base::never;

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
