// SPDX-License-Identifier: Apache-2.0
// Polls: rounds of questions to the broker. When they are wanted, what is done with their end, and
// who waits for it. What a poll means is decided in reconcile.cpp; here it is carried out.
#pragma once

#include <string>
#include <vector>

#include "belay/core/evidence/collisions.hpp"
#include "belay/core/evidence/fills.hpp"
#include "belay/core/evidence/reports.hpp"
#include "belay/core/orders/other_clients.hpp"
#include "belay/core/polls/round_state.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

class Polls {
 public:
  /// What the end of a poll is judged with, and tells.
  struct Evidence {
    Reports& reports;
    const Fills& fills;
    Collisions& collisions;
    OtherClients& others;
    bool reports_lost;  ///< some of what was listed found no room
  };

  FindingLog& findings() { return findings_; }
  ReconcileStats stats() const;
  base::Time next_deadline(const LinkState& link) const;

  void on(const SnapshotDone& done, const Evidence& evidence, Step& step);
  void on(const Reconcile& command, Step& step);
  void follow(const StampedEvent& stamped, Step& step);
  /// Asks for what the machines wanted in this step.
  void review(Step& step);
  void tick(Step& step);

  /// In a copy that learns what the poll would do: its one caller is answered with it.
  void begin_rehearsal(std::uint64_t wish);
  /// `events` are those of a dry run; else a caller gets what was recorded since it asked.
  void answer_waiting(const SnapshotDone& done, const std::vector<Finding>& findings,
                      const std::vector<std::string>& events, Step& step);

 private:
  void watch(OrderId id, Step& step);
  void close_incidents(OrderId id, Step& step);
  void ask(const std::string& reason, bool full, Step& step);
  void link_lost(Step& step);
  RoundFacts facts_of(const SnapshotDone& done, const Evidence& evidence, const Step& step) const;

  FindingLog findings_;
  RoundState rounds_;
};

}  // namespace belay::core
