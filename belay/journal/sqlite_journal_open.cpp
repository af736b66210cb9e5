// SPDX-License-Identifier: Apache-2.0
// Opening and creating: every setting of the file in one place, in the order that makes a crash at
// any step harmless.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "belay/base/defects.hpp"
#include "belay/journal/sqlite_journal.hpp"
#include "belay/journal/vfs_file.hpp"
#include "belay/journal/wal_check.hpp"
#include "belay/journal/wal_mark.hpp"

namespace belay::journal {
namespace {

constexpr int application_id = 0x42454c59;  // "BELY", shown by file(1) and PRAGMA application_id
constexpr int format_version = 1;

/// SQLite creates files 0644 and gives the WAL the mode of the database: so the database is made
/// first, empty, with the mode we want.
base::Status<> make_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return base::fail(path, std::strerror(errno));
  ::close(fd);
  return base::ok();
}

struct Found {
  std::string wal;
  WalReport report;
  std::optional<std::int64_t> mark_of_file;
};

/// Refuses a WAL that is broken in the middle or lost. Changes nothing.
base::Result<Found> look_at(const std::string& path, const std::string& vfs) {
  auto bytes = read_through_vfs(path + "-wal", vfs);
  if (!bytes) return base::Failure<base::Error>{bytes.error()};
  Found found{std::move(*bytes), {}, mark_of_file(path, vfs)};
  found.report = inspect_wal(found.wal);
  if (found.report.state == WalState::broken_inside) {
    return base::fail(path + "-wal", describe_damage(found.report));
  }
  auto there = refuse_lost_wal(path, found.mark_of_file, found.report);
  if (there) {
    there = refuse_older_file(path, found.mark_of_file, first_mark(found.wal, found.report));
  }
  if (!there) return base::Failure<base::Error>{there.error()};
  return found;
}

/// Makes a good WAL durable. After a failed fsync the
/// page cache may show frames that the disk never got, and a later sync of the clean pages says
/// all is well. A checkpoint would then carry those commits into the database while the disk's WAL
/// ends earlier, and after a power loss recovery would lay its older pages over newer ones. So what
/// is readable is written once more, as it is, and synced, before SQLite builds on it.
base::Status<> write_again(const SqliteSettings& settings, const Found& found) {
  if (found.report.frames_sound == 0) return base::ok();
  return rewrite_through_vfs(settings.path + "-wal", settings.vfs,
                             std::string_view(found.wal).substr(0, found.report.sound_bytes));
}

int count_frames(void* frames, sqlite3*, const char*, int in_wal) {
  *static_cast<int*>(frames) = in_wal;
  return SQLITE_OK;
}

}  // namespace

SqliteJournal::SqliteJournal(SqliteSettings settings, Database database)
    : settings_(std::move(settings)), database_(std::move(database)) {}

base::Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(SqliteSettings settings) {
  auto found = look_at(settings.path, settings.vfs);
  if (!found) return base::Failure<base::Error>{found.error()};
  if (auto durable = write_again(settings, *found); !durable) {
    return base::Failure<base::Error>{durable.error()};
  }
  if (settings.vfs.empty()) {
    if (auto made = make_private(settings.path); !made) {
      return base::Failure<base::Error>{made.error()};
    }
  }
  // One thread at a time uses the connection, so SQLite's own mutexes are left out.
  auto database = Database::open(settings.path, settings.vfs,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
  if (!database) return base::Failure<base::Error>{database.error()};
  std::unique_ptr<SqliteJournal> journal(
      new SqliteJournal(std::move(settings), std::move(*database)));
  journal->mark_of_file_ = found->mark_of_file;
  found->wal.clear();
  using Step = base::Status<> (SqliteJournal::*)();
  for (const Step step :
       {&SqliteJournal::configure, &SqliteJournal::check_mark, &SqliteJournal::checkpoint_at_open,
        &SqliteJournal::create_or_check, &SqliteJournal::begin_generation,
        &SqliteJournal::load_tail, &SqliteJournal::prepare}) {
    if (auto done = (journal.get()->*step)(); !done) {
      return base::Failure<base::Error>{done.error()};
    }
  }
  return journal;
}

base::Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open_untouched(
    const std::string& path) {
  auto found = look_at(path, "");
  if (!found) return base::Failure<base::Error>{found.error()};
  auto database = Database::open_untouched(path);
  if (!database) return base::Failure<base::Error>{database.error()};
  SqliteSettings settings;
  settings.path = path;
  std::unique_ptr<SqliteJournal> journal(
      new SqliteJournal(std::move(settings), std::move(*database)));
  journal->mark_of_file_ = found->mark_of_file;
  using Step = base::Status<> (SqliteJournal::*)();
  for (const Step step :
       {&SqliteJournal::check_mark, &SqliteJournal::check_format, &SqliteJournal::load_tail}) {
    if (auto done = (journal.get()->*step)(); !done) {
      return base::Failure<base::Error>{done.error()};
    }
  }
  return journal;
}

base::Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open_beside(const std::string& path) {
  auto database =
      Database::open(path, "", SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW);
  if (!database) return base::Failure<base::Error>{database.error()};
  SqliteSettings settings;
  settings.path = path;
  std::unique_ptr<SqliteJournal> journal(
      new SqliteJournal(std::move(settings), std::move(*database)));
  sqlite3_busy_timeout(journal->database_.raw(), journal->settings_.busy_timeout_ms);
  if (auto format = journal->check_format(); !format) {
    return base::Failure<base::Error>{format.error()};
  }
  if (auto tail = journal->load_tail(); !tail) return base::Failure<base::Error>{tail.error()};
  return journal;
}

base::Status<> SqliteJournal::configure() {
  // Closing must not write: after an error nothing may be built on what the disk perhaps lacks.
  sqlite3_db_config(database_.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(database_.raw(), settings_.busy_timeout_ms);
  const char* synchronous = "PRAGMA synchronous=FULL";
  if (base::defect(base::Defect::journal_acks_before_sync)) synchronous = "PRAGMA synchronous=OFF";
  for (const char* sql : {settings_.exclusive ? "PRAGMA locking_mode=EXCLUSIVE" : "",
                          "PRAGMA page_size=4096", synchronous, "PRAGMA cell_size_check=ON"}) {
    if (auto done = database_.exec(sql); !done) return done;
  }
  // Run to its end: the change is a transaction, whose error comes behind the row with its result.
  if (auto done = database_.exec("PRAGMA journal_mode=WAL"); !done) return done;
  const auto mode = database_.text("PRAGMA journal_mode");
  if (!mode) return base::Failure<base::Error>{mode.error()};
  if (*mode != "wal") {
    return base::fail(settings_.path, "the file system cannot hold a WAL (mode " + *mode + ")");
  }
  int persist = 1;
  sqlite3_file_control(database_.raw(), nullptr, SQLITE_FCNTL_PERSIST_WAL, &persist);
  // SQLite's automatic checkpoint is itself a WAL hook, so ours comes after switching it off.
  if (auto done = database_.exec("PRAGMA wal_autocheckpoint=0"); !done) return done;
  sqlite3_wal_hook(database_.raw(), count_frames, &wal_frames_);
  return base::ok();
}

base::Status<> SqliteJournal::check_mark() {
  const auto shown = shown_mark(database_);
  if (!shown) return base::Failure<base::Error>{shown.error()};
  return refuse_older_wal(settings_.path, mark_of_file_, *shown);
}

// Moves everything out of the WAL before the first write. Frames of a torn transaction may lie
// behind the point where recovery stopped; appending over their beginning would leave their rest
// with valid salts, and after a second crash the WAL check could not tell it from damage.
base::Status<> SqliteJournal::checkpoint_at_open() {
  const int code = sqlite3_wal_checkpoint_v2(database_.raw(), nullptr, SQLITE_CHECKPOINT_RESTART,
                                             nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
    return base::fail(settings_.path, "checkpoint at start: " + database_.last_error());
  }
  return base::ok();
}

base::Status<> SqliteJournal::create_or_check() {
  const auto id = database_.integer("PRAGMA application_id");
  const auto version = database_.integer("PRAGMA user_version");
  const auto tables = database_.integer("SELECT count(*) FROM sqlite_schema");
  for (const auto* value : {&id, &version, &tables}) {
    if (!*value) return base::Failure<base::Error>{value->error()};
  }
  if (*id == 0 && *version == 0 && *tables == 0) {
    auto made = database_.exec(
        fmt::format("BEGIN IMMEDIATE;"
                    "CREATE TABLE events(seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
                    " time INTEGER NOT NULL, type INTEGER NOT NULL, version INTEGER NOT NULL,"
                    " payload BLOB NOT NULL, crc INTEGER NOT NULL);"
                    "PRAGMA application_id={};PRAGMA user_version={};"
                    "COMMIT",
                    application_id, format_version));
    return made ? warm() : made;
  }
  return check_format();
}

base::Status<> SqliteJournal::check_format() {
  const auto id = database_.integer("PRAGMA application_id");
  const auto version = database_.integer("PRAGMA user_version");
  for (const auto* value : {&id, &version}) {
    if (!*value) return base::Failure<base::Error>{value->error()};
  }
  if (*id != application_id) return base::fail(settings_.path, "is not a journal of belay");
  if (*version != format_version) {
    return base::fail(settings_.path,
                      fmt::format("has format version {}, this program reads version {}", *version,
                                  format_version));
  }
  return base::ok();
}

// The first write after a checkpoint begins a new generation of the WAL (new salts, header synced),
// which puts the old frames out of reach of any recovery. From here on the database file by itself
// says that it needs its WAL (wal_mark.hpp); a journal of an earlier program gets its mark here.
base::Status<> SqliteJournal::begin_generation() {
  for (const char* sql : {create_mark, mark_before_checkpoint}) {
    if (auto done = database_.exec(sql); !done) return done;
  }
  if (auto moved = checkpoint_at_open(); !moved) return moved;
  return database_.exec(mark_behind_checkpoint);
}

base::Status<> SqliteJournal::warm() {
  if (settings_.warm_bytes == 0) return base::ok();
  auto done = database_.exec(fmt::format(
      "BEGIN IMMEDIATE;CREATE TABLE warm(bytes BLOB);INSERT INTO warm VALUES(zeroblob({}));"
      "COMMIT;DROP TABLE warm",
      settings_.warm_bytes));
  return done ? checkpoint_at_open() : done;
}

base::Status<> SqliteJournal::load_tail() {
  auto tail = database_.prepare("SELECT seq, epoch, crc FROM events ORDER BY seq DESC LIMIT 1");
  if (!tail) return base::Failure<base::Error>{tail.error()};
  const int code = tail->step();
  if (code == SQLITE_ROW) {
    last_seq_ = static_cast<std::uint64_t>(tail->integer(0));
    last_epoch_ = static_cast<std::uint64_t>(tail->integer(1));
    last_check_ = static_cast<std::uint32_t>(tail->integer(2));
  } else if (code != SQLITE_DONE) {
    return base::fail(settings_.path, database_.last_error());
  }
  first_rows_ = last_seq_ == 0;
  return base::ok();
}

base::Status<> SqliteJournal::prepare() {
  const std::pair<Statement*, const char*> statements[] = {
      {&insert_,
       "INSERT INTO events(seq, epoch, time, type, version, payload, crc)"
       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"}};
  for (const auto& [statement, sql] : statements) {
    auto prepared = database_.prepare(sql);
    if (!prepared) return base::Failure<base::Error>{prepared.error()};
    *statement = std::move(*prepared);
  }
  return base::ok();
}

}  // namespace belay::journal
