// SPDX-License-Identifier: Apache-2.0
// Incidents: matters that a person should know of. Each is open until evidence or a person closes
// it. Step opens them, and bounds how many are open at a time.
#pragma once

#include "belay/core/step.hpp"

namespace belay::core {

void on(const CloseIncident& command, Step& step);

}  // namespace belay::core
