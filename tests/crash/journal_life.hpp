// SPDX-License-Identifier: Apache-2.0
// The life of one journal on a simulated disk, as a test drives it: open, replay, append scripted
// batches until something fails, die, start again. It remembers what was acknowledged and judges
// what comes back. It uses the product's store and nothing of its internals.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/simkit/disk.hpp"
#include "belay/simkit/vfs.hpp"

namespace belay::crash {

/// The record that every life would write at `seq` in `epoch`: content follows from the numbers,
/// so a reader can tell a wrong row.
engine::JournalRecord scripted_record(std::uint64_t epoch, std::uint64_t seq);

class JournalLife {
 public:
  explicit JournalLife(std::uint64_t seed);
  ~JournalLife() { close(); }
  simkit::SimDisk& disk() { return disk_; }
  journal::SqliteInlineJournal* journal() { return journal_.get(); }
  void use(journal::SqliteSettings settings) { settings_ = std::move(settings); }
  const journal::SqliteSettings& settings() const { return settings_; }

  /// Opens, replays and judges: what is there must be what was acknowledged, then perhaps the
  /// whole batch whose answer never came. False when opening or replaying failed; `error()` says.
  bool start();
  /// Appends `batches` batches of 1 to 6 records, or fewer if one fails. True: all durable.
  bool append(int batches);
  bool append_one(std::size_t records);
  /// The process dies, the disk lives on.
  void close() { journal_.reset(); }
  /// Between two lives: the journal goes on counting its checkpoints from `mark`. False: it fails.
  bool set_mark(std::int64_t mark);
  /// The power fails: unsynced sectors are lost as the seed says.
  void crash();

  /// Empty while the promise was kept.
  const std::string& broken_promise() const { return broken_; }
  const std::string& error() const { return error_; }
  engine::AppendOutcome last_outcome() const { return last_outcome_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t found() const { return found_; }

 private:
  void judge(const std::vector<engine::JournalRecord>& rows);
  base::Prng prng_;
  simkit::SimDisk disk_;
  simkit::SimVfs vfs_;
  journal::SqliteSettings settings_;
  std::unique_ptr<journal::SqliteInlineJournal> journal_;
  std::vector<engine::JournalRecord> known_;    ///< acknowledged, or seen by a replay
  std::vector<engine::JournalRecord> unknown_;  ///< the batch whose answer never came or failed
  std::uint64_t acknowledged_ = 0;
  std::uint64_t found_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t highest_epoch_ = 0;
  engine::AppendOutcome last_outcome_ = engine::AppendOutcome::durable;
  std::string broken_;
  std::string error_;
};

}  // namespace belay::crash
