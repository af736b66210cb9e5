// SPDX-License-Identifier: Apache-2.0
#include "belay/history/history_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <tuple>
#include <utility>

#include "belay/base/defects.hpp"
#include "belay/history/columns.hpp"
#include "belay/history/row_sum.hpp"

namespace belay::history {

using engine::HistoryRow;
using journal::Statement;

namespace {
constexpr int application_id = 0x42454c48;  // "BELH"
constexpr int format_version = 2;
}  // namespace

base::Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const StoreSettings& settings) {
  if (!settings.vfs.empty()) return open_once(settings);
  // Made first, empty, with the mode we want; SQLite gives the WAL the mode of the database.
  const int fd = ::open(settings.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) ::close(fd);
  auto store = open_once(settings);
  if (store) return store;
  remove(settings.path);
  return open_once(settings);
}

void HistoryStore::remove(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

base::Result<std::unique_ptr<HistoryStore>> HistoryStore::open_once(const StoreSettings& settings) {
  auto database =
      journal::Database::open(settings.path, settings.vfs,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
  if (!database) return base::Failure<base::Error>{database.error()};
  std::unique_ptr<HistoryStore> store(new HistoryStore(settings, std::move(*database)));
  auto done = store->configure(settings.exclusive);
  if (done) done = store->create_or_check();
  if (done) done = store->prepare();
  if (!done) return base::Failure<base::Error>{done.error()};
  return store;
}

base::Status<> HistoryStore::configure(bool exclusive) {
  sqlite3_busy_timeout(database_.raw(), 1'000);
  for (const char* sql : {exclusive ? "PRAGMA locking_mode=EXCLUSIVE" : "", "PRAGMA page_size=4096",
                          "PRAGMA synchronous=NORMAL", "PRAGMA cell_size_check=ON"}) {
    if (auto done = database_.exec(sql); !done) return done;
  }
  const auto mode = database_.text("PRAGMA journal_mode=WAL");
  if (!mode) return base::Failure<base::Error>{mode.error()};
  return database_.exec("PRAGMA journal_size_limit=16777216");
}

base::Status<> HistoryStore::create_or_check() {
  const auto id = database_.integer("PRAGMA application_id");
  const auto version = database_.integer("PRAGMA user_version");
  const auto tables = database_.integer("SELECT count(*) FROM sqlite_schema");
  for (const auto* value : {&id, &version, &tables}) {
    if (!*value) return base::Failure<base::Error>{value->error()};
  }
  if (*tables == 0) {
    return database_.exec(fmt::format(
        "BEGIN IMMEDIATE;"
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL, crc INTEGER NOT NULL)"
        " WITHOUT ROWID;"
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL,"
        " account TEXT NOT NULL, symbol TEXT NOT NULL, status TEXT NOT NULL,"
        " ord_status TEXT NOT NULL, external INTEGER NOT NULL, has_executions INTEGER NOT NULL,"
        " finished INTEGER NOT NULL, session INTEGER NOT NULL, number INTEGER NOT NULL,"
        " names BLOB NOT NULL, state BLOB NOT NULL, crc INTEGER NOT NULL);"
        "CREATE INDEX by_symbol ON orders(symbol);"
        "CREATE INDEX by_broker_id ON orders(number, session) WHERE number <> 0;"
        "CREATE TABLE permanent_ids(permanent_id INTEGER NOT NULL, id INTEGER NOT NULL,"
        " PRIMARY KEY(permanent_id, id)) WITHOUT ROWID;"
        "PRAGMA application_id={};PRAGMA user_version={};"
        "COMMIT",
        application_id, format_version));
  }
  if (*id != application_id || *version != format_version) {
    return base::fail("views.db", "is of another program or version");
  }
  return base::ok();
}

base::Status<> HistoryStore::prepare() {
  const std::string select = fmt::format("SELECT {} FROM orders", columns);
  const std::pair<Statement*, std::string> statements[] = {
      {&insert_,
       fmt::format("INSERT OR REPLACE INTO orders({}) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                   " ?10, ?11, ?12, ?13, ?14)",
                   columns)},
      {&insert_permanent_, "INSERT OR IGNORE INTO permanent_ids VALUES(?1, ?2)"},
      {&set_meta_, "INSERT OR REPLACE INTO meta VALUES(?1, ?2, ?3)"},
      {&by_order_, select + " WHERE id = ?1"},
      {&by_permanent_,
       select + " WHERE id = (SELECT max(id) FROM permanent_ids WHERE permanent_id = ?1)"},
      {&by_broker_,
       select + " WHERE number = ?1 AND number <> 0 AND session = ?2 ORDER BY id DESC LIMIT 1"},
      {&has_order_, "SELECT id FROM orders WHERE id = ?2"},
      {&from_order_, select + " WHERE id > ?1 ORDER BY id LIMIT ?2"},
      {&has_permanent_, "SELECT id FROM permanent_ids WHERE permanent_id = ?1 AND id = ?2"},
      {&has_symbol_, "SELECT id FROM orders INDEXED BY by_symbol WHERE symbol = ?1 AND id = ?2"},
      {&has_broker_,
       "SELECT id FROM orders INDEXED BY by_broker_id WHERE number = ?1 AND number <> 0"
       " AND session = ?3 AND id = ?2"}};
  for (const auto& [statement, sql] : statements) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return base::Failure<base::Error>{prepared.error()};
    *statement = std::move(*prepared);
  }
  const auto version = database_.integer("PRAGMA data_version");
  if (!version) return base::Failure<base::Error>{version.error()};
  data_version_ = *version;
  return base::ok();
}

std::string HistoryStore::damage(const std::string& what) {
  if (damaged_.empty()) damaged_ = what;
  return what;
}

// A file that is in use, or a disk that is full, is no damage.
std::string HistoryStore::failure() {
  const int kind = sqlite3_errcode(database_.raw()) & 0xff;
  const bool is_damage = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_IOERR;
  return is_damage ? damage(database_.last_error()) : database_.last_error();
}

// A value whose check does not fit is none.
base::Result<HistoryStore::Meta> HistoryStore::read_meta() {
  Meta meta;
  auto rows = database_.prepare("SELECT name, value, crc FROM meta");
  if (!rows) return base::Failure<base::Error>{rows.error()};
  int code = rows->step();
  for (; code == SQLITE_ROW; code = rows->step()) {
    const std::string name(rows->blob(0));
    if (rows->integer(2) != entry_sum(name, rows->integer(1))) {
      return base::fail("views.db", damage(fmt::format("{} is damaged", name)));
    }
    if (name == "instance") meta.instance = rows->integer(1);
    if (name == "rows") meta.rows = rows->integer(1);
    if (name == "last_seq") meta.last_seq = static_cast<std::uint64_t>(rows->integer(1));
  }
  if (code != SQLITE_DONE) return base::fail("views.db", failure());
  return meta;
}

bool HistoryStore::is_whole() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (scrub(1'000)) {
    if (std::chrono::steady_clock::now() >= until) break;
  }
  return damaged_.empty();
}

base::Status<> HistoryStore::begin(std::uint64_t instance, std::uint64_t journal_seq) {
  const auto meta = read_meta();
  const bool ours = meta && meta->instance == as_int(instance) && meta->last_seq <= journal_seq;
  if (meta) rows_ = meta->rows;
  if (!ours || !is_whole()) return start_anew(instance);
  last_seq_ = meta->last_seq;
  return base::ok();
}

// What is damaged may not even be fit to be emptied: a new file takes its place.
base::Status<> HistoryStore::start_anew(std::uint64_t instance) {
  damaged_.clear();
  kept_.clear();
  last_seq_ = 0;
  rows_ = 0;
  if (settings_.vfs.empty()) {
    for (Statement* each :
         {&insert_, &insert_permanent_, &set_meta_, &by_order_, &by_permanent_, &by_broker_,
          &from_order_, &has_permanent_, &has_symbol_, &has_broker_}) {
      *each = Statement();
    }
    database_ = journal::Database();
    remove(settings_.path);
    auto fresh = open(settings_);
    if (!fresh) return base::Failure<base::Error>{fresh.error()};
    *this = std::move(**fresh);
  } else {
    auto emptied = database_.exec(
        "BEGIN IMMEDIATE;DELETE FROM orders;DELETE FROM permanent_ids;DELETE FROM meta;COMMIT");
    if (!emptied) return emptied;
  }
  scrubbed_ = INT64_MAX;  // what is written from here on is whole
  auto noted = note("instance", as_int(instance));
  return noted ? note("last_seq", 0) : noted;
}

void HistoryStore::missing(std::uint64_t order) {
  damage(fmt::format("the row of order {} is missing", order));
}

base::Result<std::unique_ptr<HistoryStore>> HistoryStore::replace(
    const StoreSettings& settings, std::unique_ptr<HistoryStore> old,
    std::unique_ptr<HistoryStore> fresh) {
  const std::string from = fresh->settings_.path;
  const std::uint64_t last_seq = fresh->last_seq_;
  const std::int64_t rows = fresh->rows_;
  std::vector<bool> kept = std::move(fresh->kept_);
  // Closed, a database has no WAL: what was in it is in the file.
  fresh.reset();
  old.reset();
  remove(settings.path);
  if (::rename(from.c_str(), settings.path.c_str()) != 0) {
    return base::fail(from, std::strerror(errno));
  }
  auto store = open(settings);
  if (!store) return store;
  (*store)->last_seq_ = last_seq;
  (*store)->rows_ = rows;
  (*store)->kept_ = std::move(kept);
  (*store)->scrubbed_ = INT64_MAX;
  return store;
}

base::Status<> HistoryStore::put_one(const HistoryRow& row) {
  if (!leads_to(has_order_, row.order)) {
    ++rows_;
    // Behind where scrub() is, it is not seen any more.
    if (as_int(row.order) <= scrubbed_) ++seen_;
  }
  bind(insert_, 1, as_int(row.order));
  bind(insert_, 2, as_int(row.seq));
  bind(insert_, 3, row.account);
  bind(insert_, 4, row.symbol);
  bind(insert_, 5, row.status);
  bind(insert_, 6, row.ord_status);
  bind(insert_, 7, row.external ? 1 : 0);
  bind(insert_, 8, row.has_executions ? 1 : 0);
  bind(insert_, 9, row.finished.unix_ns());
  bind(insert_, 10, row.session);
  bind(insert_, 11, row.number);
  const std::string names = id_bytes(row.permanent_ids);
  bind_blob(insert_, 12, names);
  bind_blob(insert_, 13, row.state);
  bind(insert_, 14, std::int64_t{row_sum(row)});
  if (insert_.run() != SQLITE_DONE) return base::fail("views.db", database_.last_error());
  for (const std::int64_t permanent : row.permanent_ids) {
    bind(insert_permanent_, 1, permanent);
    bind(insert_permanent_, 2, as_int(row.order));
    if (insert_permanent_.run() != SQLITE_DONE) {
      return base::fail("views.db", database_.last_error());
    }
  }
  return base::ok();
}

void HistoryStore::remember(std::uint64_t order) {
  if (order >= kept_.size()) kept_.resize(std::max<std::size_t>(order + 1, 2 * kept_.size()));
  kept_[order] = true;
}

base::Status<> HistoryStore::note(std::string_view name, std::int64_t value) {
  const std::string text(name);
  bind(set_meta_, 1, text);
  bind(set_meta_, 2, value);
  bind(set_meta_, 3, std::int64_t{entry_sum(name, value)});
  if (set_meta_.run() != SQLITE_DONE) return base::fail("views.db", database_.last_error());
  return base::ok();
}

base::Status<> HistoryStore::put(std::span<const HistoryRow> rows) {
  if (rows.empty()) return base::ok();
  const std::pair before(rows_, seen_);
  auto done = database_.exec("BEGIN IMMEDIATE");
  for (std::size_t i = 0; done && i < rows.size(); ++i) done = put_one(rows[i]);
  const std::uint64_t last = std::max(last_seq_, rows.back().seq);
  if (done) done = note("last_seq", as_int(last));
  if (done) done = note("rows", rows_);
  if (done) done = database_.exec("COMMIT");
  if (!done) {
    (void)failure();
    std::tie(rows_, seen_) = before;
    if (sqlite3_get_autocommit(database_.raw()) == 0) (void)database_.exec("ROLLBACK");
    return done;
  }
  last_seq_ = last;
  for (const HistoryRow& row : rows) remember(row.order);
  return base::ok();
}

// The statement's row with all its columns, as it was written or not at all.
base::Result<HistoryRow> HistoryStore::read_row(Statement& statement) {
  HistoryRow row;
  row.order = static_cast<std::uint64_t>(statement.integer(0));
  row.seq = static_cast<std::uint64_t>(statement.integer(1));
  row.account = statement.blob(2);
  row.symbol = statement.blob(3);
  row.status = statement.blob(4);
  row.ord_status = statement.blob(5);
  row.external = statement.integer(6) != 0;
  row.has_executions = statement.integer(7) != 0;
  row.finished = base::Time(statement.integer(8));
  row.session = static_cast<std::int32_t>(statement.integer(9));
  row.number = statement.integer(10);
  row.permanent_ids = ids_of(statement.blob(11));
  row.state = statement.blob(12);
  // What was narrowed here, and what else a damaged row may hold in place of a number.
  const auto is_flag = [&](int column) {
    return statement.integer(column) == 0 || statement.integer(column) == 1;
  };
  const bool whole = statement.integer(13) == row_sum(row) && is_flag(6) && is_flag(7) &&
                     statement.integer(9) == row.session;
  if (whole || base::defect(base::Defect::damaged_row_believed)) return row;
  return base::fail("views.db", damage(fmt::format("the row of order {} is damaged", row.order)));
}

bool HistoryStore::leads_to(Statement& statement, std::uint64_t order) {
  bind(statement, 2, as_int(order));
  const bool found = statement.step() == SQLITE_ROW && statement.integer(0) == as_int(order);
  statement.reset();
  return found;
}

base::Status<> HistoryStore::check_indexes(const HistoryRow& row) {
  bool found = true;
  for (const std::int64_t permanent : row.permanent_ids) {
    bind(has_permanent_, 1, permanent);
    found = found && leads_to(has_permanent_, row.order);
  }
  bind(has_symbol_, 1, row.symbol);
  found = found && leads_to(has_symbol_, row.order);
  if (row.number != 0) {
    bind(has_broker_, 1, row.number);
    bind(has_broker_, 3, row.session);
    found = found && leads_to(has_broker_, row.order);
  }
  if (found) return base::ok();
  return base::fail("views.db",
                    damage(fmt::format("order {} is not found by its names", row.order)));
}

bool HistoryStore::scrub(std::size_t rows) {
  if (!damaged_.empty() || scrubbed_ == INT64_MAX) return false;
  bind(from_order_, 1, scrubbed_);
  bind(from_order_, 2, as_int(rows));
  int code = from_order_.step();
  std::size_t seen = 0;
  for (; code == SQLITE_ROW; code = from_order_.step()) {
    ++seen;
    const auto row = read_row(from_order_);
    const bool ordered = row && as_int(row->order) > scrubbed_;
    if (!ordered || !check_indexes(*row)) break;
    scrubbed_ = as_int(row->order);
    ++seen_;
    remember(row->order);
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) (void)failure();
  from_order_.reset();
  if (seen < rows) {
    scrubbed_ = INT64_MAX;
    if (seen_ != rows_) damage(fmt::format("it has {} rows, and should have {}", seen_, rows_));
  }
  return damaged_.empty() && scrubbed_ != INT64_MAX;
}

std::uint64_t HistoryStore::file_bytes() {
  const auto pages = database_.integer("PRAGMA page_count");
  return pages ? static_cast<std::uint64_t>(*pages) * 4096 : 0;
}

}  // namespace belay::history
