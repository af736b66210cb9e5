// SPDX-License-Identifier: Apache-2.0
// Fills that the broker's totals prove and no execution tells.
#pragma once

#include "belay/core/facts/order.hpp"

namespace belay::core {

/// The id of an inferred execution: the same facts give the same id, whoever infers them.
ExecId inferred_exec_id(const Order& order, Quantity cum_before, Quantity cum_after);
/// A fill of this size that the broker's totals prove.
Execution infer_execution(const Order& order, Quantity cum_before, Quantity size);

}  // namespace belay::core
