// SPDX-License-Identifier: Apache-2.0
// What the broker says about an order by a code. The code names an order and not a request
// (notice_reading.hpp), a code that nobody knows ends nothing, and the broker's own words are kept
// whatever they mean.
#pragma once

#include "belay/core/evidence/collisions.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

void on(const BrokerNotice& notice, Collisions& collisions, Step& step);

}  // namespace belay::core
