// SPDX-License-Identifier: Apache-2.0
// The sums over an order's executions: how much is filled, and at what cost. One execution costs
// one addition, however many there are.
#pragma once

#include "belay/core/facts/order.hpp"

namespace belay::core {

/// Adds an execution that counts for the order to its sums, or takes it back. When it is added it
/// is among the order's executions already; when it is taken back it still is.
void sum_up(Order& order, const Execution& execution, bool adds);

/// More is filled than was ordered, and no more than the modification under way asks for: it
/// arrived.
bool proves_change(const Order& order, Quantity filled);

/// The order is filled, and it is not known yet whether the modification under way made it larger:
/// then it is not done.
bool may_have_grown(const Order& order);
/// The broker calls it filled, at no more than the executions tell: the modification that was to
/// make it larger did not arrive in time.
bool came_too_late(const Order& order, Quantity filled);

/// What the broker says of the prices, when it says something more: of the largest sum that it
/// spoke of, whatever it says of less later.
ToldPrices prices_with(const ToldPrices& known, const ToldPrices& said);

}  // namespace belay::core
