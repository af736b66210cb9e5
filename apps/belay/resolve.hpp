// SPDX-License-Identifier: Apache-2.0
// Host names to addresses, once at start: the instance lock must see two names of one machine as
// one, and a name that does not resolve is a clear error.
#pragma once

#include <string>

#include "belay/base/result.hpp"

namespace belay::app {

/// True for 127.0.0.0/8 and ::1, given as numbers; no name is one.
bool is_loopback_address(const std::string& address);
/// The address of API_HOST to bind, which is on the loopback whatever the name looks like. Bind it
/// and nothing else: the name may resolve to another the next time.
base::Result<std::string> resolve_api_host(const std::string& host);

/// The first IPv4 address (else the first of any kind) of `host`, as text.
base::Result<std::string> resolve(const std::string& host);

}  // namespace belay::app
