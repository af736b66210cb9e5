// SPDX-License-Identifier: Apache-2.0
// Judge: decides from its evidence alone whether a run kept Belay's promises (docs/TESTING.md).
#pragma once

#include <string>
#include <vector>

#include "tests/judge/evidence.hpp"

namespace belay::judging {

/// Every broken promise in words; empty when all were kept.
std::vector<std::string> judge(const Evidence& evidence);

}  // namespace belay::judging
