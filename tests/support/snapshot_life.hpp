// SPDX-License-Identifier: Apache-2.0
// SnapshotLife: an Engine over a journal in memory that has row checks, with snapshots that are
// kept in memory. Lives follow each other on the same journal; the state after a restart is
// compared with and without the snapshots.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/base/check.hpp"
#include "belay/base/hash.hpp"
#include "belay/engine/engine.hpp"
#include "tests/support/book_text.hpp"

namespace belay::test {

/// Rows, and the check of each: enough for an engine.
class CheckedJournal final : public engine::Journal {
 public:
  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) override {
    return replay_from(1, visit);
  }
  base::Status<> replay_from(
      std::uint64_t from, const std::function<bool(const engine::JournalRecord&)>& visit) override {
    for (std::size_t i = from - 1; i < rows.size(); ++i) {
      ++read;
      if (!visit(rows[i])) break;
    }
    return base::ok();
  }
  std::optional<std::uint32_t> check_at(std::uint64_t seq) override {
    if (seq == 0 || seq > rows.size()) return std::nullopt;
    std::uint32_t check = 0;
    for (std::size_t i = 0; i < seq; ++i) check = base::crc32c(rows[i].payload, check + 1);
    return check;
  }
  std::optional<std::uint32_t> last_check() const override {
    return const_cast<CheckedJournal*>(this)->check_at(rows.size());
  }
  std::uint64_t last_seq() const override { return rows.size(); }
  std::uint64_t last_epoch() const override { return rows.empty() ? 0 : rows.back().epoch; }
  std::uint64_t append(std::uint64_t, std::uint64_t,
                       std::vector<engine::JournalRecord> batch) override {
    for (auto& row : batch) rows.push_back(std::move(row));
    pending = engine::AppendCompletion{++ticket, engine::AppendOutcome::durable, ""};
    return ticket;
  }
  std::optional<engine::AppendCompletion> poll() override {
    return std::exchange(pending, std::nullopt);
  }
  std::vector<engine::JournalRecord> rows;
  std::size_t read = 0;

 private:
  std::optional<engine::AppendCompletion> pending;
  std::uint64_t ticket = 0;
};

class MemorySnapshots final : public engine::Snapshots {
 public:
  std::optional<engine::Snapshot> load(std::size_t nth) override {
    if (!enabled || nth >= files.size()) return std::nullopt;
    return files[files.size() - 1 - nth];
  }
  void save(engine::Snapshot snapshot) override { files.push_back(std::move(snapshot)); }
  bool busy() const override { return false; }
  std::vector<engine::Snapshot> files;
  bool enabled = true;
};

class DeafBroker final : public broker::Broker {
 public:
  core::LaneSlots lane_slots(base::Time) const override { return 10; }
  base::Time next_slot(base::Time) const override { return base::never; }
  void reserve() override {}
  void unreserve() override {}
  bool place(const core::PlaceEffect&, base::Time) override { return true; }
  bool replace(const core::ReplaceEffect&, base::Time) override { return true; }
  void cancel(const core::CancelEffect&, base::Time) override {}
  void query_executions(base::Time) override {}
  void foreign_cancel(const core::ForeignCancelEffect&, base::Time) override {}
  void global_cancel(base::Time) override {}
};

class SnapshotLife {
 public:
  /// Starts, takes `orders` orders, keeps ids, is halted, and leaves without an end.
  void live(int orders) {
    begin();
    engine_->submit(core::SessionUp{0, 1, {{core::AccountId("DU1"), true}}}, now);
    engine_->submit(core::SnapshotDone{}, now);
    engine_->submit(core::Resume{0, "t", "go on"}, now);
    for (int i = 0; i < orders; ++i) {
      core::OrderSpec spec;
      spec.account = core::AccountId("DU1");
      spec.contract.symbol = "AAPL";
      spec.terms.order_qty = core::Quantity::from_int(1 + i);
      now = now + std::chrono::seconds(1);
      engine_->submit(core::PlaceOrder{0, "t", std::nullopt, spec}, now);
    }
    engine_->submit(core::ReserveIds{0, "t", "algo", 3, std::nullopt}, now);
    engine_->submit(core::Alarm{"alarm", "words"}, now);
    engine_->submit(core::Halt{0, "t", "enough"}, now);
    engine_->turn(now);
  }
  /// The orderly end of a life: it leaves a snapshot.
  void stop() { engine_->save_snapshot(); }
  /// The book before anything new happens, as the next start would find it: its text and its bytes.
  std::string state_after_restart(bool with_snapshots) {
    snapshots.enabled = with_snapshots;
    const std::vector<engine::JournalRecord> rows = journal.rows;
    begin();
    const core::Book& book = engine_->core().book();
    const std::string state = book_text(book) + book.encode();
    journal.rows = rows;
    snapshots.enabled = true;
    return state;
  }
  const engine::EngineStats& stats() const { return engine_->stats(); }

  base::Time now{1'795'000'000'000'000'000};
  CheckedJournal journal;
  MemorySnapshots snapshots;
  engine::EngineOptions options = {};
  std::vector<std::uint64_t> remembered;
  std::uint64_t loaded = 0;

 private:
  void begin() {
    remembered.clear();
    engine_ = std::make_unique<engine::Engine>(
        options, journal,
        engine::EngineHooks{
            .publish = [](const core::StampedEvent&) {},
            .reply = [](const core::Reply&) {},
            .fatal = [](const std::string&) {},
            .remember = [this](const core::StampedEvent& e) { remembered.push_back(e.seq); }});
    engine_->attach(broker_);
    engine_->attach(snapshots);
    BELAY_CHECK(engine_->start(core::InstanceId(1), now).has_value());
    loaded = engine_->stats().snapshot_seq;
  }
  DeafBroker broker_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace belay::test
