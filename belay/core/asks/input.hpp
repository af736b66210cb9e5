// SPDX-License-Identifier: Apache-2.0
// Everything that can happen to the core: a caller's command, a broker's report, a change of the
// session, time. Reports are in our words; the broker adapter translates (tws/translate.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/one_of.hpp"
#include "belay/base/shared.hpp"
#include "belay/base/time.hpp"
#include "belay/model/account.hpp"
#include "belay/model/order.hpp"

namespace belay::core {

using namespace belay::model;

/// Who waits for the answer; 0 is nobody. Given back in Reply.
using Correlation = std::uint64_t;

// ---- commands ----
struct PlaceOrder {
  Correlation correlation = 0;
  std::string principal;
  /// The caller's key; without one a lost answer cannot be retried and a key is made.
  std::optional<ClOrdId> cl_ord_id;
  base::Shared<OrderSpec>
      spec;  ///< validate(spec) must be clean; an empty account means the only one
};
/// Several orders that belong together: they go to the broker in one write, in this sequence and
/// with consecutive ids, or not at all. Answered with the first of them.
struct PlaceFamily {
  struct Member {
    std::optional<ClOrdId> cl_ord_id;
    base::Shared<OrderSpec> spec;
  };
  Correlation correlation = 0;
  std::string principal;
  std::vector<Member> orders;
};
struct ReplaceOrder {
  Correlation correlation = 0;
  std::string principal;
  OrderId order;
  std::optional<std::uint64_t> if_version;
  TermsPatch patch;
};
struct CancelOrder {
  Correlation correlation = 0;
  std::string principal;
  OrderId order;
  std::optional<std::uint64_t> if_version;
  /// Also an order of another session, through that session's own name (only when asked for).
  bool foreign = false;
};
/// Keeps `count` consecutive broker ids for the caller: all of them, or none and the reason.
struct ReserveIds {
  Correlation correlation = 0;
  std::string principal;
  std::string purpose;
  std::int64_t count = 1;
  std::optional<std::int64_t> from;  ///< lifted to the floor when below it
};
/// Gives a block back: its unused ids become a gap.
struct ReleaseIds {
  Correlation correlation = 0;
  std::string principal;
  std::int64_t from = 0;
};
/// Emergency: cancel own orders, await the end of each, go on above every id ever seen.
struct ResetIds {
  Correlation correlation = 0;
  std::string principal;
  std::string reason;
};
/// Closes the gate for new risk until Resume, through restarts. Cancels pass.
struct Halt {
  Correlation correlation = 0;
  std::string principal;
  std::string reason;
};
struct Resume {
  Correlation correlation = 0;
  std::string principal;
  std::string reason;
};
enum class CancelScope : std::uint8_t {
  own,      ///< orders that this daemon sent
  account,  ///< every order of one account that can be canceled from here
  all,      ///< everything the broker session can reach, by the broker's global cancel
};
/// Cancels what is open in the scope; the reply lists each order and what was done about it.
struct CancelMany {
  Correlation correlation = 0;
  std::string principal;
  CancelScope scope = CancelScope::own;
  AccountId account;  ///< for scope account; empty means the only one
  bool dry_run = false;
  bool foreign = false;  ///< scope account: also orders of other sessions, in their names
};
/// Asks the broker for everything and compares.
struct Reconcile {
  Correlation correlation = 0;
  std::string principal;
  bool dry_run = false;  ///< answers what would be recorded, records nothing
};
struct CloseIncident {
  Correlation correlation = 0;
  std::string principal;
  std::uint64_t incident = 0;
  std::string reason;
};
/// A person decides what became of an order whose fate no evidence shows.
struct DecideOrder {
  enum class Fate : std::uint8_t { not_accepted, canceled };
  Correlation correlation = 0;
  std::string principal;
  OrderId order;
  Fate fate = Fate::not_accepted;
  std::string reason;
};

// ---- the broker's reports ----
/// How an order is named in a report; whatever the report holds.
struct BrokerNames {
  std::optional<BrokerOrderId> broker_id;
  std::optional<PermanentId> permanent_id;
  std::string tag;  ///< our order tag, or another program's
  /// The report has a place for the tag: then no tag means an order without one, and never ours.
  bool carries_tag = false;
  /// It has an id that could not be read: without another name it may be any order of this session.
  bool id_unread = false;
};
/// The broker's status word in our terms.
enum class BrokerState : std::uint8_t {
  pending,  ///< not yet with the broker's server
  working,
  held,      ///< waits for something (shares to borrow, a person)
  inactive,  ///< shown, and neither working nor dead: held when a list of what is open has it
  canceling,
  canceled,
  rejected,
  filled,    ///< a claim: executions decide
  unlisted,  ///< a word that we do not know: changes nothing
};
/// The broker shows a whole order (working or done).
struct BrokerOrder {
  BrokerNames names;
  base::Shared<OrderSpec> spec;
  std::string raw_ord_type;
  BrokerState state = BrokerState::unlisted;
  std::string raw_status;
  std::string text;                ///< why it ended, if the broker says
  std::optional<Quantity> filled;  ///< what the report says is filled, if it does
  bool listed = false;             ///< answers a question of ours: the rest are news
  /// Some of its terms could not be read: the rest describe an order and restate nothing.
  bool partial = false;
};
struct BrokerStatus {
  BrokerNames names;
  BrokerState state = BrokerState::unlisted;
  std::string raw_status;
  std::string why_held;
  std::optional<Quantity> filled;     ///< nothing: it could not be read
  std::optional<Price> avg_px = {};   ///< of what is filled, as the broker sums it up
  std::optional<Price> last_px = {};  ///< of the latest fill
};
struct BrokerExecution {
  BrokerNames names;
  AccountId account;
  Contract contract;
  Execution execution;
  Quantity cum_qty = {};             ///< of the order after this fill; 0 is not told
  std::optional<Price> avg_px = {};  ///< of the order after this fill
  bool listed = false;               ///< answers a question of ours: the rest are news
};
struct BrokerCommission {
  ExecId execution;
  Decimal commission;
  std::string currency;
  std::optional<Decimal> realized_pnl;
  bool listed = false;  ///< came while executions were listed
};
/// What a code about an order means, from the adapter's closed table.
enum class Verdict : std::uint8_t {
  information,
  request_refused,  ///< the request under way: a new order is dead, a modification is off
  replace_refused,  ///< only ever a modification: the order lives
  cancel_too_late,  ///< the order is in a state that cannot be canceled
  cancel_unknown,   ///< the broker does not know the id of a cancel
  canceled,
  duplicate_id,  ///< the id was used before: this request did nothing, the order may exist
  temporary,     ///< nothing was decided; try later
  unlisted,      ///< ends nothing
};
/// The same code means different things to different requests; nothing: it never answers such one.
struct VerdictByRequest {
  std::optional<Verdict> place;
  std::optional<Verdict> replace;
  std::optional<Verdict> cancel;
  friend bool operator==(const VerdictByRequest&, const VerdictByRequest&) = default;
};
struct BrokerNotice {
  BrokerNames names;
  std::int32_t code = 0;
  std::string text;
  Verdict verdict = Verdict::unlisted;  ///< when no request is under way, or of any request
  std::optional<VerdictByRequest> by_request = {};
};

// ---- the session ----
struct AccountSeen {
  AccountId id;
  bool paper = false;  ///< the broker's own mark of simulated money
};
struct SessionUp {
  std::int32_t session = 0;      ///< the name space of our broker order ids
  std::int64_t next_number = 1;  ///< the broker's own floor for the next id; 0: not told
  std::vector<AccountSeen> accounts;
};
struct SessionDown {
  std::string reason;
  bool degraded = false;  ///< the link holds, the broker behind it is away: a cancel may go
};
/// The broker's answer to a question for its next id; it may be older than our latest sends.
struct NextIdSeen {
  std::int32_t session = 0;
  std::int64_t next_number = 1;
};
/// An answer that a dry run keeps back.
using RoundAnswer = std::variant<BrokerOrder, BrokerExecution, BrokerCommission>;
/// An entry that could not be read, or not all of it, but names its order. Nothing is concluded
/// about that order from what the lists do not hold; the other orders are decided as always.
struct UnreadEntry {
  BrokerNames names;
  bool corrects = false;  ///< it may take the place of a fill that is known: what it leaves is not
};
/// The end of one round of questions. What they listed was reported before this. Only a settled
/// round says anything about what is not listed.
struct SnapshotDone {
  std::vector<BrokerNames> open_orders;
  std::vector<BrokerNames> completed = {};  ///< orders that are done, of today
  std::uint64_t round = 0;                  ///< counts the rounds of this process
  std::uint64_t wish = 0;                   ///< SnapshotEffects up to this one are served
  std::string reason = "start";
  bool full = true;  ///< completed orders and positions were asked too
  /// Every list ended by itself, the link was whole all the time and had been so for the settle
  /// time when the questions went out.
  bool settled = true;
  base::Time asked_at = {};
  std::vector<Position> positions = {};
  bool positions_listed = false;
  bool dry_run = false;
  std::vector<RoundAnswer> withheld = {};  ///< of a dry run: what only its questions brought
  std::vector<UnreadEntry> unread = {};    ///< what names nobody makes the round unsettled instead
};

/// What the broker says a contract number means. None and the reason: it knows no such number.
struct ContractTold {
  struct Meaning {
    Contract contract;
    std::string exchanges;  ///< where it trades, with commas; empty: not told
  };
  std::int64_t con_id = 0;
  std::vector<Meaning> meanings;
  std::string why = {};
};

/// What the broker's clock said, in whole seconds, to a question of ours that left at `asked_at`.
struct BrokerClock {
  base::Time said;
  base::Time asked_at;  ///< by our clock
  /// How far this machine's clock is ahead of ours; below zero when it was set back since our
  /// start.
  base::Duration machine_ahead = {};
};
/// The broker gave an order that was made by hand a broker order id: it can be named from now on.
struct BrokerBound {
  PermanentId permanent_id;
  BrokerOrderId broker_id;
};
/// What became of a cancel in another session's name. The order's own state follows from reports.
enum class ForeignOutcome : std::uint8_t {
  sent,        ///< on its way; another outcome follows
  answered,    ///< the broker said yes or no, and was reported
  refused,     ///< not one byte of it left
  unanswered,  ///< it left, and the time with that name ended before the answer
};
struct ForeignDone {
  OrderId order;
  ForeignOutcome outcome = ForeignOutcome::refused;
  std::string text;
};

// ---- the engine ----
/// The place frame of this order never left our buffers.
struct SendUndone {
  OrderId order;
  std::string proof;
};
struct ReplaceUndone {
  OrderId order;
  std::string proof;
};
/// A daemon begins with a journal that was read back; `instance` is used when there is none yet.
struct Started {
  std::uint64_t epoch = 0;
  InstanceId instance;
  std::string version;
};
/// Something a person should know of that is about no order.
struct Alarm {
  std::string kind;
  std::string text;
  std::string subject = {};  ///< names a state that lasts: told once until it is over
  bool over = false;         ///< the state that the subject names has ended
};
/// What the history holds of an archived order: its encoded state, or nothing and the reason.
struct ArchivedOrder {
  OrderId order;
  std::optional<std::string> state;
  std::string why;
};
struct Tick {};

struct InputList {
  using Variant = std::variant<PlaceOrder, ReplaceOrder, CancelOrder, BrokerOrder, BrokerStatus,
                               BrokerExecution, BrokerCommission, BrokerNotice, SessionUp,
                               SessionDown, SnapshotDone, SendUndone, ReplaceUndone, Started, Alarm,
                               Tick, CancelMany, BrokerBound, ForeignDone, ReserveIds, ReleaseIds,
                               ResetIds, CloseIncident, NextIdSeen, PlaceFamily, Halt, Resume,
                               Reconcile, DecideOrder, ArchivedOrder, BrokerClock, ContractTold>;
};
using Input = base::OneOf<InputList>;

}  // namespace belay::core

extern template class belay::base::OneOf<belay::core::InputList>;
