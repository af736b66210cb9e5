// SPDX-License-Identifier: Apache-2.0
// WalMark: one number in the journal's database that tells whether the database file and its WAL
// belong together. The mark only grows. It is made odd before each checkpoint, so the checkpoint
// leaves an odd number in the database file. It is made even right after the checkpoint, and that
// number stays in the WAL. Whoever reads both files sees an even mark, except during a checkpoint
// and after a crash in one. The same holds when SQLite itself moves all of the WAL into the
// database file.
//
// An odd database file without a WAL is refused: it lacks rows, unless the WAL was moved after such
// a crash, which its contents cannot tell (docs/RUNBOOK.md has the way out). A database file with a
// greater mark than its WAL shows has a WAL of an earlier time beside it, whose pages would hide
// newer ones. The first thing written into a WAL that was begun anew is the next mark after that of
// the database file. So a database file with a smaller one is itself of an earlier time: what was
// moved into the newer file is in neither of the two.
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
