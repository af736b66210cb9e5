// SPDX-License-Identifier: Apache-2.0
// Core: the deterministic order manager and its only door. One input in; facts (events, already
// applied to the book) and things to do (effects) out. It knows no clock, socket, disk or broker
// by name. It does not decide when effects leave: the engine does, after the events are durable.
//
// Why outputs are returned instead of called back: the order "durable, then out" is the safety
// rule of the whole program, and it can only be kept (and tested) where both are in one hand.
//
// It decides nothing itself. The machines own their state, and a step is: one owner takes the
// input; the machines follow each new event and review what they pursue, until no event is new;
// finished orders are archived.
#pragma once

#include "belay/core/archive/archive.hpp"
#include "belay/core/evidence/collisions.hpp"
#include "belay/core/evidence/fills.hpp"
#include "belay/core/evidence/reports.hpp"
#include "belay/core/goals/id_reset.hpp"
#include "belay/core/ids/monitor.hpp"
#include "belay/core/link/link.hpp"
#include "belay/core/link/shown.hpp"
#include "belay/core/orders/contracts.hpp"
#include "belay/core/orders/other_clients.hpp"
#include "belay/core/orders/sender.hpp"
#include "belay/core/polls/polls.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

class Core {
 public:
  explicit Core(CoreOptions options = {});
  // Compiled once, in core.cpp: some forty files hold a core.
  Core(const Core& other);
  Core(Core&& other) noexcept;
  Core& operator=(const Core& other);
  Core& operator=(Core&& other) noexcept;
  ~Core();

  /// Replay: applies a durable event. Only before the first step().
  void restore(const StampedEvent& event) { book_.apply(event); }
  Output step(const Input& input, const Context& context);
  /// When the core wants a Tick at the latest.
  base::Time next_deadline() const;

  const Book& book() const { return book_; }
  /// Orders and modifications that wait for a send slot.
  std::size_t queued() const { return outbox().size(); }
  const Outbox& outbox() const { return sender_.outbox(); }
  const LinkState& link() const { return link_.state(); }
  bool ready() const { return link().ready(); }
  /// The readers' book, which only durable events move, shares the orders of this one from now on.
  void show_in(Book& readers) { book_.show_in(readers); }
  /// Takes over what a snapshot held. Before the first restore().
  void load(Book book) { book_ = std::move(book); }
  /// Reports that wait for archived orders to come back.
  std::size_t parked() const { return archive_.waiting(); }
  /// What the broker's calendar says, as of the last step.
  const Calendar::State& calendar() const { return link().calendar; }
  base::Time civil(base::Time now) const { return link().civil(now); }
  /// How far our time is ahead of the clocks of this machine and the broker, where they agree.
  base::Duration ahead() const { return link().ahead; }
  const CoreOptions& options() const { return options_; }
  ReconcileStats reconcile_stats() const;

 private:
  struct Owner;
  void route(const Input& input, Step& step);
  void note_shown(const std::set<OrderId>& shown, Step& step);
  void settle(Step& step);
  void follow(const StampedEvent& event, Step& step);
  bool in_use(OrderId finished) const;
  void rehearse(const SnapshotDone& done, Step& step);

  CoreOptions options_;
  Book book_;
  // What follows is not history: it is made anew by Started and SessionUp.
  Link link_;
  Shown shown_;
  Contracts contracts_;
  OtherClients others_;
  Sender sender_;
  Reports reports_;
  Fills fills_;
  Collisions collisions_;
  Polls polls_;
  IdReset id_reset_;
  Monitor monitor_;
  Archive archive_;
  Context context_;
  std::size_t followed_ = 0;  // of the events of the step under way
};

}  // namespace belay::core
