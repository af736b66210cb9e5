// SPDX-License-Identifier: Apache-2.0
#include "belay/history/lost_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "belay/history/row_sum.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/journal/sqlite_db.hpp"

namespace belay::history {
namespace {

constexpr const char* what_to_do =
    "Starting from it would forget orders and their keys, and a repeated request would be sent "
    "again. Restore journal.db with its -wal file, or the directory as a whole, from the newest "
    "copy; or, to begin as a new instance, move the directory away";

std::uintmax_t size_of(const std::string& path) {
  std::error_code gone;
  const std::uintmax_t size = std::filesystem::file_size(path, gone);
  return gone ? 0 : size;
}
bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// What the history says it was made from; 0 when there is none, when the file cannot be read or
/// when its check does not fit: it is a projection that may be spoiled.
std::uint64_t newest_archived(const std::string& path) {
  if (!exists(path)) return 0;
  auto database = journal::Database::open_untouched(path);
  if (!database) return 0;
  auto row = database->prepare("SELECT value, crc FROM meta WHERE name = 'last_seq'");
  if (!row || row->step() != SQLITE_ROW) return 0;
  const bool whole = row->integer(1) == entry_sum("last_seq", row->integer(0));
  return whole ? static_cast<std::uint64_t>(row->integer(0)) : 0;
}

}  // namespace

// journal.db is made, with its table, before any of the others.
base::Status<> refuse_missing_journal(const std::string& directory) {
  const std::string journal = directory + "/journal.db";
  if (size_of(journal) != 0) return base::ok();
  std::string found =
      exists(directory + "/views.db") ? "views.db" : newest_snapshot(directory).name;
  // SQLite removes the WAL of an empty database; none has frames before its database has a page.
  if (found.empty() && size_of(journal + "-wal") != 0) found = "journal.db-wal";
  if (found.empty()) return base::ok();
  return base::fail(journal, fmt::format("it is {} beside {}. {}",
                                         exists(journal) ? "empty" : "missing", found, what_to_do));
}

base::Status<> refuse_short_journal(const std::string& directory, std::uint64_t last_seq) {
  const SnapshotName snapshot = newest_snapshot(directory);
  const std::uint64_t archived = newest_archived(directory + "/views.db");
  if (snapshot.seq <= last_seq && archived <= last_seq) return base::ok();
  return base::fail(directory + "/journal.db",
                    fmt::format("it ends with event {}, and {} was made from event {}. {}",
                                last_seq, snapshot.seq >= archived ? snapshot.name : "views.db",
                                std::max(snapshot.seq, archived), what_to_do));
}

}  // namespace belay::history
