// SPDX-License-Identifier: Apache-2.0
// SimJournal: the real SQLite journal on the simulated disk, with completions that come after a
// virtual delay, so that inputs arriving while a commit is in flight are always explored. Where
// within the delay the bytes reach the disk is drawn by seed: a crash in between leaves a batch
// that is durable and unacknowledged, or one that is gone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/simkit/disk.hpp"
#include "belay/simkit/scheduler.hpp"

namespace belay::simulation {

class SimJournal final : public engine::Journal {
 public:
  struct Timing {
    base::Duration commit_min = std::chrono::microseconds(60);
    base::Duration commit_max = std::chrono::milliseconds(3);
    unsigned stall_percent = 0;
    base::Duration stall = std::chrono::seconds(2);
    /// So many stalls may be longer than the usual 2 s: callers wait for each.
    unsigned long_stalls = 2;
  };
  SimJournal(std::unique_ptr<journal::SqliteInlineJournal> store, simkit::Scheduler& scheduler,
             base::Prng random, Timing timing, std::function<void()> began,
             std::function<void()> answered)
      : store_(std::move(store)),
        scheduler_(scheduler),
        random_(random),
        timing_(timing),
        began_(std::move(began)),
        answered_(std::move(answered)) {}
  ~SimJournal() override {
    scheduler_.cancel(write_);
    scheduler_.cancel(answer_);
  }

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
                       std::vector<engine::JournalRecord> batch) override {
    ++ticket_;
    began_();
    base::Duration takes(random_.between(timing_.commit_min.count(), timing_.commit_max.count()));
    if (random_.chance(timing_.stall_percent)) takes += stall();
    const base::Duration written(random_.between(0, takes.count()));
    write_ = scheduler_.after(written, [this, epoch, expected_seq, batch = std::move(batch)] {
      store_->append(epoch, expected_seq, batch);
    });
    answer_ = scheduler_.after(takes, [this] {
      ready_ = store_->poll();
      if (ready_) ready_->ticket = ticket_;
      answered_();
    });
    return ticket_;
  }
  std::optional<engine::AppendCompletion> poll() override { return std::exchange(ready_, {}); }
  void idle() override { store_->idle(); }

 private:
  base::Duration stall() {
    if (timing_.stall <= usual_stall) return timing_.stall;
    if (timing_.long_stalls == 0) return usual_stall;
    --timing_.long_stalls;
    return timing_.stall;
  }

  static constexpr base::Duration usual_stall = std::chrono::seconds(2);
  std::unique_ptr<journal::SqliteInlineJournal> store_;
  simkit::Scheduler& scheduler_;
  base::Prng random_;
  Timing timing_;
  std::function<void()> began_;
  std::function<void()> answered_;
  std::uint64_t ticket_ = 0;
  simkit::Scheduler::Id write_;
  simkit::Scheduler::Id answer_;
  std::optional<engine::AppendCompletion> ready_;
};

}  // namespace belay::simulation
