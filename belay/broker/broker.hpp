// SPDX-License-Identifier: Apache-2.0
// Broker: the port to whoever takes our orders, and all that the rest of the daemon knows of one.
// An adapter puts effects of the core into its broker's words and says whether a frame was handed
// to the link at all; what became of it arrives later, as a report. It counts what it sends against
// the broker's pacing limit. Sans-I/O: bytes and times go in, reports and link actions come out.
//
// An adapter decides nothing about risk: every order frame comes to it through a Gate.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/broker/capabilities.hpp"
#include "belay/broker/link.hpp"
#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/core/orders/lane.hpp"
#include "belay/model/account.hpp"

namespace belay::broker {

/// What the pacing looks like at a moment.
struct Pacing {
  unsigned limit = 0;
  unsigned used = 0;      ///< sent in the last second
  unsigned reserved = 0;  ///< promised to intents that wait for their commit
  std::size_t cancels_waiting = 0;
  std::size_t queries_waiting = 0;
};

/// What an adapter tells. Called on the loop; from within a call of the engine only `link`, `log`
/// and `debug`.
struct Hooks {
  std::function<void(const core::Input&)> report;  ///< to Engine::submit
  std::function<void(const core::LinkStatus&)> link;
  std::function<void()> positions_begin;  ///< a full list follows, at once and whole
  std::function<void(const core::Position&)> position;
  std::function<void(const core::AccountValue&)> account_value;
  std::function<void(const std::string&)> log;  ///< notices and what could not be understood
  /// Notices that are information only.
  std::function<void(const std::string&)> debug = [](const std::string&) {};
  /// What the answer to a question for a list was worth; after what it held was reported.
  std::function<void(const core::ListTold&)> told = [](const core::ListTold&) {};
};

class Broker {
 public:
  Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  virtual ~Broker() = default;

  virtual Capabilities capabilities() const { return {}; }

  // ---- slots ----
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

  // ---- orders ----
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
  /// Goes before everything else that waits. Lost with the link; the core asks again then.
  virtual void cancel(const core::CancelEffect& effect, base::Time now) = 0;
  /// In the name of another session, through a connection of its own that lives for moments; the
  /// main one is not touched. ForeignDone answers, never from within the call.
  virtual void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) = 0;
  /// Ends every open order that the broker can reach, of all clients. Goes before what waits, and
  /// on the next link when this one takes no more of it.
  virtual void global_cancel(base::Time now) = 0;

  // ---- questions ----
  virtual void query_executions(base::Time now) = 0;
  /// Asks for every list; reports follow and SnapshotDone ends them. One round at a time: a wish
  /// that comes while a round runs is answered by that round's end.
  virtual void snapshot(const core::SnapshotEffect&, base::Time) {}
  /// Asks for the broker's next id; NextIdSeen answers.
  virtual void query_next_id(base::Time) {}
  /// Asks what a contract number means; ContractTold answers, or nothing does.
  virtual void ask_contract(std::int64_t /*con_id*/, base::Time) {}
  /// BrokerClock is reported when the answer comes.
  virtual void ask_clock(base::Time) {}

  // ---- the host, which has the sockets and the clock ----
  /// A message that an earlier life of this program sent at `at`; in rising order, before start().
  virtual void sent_before(base::Time /*at*/) {}
  virtual void start(base::Time) {}
  virtual void connected(base::Time, Channel = Channel::main) {}
  virtual void bytes(std::string_view, base::Time, Channel = Channel::main) {}
  /// The connection ended, or an attempt failed.
  virtual void closed(std::string_view /*why*/, base::Time, Channel = Channel::main) {}
  virtual void tick(base::Time) {}
  virtual base::Time next_deadline(base::Time) const { return base::never; }
  /// In order. After every call into this object.
  virtual std::vector<LinkAction> take_actions(Channel = Channel::main) { return {}; }
  /// True when the caller's time may leap: nothing is timed that would be late at once, and the
  /// messages of the last second are none.
  virtual bool time_may_leap(base::Time) const { return true; }
};

/// Makes the adapter that was chosen; the one place that knows which.
using Maker = std::function<std::unique_ptr<Broker>(Hooks)>;

}  // namespace belay::broker
