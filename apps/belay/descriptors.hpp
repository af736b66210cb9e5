// SPDX-License-Identifier: Apache-2.0
// How many descriptors this process may have open, and how many of them callers may take, so that
// the broker, the journal and the alerts always find one.
#pragma once

#include <cstddef>

namespace belay::app {

/// Raises the soft limit of open descriptors to the hard one; the limit as it is now.
std::size_t raise_descriptor_limit();
/// How many connections of callers fit below the limit; at most `wanted`, at least 8.
std::size_t callers_below(std::size_t limit, std::size_t wanted);

}  // namespace belay::app
