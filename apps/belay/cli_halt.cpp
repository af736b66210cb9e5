// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_halt.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/belay/cli_tables.hpp"

namespace belay::app {
namespace {

std::string halt_line(const api::Json& json) {
  if (!json.truth_of("halted")) return "new risk is taken\n";
  return fmt::format(
      "new risk is halted by {}: {}\ncancels still go; `belay resume` takes new risk again\n",
      terminal_safe(std::string(json.text_of("by"))),
      terminal_safe(std::string(json.text_of("reason"))));
}

Exit ask(CliCommands& commands, const std::string& word, const std::string& reason) {
  CliBody body;
  body.text("reason", reason);
  return commands.post("/api/v1/" + word, body, halt_line,
                       fmt::format("repeat `belay {}`: asking twice does no harm", word));
}

}  // namespace

void add_halt_commands(CLI::App& app, std::string& reason,
                       const std::function<void(CLI::App&)>& add_common,
                       std::function<Exit(CliCommands&)>& action) {
  reason = "by hand";  // who is in a hurry needs no words
  CLI::App& halt =
      *app.add_subcommand("halt", "stop new risk at once, through restarts; cancels pass");
  halt.add_option("--reason", reason, "why (by hand)");
  add_common(halt);
  halt.callback([&action, &reason] {
    action = [&reason](CliCommands& commands) { return ask(commands, "halt", reason); };
  });
  CLI::App& resume = *app.add_subcommand("resume",
                                         "take new risk again; a file HALT in the data "
                                         "directory must be removed first");
  resume.add_option("--reason", reason, "why (by hand)");
  add_common(resume);
  resume.callback([&action, &reason] {
    action = [&reason](CliCommands& commands) { return ask(commands, "resume", reason); };
  });
}

}  // namespace belay::app
