// SPDX-License-Identifier: Apache-2.0
// SqliteThreadJournal: the Journal port over SqliteJournal with a commit thread, the daemon's
// default: a disk that stalls holds back only what waits for durability. notify_fd() becomes
// readable when poll() has an answer. All member functions belong to one owner thread; the
// destructor waits for the batch in flight.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "belay/engine/journal_port.hpp"
#include "belay/journal/sqlite_journal.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::journal {

class SqliteThreadJournal final : public engine::Journal {
 public:
  struct Options {
    /// The commit thread spins for work instead of sleeping (measured: 88 us a commit against 137
    /// when the owner spins too). It costs a core.
    bool spin = false;
  };
  static base::Result<std::unique_ptr<SqliteThreadJournal>> open(SqliteSettings settings,
                                                                 Options options);
  ~SqliteThreadJournal() override;

  /// Before the first append only, as the port says: the store is still the owner's then.
  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) override;
  base::Status<> replay_from(
      std::uint64_t from, const std::function<bool(const engine::JournalRecord&)>& visit) override;
  std::optional<std::uint32_t> check_at(std::uint64_t seq) override;
  std::optional<std::uint32_t> last_check() const override { return last_check_; }
  std::uint64_t last_seq() const override { return last_seq_; }
  std::uint64_t last_epoch() const override { return last_epoch_; }
  std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                       std::vector<engine::JournalRecord> batch) override;
  std::optional<engine::AppendCompletion> poll() override;
  void idle() override;

  int notify_fd() const { return event_.get(); }
  int wal_frames() const { return wal_frames_.load(std::memory_order_relaxed); }
  /// Free bytes and whether new risk must be refused; nothing when the disk does not say.
  std::optional<DiskRoom> disk_room();
  const RoomLimits& room_limits() const { return settings_.room; }

 private:
  struct Job {
    std::uint64_t epoch = 0;
    std::uint64_t expected_seq = 0;
    std::vector<engine::JournalRecord> batch;
  };
  SqliteThreadJournal(std::unique_ptr<SqliteJournal> store, Options options, UniqueFd event);
  void run();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void commit(const Job& job);
  void publish_frames();

  // The owner's side.
  const Options options_;
  const SqliteSettings settings_;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t last_seq_ = 0;
  std::uint64_t last_epoch_ = 0;
  std::uint32_t last_check_ = 0;
  std::uint64_t flying_seq_ = 0;
  std::uint64_t flying_epoch_ = 0;
  bool in_flight_ = false;
  bool refusing_ = false;
  UniqueFd event_;
  // Shared.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> work_{false};      ///< job_, tidy_up_ or stop_ is set; spun on without the lock
  std::atomic<bool> answered_{false};  ///< answer_ is complete
  std::atomic<int> wal_frames_{0};
  std::atomic<int> to_move_{0};
  std::optional<Job> job_;
  bool tidy_up_ = false;
  bool stop_ = false;
  AppendAnswer answer_;
  std::uint32_t answered_check_ = 0;  ///< of the last row, beside answer_
  // The commit thread's side, from the first append on.
  std::unique_ptr<SqliteJournal> store_;
  std::thread thread_;
};

}  // namespace belay::journal
