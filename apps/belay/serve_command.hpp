// SPDX-License-Identifier: Apache-2.0
// `belay serve`: the daemon. Composes settings, locks, journal, host and log.
#pragma once

#include <string>
#include <vector>

namespace belay::app {

/// Flags after "serve". Exit status 0 after SIGINT or SIGTERM, 1 when it cannot start or must
/// stop (a journal that cannot be written), 2 wrong usage.
int run_serve_command(const std::vector<std::string>& flags);

}  // namespace belay::app
