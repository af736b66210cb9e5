// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/wal_mark.hpp"

#include <fmt/format.h>

namespace belay::journal {
namespace {

constexpr const char* what_to_do =
    "Going on would forget orders and their keys, and a repeated request would be sent again. "
    "Restore journal.db and journal.db-wal from the same copy, or the directory as a whole "
    "(docs/RUNBOOK.md)";

}  // namespace

base::Result<std::optional<std::int64_t>> shown_mark(Database& database) {
  const auto there = database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'wal_mark'");
  if (!there) return base::Failure<base::Error>{there.error()};
  if (*there == 0) return std::optional<std::int64_t>();
  const auto mark = database.integer("SELECT coalesce(max(mark), 0) FROM wal_mark");
  if (!mark) return base::Failure<base::Error>{mark.error()};
  return std::optional(*mark);
}

std::optional<std::int64_t> mark_of_file(const std::string& path, const std::string& vfs) {
  auto database = Database::open_alone(path, vfs);
  if (!database) return std::nullopt;
  const auto mark = shown_mark(*database);
  if (!mark) return std::nullopt;
  return mark->value_or(0);
}

base::Status<> refuse_lost_wal(const std::string& path, std::optional<std::int64_t> of_file,
                               const WalReport& wal) {
  // The WAL has been written to before an odd mark can reach the database file, and it keeps its
  // size. Its header alone may be newer than its frames: the write after a checkpoint was cut
  // short, and all rows are in the database file.
  const bool lost = !wal.header_sound || wal.frames_in_file == 0;
  if (!lost || !of_file || *of_file % 2 == 0) return base::ok();
  return base::fail(path + "-wal",
                    fmt::format("it is missing, empty or cut, and the database file alone does not "
                                "show that it has the rows that were in it. {}",
                                what_to_do));
}

base::Status<> refuse_older_wal(const std::string& path, std::optional<std::int64_t> of_file,
                                std::optional<std::int64_t> shown) {
  if (!of_file || *of_file == 0 || (shown && *shown >= *of_file)) return base::ok();
  return base::fail(path + "-wal", fmt::format("it is of an earlier time than the database file, "
                                               "whose newer rows it would hide. {}",
                                               what_to_do));
}

}  // namespace belay::journal
