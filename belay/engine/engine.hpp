// SPDX-License-Identifier: Apache-2.0
// Engine: the loop that runs the core. Inputs are stepped as they come. Their events are gathered
// into one batch while the batch before is being written, so commits are grouped without a timer.
// An effect is released only when the events of its step, and so of all steps before, are durable.
// What callers may see is published at the same moment.
//
// Invariants: (1) at most one append is in flight; (2) effects leave in the order of their steps;
// (3) only cancels go at once, whoever's name they carry, and only for orders whose place frame has
// left (so does a global cancel: own frames that wait were withdrawn before it); (4) after an
// append that did not end durable nothing is released any more; (5) the events of one step are in
// one append; (6) from the step that halts on no new risk is released, until the event that resumes
// is durable; (7) a frame that waits for its commit leaves on the link for which it was decided,
// while its order still waits for it, or never: when a link ends, its frames are withdrawn.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/broker/gate.hpp"
#include "belay/core/core.hpp"
#include "belay/engine/commands_port.hpp"
#include "belay/engine/history_port.hpp"
#include "belay/engine/journal_port.hpp"
#include "belay/engine/snapshot_port.hpp"

namespace belay::engine {

struct EngineOptions {
  core::CoreOptions core;
  std::size_t batch_max = 4096;  ///< events in one append (one step at least); the rest waits
  /// A commit that takes longer raises `stalled`: new risk is refused until it ends.
  base::Duration journal_stall = std::chrono::milliseconds(250);
  std::string version = "dev";
  /// A snapshot is made when nothing is in flight and this many events came since the last; 0:
  /// never by itself.
  std::uint64_t snapshot_every = 200'000;
  std::uint64_t events_kept = 20'000;  ///< of earlier lives that a start remembers, for streams
};

/// What the outside is told. Called on the loop, never re-entrantly from submit().
struct EngineHooks {
  /// Durable facts of this life, in order, each once.
  std::function<void(const core::StampedEvent&)> publish;
  /// The answer to a command with a correlation other than 0.
  std::function<void(const core::Reply&)> reply;
  /// The journal cannot be written: stop the process at once.
  std::function<void(const std::string& why)> fatal;
  /// Of a start: the latest durable events of earlier lives, as many as are kept, in order.
  std::function<void(const core::StampedEvent&)> remember = [](const core::StampedEvent&) {};
  /// Of a start: an order as it was before the event `seq`, which archived it. Orders that a
  /// snapshot leaves out are not told again.
  std::function<void(const core::Order&, std::uint64_t seq)> archived = [](const core::Order&,
                                                                           std::uint64_t) {};
};

struct EngineStats {
  std::uint64_t inputs_total = 0;
  std::uint64_t commits_total = 0;
  std::uint64_t events_total = 0;
  std::uint64_t sends_total = 0;  ///< place and modify frames handed to the broker
  std::uint64_t withdrawn_total = 0;
  std::uint64_t writer_refusals_total = 0;  ///< frames that should not have come to the writer
  base::Duration last_commit{};
  std::uint64_t snapshot_seq = 0;    ///< of the latest snapshot that was made or loaded
  std::uint64_t replayed_total = 0;  ///< events that the start applied
};

class Engine : public Commands {
 public:
  Engine(EngineOptions options, Journal& journal, EngineHooks hooks);

  /// Sets the broker, whose orders go through a gate from here on; before start().
  void attach(broker::Broker& broker) {
    broker_ = &broker;
    gate_.attach(broker);
  }
  /// Sets where archived orders go, and where snapshots are; before start(). Without a history no
  /// order is archived.
  void attach(History& history) { history_ = &history; }
  void attach(Snapshots& snapshots) { snapshots_ = &snapshots; }
  /// Replays the journal and begins a new epoch. `instance` is used when the journal is new.
  /// `readers`, which may be nullptr, become what is durable and share the orders of the core's
  /// book from then on (Book::show_in). Error: the journal is damaged or of a later version.
  base::Status<> start(core::InstanceId instance, base::Time now, core::Book* readers = nullptr);
  /// When the life before this one sent its last messages, as far as they can matter now: they
  /// count for the broker's limit. At most `sends_remembered`, rising, none later than `start`'s
  /// now.
  const std::deque<base::Time>& sends_before() const { return sends_before_; }
  static constexpr std::size_t sends_remembered = 1000;

  /// Steps one input. Cheap; nothing is written before turn().
  void submit(const core::Input& input, base::Time now) override;
  core::OrderId next_order_id() const override { return core_.book().next_order_id(); }
  /// Collects a finished commit, releases what it made durable, starts the next one. Call after
  /// inputs were submitted and whenever the journal may have an answer.
  void turn(base::Time now);
  /// When turn() wants to be called at the latest, apart from journal answers.
  base::Time next_deadline(base::Time now) const;

  /// A reason to take no new risk (a disk that is nearly full); empty ends it. Cancels pass.
  void refuse_new(std::string why) { refuse_new_ = std::move(why); }
  const std::string& refusing_new() const { return refuse_new_; }
  /// True while a commit takes longer than journal_stall: callers should not add risk.
  bool stalled(base::Time now) const;
  /// Nothing is waiting to become durable or to be released.
  bool quiet() const { return !in_flight_ && gathering_.empty(); }
  bool dead() const { return dead_; }
  /// Makes a snapshot now if all is durable and something happened since the last.
  void save_snapshot();
  /// The gate for new risk, which closes at once and opens when that is durable.
  bool gate_closed() const { return gate_.closed(); }
  /// The last check before the broker; open to tests that write past the engine.
  broker::Gate& gate() { return gate_; }
  broker::Pacing pacing(base::Time now) const { return broker_->pacing(now); }
  const core::Core& core() const { return core_; }
  const EngineStats& stats() const { return stats_; }

 private:
  // engine_start.cpp
  base::Status<> begin_history(core::InstanceId instance);
  std::uint64_t load_snapshot();
  void restore(core::StampedEvent event);
  std::uint64_t snapshot_format() const;

  struct Held {
    core::Effect effect;
    std::uint64_t after_seq = 0;  // released when this seq is durable
    std::uint64_t link = 0;       // ... on the link for which it was decided, or never
  };

  void step(const core::Input& input, base::Time now);
  void step_echoes(base::Time now);
  void link_lost(base::Time now);
  bool at_once(const core::Effect& effect, base::Time now);
  bool withdraw(core::OrderId order);
  void take_back(const core::Effect& effect, const std::string& proof);
  template <class Which>
  void take_back_if(Which which, const std::string& proof);
  void tell_undone(const core::Effect& effect, const std::string& proof);
  void tell_writer(const core::Event& event);
  void follow_gate();
  std::optional<std::string> obstacle(const Held& held, base::Time now) const;
  void release(const Held& held, base::Time now);
  void release_frames(const core::Effect& effect, base::Time now);
  bool hand_over(const core::Effect& effect, base::Time now);
  void ask_history(core::OrderId order);
  void release_durable(base::Time now);
  void start_append(base::Time now);
  void finish_append(const AppendCompletion& completion, base::Time now);
  void die(const std::string& why);

  EngineOptions options_;
  Journal& journal_;
  EngineHooks hooks_;
  broker::Broker* broker_ = nullptr;
  broker::Gate gate_;
  History* history_ = nullptr;
  Snapshots* snapshots_ = nullptr;
  core::Core core_;

  std::deque<core::StampedEvent> gathering_;   // stepped, not yet given to the journal
  std::vector<core::StampedEvent> appending_;  // with the journal
  std::deque<std::uint64_t> step_ends_;        // last seq of each step in gathering_
  std::deque<Held> held_;                      // effects in the order of their steps
  std::deque<core::Input> echoes_;             // inputs that releasing effects produced
  bool in_flight_ = false;
  std::uint64_t ticket_ = 0;
  base::Time append_started_;
  std::uint64_t durable_seq_ = 0;
  std::uint64_t epoch_ = 0;
  bool dead_ = false;
  std::uint64_t link_ = 0;  // which of the links to the broker, counted by their ends
  bool no_link_ = false;    // the last of them has ended
  std::string refuse_new_;
  EngineStats stats_;
  std::deque<base::Time> sends_before_;
};

}  // namespace belay::engine
