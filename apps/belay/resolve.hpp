// SPDX-License-Identifier: Apache-2.0
// Host names to addresses, once at start: the instance lock must see two names of one machine as
// one, and a name that does not resolve is a clear error.
#pragma once

#include <string>

#include "belay/base/result.hpp"

namespace belay::app {

/// The first IPv4 address (else the first of any kind) of `host`, as text.
base::Result<std::string> resolve(const std::string& host);

}  // namespace belay::app
