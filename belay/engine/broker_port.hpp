// SPDX-License-Identifier: Apache-2.0
// The Broker port: small and honest. It takes effects of the core and says whether a frame was
// handed to the link at all; what became of it arrives later as a report (Engine::submit). It
// counts what it sends against the broker's pacing limit, and it is the last gate before the
// socket: it writes no new order without a durable intent, none twice, and no new risk while
// halted.
#pragma once

#include <optional>
#include <string>

#include "belay/base/time.hpp"
#include "belay/core/asks/effect.hpp"
#include "belay/core/orders/lane.hpp"

namespace belay::engine {

/// What the pacing looks like at a moment.
struct Pacing {
  unsigned limit = 0;
  unsigned used = 0;      ///< sent in the last second
  unsigned reserved = 0;  ///< promised to intents that wait for their commit
  std::size_t cancels_waiting = 0;
  std::size_t queries_waiting = 0;
};

class Broker {
 public:
  Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  virtual ~Broker() = default;

  /// New orders and modifications that may start now without breaking the limit, lane by lane:
  /// higher ones may take what is kept from the lower ones. Cancels that wait and intents that were
  /// reserved and are not sent yet are subtracted.
  virtual core::LaneSlots lane_slots(base::Time now) const = 0;
  virtual Pacing pacing(base::Time) const { return {}; }
  /// The next time at which lane_slots may grow, or `never`.
  virtual base::Time next_slot(base::Time now) const = 0;
  /// Takes one slot for an effect that waits for its commit. place, replace or unreserve ends it.
  virtual void reserve() = 0;
  virtual void unreserve() = 0;

  /// True: the frame is with the link, and its fate is the broker's. False: not one byte left and
  /// none will.
  virtual bool place(const core::PlaceEffect& effect, base::Time now) = 0;
  virtual bool replace(const core::ReplaceEffect& effect, base::Time now) = 0;
  /// All in one write, on as many slots as there are orders. A broker that cannot, does not: then
  /// not one byte leaves.
  virtual bool place_family(const core::PlaceFamilyEffect& effect, base::Time) {
    for (std::size_t i = 0; i < effect.orders.size(); ++i) unreserve();
    return false;
  }
  /// The intent of this id is durable: its frame may be written, once.
  virtual void intended(const core::BrokerOrderId&) {}
  /// ... and will not be: the frame was taken back.
  virtual void forget_intent(const core::BrokerOrderId&) {}
  /// Closed: no frame leaves but cancels and what passes a halt.
  virtual void close_gate(bool /*closed*/) {}
  /// Why the writer refused a frame that should never have come to it; told once.
  virtual std::optional<std::string> take_writer_alarm() { return std::nullopt; }
  /// Goes before everything else that waits. Lost with the link; the core asks again then.
  virtual void cancel(const core::CancelEffect& effect, base::Time now) = 0;
  virtual void query_executions(base::Time now) = 0;
  /// Asks for every list; reports follow and SnapshotDone ends them. One round at a time: a wish
  /// that comes while a round runs is answered by that round's end.
  virtual void snapshot(const core::SnapshotEffect&, base::Time) {}
  /// In the name of another session, through a connection of its own that lives for moments; the
  /// main one is not touched. ForeignDone answers, never from within the call.
  virtual void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) = 0;
  /// Ends every open order that the broker can reach, of all clients. Goes before what waits, and
  /// on the next link when this one takes no more of it.
  virtual void global_cancel(base::Time now) = 0;
  /// Asks for the broker's next id; NextIdSeen answers.
  virtual void query_next_id(base::Time) {}
  /// Asks what a contract number means; ContractTold answers, or nothing does.
  virtual void ask_contract(std::int64_t /*con_id*/, base::Time) {}
};

}  // namespace belay::engine
