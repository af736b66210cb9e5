// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/disputed_fills.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::core {

bool was_revised(const Order& order) {
  return std::any_of(order.executions.begin(), order.executions.end(),
                     [](const Execution& e) { return e.busted || e.id.revision > 1; });
}

std::string dispute_about(const Order& order) {
  return fmt::format("fills_disputed/{}", order.id.value());
}

std::string disputed_facts(const Order& order) {
  std::string facts = fmt::format("{}/{}", to_string(order.filled_claim), to_string(order.cum_qty));
  for (const Execution& e : order.executions) {
    facts += fmt::format("/{}", e.busted ? "busted" : std::to_string(e.id.revision));
  }
  return facts;
}

}  // namespace belay::core
