// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a running daemon: buy, sell, orders, order, modify, cancel, executions,
// positions, account, watch. Parsing of the arguments only; cli_commands.hpp does the work.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace belay::app {

/// True when the word is a command of run_client_command.
bool is_client_command(std::string_view word);
/// Runs `belay <command> ...` (argv[0] is the program, argv[1] the command); the exit status:
/// 0 done, 1 refused or failed, 2 wrong usage, 3 outcome unknown.
int run_client_command(int argc, const char* const* argv);
/// The commands with one line each, for the program's usage.
std::string_view client_usage();

/// "; did you mean reserve?" when one of the words is near what was typed, or alone begins so;
/// empty otherwise.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);
/// The line for a first word that is no command of the program.
std::string no_command(std::string_view word);
/// Says in one line what cannot be read, and what was probably meant. The exit status is 2, or 0
/// when help was asked for.
int parse_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace belay::app
