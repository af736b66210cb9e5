// SPDX-License-Identifier: Apache-2.0
// What the fills of an order cost. A fill without a price makes every sum over it unknown; then the
// broker's own average of the same quantity is shown, as the broker's.
#include <algorithm>

#include "belay/core/facts/disputed_fills.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core {
namespace {

bool counts(const Execution& e) {
  return !e.busted && !e.repeats && e.leg_con_id == 0;
}

}  // namespace

bool is_priced(const Order& order) {
  return order.unpriced == 0;
}

std::optional<AveragePrice> average_price(const Order& order) {
  if (order.cum_qty.is_zero()) return std::nullopt;
  if (is_priced(order)) {
    const bool inferred = std::any_of(order.executions.begin(), order.executions.end(),
                                      [](const Execution& e) { return counts(e) && e.inferred; });
    return AveragePrice{model::average_price(order.notional, order.cum_qty), inferred};
  }
  if (!order.told.average || order.told.of != order.cum_qty) return std::nullopt;
  // Nobody knows whether the broker said its average before a fill was corrected or after it.
  if (was_revised(order)) return std::nullopt;
  return AveragePrice{to_string(*order.told.average), true};
}

std::optional<Price> last_price(const Order& order) {
  const auto last = std::find_if(order.executions.rbegin(), order.executions.rend(), counts);
  if (last == order.executions.rend()) return std::nullopt;
  if (last->last_px) return last->last_px;
  return order.told.of == order.cum_qty ? order.told.last : std::nullopt;
}

}  // namespace belay::core
