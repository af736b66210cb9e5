// SPDX-License-Identifier: Apache-2.0
// One order, several faces at the broker: copies that it made by itself, ids that two orders claim,
// fills that were inferred before their executions came.
#pragma once

#include <optional>
#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

/// What a report says of one copy. False: the order itself does not follow, because another copy
/// lives on or because nobody knows which copy is meant.
bool follow_copy(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                 const std::string& raw_status, std::optional<Quantity>& filled, Step& step);
/// Drops inferred fills that the real execution tells now, and returns what of them it leaves
/// untold. Not counting twice matters more than the order of the story: they go first.
Quantity supersede_inferred(OrderId id, const BrokerExecution& real, Step& step);
/// A fill that only the totals tell.
void infer_remainder(OrderId id, Quantity rest, Step& step);

}  // namespace belay::core
