// SPDX-License-Identifier: Apache-2.0
// belay: one program. The first word chooses what it is.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "apps/belay/cli_client.hpp"
#include "apps/belay/demo_command.hpp"
#include "apps/belay/early_signals.hpp"
#include "apps/belay/journal_command.hpp"
#include "apps/belay/serve_command.hpp"
#include "apps/belay/sim_command.hpp"
#include "apps/belay/tws_command.hpp"
#include "apps/belay/version.hpp"

namespace {

void print_usage(std::FILE* to) {
  fmt::print(to,
             "belay {}: order management for Interactive Brokers\n\n"
             "usage: belay COMMAND [...]\n\n"
             "  serve          the daemon\n"
             "  demo [--once]  daemon and simulated TWS in one go, with two kill -9\n"
             "  sim tws        the simulated TWS\n"
             "  tws decode     recorded TWS bytes as JSON lines\n"
             "  journal        dump, verify or replay the journal of a stopped daemon\n"
             "  version        prints the version\n\n"
             "Against a running daemon (API_HOST, API_PORT):\n{}\n"
             "belay COMMAND --help says more. Exit status: 0 done, 1 refused or failed, 2 wrong\n"
             "usage, 3 outcome unknown.\n",
             belay::app::program_version, belay::app::client_usage());
}

}  // namespace

int main(int argc, char** argv) {
  belay::app::keep_standard_descriptors();
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command.empty() || command == "help" || command == "--help" || command == "-h") {
    print_usage(command.empty() ? stderr : stdout);
    return command.empty() ? 2 : 0;
  }
  if (command == "version" || command == "--version") {
    fmt::print("belay {}\n", belay::app::program_version);
    return 0;
  }
  const std::vector<std::string> rest(argv + 2, argv + argc);
  if (command == "serve") return belay::app::run_serve_command(rest);
  if (command == "demo") return belay::app::run_demo_command(rest);
  if (command == "sim") return belay::app::run_sim_command(argc - 1, argv + 1);
  if (command == "tws") return belay::app::run_tws_command(argc - 1, argv + 1);
  if (command == "journal") return belay::app::run_journal_command(argc - 1, argv + 1);
  if (belay::app::is_client_command(command)) return belay::app::run_client_command(argc, argv);
  fmt::print(stderr, "{}", belay::app::no_command(command));
  return 2;
}
