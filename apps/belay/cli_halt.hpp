// SPDX-License-Identifier: Apache-2.0
// belay halt and belay resume: the kill gate by hand.
#pragma once

#include <functional>
#include <string>

#include "apps/belay/cli_commands.hpp"

namespace CLI {
class App;
}

namespace belay::app {

/// Adds the commands to `app`; the one that is given puts what it does into `action`. `reason`
/// outlives the action. `add_common` adds what every client command has.
void add_halt_commands(CLI::App& app, std::string& reason,
                       const std::function<void(CLI::App&)>& add_common,
                       std::function<Exit(CliCommands&)>& action);

}  // namespace belay::app
