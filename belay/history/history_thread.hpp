// SPDX-License-Identifier: Apache-2.0
// HistoryThread: the History port over HistoryStore on a worker thread; the daemon uses it. Rows
// are written in batches beside the loop, and questions are answered in turn. notify_fd() becomes
// readable when poll() has an answer. What cannot be written stays in memory and is tried again
// after a growing pause, because a try costs the disk and a core. When too much waits there is no
// room, and the core archives nothing more. The next start takes from the journal what was never
// written.
//
// A damaged row is never an answer: another file is made from the journal, a piece at a time
// between other work, and takes the place of the damaged one. What the engine asked meanwhile waits
// for it.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "belay/engine/history_port.hpp"
#include "belay/history/history_store.hpp"
#include "belay/history/worker.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::history {

/// What the rows are made of again. Used on the worker.
class HistorySource {
 public:
  HistorySource() = default;
  HistorySource(const HistorySource&) = delete;
  HistorySource& operator=(const HistorySource&) = delete;
  virtual ~HistorySource() = default;
  /// Reads up to `events` more events of the journal and adds the rows that follow from them, as
  /// put() would get them. False: the journal has no more. Error: it cannot be read.
  virtual base::Result<bool> next(std::size_t events, std::vector<engine::HistoryRow>& rows) = 0;
};

class HistoryThread final : public engine::History {
 public:
  struct Options {
    std::size_t queue_max = 0;
    std::chrono::steady_clock::duration first_pause = std::chrono::seconds(1);
    std::chrono::steady_clock::duration longest_pause = std::chrono::seconds(30);
    /// Begins at the first event. Without one what is damaged stays so until the next start.
    std::function<base::Result<std::unique_ptr<HistorySource>>()> source = {};
    std::size_t piece = 2'000;  ///< events, or rows looked through, between other work
    std::chrono::steady_clock::duration rebuild_pause = std::chrono::seconds(60);
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
  /// What a person should know of it since the last call: damage, and that it was mended.
  std::vector<std::string> take_news();
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
  HistoryThread(StoreSettings settings, std::unique_ptr<HistoryStore> store, const Options& options,
                Worker& worker, journal::UniqueFd event);
  void add(Item item);
  void schedule();
  // On the worker.
  void work();
  void write_if_due();
  void write_rows();
  void answer(const Question& question);
  engine::HistoryAnswer find(const Question& question);
  void deliver(engine::HistoryAnswer found);
  void look_through();
  void look_on();
  void mend_if_damaged();
  void mend_piece();
  void mended(const std::string& problem);
  void tell(std::string news);

  const StoreSettings settings_;
  const Options options_;
  Worker& worker_;
  std::uint64_t last_seq_ = 0;  // the owner's
  journal::UniqueFd event_;
  // Shared.
  mutable std::mutex mutex_;
  std::deque<Item> items_;
  std::deque<engine::HistoryAnswer> answers_;
  std::vector<std::string> news_;
  bool scheduled_ = false;  // a job of ours is posted and has not begun to take items
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> bytes_{0};
  /// Rows could not be written and are tried again at this time; no_retry: none wait for it.
  std::atomic<std::chrono::steady_clock::time_point> retry_at_{no_retry};
  // The worker's, from the first item on.
  std::vector<engine::HistoryRow> rows_;  // taken and not written yet
  std::chrono::steady_clock::duration pause_{};
  std::unique_ptr<HistoryStore> store_;  // null: a mended file could not be opened
  std::uint64_t instance_ = 0;
  bool looking_ = false;  // the next piece of looking through it is posted
  // While a file is made in place of a damaged one.
  std::unique_ptr<HistoryStore> fresh_;
  std::unique_ptr<HistorySource> source_;
  std::vector<Question> held_;  // of the engine: they wait for it
  std::chrono::steady_clock::time_point mend_again_at_ = no_retry;
};

}  // namespace belay::history
