// SPDX-License-Identifier: Apache-2.0
// The terms that the broker shows: what is in force there, and whether a modification is.
#pragma once

#include "belay/core/step.hpp"

namespace belay::core {

void follow_terms(OrderId id, const BrokerOrder& report, Step& step);

}  // namespace belay::core
