// SPDX-License-Identifier: Apache-2.0
// Judge: decides whether a run kept the promises of product.md, from its evidence alone.
#pragma once

#include <string>
#include <vector>

#include "tests/judge/evidence.hpp"

namespace belay::judging {

/// Every broken promise in words; empty when all were kept.
std::vector<std::string> judge(const Evidence& evidence);

}  // namespace belay::judging
