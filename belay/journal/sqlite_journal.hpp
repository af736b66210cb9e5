// SPDX-License-Identifier: Apache-2.0
// SqliteJournal: the journal's store, synchronous, in one SQLite file (docs/formats/journal.md).
// It appends batches with compare-and-set, replays them with every row checked, and checkpoints.
// It is not the port: SqliteThreadJournal and SqliteInlineJournal make it one. After the first
// error or stale answer it is dead for good, because a failed COMMIT or fsync is unknown, not
// undone. The VFS is a name, so the simulation runs this very code on a simulated disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "belay/engine/journal_port.hpp"
#include "belay/journal/disk_room.hpp"
#include "belay/journal/sqlite_db.hpp"

namespace belay::journal {

struct SqliteSettings {
  std::string path;  ///< journal.db
  std::string vfs;   ///< a registered VFS; empty: the operating system's files
  /// locking_mode EXCLUSIVE: needs no shared memory. Only for a simulated VFS: on real files it
  /// would lock the sqlite3 program and backups out.
  bool exclusive = false;
  /// Written and dropped once at creation, so that commits reuse a WAL file of this size instead
  /// of growing one (measured: 78 us against 143).
  std::uint32_t warm_bytes = 5U << 20U;
  int checkpoint_frames = 1'000;     ///< after a commit that leaves this many frames in the WAL
  int idle_checkpoint_frames = 100;  ///< when idle, from this many on
  int busy_timeout_ms = 1'000;       ///< for somebody's sqlite3 program that holds the write lock
  RoomLimits room;
  /// Free bytes of the disk; empty: statvfs of the file's directory.
  std::function<std::optional<std::uint64_t>()> free_bytes;
};

struct AppendAnswer {
  engine::AppendOutcome outcome = engine::AppendOutcome::failed;
  std::string detail;
};

class SqliteJournal {
 public:
  /// Creates or opens; refuses a file that is not ours, is newer than this program, or whose WAL
  /// is broken in the middle. On return all that replay() will show is durable.
  static base::Result<std::unique_ptr<SqliteJournal>> open(SqliteSettings settings);
  /// To look at the journal of a stopped daemon: refuses what open() refuses and what is no journal
  /// yet, and leaves every file as it is. What it gives takes no append.
  static base::Result<std::unique_ptr<SqliteJournal>> open_untouched(const std::string& path);
  /// To read beside the daemon that writes it, which has it open: takes no append, and no lock for
  /// longer than a replay_from().
  static base::Result<std::unique_ptr<SqliteJournal>> open_beside(const std::string& path);
  /// Of such a one: last_seq() is where the writer is by now.
  base::Status<> follow() { return load_tail(); }
  SqliteJournal(const SqliteJournal&) = delete;
  SqliteJournal& operator=(const SqliteJournal&) = delete;
  ~SqliteJournal() = default;

  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) {
    return replay_from(1, visit);
  }
  base::Status<> replay_from(std::uint64_t from,
                             const std::function<bool(const engine::JournalRecord&)>& visit);
  std::optional<std::uint32_t> check_at(std::uint64_t seq);
  std::uint32_t last_check() const { return last_check_; }
  std::uint64_t last_seq() const { return last_seq_; }
  std::uint64_t last_epoch() const { return last_epoch_; }

  /// One transaction; `durable` only after its sync returned.
  AppendAnswer append(std::uint64_t epoch, std::uint64_t expected_seq,
                      std::span<const engine::JournalRecord> batch);
  /// After an append was answered: a checkpoint if the WAL is long.
  void after_append();
  /// When nothing else is to do: a checkpoint if it is worth two syncs.
  void idle() { checkpoint_from(settings_.idle_checkpoint_frames); }

  bool dead() const { return !dead_.empty(); }
  int wal_frames() const { return wal_frames_; }
  /// Frames that came since a checkpoint last got as far as it could.
  int frames_to_move() const { return wal_frames_ < left_ ? wal_frames_ : wal_frames_ - left_; }
  const SqliteSettings& settings() const { return settings_; }

 private:
  SqliteJournal(SqliteSettings settings, Database database);
  base::Status<> configure();
  base::Status<> check_mark();
  base::Status<> create_or_check();
  base::Status<> check_format();
  base::Status<> begin_generation();
  base::Status<> warm();
  base::Status<> checkpoint_at_open();
  base::Status<> load_tail();
  base::Status<> prepare();
  void checkpoint_from(int frames);
  bool move_mark(const char* sql);
  int insert(const engine::JournalRecord& record, std::uint32_t check);
  AppendAnswer die(engine::AppendOutcome outcome, std::string detail);
  AppendAnswer refuse_insert(int code, std::uint64_t seq);

  SqliteSettings settings_;
  Database database_;
  Statement insert_;
  Statement begin_;
  Statement commit_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t last_epoch_ = 0;
  std::uint32_t last_check_ = 0;
  int wal_frames_ = 0;
  int left_ = 0;             ///< frames in the WAL after a checkpoint that a reader held back
  bool first_rows_ = false;  ///< none was there, and none has been moved out of the WAL
  std::optional<std::int64_t> mark_of_file_;  ///< before anything was written
  std::string dead_;
};

}  // namespace belay::journal
