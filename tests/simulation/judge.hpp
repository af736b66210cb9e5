// SPDX-License-Identifier: Apache-2.0
// Judge: decides whether a run kept the promises, from what others wrote down: the simulated
// broker's log, the bots' records, and the daemon's answers at the end. It shares no code with
// what it judges (JSON by RapidJSON, arithmetic by counting shares in whole numbers).
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/bot.hpp"

namespace belay::simulation {

struct Evidence {
  std::vector<std::string> broker_log;  ///< JSON lines
  std::size_t log_at_end = 0;           ///< lines when `orders` was asked
  std::vector<OrderRecord> records;     ///< of all bots
  std::vector<std::string> complaints;  ///< of all bots
  std::string orders;                   ///< GET /api/v1/orders at the end: a JSON array
  std::string orders_after_restart;     ///< the same after one more restart
  unsigned rate_limit = 50;             ///< the broker's own, messages in any second
  bool storm = false;
};

/// Every broken promise in words; empty when all were kept.
std::vector<std::string> judge(const Evidence& evidence);

}  // namespace belay::simulation
