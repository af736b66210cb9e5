// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/journal_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "apps/belay/cli_client.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/history/lost_journal.hpp"
#include "belay/journal/data_dir.hpp"
#include "belay/journal/sqlite_journal.hpp"
#include "belay/views/live_view.hpp"

namespace belay::app {
namespace {

int fail(const base::Error& error) {
  fmt::print(stderr, "belay journal: {}: {}\n", error.field, error.detail);
  return 1;
}

/// Refuses what `serve` refuses; every file stays as it is.
base::Result<std::unique_ptr<journal::SqliteJournal>> open_journal(
    const journal::DataDir& directory) {
  if (auto there = history::refuse_missing_journal(directory.path()); !there) {
    return base::Failure<base::Error>{there.error()};
  }
  // With nothing beside it `serve` would make a new one; who looks has mistyped its place.
  std::error_code missing;
  if (std::filesystem::file_size(directory.journal_path(), missing) == 0 || missing) {
    return base::fail(directory.path(), "there is no journal in it");
  }
  auto store = journal::SqliteJournal::open_untouched(directory.journal_path());
  if (!store) return store;
  auto whole = history::refuse_short_journal(directory.path(), (*store)->last_seq());
  if (!whole) return base::Failure<base::Error>{whole.error()};
  return store;
}

// Those of archived orders are in no memory, so the events are counted.
std::int64_t executions_in(const core::Event& event) {
  const bool more = std::holds_alternative<core::ExecutionReported>(event) ||
                    std::holds_alternative<core::ExecutionInferred>(event);
  if (more) return 1;
  return std::holds_alternative<core::ExecutionSuperseded>(event) ? -1 : 0;
}

int run(const std::string& what, const std::string& directory) {
  auto data = journal::DataDir::look_at(directory);
  if (!data) return fail(data.error());
  auto store = open_journal(*data);
  if (!store) return fail(store.error());
  core::Book book;
  std::uint64_t count = 0;
  std::int64_t executions = 0;
  base::Error damage;
  const auto read = (*store)->replay([&](const engine::JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    if (!event) {
      damage = {fmt::format("row {}", record.seq), event.error().detail};
      return false;
    }
    const core::StampedEvent stamped{record.seq, record.time, std::move(*event)};
    if (what == "dump") fmt::print("{}\n", views::to_json(stamped));
    executions += executions_in(stamped.event);
    book.apply(stamped);
    ++count;
    return true;
  });
  if (!read) return fail(read.error());
  if (!damage.detail.empty()) return fail(damage);
  if (what == "verify") {
    fmt::print("{} rows, every check good, last epoch {}\n", count, (*store)->last_epoch());
  } else if (what == "replay") {
    std::uint64_t unknown = 0;
    for (const auto& [id, order] : book.in_memory()) {
      if (order.unknown) ++unknown;
    }
    fmt::print(
        "{} events, {} orders ({} live, {} unknown, {} archived), {} executions, {} incidents\n",
        count, book.orders_total(), book.live().size(), unknown, book.archived(), executions,
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
    return parse_error(app, error);
  }
  return run(app.get_subcommands().front()->get_name(), directory);
}

}  // namespace belay::app
