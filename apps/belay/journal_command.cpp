// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/journal_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "belay/core/book.hpp"
#include "belay/core/event_encoding.hpp"
#include "belay/journal/data_dir.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/views/live_view.hpp"

namespace belay::app {
namespace {

int fail(const base::Error& error) {
  fmt::print(stderr, "belay journal: {}: {}\n", error.field, error.detail);
  return 1;
}

int run(const std::string& what, const std::string& directory) {
  // Opening makes what is missing; who looks at a journal has mistyped its place.
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/journal.db", ignored)) {
    return fail({directory, "there is no journal in it"});
  }
  auto data = journal::DataDir::open(directory);
  if (!data) return fail(data.error());
  journal::SqliteSettings settings;
  settings.path = data->journal_path();
  auto store = journal::SqliteInlineJournal::open(settings);
  if (!store) return fail(store.error());
  core::Book book;
  std::uint64_t count = 0;
  base::Error damage;
  const auto read = (*store)->replay([&](const engine::JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    if (!event) {
      damage = {fmt::format("row {}", record.seq), event.error().detail};
      return false;
    }
    const core::StampedEvent stamped{record.seq, record.time, std::move(*event)};
    if (what == "dump") fmt::print("{}\n", views::to_json(stamped));
    book.apply(stamped);
    ++count;
    return true;
  });
  if (!read) return fail(read.error());
  if (!damage.detail.empty()) return fail(damage);
  if (what == "verify") {
    fmt::print("{} rows, every check good, last epoch {}\n", count, (*store)->last_epoch());
  } else if (what == "replay") {
    std::uint64_t executions = 0;
    std::uint64_t unknown = 0;
    for (const auto& [id, order] : book.in_memory()) {
      executions += order.executions.size();
      if (order.unknown) ++unknown;
    }
    fmt::print("{} events, {} orders ({} live, {} unknown), {} executions, {} incidents\n", count,
               book.orders_total(), book.live().size(), unknown, executions,
               book.incidents_total());
  }
  return 0;
}

}  // namespace

int run_journal_command(int argc, char** argv) {
  CLI::App app{"Reads the journal of a stopped daemon", "belay journal"};
  app.require_subcommand(1);
  std::string directory;
  const struct {
    const char* name;
    const char* help;
  } commands[] = {{"dump", "prints every event as a JSON line"},
                  {"verify", "checks every row and says how many there are"},
                  {"replay", "rebuilds the state from the events and sums it up"}};
  for (const auto& [name, help] : commands) {
    app.add_subcommand(name, help)
        ->add_option("--data-dir", directory, "the data directory")
        ->envname("BELAY_DATA_DIR")
        ->required();
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run(app.get_subcommands().front()->get_name(), directory);
}

}  // namespace belay::app
