// SPDX-License-Identifier: Apache-2.0
// The Broker port: small and honest. It takes effects of the core and says whether a frame was
// handed to the link at all; what became of it arrives later as a report (Engine::submit). It
// counts what it sends against the broker's pacing limit.
#pragma once

#include "belay/base/time.hpp"
#include "belay/core/effect.hpp"

namespace belay::engine {

class Broker {
 public:
  Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  virtual ~Broker() = default;

  /// New orders and modifications that may start now without breaking the limit. Cancels that wait
  /// and intents that were reserved and are not sent yet are subtracted.
  virtual unsigned send_slots(base::Time now) const = 0;
  /// The next time at which send_slots may grow, or `never`.
  virtual base::Time next_slot(base::Time now) const = 0;
  /// Takes one slot for an effect that waits for its commit. place, replace or unreserve ends it.
  virtual void reserve() = 0;
  virtual void unreserve() = 0;

  /// True: the frame is with the link, and its fate is the broker's. False: not one byte left and
  /// none will.
  virtual bool place(const core::PlaceEffect& effect, base::Time now) = 0;
  virtual bool replace(const core::ReplaceEffect& effect, base::Time now) = 0;
  /// Goes before everything else that waits. Lost with the link; the core asks again then.
  virtual void cancel(const core::CancelEffect& effect, base::Time now) = 0;
  virtual void query_executions(base::Time now) = 0;
  /// Asks for every list; reports follow and SnapshotDone ends them. One round at a time: a wish
  /// that comes while a round runs is answered by that round's end.
  virtual void snapshot(const core::SnapshotEffect&, base::Time) {}
  /// In the name of another session, through a connection of its own that lives for moments; the
  /// main one is not touched. ForeignDone answers, never from within the call.
  virtual void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) = 0;
  /// The broker's own picture of an order that is not ours, with changes. ForeignDone answers,
  /// never from within the call.
  virtual void foreign_replace(const core::ForeignReplaceEffect& effect, base::Time now) = 0;
  /// Ends every open order that the broker can reach, of all clients. Goes before what waits.
  virtual void global_cancel(base::Time now) = 0;
  /// Asks for the broker's next id; NextIdSeen answers.
  virtual void query_next_id(base::Time) {}
};

}  // namespace belay::engine
