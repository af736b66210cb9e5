// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_db.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace belay::journal {

std::string_view Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(raw_.get(), column);
  const int size = sqlite3_column_bytes(raw_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

base::Result<Database> Database::open(const std::string& path, const std::string& vfs, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database;
  database.path_ = path;
  database.raw_.reset(raw);
  if (code != SQLITE_OK) {
    return base::fail(path, raw == nullptr ? sqlite3_errstr(code) : database.last_error());
  }
  sqlite3_extended_result_codes(raw, 1);
  return database;
}

base::Result<Database> Database::open_alone(const std::string& path, const std::string& vfs) {
  std::string name = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      name += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      name.push_back(c);
    }
  }
  auto database = open(name + "?immutable=1", vfs,
                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI);
  if (database) database->path_ = path;
  return database;
}

base::Result<Database> Database::open_untouched(const std::string& path) {
  // SQLite makes a WAL where there is none, also for a reader.
  std::error_code gone;
  const std::uintmax_t wal = std::filesystem::file_size(path + "-wal", gone);
  if (gone || wal == 0) return open_alone(path, "");
  // With the locking mode EXCLUSIVE the index of the WAL is kept in memory, not in a file -shm;
  // the VFS without locks lets a reader have that mode.
  auto database = open(path, "unix-none", SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
  if (!database) return database;
  sqlite3_db_config(database->raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (auto done = database->exec("PRAGMA locking_mode=EXCLUSIVE"); !done) {
    return base::Failure<base::Error>{done.error()};
  }
  return database;
}

namespace {

// What a person can do, where SQLite's own words name a statement that nobody typed.
std::string words_of(sqlite3* raw, const std::string& sql, const std::string& error) {
  if ((sqlite3_errcode(raw) & 0xff) != SQLITE_NOTADB) return fmt::format("{}: {}", sql, error);
  return fmt::format(
      "this is no file of belay: it was overwritten or damaged, or belongs to another program "
      "({}). Nothing in it was changed. Put it back from a backup, together with the file -wal "
      "beside it, or name another directory (BELAY_DATA_DIR)",
      error);
}

}  // namespace

std::string Database::last_error() const {
  return fmt::format("{} (SQLite {})", sqlite3_errmsg(raw_.get()),
                     sqlite3_extended_errcode(raw_.get()));
}

base::Status<> Database::exec(const std::string& sql) {
  if (sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return base::fail(path_, words_of(raw_.get(), sql, last_error()));
  }
  return base::ok();
}

base::Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(raw_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return base::fail(path_, words_of(raw_.get(), sql, last_error()));
  return Statement(raw);
}

base::Result<std::int64_t> Database::integer(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return base::Failure<base::Error>{statement.error()};
  if (statement->step() != SQLITE_ROW) {
    return base::fail(path_, words_of(raw_.get(), sql, last_error()));
  }
  return statement->integer(0);
}

base::Result<std::string> Database::text(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return base::Failure<base::Error>{statement.error()};
  if (statement->step() != SQLITE_ROW) {
    return base::fail(path_, words_of(raw_.get(), sql, last_error()));
  }
  return std::string(statement->blob(0));
}

}  // namespace belay::journal
