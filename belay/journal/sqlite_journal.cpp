// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_journal.hpp"

#include <fmt/format.h>

#include <utility>

#include "belay/base/check.hpp"
#include "belay/journal/append_contract.hpp"
#include "belay/journal/row_check.hpp"
#include "belay/journal/wal_mark.hpp"

namespace belay::journal {

using engine::AppendOutcome;
using engine::JournalRecord;

AppendAnswer SqliteJournal::die(AppendOutcome outcome, std::string detail) {
  dead_ = detail;
  return AppendAnswer{outcome, std::move(detail)};
}

int SqliteJournal::insert(const JournalRecord& record, std::uint32_t check) {
  sqlite3_stmt* raw = insert_.raw();
  sqlite3_bind_int64(raw, 1, static_cast<sqlite3_int64>(record.seq));
  sqlite3_bind_int64(raw, 2, static_cast<sqlite3_int64>(record.epoch));
  sqlite3_bind_int64(raw, 3, record.time.unix_ns());
  sqlite3_bind_int(raw, 4, record.type);
  sqlite3_bind_int(raw, 5, record.version);
  // No destructor (SQLITE_STATIC): the record outlives the step, and run() resets at once.
  sqlite3_bind_blob64(raw, 6, record.payload.data(), record.payload.size(), nullptr);
  sqlite3_bind_int64(raw, 7, check);
  return insert_.run();
}

AppendAnswer SqliteJournal::refuse_insert(int code, std::uint64_t seq) {
  // Another writer was here first: the primary key is the compare of compare-and-set, and it is
  // made by the store itself inside the transaction. Rows are dense, so whoever wrote anything
  // wrote this seq.
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    return die(AppendOutcome::stale, fmt::format("another writer has appended row {}", seq));
  }
  return die(AppendOutcome::failed, fmt::format("row {}: {}", seq, database_.last_error()));
}

AppendAnswer SqliteJournal::append(std::uint64_t epoch, std::uint64_t expected_seq,
                                   std::span<const JournalRecord> batch) {
  check_batch(epoch, expected_seq, batch);
  BELAY_CHECK(insert_.raw() != nullptr);  // opened to be looked at
  if (dead()) return AppendAnswer{AppendOutcome::failed, dead_detail + dead_};
  if (expected_seq != last_seq_ + 1 || epoch < last_epoch_) {
    return die(AppendOutcome::stale,
               fmt::format("stale append: expected seq {} epoch {}, the tail is seq {} epoch {}",
                           expected_seq, epoch, last_seq_, last_epoch_));
  }
  // One row commits by itself: BEGIN and COMMIT would only add two statements.
  const bool transaction = batch.size() > 1;
  if (transaction && begin_.run() != SQLITE_DONE) {
    return die(AppendOutcome::failed, "begin: " + database_.last_error());
  }
  std::uint32_t check = last_check_;
  for (const JournalRecord& record : batch) {
    check = row_check(check, record);
    const int code = insert(record, check);
    if (code == SQLITE_DONE) continue;
    AppendAnswer answer = refuse_insert(code, record.seq);
    // Without its COMMIT the batch cannot become durable; an error here changes nothing.
    if (sqlite3_get_autocommit(database_.raw()) == 0) (void)database_.exec("ROLLBACK");
    return answer;
  }
  if (transaction && commit_.run() != SQLITE_DONE) {
    // No ROLLBACK and no second try: frames with their commit mark may be on the disk already.
    return die(AppendOutcome::failed, "commit: " + database_.last_error());
  }
  last_seq_ = batch.back().seq;
  last_epoch_ = epoch;
  last_check_ = check;
  return AppendAnswer{AppendOutcome::durable, ""};
}

void SqliteJournal::after_append() {
  // The first rows say which instance this is: with them in the database file even a journal that
  // is put together of parts again is never taken for a new one.
  checkpoint_from(std::exchange(first_rows_, false) ? 1 : settings_.checkpoint_frames);
}

bool SqliteJournal::move_mark(const char* sql) {
  if (database_.exec(sql)) return true;
  // Somebody else writes, or no room: as for the checkpoint itself, this is no end.
  const int kind = sqlite3_errcode(database_.raw()) & 0xff;
  if (kind != SQLITE_BUSY && kind != SQLITE_FULL) dead_ = "checkpoint: " + database_.last_error();
  left_ = wal_frames_;
  return false;
}

void SqliteJournal::checkpoint_from(int frames) {
  if (dead() || frames_to_move() < frames) return;
  if (!move_mark(mark_before_checkpoint)) return;
  int in_wal = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &in_wal, &moved);
  const int kind = code & 0xff;
  // A reader in the way or no room for the database file: the WAL still holds every row, a later
  // checkpoint moves them. A failed write or sync is the end, as for a commit.
  if (code != SQLITE_OK && kind != SQLITE_BUSY && kind != SQLITE_FULL) {
    dead_ = "checkpoint: " + database_.last_error();
    return;
  }
  // When all was moved the next commit starts the WAL from its beginning. When a reader held it
  // back, asking again at once would only cost syncs.
  if (code == SQLITE_OK && in_wal == moved) wal_frames_ = 0;
  if (move_mark(mark_behind_checkpoint)) left_ = wal_frames_;
}

std::optional<std::uint32_t> SqliteJournal::check_at(std::uint64_t seq) {
  if (seq == 0) return 0;
  auto row = database_.prepare("SELECT crc FROM events WHERE seq = ?1");
  if (!row) return std::nullopt;
  sqlite3_bind_int64(row->raw(), 1, static_cast<sqlite3_int64>(seq));
  if (row->step() != SQLITE_ROW || row->type(0) != SQLITE_INTEGER) return std::nullopt;
  return static_cast<std::uint32_t>(row->integer(0));
}

base::Status<> SqliteJournal::replay_from(std::uint64_t from,
                                          const std::function<bool(const JournalRecord&)>& visit) {
  auto rows = database_.prepare(
      "SELECT seq, epoch, time, type, version, payload, crc FROM events WHERE seq >= ?1"
      " ORDER BY seq");
  if (!rows) return base::Failure<base::Error>{rows.error()};
  std::uint64_t seq = from < 1 ? 0 : from - 1;
  const auto before = check_at(seq);
  if (!before) return base::fail(settings_.path, fmt::format("row {} is missing", seq));
  sqlite3_bind_int64(rows->raw(), 1, static_cast<sqlite3_int64>(from));
  std::uint64_t epoch = 0;
  std::uint32_t check = *before;
  const auto damage = [&](const std::string& what) {
    return base::fail(settings_.path, fmt::format("row {}: {}", seq, what));
  };
  for (;;) {
    const int code = rows->step();
    ++seq;
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return damage(database_.last_error());
    for (const int column : {0, 1, 2, 3, 4, 6}) {
      if (rows->type(column) != SQLITE_INTEGER) return damage("a column is not an integer");
    }
    if (rows->type(5) != SQLITE_BLOB) return damage("the payload is not a blob");
    if (static_cast<std::uint64_t>(rows->integer(0)) != seq) {
      return damage(fmt::format("expected here, found row {}", rows->integer(0)));
    }
    JournalRecord record;
    record.seq = seq;
    record.epoch = static_cast<std::uint64_t>(rows->integer(1));
    record.time = base::Time(rows->integer(2));
    // Narrowed before the check is computed: a value out of range fails it.
    record.type = static_cast<std::uint16_t>(rows->integer(3));
    record.version = static_cast<std::uint16_t>(rows->integer(4));
    record.payload = std::string(rows->blob(5));
    if (rows->integer(3) != record.type || rows->integer(4) != record.version) {
      return damage("type or version out of range");
    }
    check = row_check(check, record);
    if (rows->integer(6) != check) return damage("the row check does not fit (damaged row)");
    if (record.epoch < epoch) return damage("the epoch decreases");
    epoch = record.epoch;
    if (!visit(record)) return base::ok();
  }
  if (seq - 1 != last_seq_) {
    return base::fail(settings_.path,
                      fmt::format("{} rows found, the last is row {}", seq - 1, last_seq_));
  }
  return base::ok();
}

}  // namespace belay::journal
