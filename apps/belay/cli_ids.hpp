// SPDX-License-Identifier: Apache-2.0
// `belay ids ...` and `belay incidents ...`: arguments in, requests out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apps/belay/cli_commands.hpp"

namespace CLI {
class App;
}

namespace belay::app {

struct IdsArguments {
  std::int64_t number = 0;  ///< count, first id or id
  std::optional<std::int64_t> from;
  std::string purpose;
  std::string operator_name;
  std::string reason;
  std::string incident;
  std::string kind;
  bool all = false;
  int limit = 100;
};

/// `common` adds the options that every client command has; `action` becomes what was chosen.
void add_ids_commands(CLI::App& app, const std::function<void(CLI::App&)>& common,
                      IdsArguments& args, std::function<Exit(CliCommands&)>& action);

std::string ids_card(const api::Json& answer);
std::string reserved_line(const api::Json& answer);
std::string released_line(const api::Json& answer);
std::string validation_table(const api::Json& answer);
std::string reset_card(const api::Json& answer);
std::string incidents_table(const api::Json& answer);
std::string closed_line(const api::Json& answer);

}  // namespace belay::app
