// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/journal_life.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace belay::crash {

using engine::JournalRecord;

JournalRecord scripted_record(std::uint64_t epoch, std::uint64_t seq) {
  base::Prng prng(seq * 1000 + epoch);
  JournalRecord record;
  record.seq = seq;
  record.epoch = epoch;
  record.time = base::Time(static_cast<std::int64_t>(prng.below(1'000'000'000)));
  record.type = static_cast<std::uint16_t>(prng.below(70'000) % 65'536);
  record.version = static_cast<std::uint16_t>(prng.below(4));
  // Mostly as small as an order event, now and then larger than a page.
  const std::uint64_t size = prng.chance(5) ? prng.below(9'000) : prng.below(200);
  record.payload.resize(size);
  for (char& c : record.payload) {
    c = static_cast<char>(static_cast<unsigned char>(prng.below(256)));
  }
  return record;
}

JournalLife::JournalLife(std::uint64_t seed) : prng_(seed), disk_(seed ^ 1U), vfs_(disk_, seed) {
  settings_.path = "journal.db";
  settings_.vfs = vfs_.name();
  settings_.exclusive = true;
  settings_.warm_bytes = 0;
  settings_.checkpoint_frames = 12;  // often, so that crashes meet checkpoints and reused WALs
}

bool JournalLife::start() {
  error_.clear();
  auto opened = journal::SqliteInlineJournal::open(settings_);
  if (!opened) {
    error_ = opened.error().field + ": " + opened.error().detail;
    return false;
  }
  journal_ = std::move(*opened);
  std::vector<JournalRecord> rows;
  const auto replayed = journal_->replay([&](const JournalRecord& record) {
    rows.push_back(record);
    return true;
  });
  if (!replayed) {
    error_ = replayed.error().field + ": " + replayed.error().detail;
    return false;
  }
  judge(rows);
  // The next writer has the next epoch, whether or not the last one wrote anything.
  epoch_ = std::max(highest_epoch_, journal_->last_epoch()) + 1;
  highest_epoch_ = epoch_;
  return true;
}

void JournalLife::judge(const std::vector<JournalRecord>& rows) {
  found_ = rows.size();
  std::vector<JournalRecord> with_unknown = known_;
  with_unknown.insert(with_unknown.end(), unknown_.begin(), unknown_.end());
  if (rows != known_ && rows != with_unknown && broken_.empty()) {
    broken_ = fmt::format("{} rows known, {} more unknown, {} found", known_.size(),
                          unknown_.size(), rows.size());
  }
  known_ = rows;  // what a start has shown may be acted on: it must stay
  unknown_.clear();
}

bool JournalLife::append_one(std::size_t records) {
  const std::uint64_t first = journal_->last_seq() + 1;
  std::vector<JournalRecord> batch;
  for (std::size_t i = 0; i < records; ++i) batch.push_back(scripted_record(epoch_, first + i));
  const std::vector<JournalRecord> copy = batch;
  journal_->append(epoch_, first, std::move(batch));
  const auto answer = journal_->poll();
  last_outcome_ = answer->outcome;
  error_ = answer->detail;
  if (answer->outcome == engine::AppendOutcome::durable) {
    known_.insert(known_.end(), copy.begin(), copy.end());
    acknowledged_ = known_.size();
    return true;
  }
  if (unknown_.empty()) unknown_ = copy;
  return false;
}

bool JournalLife::append(int batches) {
  for (int i = 0; i < batches; ++i) {
    const std::size_t records = prng_.chance(50) ? 1 : 1 + prng_.below(6);
    if (!append_one(records)) return false;
    if (prng_.chance(10)) journal_->idle();
  }
  return true;
}

bool JournalLife::set_mark(std::int64_t mark) {
  auto database = journal::Database::open(settings_.path, settings_.vfs, SQLITE_OPEN_READWRITE);
  return database && database->exec("PRAGMA locking_mode=EXCLUSIVE") &&
         database->exec(fmt::format("UPDATE wal_mark SET mark = {}", mark));
}

void JournalLife::crash() {
  // With the power off the dying connection can be closed: it changes nothing any more.
  disk_.cut_power();
  journal_.reset();
  disk_.crash(prng_);
}

}  // namespace belay::crash
