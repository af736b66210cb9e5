// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_db.hpp"

#include <fmt/format.h>

#include <cstddef>
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

std::string Database::last_error() const {
  return fmt::format("{} (SQLite {})", sqlite3_errmsg(raw_.get()),
                     sqlite3_extended_errcode(raw_.get()));
}

base::Status<> Database::exec(const std::string& sql) {
  if (sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return base::fail(path_, fmt::format("{}: {}", sql, last_error()));
  }
  return base::ok();
}

base::Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(raw_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return base::fail(path_, fmt::format("{}: {}", sql, last_error()));
  return Statement(raw);
}

base::Result<std::int64_t> Database::integer(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return base::Failure<base::Error>{statement.error()};
  if (statement->step() != SQLITE_ROW) {
    return base::fail(path_, fmt::format("{}: {}", sql, last_error()));
  }
  return statement->integer(0);
}

base::Result<std::string> Database::text(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return base::Failure<base::Error>{statement.error()};
  if (statement->step() != SQLITE_ROW) {
    return base::fail(path_, fmt::format("{}: {}", sql, last_error()));
  }
  return std::string(statement->blob(0));
}

}  // namespace belay::journal
