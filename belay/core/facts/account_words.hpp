// SPDX-License-Identifier: Apache-2.0
// What is said of an account that the broker session does not have: the same words wherever one is
// named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"

namespace belay::core {

/// `known`: the accounts of the session; empty while the broker has not told them.
base::Error unknown_account(const std::vector<std::string>& known, std::string_view asked);

}  // namespace belay::core
