// SPDX-License-Identifier: Apache-2.0
// HistoryThread: the History port over HistoryStore on a worker thread, the daemon's own. Rows are
// written in batches behind the loop; questions are answered in turn. notify_fd() becomes readable
// when poll() has an answer. What cannot be written stays in memory and is tried again after a
// pause, which grows: a try costs the disk and a core. When too much waits there is no room and the
// core archives nothing more. What is never written the next start takes from the journal.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "belay/engine/history_port.hpp"
#include "belay/history/history_store.hpp"
#include "belay/history/worker.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::history {

class HistoryThread final : public engine::History {
 public:
  struct Options {
    std::size_t queue_max = 0;
    std::chrono::steady_clock::duration first_pause = std::chrono::seconds(1);
    std::chrono::steady_clock::duration longest_pause = std::chrono::seconds(30);
  };
  /// `worker` is declared before this object and so outlives nothing of it: its jobs are drained by
  /// the destructor here.
  static base::Result<std::unique_ptr<HistoryThread>> open(const StoreSettings& settings,
                                                           const Options& options, Worker& worker);
  ~HistoryThread() override;

  base::Status<> begin(std::uint64_t instance, std::uint64_t journal_seq) override;
  std::uint64_t last_seq() const override { return last_seq_; }
  std::size_t room() const override;
  void wait_for_room() override;
  void put(engine::HistoryRow row) override;
  void ask(std::uint64_t ticket, engine::HistoryQuery query) override;
  std::optional<engine::HistoryAnswer> poll() override;
  engine::HistoryStats stats() const override;
  int notify_fd() const { return event_.get(); }
  /// Before the end: waits for what is queued and tries once more what could not be written. How
  /// many rows are given up.
  std::size_t finish();

 private:
  struct Question {
    std::uint64_t ticket = 0;
    engine::HistoryQuery query;
  };
  static constexpr auto no_retry = std::chrono::steady_clock::time_point::min();
  using Item = std::variant<engine::HistoryRow, Question>;
  HistoryThread(std::unique_ptr<HistoryStore> store, const Options& options, Worker& worker,
                journal::UniqueFd event);
  void add(Item item);
  void schedule();
  // On the worker.
  void work();
  void write_if_due();
  void write_rows();
  void answer(const Question& question);

  const Options options_;
  Worker& worker_;
  std::uint64_t last_seq_ = 0;  // the owner's
  journal::UniqueFd event_;
  // Shared.
  mutable std::mutex mutex_;
  std::deque<Item> items_;
  std::deque<engine::HistoryAnswer> answers_;
  bool scheduled_ = false;  // a job of ours is posted and has not begun to take items
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> bytes_{0};
  /// Rows could not be written and are tried again at this time; no_retry: none wait for it.
  std::atomic<std::chrono::steady_clock::time_point> retry_at_{no_retry};
  // The worker's, from the first item on.
  std::vector<engine::HistoryRow> rows_;  // taken and not written yet
  std::chrono::steady_clock::duration pause_{};
  std::unique_ptr<HistoryStore> store_;
};

}  // namespace belay::history
