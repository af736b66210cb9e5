// SPDX-License-Identifier: Apache-2.0
// WalMark: one number in the journal's database that tells a database file which lost its WAL from
// one that is whole. It only grows. Before each checkpoint it is made odd, so an odd number is what
// the checkpoint leaves in the database file; right behind the checkpoint it is made even, which
// stays in the WAL. Whoever reads both files, or moves all of the WAL into the database file as
// SQLite itself does, sees an even one, but for the moment of a checkpoint and what a crash leaves
// of it. A database file that is odd without a WAL is refused: it lacks rows, unless the WAL was
// moved after such a crash, which its contents cannot tell (docs/RUNBOOK.md has the way out). One
// with a greater number than its WAL shows has a WAL of an earlier time beside it, whose pages
// would hide newer ones. And since the first thing that is written into a WAL begun anew is the
// number behind that of the database file, a file with a smaller one than this is itself of an
// earlier time: what was moved into the newer one is in neither of the two.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/journal/sqlite_db.hpp"
#include "belay/journal/wal_check.hpp"

namespace belay::journal {

// What makes it, and what moves it on.
inline constexpr const char* create_mark =
    "CREATE TABLE IF NOT EXISTS wal_mark(id INTEGER PRIMARY KEY, mark INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO wal_mark VALUES(1, 0)";
inline constexpr const char* mark_before_checkpoint =
    "UPDATE wal_mark SET mark = mark + 1 + (mark & 1)";
inline constexpr const char* mark_behind_checkpoint =
    "UPDATE wal_mark SET mark = mark + (mark & 1)";

/// The mark that `database` shows. Nothing: a new journal, or one of an earlier program.
base::Result<std::optional<std::int64_t>> shown_mark(Database& database);
/// The mark in the database file alone, whatever WAL lies beside it. Creates and changes nothing.
/// 0: it can be read and has none. Nothing: there is no such file, or it is unreadable without its
/// WAL, as a crash in a checkpoint may leave it.
std::optional<std::int64_t> mark_of_file(const std::string& path, const std::string& vfs);
/// The mark that a WAL was begun with; nothing when something else was written first, or nothing.
std::optional<std::int64_t> first_mark(std::string_view wal, const WalReport& report);

/// Before SQLite opens the journal: refuses a missing or emptied WAL.
base::Status<> refuse_lost_wal(const std::string& path, std::optional<std::int64_t> of_file,
                               const WalReport& wal);
/// Before SQLite opens the journal: refuses the database file of an earlier time.
base::Status<> refuse_older_file(const std::string& path, std::optional<std::int64_t> of_file,
                                 std::optional<std::int64_t> first);
/// When SQLite reads both, before anything is written: refuses the WAL of an earlier time.
base::Status<> refuse_older_wal(const std::string& path, std::optional<std::int64_t> of_file,
                                std::optional<std::int64_t> shown);

}  // namespace belay::journal
