// SPDX-License-Identifier: Apache-2.0
// When the broker is asked, and how often its lists must agree before something is concluded.
#pragma once

#include <cstddef>

#include "belay/base/time.hpp"

namespace belay::core {

struct ReconcilePolicy {
  unsigned absence_rounds = 2;  ///< settled rounds that must agree on what is missing or differs
  base::Duration absence_age = std::chrono::seconds(10);  ///< younger orders may be on their way
  /// Nothing is concluded about what changed less than this ago, and rounds that must agree lie at
  /// least this far apart.
  base::Duration recency_guard = std::chrono::seconds(5);
  /// The broker's clock and ours may differ by this much; beyond it absence proves nothing.
  base::Duration clock_difference_max = std::chrono::seconds(10);
};

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

}  // namespace belay::core
