// SPDX-License-Identifier: Apache-2.0
// What an order trades, and what of its fills are the legs of a combination. A combination fills as
// a whole, told by one execution; each leg moves its own contract on its own side. The reports may
// come in every order, so what a fill is taken for is looked at again when more is known.
#pragma once

#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

/// Another contract or another side than the order's is a leg.
bool is_leg(const Order& known, const Contract& filled, Side side);
/// An order of others that is known from its fills alone trades what its first fill showed, until
/// another fill shows something else: then it is a combination, and they are its legs.
void sort_by_contract(OrderId id, const BrokerExecution& report, Step& step);
/// The order is what `spec` says: its fills are sorted into its own and its legs' again.
void describe(OrderId id, const OrderSpec& spec, const std::string& raw_ord_type, Step& step);

}  // namespace belay::core
