// SPDX-License-Identifier: Apache-2.0
// Owners for SQLite's connection and prepared statement, and its errors as Result. Nothing here
// knows the journal's table.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"

namespace belay::journal {

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}
  sqlite3_stmt* raw() const { return raw_.get(); }
  /// SQLITE_ROW, SQLITE_DONE or the extended error.
  int step() { return sqlite3_step(raw_.get()); }
  /// Steps a statement that gives no rows, and makes it ready for the next use.
  int run() {
    const int code = step();
    sqlite3_reset(raw_.get());
    return code;
  }
  void reset() { sqlite3_reset(raw_.get()); }
  std::int64_t integer(int column) const { return sqlite3_column_int64(raw_.get(), column); }
  int type(int column) const { return sqlite3_column_type(raw_.get(), column); }
  std::string_view blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

class Database {
 public:
  /// `vfs` empty: the operating system's files.
  static base::Result<Database> open(const std::string& path, const std::string& vfs, int flags);
  /// The database file read by itself, without its WAL: creates and locks nothing.
  static base::Result<Database> open_alone(const std::string& path, const std::string& vfs);
  /// Reads a file of the operating system with its WAL, and creates, changes and locks nothing. The
  /// caller sees to it that nobody writes meanwhile.
  static base::Result<Database> open_untouched(const std::string& path);
  sqlite3* raw() const { return raw_.get(); }
  /// What SQLite says about its last error, with the number to look up.
  std::string last_error() const;
  base::Status<> exec(const std::string& sql);
  base::Result<Statement> prepare(const std::string& sql);
  /// The first column of the first row.
  base::Result<std::int64_t> integer(const std::string& sql);
  base::Result<std::string> text(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> raw_;
};

}  // namespace belay::journal
