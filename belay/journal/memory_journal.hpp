// SPDX-License-Identifier: Apache-2.0
// MemoryJournal: the Journal port without a disk, for tests and for the demo's throw-away runs. It
// keeps its records through a modelled crash, so that a restart can replay them, and lets the test
// say whether the batch in flight reached the disk. It promises nothing across the process's end.
#pragma once

#include <cstddef>
#include <string>

#include "belay/engine/journal_port.hpp"

namespace belay::journal {

class MemoryJournal final : public engine::Journal {
 public:
  enum class Answers : std::uint8_t {
    at_poll,  ///< the next poll() finds the batch durable
    by_hand,  ///< only after complete() or fail()
  };
  struct Settings {
    Answers answers = Answers::at_poll;
    std::size_t records_max = 1'000'000;  ///< an append beyond it fails like a full disk
  };
  /// What a crash makes of the batch in flight; both are possible on a real disk.
  enum class InFlight : std::uint8_t { lost, kept };

  MemoryJournal() : MemoryJournal(Settings{}) {}
  explicit MemoryJournal(Settings settings) : settings_(settings) {}

  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) override;
  std::uint64_t last_seq() const override { return records_.size(); }
  std::uint64_t last_epoch() const override { return records_.empty() ? 0 : records_.back().epoch; }
  std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                       std::vector<engine::JournalRecord> batch) override;
  std::optional<engine::AppendCompletion> poll() override;

  /// Makes the append in flight durable; poll() will say so.
  void complete();
  /// Answers the append in flight with `failed`; whether it is kept is told by `what`.
  void fail(std::string detail, InFlight what = InFlight::lost);
  bool in_flight() const { return pending_.has_value(); }
  /// The process died and starts again: no answer comes for the batch in flight, the journal
  /// accepts appends again.
  void crash(InFlight what);
  const std::vector<engine::JournalRecord>& records() const { return records_; }

 private:
  void keep();
  Settings settings_;
  std::vector<engine::JournalRecord> records_;
  std::optional<std::vector<engine::JournalRecord>> pending_;
  std::optional<engine::AppendCompletion> answer_;
  std::uint64_t last_ticket_ = 0;
  std::string dead_;  ///< why nothing is accepted any more
};

}  // namespace belay::journal
