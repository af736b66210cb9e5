// SPDX-License-Identifier: Apache-2.0
// SimHistory: the real history store on the simulated disk, with writes and answers that come after
// a virtual delay, in the sequence of the calls: a crash loses what was not written yet, and facts
// about archived orders meet other inputs while they wait. SimSnapshots: snapshots that survive
// crashes, are now and then torn, and are lost when the crash comes first.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "belay/base/prng.hpp"
#include "belay/history/history_store.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/simkit/scheduler.hpp"

namespace belay::simulation {

class SimHistory final : public engine::History {
 public:
  SimHistory(std::unique_ptr<history::HistoryStore> store, simkit::Scheduler& scheduler,
             base::Prng random, std::function<void()> answered)
      : store_(std::move(store)),
        scheduler_(scheduler),
        random_(random),
        answered_(std::move(answered)) {}
  ~SimHistory() override {
    if (next_) scheduler_.cancel(*next_);
  }

  base::Status<> begin(std::uint64_t instance, std::uint64_t journal_seq) override {
    auto begun = store_->begin(instance, journal_seq);
    last_seq_ = store_->last_seq();
    return begun;
  }
  std::uint64_t last_seq() const override { return last_seq_; }
  std::size_t room() const override {
    return items_.size() < room_max ? room_max - items_.size() : 0;
  }
  void wait_for_room() override {
    while (room() == 0) work();
  }
  void put(engine::HistoryRow row) override {
    last_seq_ = row.seq;
    add(std::move(row));
  }
  void ask(std::uint64_t ticket, engine::HistoryQuery query) override {
    add(Question{ticket, std::move(query)});
  }
  std::optional<engine::HistoryAnswer> poll() override {
    if (answers_.empty()) return std::nullopt;
    engine::HistoryAnswer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  engine::HistoryStats stats() const override { return {items_.size(), 0, 0, 0}; }

 private:
  static constexpr std::size_t room_max = 50;
  struct Question {
    std::uint64_t ticket = 0;
    engine::HistoryQuery query;
  };
  using Item = std::variant<engine::HistoryRow, Question>;

  void add(Item item) {
    items_.push_back(std::move(item));
    if (!next_) schedule();
  }
  void schedule() {
    const base::Duration takes = std::chrono::microseconds(random_.between(10, 20'000));
    next_ = scheduler_.after(takes, [this] {
      next_.reset();
      const bool answer = work();
      if (!items_.empty()) schedule();
      if (answer) answered_();
    });
  }
  bool work() {
    const Item item = std::move(items_.front());
    items_.pop_front();
    if (const auto* row = std::get_if<engine::HistoryRow>(&item)) {
      static_cast<void>(store_->put({row, 1}));
      return false;
    }
    const auto& question = std::get<Question>(item);
    answers_.push_back(store_->read(question.ticket, question.query));
    return true;
  }

  std::unique_ptr<history::HistoryStore> store_;
  simkit::Scheduler& scheduler_;
  base::Prng random_;
  std::function<void()> answered_;
  std::deque<Item> items_;
  std::deque<engine::HistoryAnswer> answers_;
  std::optional<simkit::Scheduler::Id> next_;
  std::uint64_t last_seq_ = 0;
};

/// Lives in the world; crash() is the end of a life of the daemon.
class SimSnapshots final : public engine::Snapshots {
 public:
  SimSnapshots(simkit::Scheduler& scheduler, base::Prng random)
      : scheduler_(scheduler), random_(random) {}
  ~SimSnapshots() override { crash(); }

  std::optional<engine::Snapshot> load(std::size_t nth) override {
    for (auto it = files_.rbegin(); it != files_.rend(); ++it) {
      auto snapshot = history::parse_snapshot(it->second);
      if (snapshot && nth-- == 0) return snapshot;
    }
    return std::nullopt;
  }
  void save(engine::Snapshot snapshot) override {
    const bool torn = random_.chance(10);
    const base::Duration takes = std::chrono::microseconds(random_.between(100, 50'000));
    writing_ = scheduler_.after(takes, [this, torn, snapshot = std::move(snapshot)] {
      writing_.reset();
      std::string bytes = history::snapshot_bytes(snapshot);
      if (torn) bytes.resize(static_cast<std::size_t>(random_.below(bytes.size())));
      files_[snapshot.seq] = std::move(bytes);
      if (files_.size() > 2) files_.erase(files_.begin());
    });
  }
  bool busy() const override { return writing_.has_value(); }
  void crash() {
    if (writing_) scheduler_.cancel(*writing_);
    writing_.reset();
  }

 private:
  simkit::Scheduler& scheduler_;
  base::Prng random_;
  std::map<std::uint64_t, std::string> files_;
  std::optional<simkit::Scheduler::Id> writing_;
};

}  // namespace belay::simulation
