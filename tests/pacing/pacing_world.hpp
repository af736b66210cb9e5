// SPDX-License-Identifier: Apache-2.0
// PacingWorld: the whole daemon and the simulated TWS on one virtual clock, joined by a link
// without delay, with a disk that can stall. It counts every message on the wire by itself and
// notes when what was asked for left; the broker counts too, and refuses what is above the limit.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/base/prng.hpp"
#include "belay/simkit/scheduler.hpp"
#include "belay/simtws/server.hpp"
#include "belay/tws/wire/frame.hpp"

namespace belay::test {

/// Keeps nothing; a commit takes a few milliseconds, or until the stall ends.
class StallJournal final : public engine::Journal {
 public:
  StallJournal(simkit::Scheduler& scheduler, std::uint64_t seed)
      : scheduler_(scheduler), random_(seed) {}

  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>&) override {
    return base::ok();
  }
  std::uint64_t last_seq() const override { return 0; }
  std::uint64_t last_epoch() const override { return 0; }
  std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                       std::vector<engine::JournalRecord> batch) override;
  std::optional<engine::AppendCompletion> poll() override;

  void stall_until(base::Time end) { stalled_until_ = end; }
  bool stalled() const { return scheduler_.now() < stalled_until_ + std::chrono::seconds(1); }
  std::function<void()> answered = [] {};

 private:
  simkit::Scheduler& scheduler_;
  base::Prng random_;
  base::Time stalled_until_;
  std::uint64_t ticket_ = 0;
  bool ready_ = false;
};

class PacingWorld {
 public:
  static constexpr unsigned limit = 45;
  static constexpr base::Duration slot = std::chrono::nanoseconds(1'000'000'000 / limit);

  PacingWorld(std::uint64_t seed, core::CoreOptions options);

  void run_for(base::Duration time) { scheduler.run_until(scheduler.now() + time); }
  /// Takes a command and lets the daemon have its turn.
  void submit(const core::Input& input);
  /// An entry of which only the way to the broker matters; the broker refuses it.
  std::optional<core::OrderId> entry();
  /// An entry that rests at the broker.
  std::optional<core::OrderId> resting();
  void family(std::size_t count);
  /// One share of MSFT, of which 1000 are held, is protected by a stop.
  std::optional<core::OrderId> protective();
  void cancel(core::OrderId id);
  const core::Order& order(core::OrderId id) const {
    return *daemon->engine().core().book().find(id);
  }

  // ---- what was seen on the wire ----
  struct Left {
    base::Time asked;
    base::Time left;
    /// The disk was, when it was asked for, or had been within a second: what the stall held back
    /// leaves when it ends, and takes slots then.
    bool stalled = false;
    bool is_cancel = false;
    base::Duration took() const { return left - asked; }
  };
  std::vector<Left> left;  ///< cancels and protective orders
  std::size_t unsent() const { return asked_.size(); }
  std::size_t messages = 0;
  std::size_t most_in_a_second = 0;
  std::size_t refused_by_broker = 0;
  std::size_t torn_families = 0;
  std::size_t families_sent = 0;

  simkit::Scheduler scheduler;
  StallJournal journal;
  std::unique_ptr<app::Daemon> daemon;
  std::unique_ptr<simtws::Server> tws;

 private:
  static core::OrderSpec spec(const char* symbol, core::Side side, core::OrdType type);
  std::optional<core::OrderId> place(core::OrderSpec spec);
  void pump();
  void carry();
  void on_frame(std::string_view payload);
  void sent_order(core::OrderId id);
  void wake_daemon();
  void wake_tws();

  tws::wire::FrameReader frames_;
  bool greeted_ = false;
  std::deque<base::Time> window_;
  std::map<std::string, Left> asked_;  // "cancel 7" by broker number, "order 3" by our id
  std::map<core::OrderId, core::OrderId> follows_;  // within a family: who goes right before
  std::optional<core::OrderId> last_order_;         // of the frame before, if it was an order
  std::optional<simkit::Scheduler::Id> daemon_wake_;
  std::optional<simkit::Scheduler::Id> tws_wake_;
  bool pumping_ = false;
};

}  // namespace belay::test
