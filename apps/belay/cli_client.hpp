// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a running daemon: buy, sell, orders, order, modify, cancel, executions,
// positions, account, watch. Parsing of the arguments only; cli_commands.hpp does the work.
#pragma once

#include <string_view>

namespace belay::app {

/// True when the word is a command of run_client_command.
bool is_client_command(std::string_view word);
/// Runs `belay <command> ...` (argv[0] is the program, argv[1] the command); the exit status:
/// 0 done, 1 refused or failed, 2 wrong usage, 3 outcome unknown.
int run_client_command(int argc, const char* const* argv);
/// The commands with one line each, for the program's usage.
std::string_view client_usage();

}  // namespace belay::app
