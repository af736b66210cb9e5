// SPDX-License-Identifier: Apache-2.0
#include "belay/history/history_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace belay::history {

using engine::HistoryAnswer;
using engine::HistoryQuery;
using engine::HistoryRow;
using journal::Statement;

namespace {
constexpr int application_id = 0x42454c48;  // "BELH"
constexpr int format_version = 1;

void bind(Statement& statement, int at, const std::string& text) {
  // No destructor (SQLITE_STATIC): the text outlives the step.
  sqlite3_bind_text64(statement.raw(), at, text.data(), text.size(), nullptr, SQLITE_UTF8);
}
void bind(Statement& statement, int at, std::int64_t value) {
  sqlite3_bind_int64(statement.raw(), at, value);
}
std::int64_t as_int(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
}  // namespace

base::Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const StoreSettings& settings) {
  if (!settings.vfs.empty()) return open_once(settings);
  // Made first, empty, with the mode we want; SQLite gives the WAL the mode of the database.
  const int fd = ::open(settings.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) ::close(fd);
  auto store = open_once(settings);
  if (store) return store;
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((settings.path + suffix).c_str());
  return open_once(settings);
}

base::Result<std::unique_ptr<HistoryStore>> HistoryStore::open_once(const StoreSettings& settings) {
  auto database =
      journal::Database::open(settings.path, settings.vfs,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
  if (!database) return base::Failure<base::Error>{database.error()};
  std::unique_ptr<HistoryStore> store(new HistoryStore(std::move(*database)));
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
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL,"
        " account TEXT NOT NULL, symbol TEXT NOT NULL, status TEXT NOT NULL,"
        " ord_status TEXT NOT NULL, external INTEGER NOT NULL, has_executions INTEGER NOT NULL,"
        " finished INTEGER NOT NULL, session INTEGER NOT NULL, number INTEGER NOT NULL,"
        " state BLOB NOT NULL);"
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
  const std::pair<Statement*, const char*> statements[] = {
      {&insert_,
       "INSERT OR REPLACE INTO orders(id, seq, account, symbol, status, ord_status, external,"
       " has_executions, finished, session, number, state)"
       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
      {&insert_permanent_, "INSERT OR IGNORE INTO permanent_ids VALUES(?1, ?2)"},
      {&set_meta_, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)"},
      {&by_order_, "SELECT state FROM orders WHERE id = ?1"},
      {&by_permanent_,
       "SELECT state FROM orders WHERE id ="
       " (SELECT max(id) FROM permanent_ids WHERE permanent_id = ?1)"},
      {&by_broker_,
       "SELECT state FROM orders WHERE number = ?1 AND number <> 0 AND session = ?2"
       " ORDER BY id DESC LIMIT 1"}};
  for (const auto& [statement, sql] : statements) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return base::Failure<base::Error>{prepared.error()};
    *statement = std::move(*prepared);
  }
  return base::ok();
}

base::Status<> HistoryStore::begin(std::uint64_t instance, std::uint64_t journal_seq) {
  std::int64_t owner = -1;
  std::int64_t seq = 0;
  auto rows = database_.prepare("SELECT name, value FROM meta");
  if (!rows) return base::Failure<base::Error>{rows.error()};
  int code = rows->step();
  for (; code == SQLITE_ROW; code = rows->step()) {
    if (rows->blob(0) == "instance") owner = rows->integer(1);
    if (rows->blob(0) == "last_seq") seq = rows->integer(1);
  }
  if (code != SQLITE_DONE) return base::fail("views.db", database_.last_error());
  rows->reset();
  last_seq_ = static_cast<std::uint64_t>(seq);
  if (owner == as_int(instance) && last_seq_ <= journal_seq) return base::ok();
  last_seq_ = 0;
  return database_.exec(
      fmt::format("BEGIN IMMEDIATE;DELETE FROM orders;DELETE FROM permanent_ids;DELETE FROM meta;"
                  "INSERT INTO meta VALUES('instance', {}),('last_seq', 0);COMMIT",
                  as_int(instance)));
}

base::Status<> HistoryStore::put_one(const HistoryRow& row) {
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
  sqlite3_bind_blob64(insert_.raw(), 12, row.state.data(), row.state.size(), nullptr);
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

base::Status<> HistoryStore::note_seq(std::uint64_t seq) {
  const std::string name = "last_seq";
  bind(set_meta_, 1, name);
  bind(set_meta_, 2, as_int(seq));
  if (set_meta_.run() != SQLITE_DONE) return base::fail("views.db", database_.last_error());
  return base::ok();
}

base::Status<> HistoryStore::put(std::span<const HistoryRow> rows) {
  if (rows.empty()) return base::ok();
  auto done = database_.exec("BEGIN IMMEDIATE");
  for (std::size_t i = 0; done && i < rows.size(); ++i) done = put_one(rows[i]);
  if (done) done = note_seq(rows.back().seq);
  if (done) done = database_.exec("COMMIT");
  if (!done) {
    if (sqlite3_get_autocommit(database_.raw()) == 0) (void)database_.exec("ROLLBACK");
    return done;
  }
  last_seq_ = rows.back().seq;
  return base::ok();
}

HistoryAnswer HistoryStore::read(std::uint64_t ticket, const HistoryQuery& query) {
  HistoryAnswer answer;
  answer.ticket = ticket;
  Statement listing;
  Statement* statement = nullptr;
  std::size_t limit = 1;
  switch (query.by) {
    case HistoryQuery::By::order:
      statement = &by_order_;
      bind(*statement, 1, as_int(query.order));
      break;
    case HistoryQuery::By::permanent_id:
      statement = &by_permanent_;
      bind(*statement, 1, query.permanent_id);
      break;
    case HistoryQuery::By::broker_id:
      statement = &by_broker_;
      bind(*statement, 1, query.number);
      bind(*statement, 2, query.session);
      break;
    case HistoryQuery::By::list: {
      std::string sql = "SELECT state FROM orders WHERE id < ?1";
      if (!query.account.empty()) sql += " AND account = ?2";
      if (!query.symbol.empty()) sql += " AND symbol = ?3";
      if (!query.status.empty()) sql += " AND (status = ?4 OR ord_status = ?4)";
      if (!query.external_too) sql += " AND external = 0";
      if (query.with_executions) sql += " AND has_executions = 1";
      if (query.order != 0) sql += " AND id = ?6";
      sql += " ORDER BY id DESC LIMIT ?5";
      auto prepared = database_.prepare(sql);
      if (!prepared) {
        answer.error = prepared.error().detail;
        return answer;
      }
      listing = std::move(*prepared);
      statement = &listing;
      limit = query.limit;
      bind(*statement, 1, as_int(query.before));
      bind(*statement, 2, query.account);
      bind(*statement, 3, query.symbol);
      bind(*statement, 4, query.status);
      bind(*statement, 5, as_int(limit + 1));
      if (query.order != 0) bind(*statement, 6, as_int(query.order));
      break;
    }
  }
  int code = statement->step();
  for (; code == SQLITE_ROW; code = statement->step()) {
    if (answer.states.size() == limit) {
      answer.more = true;
      break;
    }
    answer.states.emplace_back(statement->blob(0));
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) answer.error = database_.last_error();
  statement->reset();
  return answer;
}

std::uint64_t HistoryStore::file_bytes() {
  const auto pages = database_.integer("PRAGMA page_count");
  return pages ? static_cast<std::uint64_t>(*pages) * 4096 : 0;
}

}  // namespace belay::history
