// SPDX-License-Identifier: Apache-2.0
// What polls of the broker's lists came to, counted since the start.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "belay/base/time.hpp"

namespace belay::core {

struct ReconcileStats {
  std::uint64_t rounds_total = 0;  ///< that ended, of any scope
  std::uint64_t settled_total = 0;
  std::uint64_t probes_total = 0;
  std::map<std::string, std::uint64_t> findings_total;  ///< by kind
  base::Time last_settled;
  /// The broker's clock minus our civil time, to about a second, as last told.
  std::optional<base::Duration> clock_ahead;
};

}  // namespace belay::core
