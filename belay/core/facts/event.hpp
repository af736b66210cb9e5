// SPDX-License-Identifier: Apache-2.0
// The journal's vocabulary: facts, past tense, one struct each. Only apply(event) changes state
// (book.hpp), so replaying the events gives the state. The numbers `type` and those in
// event_fields.hpp are the format on disk: they are never reused or given another meaning.
// docs/formats/events.md is the list for readers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/one_of.hpp"
#include "belay/base/shared.hpp"
#include "belay/base/time.hpp"
#include "belay/model/order.hpp"

namespace belay::core {

using namespace belay::model;  // core speaks model's words throughout

/// The data directory was created; `instance` marks every order tag made from it.
struct InstanceCreated {
  static constexpr std::uint16_t type = 1;
  InstanceId instance;
};
/// A daemon opened the journal as writer number `epoch`.
struct DaemonStarted {
  static constexpr std::uint16_t type = 2;
  std::uint64_t epoch = 0;
  base::Text version;
};
/// The caller's order is ours to carry out. Durable before the caller is told.
struct OrderAccepted {
  static constexpr std::uint16_t type = 3;
  OrderId order;
  ClOrdId cl_ord_id;
  base::Shared<OrderSpec> spec;
  base::Text principal;
  OrderId family = {};  ///< the first order of its family, which leaves whole; 0: it stands alone
};
/// A risk rule said no. The key is used up: the same request gets the same answer.
struct OrderRefused {
  static constexpr std::uint16_t type = 4;
  OrderId order;
  ClOrdId cl_ord_id;
  base::Shared<OrderSpec> spec;
  base::Text principal;
  base::Text code;
  base::Text text;
};
/// The broker order id is reserved and the frame may leave from now on. The id's durable mark.
struct SendIntended {
  static constexpr std::uint16_t type = 5;
  OrderId order;
  BrokerOrderId broker_id;
};
/// The frame of SendIntended never left our buffers; `proof` says how we know.
struct SendWithdrawn {
  static constexpr std::uint16_t type = 6;
  OrderId order;
  base::Text proof;
};
/// Accepted by us and never sent (restart, lost link, or its valid_until passed).
struct OrderDenied {
  static constexpr std::uint16_t type = 7;
  OrderId order;
  base::Text reason;
};
/// The broker shows the order as its own; `raw_status` is the broker's word.
struct BrokerAcknowledged {
  static constexpr std::uint16_t type = 8;
  OrderId order;
  std::optional<PermanentId> permanent_id;
  base::Text raw_status;
  std::int64_t con_id = 0;  ///< of what is traded; 0 when the report did not say
};
/// The broker's status word changed without changing our state.
struct BrokerStatusChanged {
  static constexpr std::uint16_t type = 9;
  OrderId order;
  base::Text raw_status;
  base::Text why_held;
  Quantity filled_claim;              ///< what the status says is filled; executions decide
  std::optional<Price> avg_px = {};   ///< of these, as the broker sums it up
  std::optional<Price> last_px = {};  ///< of the latest of them
};
/// The broker said something about the order that ends nothing.
struct BrokerNoted {
  static constexpr std::uint16_t type = 10;
  OrderId order;
  std::int32_t code = 0;
  base::Text text;
  bool unlisted = false;  ///< the code is in no table of ours: it ends nothing and is counted
  bool refusal = false;   ///< it refuses the order, which was acknowledged before: lists decide
};
/// The caller wants other terms. Sent when the order is acknowledged and no other is under way.
struct ReplaceRequested {
  static constexpr std::uint16_t type = 11;
  OrderId order;
  base::Shared<OrderTerms> terms;
  base::Text principal;
};
struct ReplaceIntended {
  static constexpr std::uint16_t type = 12;
  OrderId order;
};
struct ReplaceAccepted {
  static constexpr std::uint16_t type = 13;
  OrderId order;
};
/// The order lives on with its old terms.
struct ReplaceRefused {
  static constexpr std::uint16_t type = 14;
  OrderId order;
  std::int32_t code = 0;
  base::Text text;
};
/// The broker changed the terms by itself or a person changed them there (FIX ExecType D).
struct OrderRestated {
  static constexpr std::uint16_t type = 15;
  OrderId order;
  base::Shared<OrderTerms> terms;
  OrdType ord_type = OrdType::other;  ///< `other`: as before
  /// The broker's word, when the type is now one that OrdType has no member for.
  base::Text raw_ord_type = {};
};
/// A cancel is wanted from now on, until the order is done.
struct CancelIntended {
  static constexpr std::uint16_t type = 16;
  OrderId order;
  base::Text principal;
};
struct CancelRefused {
  static constexpr std::uint16_t type = 17;
  OrderId order;
  std::int32_t code = 0;
  base::Text text;
};
struct OrderCanceled {
  static constexpr std::uint16_t type = 18;
  OrderId order;
  std::int32_t code = 0;
  base::Text text;
};
struct OrderRejected {
  static constexpr std::uint16_t type = 19;
  OrderId order;
  std::int32_t code = 0;
  base::Text text;
};
struct OrderExpired {
  static constexpr std::uint16_t type = 20;
  OrderId order;
  base::Text text;
};
struct OrderHeld {
  static constexpr std::uint16_t type = 21;
  OrderId order;
  base::Text why;
};
struct ExecutionReported {
  static constexpr std::uint16_t type = 22;
  OrderId order;
  Execution execution;
  std::int64_t con_id = 0;  ///< the broker's number of the contract; 0 is not told
  // What the report says of the whole order; kept where the fills alone do not give the average.
  Quantity cum_qty = {};
  std::optional<Price> avg_px = {};
};
/// A later revision replaces the execution of the same base id.
struct ExecutionCorrected {
  static constexpr std::uint16_t type = 23;
  OrderId order;
  Execution execution;
};
struct CommissionReported {
  static constexpr std::uint16_t type = 24;
  OrderId order;
  ExecId execution;
  Decimal commission;
  base::Text currency;
  std::optional<Decimal> realized_pnl;
};
/// What became of a command cannot be known: the link or the process was lost after its frame may
/// have left. Only evidence ends it.
struct OrderUnknown {
  static constexpr std::uint16_t type = 25;
  OrderId order;
  base::Text command;  ///< "place", "replace" or "absent" (expected open, not listed)
  base::Text reason;
};
/// An order that we did not send: another client's, a person's, or one without our tag. A second
/// one of the same order gives the terms of what was known from its fills alone.
struct ExternalOrderSeen {
  static constexpr std::uint16_t type = 26;
  OrderId order;
  BrokerOrderId broker_id;
  std::optional<PermanentId> permanent_id;
  base::Shared<OrderSpec> spec;
  base::Text raw_ord_type;
  base::Text tag;
};
/// The broker made another copy of an order of ours, with a permanent id of its own.
struct IncarnationAdded {
  static constexpr std::uint16_t type = 27;
  OrderId order;
  PermanentId permanent_id;
  std::optional<BrokerOrderId> broker_id;  ///< when it is another than the order's
};
/// Ids [from, to) of a session are skipped, and why.
struct FloorRaised {
  static constexpr std::uint16_t type = 28;
  std::int32_t session = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  base::Text reason;
};
struct SessionChanged {
  static constexpr std::uint16_t type = 29;
  base::Text phase;  ///< down, syncing, ready
  base::Text reason;
  std::vector<std::string> accounts;
};
struct SyncCompleted {
  static constexpr std::uint16_t type = 30;
  std::uint64_t open_orders = 0;
  std::uint64_t unknown_orders = 0;
  base::Text reason = {};      ///< start, reconnect, restored, day, on demand, light
  std::uint64_t findings = 0;  ///< differences between our book and the broker's lists
  /// Positions of all accounts were compared: from now on a difference is a break.
  bool positions_agreed = false;
};
struct IncidentOpened {
  static constexpr std::uint16_t type = 31;
  base::Text kind;
  OrderId order;  ///< 0 when it is about no order
  base::Text text;
  base::Text subject = {};  ///< names the matter: open once at a time; empty: each counts
  std::vector<std::string> candidates =
      {};  ///< what may explain it; never a guess that was acted on
};
/// Ids [from, to) of a session will never be sent. `reason` begins with RESERVED_UNUSED,
/// REJECTED_BEFORE_SEND or FLOOR_RAISED. Ends the blocks that lie in the range.
struct GapRecorded {
  static constexpr std::uint16_t type = 32;
  std::int32_t session = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  base::Text reason;
};
/// Ids [from, to) are kept for a caller: no other order gets them. The mark rises to to - 1.
struct IdBlockReserved {
  static constexpr std::uint16_t type = 33;
  std::int32_t session = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  base::Text purpose;
  base::Text principal;
};
/// The matter of an incident is settled, by evidence or by a person.
struct IncidentClosed {
  static constexpr std::uint16_t type = 34;
  std::uint64_t incident = 0;  ///< seq of its IncidentOpened
  base::Text reason;
  base::Text principal;  ///< empty: closed by evidence
};
/// Proven never to have arrived at the broker. Terminal; `proof` is what was looked at.
struct OrderNotAccepted {
  static constexpr std::uint16_t type = 35;
  OrderId order;
  base::Text proof;
};
/// A fill that the broker's totals prove and whose execution was never told. Its id follows from
/// account, order and the quantities before and after; it gives way to the real one.
struct ExecutionInferred {
  static constexpr std::uint16_t type = 36;
  OrderId order;
  Execution execution;
  base::Text evidence;
};
/// The real execution came: the inferred one no longer counts.
struct ExecutionSuperseded {
  static constexpr std::uint16_t type = 37;
  OrderId order;
  ExecId inferred;
  ExecId by;
};
/// No new risk leaves from now on, through restarts, until a person resumes. Cancels pass.
struct Halted {
  static constexpr std::uint16_t type = 38;
  base::Text reason;
  base::Text principal;
};
struct Resumed {
  static constexpr std::uint16_t type = 39;
  base::Text reason;
  base::Text principal;
};
/// The broker's trading day changed; `day` is the new one, YYYYMMDD in the broker's zone.
struct TradingDayRolled {
  static constexpr std::uint16_t type = 40;
  base::Text day;
};
/// An operator started the id sequence anew: own orders were canceled, the mark was kept.
struct IdsReset {
  static constexpr std::uint16_t type = 41;
  std::int32_t session = 0;
  std::int64_t next = 0;
  base::Text principal;
  base::Text reason;
  std::vector<std::string> failures;  ///< own orders whose cancel was not confirmed
};
/// The position that is expected is moved to the broker's; an entry of the ledger, not an order.
struct PositionAdjusted {
  static constexpr std::uint16_t type = 42;
  AccountId account;
  Contract contract;
  Decimal from;
  Decimal to;
  base::Text reason;
};
/// A finished order leaves memory; it stays in the history, and its key stays used.
struct OrderArchived {
  static constexpr std::uint16_t type = 43;
  OrderId order;
};
/// A late fact came about an archived order: it is in memory again, as it was.
struct OrderRecalled {
  static constexpr std::uint16_t type = 44;
  OrderId order;
  std::string state;  ///< the encoded Order (order_encoding.hpp)
};
/// The broker knows the order under another id from now on (a manual order was bound).
struct BrokerIdBound {
  static constexpr std::uint16_t type = 45;
  OrderId order;
  BrokerOrderId broker_id;
};
/// A caller asked to act on an order of another session through that session's own name.
struct ForeignRequest {
  static constexpr std::uint16_t type = 46;
  OrderId order;
  std::int32_t owner = 0;  ///< the session whose order it is
  base::Text action;       ///< cancel, replace
  base::Text outcome;      ///< asked, sent, refused: and why
  base::Text principal;
};
/// What the broker says of one copy of an order that it has made more than one of.
struct IncarnationChanged {
  static constexpr std::uint16_t type = 47;
  OrderId order;
  PermanentId permanent_id;
  base::Text raw_status;
  bool done = false;
  Quantity filled_claim;
};
/// The broker refused the id as used, and the order is proven to be nowhere at the broker: it waits
/// to be sent again under another id. `proof` is what was looked at.
struct SendRefused {
  static constexpr std::uint16_t type = 48;
  OrderId order;
  BrokerOrderId broker_id;
  base::Text proof;
};
/// An operator wants the ids reset: own orders are canceled until IdsReset, through restarts.
struct IdsResetBegun {
  static constexpr std::uint16_t type = 49;
  std::int32_t session = 0;
  base::Text principal;
  base::Text reason;
};
/// The broker described what the order trades: the caller named it in part, or differently.
struct ContractIdentified {
  static constexpr std::uint16_t type = 50;
  OrderId order;
  Contract contract;
};
/// The mark of a session stood above every id that an order can have, since a number that means
/// "none" had been taken for an id. It is `to` again, the highest id that really was used.
struct MarkHealed {
  static constexpr std::uint16_t type = 51;
  std::int32_t session = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  base::Text reason;
};

struct EventList {
  using Variant =
      std::variant<InstanceCreated, DaemonStarted, OrderAccepted, OrderRefused, SendIntended,
                   SendWithdrawn, OrderDenied, BrokerAcknowledged, BrokerStatusChanged, BrokerNoted,
                   ReplaceRequested, ReplaceIntended, ReplaceAccepted, ReplaceRefused,
                   OrderRestated, CancelIntended, CancelRefused, OrderCanceled, OrderRejected,
                   OrderExpired, OrderHeld, ExecutionReported, ExecutionCorrected,
                   CommissionReported, OrderUnknown, ExternalOrderSeen, IncarnationAdded,
                   FloorRaised, SessionChanged, SyncCompleted, IncidentOpened, GapRecorded,
                   IdBlockReserved, IncidentClosed, OrderNotAccepted, ExecutionInferred,
                   ExecutionSuperseded, Halted, Resumed, TradingDayRolled, IdsReset,
                   PositionAdjusted, OrderArchived, OrderRecalled, BrokerIdBound, ForeignRequest,
                   IncarnationChanged, SendRefused, IdsResetBegun, ContractIdentified, MarkHealed>;
};
using Event = base::OneOf<EventList>;

/// An event with its place in history.
struct StampedEvent {
  std::uint64_t seq = 0;
  base::Time time;
  Event event;
};

std::string_view name(const Event& event);
std::uint16_t type_of(const Event& event);
/// The order that the event is about, if any.
std::optional<OrderId> order_of(const Event& event);

}  // namespace belay::core

extern template class belay::base::OneOf<belay::core::EventList>;
