// SPDX-License-Identifier: Apache-2.0
// `belay demo [--once]`: the simulated TWS and the daemon in one go, with two kill -9 in the middle
// of orders, told as a timeline and judged by checks. It takes free ports and a data directory of
// its own, ignores environment and settings files, and talks only to the simulator that it started.
// It proves only what its checks (demo_evidence.hpp) look at.
#pragma once

#include <string>
#include <vector>

namespace belay::app {

/// Flags after "demo". Exit status 0 when every check held, 1 otherwise, 2 wrong usage.
int run_demo_command(const std::vector<std::string>& flags);

}  // namespace belay::app
