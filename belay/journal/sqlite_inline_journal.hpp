// SPDX-License-Identifier: Apache-2.0
// SqliteInlineJournal: the Journal port over SqliteJournal without a thread. append() commits
// before it returns and poll() gives the answer. A stalled disk stalls the caller, cancels
// included: it is for tools, tests and the simulation; the daemon uses SqliteThreadJournal.
#pragma once

#include <memory>

#include "belay/engine/journal_port.hpp"
#include "belay/journal/sqlite_journal.hpp"

namespace belay::journal {

class SqliteInlineJournal final : public engine::Journal {
 public:
  static base::Result<std::unique_ptr<SqliteInlineJournal>> open(SqliteSettings settings);
  explicit SqliteInlineJournal(std::unique_ptr<SqliteJournal> store) : store_(std::move(store)) {}

  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) override {
    return store_->replay(visit);
  }
  base::Status<> replay_from(
      std::uint64_t from, const std::function<bool(const engine::JournalRecord&)>& visit) override {
    return store_->replay_from(from, visit);
  }
  std::optional<std::uint32_t> check_at(std::uint64_t seq) override {
    return store_->check_at(seq);
  }
  std::optional<std::uint32_t> last_check() const override { return store_->last_check(); }
  std::uint64_t last_seq() const override { return store_->last_seq(); }
  std::uint64_t last_epoch() const override { return store_->last_epoch(); }
  std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                       std::vector<engine::JournalRecord> batch) override;
  std::optional<engine::AppendCompletion> poll() override;
  void idle() override { store_->idle(); }

  const SqliteJournal& store() const { return *store_; }

 private:
  std::unique_ptr<SqliteJournal> store_;
  std::optional<engine::AppendCompletion> answer_;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace belay::journal
