// SPDX-License-Identifier: Apache-2.0
// Core: the deterministic order manager and its only door. One input in; facts (events, already
// applied to the book) and things to do (effects) out. It knows no clock, socket, disk or broker
// by name. It does not decide when effects leave: the engine does, after the events are durable.
//
// Why outputs are returned instead of called back: the order "durable, then out" is the safety
// rule of the whole program, and it can only be kept (and tested) where both are in one hand.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/core/evidence/claims.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/event.hpp"
#include "belay/core/ids/id_rules.hpp"
#include "belay/core/link/calendar.hpp"
#include "belay/core/orders/contract_names.hpp"
#include "belay/core/orders/lane.hpp"
#include "belay/core/orders/outbox.hpp"
#include "belay/core/polls/round_state.hpp"

namespace belay::core {

/// What MAX_ORDERS_PER_CONTRACT says to an order that would be one too many.
std::string limit_text(std::size_t open, std::size_t unsent = 0);

struct CoreOptions {
  bool allow_live = false;                ///< let orders of accounts that are not paper leave
  std::size_t queue_max = 10'000;         ///< orders of new risk that may wait for a send slot
  std::size_t queue_max_urgent = 10'000;  ///< the same of each higher lane
  std::size_t queue_max_per_caller = 0;   ///< of one caller, all lanes; 0 is no limit
  /// What has waited longer for its slot is not sent; protection and orders with a valid_until of
  /// their own are exempt.
  base::Duration queue_timeout = std::chrono::seconds(30);
  std::size_t open_orders_max = 0;  ///< per contract, side and account; 0 is no limit
  /// A status ahead of the executions: then ask for them, and again after twice the time.
  base::Duration claim_wait = std::chrono::seconds(1);
  base::Duration claim_wait_max = std::chrono::minutes(5);
  /// A finished order is archived when more than this many are in memory, oldest first, or when
  /// nothing has happened to it for this long.
  std::size_t finished_kept_max = 1'000;
  base::Duration finished_kept = std::chrono::minutes(5);
  std::size_t parked_max = 1'000;    ///< reports that may wait for archived orders
  CalendarOptions calendar = {};     ///< by default the broker is never known to be away
  std::size_t incidents_max = 1000;  ///< open at a time; the oldest give way
  IdOptions ids = {};
  ReconcileOptions reconcile = {};
};

/// What the core is told with each input.
struct Context {
  base::Time now;
  LaneSlots send_slots;           ///< new sends that may start now (pacing)
  std::string_view refuse_new{};  ///< when not empty: why no new risk is taken now
  std::size_t archive_room = 0;   ///< orders that the history can take now; 0: archive none
};

/// Why a modification to these terms cannot be sent: the broker has the order as something that an
/// order from here cannot be, and would take the modification for the whole of it.
std::optional<std::string> unspoken(const Order& known, const OrderTerms& wanted);

struct Output {
  std::vector<StampedEvent> events;
  std::vector<Effect> effects;
};

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
  std::size_t queued() const { return outbox_.size(); }
  const Outbox& outbox() const { return outbox_; }
  bool ready() const { return phase_ == Phase::ready; }
  /// Takes over what a snapshot held. Before the first restore().
  void load(Book book) { book_ = std::move(book); }
  /// Reports that wait for archived orders to come back.
  std::size_t parked() const { return parked_count_; }
  /// What the broker's calendar says, as of the last step.
  const Calendar::State& calendar() const { return calendar_state_; }
  /// What the world's clocks show at a moment of ours. Our time never goes back: when it was ahead
  /// and this machine's clock was set back, dates are taken from here.
  base::Time civil(base::Time now) const;
  /// How far our time is ahead of the clocks of this machine and the broker, where they agree.
  base::Duration ahead() const { return ahead_; }
  const CoreOptions& options() const { return options_; }
  const ReconcileStats& reconcile_stats() const { return rounds_.stats; }

 private:
  enum class Phase : std::uint8_t { down, syncing, ready };

  // orders/desk.cpp
  void on(const PlaceOrder& command);
  void on(const ReplaceOrder& command);
  void on(const CancelOrder& command);
  // orders/contracts.cpp
  void on(const ContractTold& told);
  // orders/cancel_many.cpp
  void on(const CancelMany& command);
  // orders/other_clients.cpp
  void on(const BrokerBound& bound);
  void on(const ForeignDone& done);
  // orders/family.cpp
  void on(const PlaceFamily& command);
  // orders/controls.cpp
  void on(const Halt& command);
  void on(const Resume& command);
  // evidence/reports.cpp, evidence/executions.cpp
  void on(const BrokerOrder& report);
  void on(const BrokerStatus& report);
  void on(const BrokerExecution& report);
  void on(const BrokerCommission& report);
  void on(const BrokerNotice& report);
  // link/session.cpp
  void on(const SessionUp& up);
  void on(const SessionDown& down);
  void on(const SendUndone& undone);
  void on(const ReplaceUndone& undone);
  void on(const Started& started);
  void on(const Alarm& alarm);
  void on(const BrokerClock& clock);
  void on(const Tick& tick);
  // archive/archive.cpp
  void on(const ArchivedOrder& answer);
  bool about_archived(const BrokerOrder& report);
  bool about_archived(const BrokerExecution& report);
  bool about_archived(const BrokerCommission& report);
  bool about_archived(const SnapshotDone& round);
  template <class Other>
  bool about_archived(const Other&) {
    return false;
  }
  OrderId archived_by_names(const BrokerNames& names) const;
  bool park(OrderId archived, Input report);
  bool in_use(const Order& finished) const;
  void end_recalls();
  const Order* next_to_archive() const;
  bool is_due(const Order& finished, base::Time now) const;
  void archive_finished();

  // ids/ids.cpp
  void on(const ReserveIds& command);
  void on(const ReleaseIds& command);
  void on(const NextIdSeen& seen);
  // ids/id_reset.cpp
  void on(const ResetIds& command);
  // incidents/incidents.cpp
  void on(const CloseIncident& command);
  // polls/polls.cpp
  void on(const SnapshotDone& done);
  void on(const Reconcile& command);
  void on(const DecideOrder& command);

  // Decides nothing: stamps, applies, remembers for the caller of step().
  void emit(Event event);
  void effect(Effect effect) { output_.effects.push_back(std::move(effect)); }
  void reply(Correlation to, ReplyCode code, OrderId order = {}, std::string text = {},
             std::vector<base::Error> errors = {});
  /// With a subject: once, until it is closed.
  void incident(std::string kind, OrderId order, std::string text, std::string subject = {},
                std::vector<std::string> candidates = {});

  // orders/desk.cpp
  std::optional<AccountId> resolve_account(const PlaceOrder& command);
  ClOrdId make_key(const AccountId& account, OrderId id) const;
  std::optional<base::Error> risk_refusal(const OrderSpec& spec) const;
  std::optional<base::Error> too_many_open(const OrderSpec& spec) const;
  // orders/contracts.cpp
  bool check_contract(const PlaceOrder& command);
  void end_contract_questions();
  const Order* command_target(Correlation to, OrderId id, std::optional<std::uint64_t> if_version);
  // orders/other_clients.cpp
  bool is_elsewhere(const Order& target) const;
  std::string why_not_canceled(const Order& target) const;
  std::string why_not_changed(const Order& target) const;
  void cancel_elsewhere(const CancelOrder& command, const Order& target);
  void ask_foreign_cancel(const Order& target, const std::string& principal);
  void cancel_again(const Order& target);
  void bind(OrderId id, const BrokerNames& names);
  // orders/cancel_many.cpp
  void want_cancel(const Order& target, const std::string& principal);
  std::optional<AccountId> account_of(const CancelMany& command);
  ReplyItem cancel_one(const CancelMany& command, OrderId id);
  // evidence/reports.cpp, evidence/executions.cpp
  struct Match {
    OrderId order;
    bool exists = false;
  };
  const Order* tagged_order(const BrokerNames& names) const;
  /// What a report says of its order beside the names.
  struct Described {
    const Contract& contract;
    Side side;
    const OrderSpec* whole = nullptr;  ///< it shows the order itself
  };
  Match match(const BrokerNames& names, const Described* described = nullptr) const;
  std::set<OrderId> named_in(const BrokerNames& names) const;
  std::set<OrderId> unaccounted_for(const BrokerNames& names,
                                    const Described* described = nullptr) const;
  bool could_be(const Order& known, const Described& described) const;
  const Order* renamed_order(const BrokerNames& names, const Described* described) const;
  static bool same_trade(const Order& known, const Described& described);
  void raise_floor(const BrokerNames& names);
  void note_lost_tag(const BrokerNames& names);
  void note_overfill(OrderId id, bool was_over);
  OrderId adopt(const BrokerNames& names, const OrderSpec& spec, const std::string& raw_ord_type);
  void describe_if_news(OrderId id, const BrokerOrder& report);
  void learn_contract(OrderId id, const Contract& shown);
  const Order* rival_of(const Order& ours) const;
  static bool shows_old_terms(const Order& known, const OrderTerms& shown);
  bool holds(const Order& owner, const ExecId& exec_id) const;
  static Execution filled_with(const BrokerExecution& report);
  static const Execution* repeated_by(const Order& known, const Execution& fill);
  void take_again(const Order& holder, const BrokerExecution& report);
  void take_new(OrderId id, const BrokerExecution& report);
  // evidence/legs.cpp
  static bool is_leg(const Order& known, const Contract& filled, Side side);
  void sort_by_contract(OrderId id, const BrokerExecution& report);
  void describe(OrderId id, const OrderSpec& spec, const std::string& raw_ord_type);
  // evidence/reports.cpp
  void keep_early_end(const BrokerOrder& report);
  void tell_early_end(const BrokerNames& names);
  void join_early_commission(OrderId id, const ExecId& exec_id);
  void watch_claim(OrderId id);
  void learn_names(OrderId id, const BrokerNames& names);
  void follow_state(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                    const std::string& raw_status, const std::string& why_held,
                    std::optional<Quantity> filled, const std::string& text,
                    std::int64_t con_id = 0, const ToldPrices& told = {}, bool listed = false);
  bool needs_prices(const Order& known, Quantity claim, const ToldPrices& told) const;
  void heal_marks();
  void end_open_ended(OrderId id);
  void follow_terms(OrderId id, const BrokerOrder& report);
  void restate(OrderId id, const BrokerOrder& report);
  static OrderTerms terms_as_shown(const Order& known, const BrokerOrder& report);
  static bool shows_wanted_terms(const Order& known, const OrderTerms& shown);
  void join_commission(const BrokerCommission& report, const Order& order);
  void note_if_anomalous(OrderId id, Trigger trigger, const char* what);
  // evidence/notices.cpp
  void follow_verdict(OrderId id, const BrokerNotice& notice, Verdict verdict);
  void refuse_request(OrderId id, const BrokerNotice& notice, bool placement);
  void take_unlisted(OrderId id, const BrokerNotice& notice);
  void note(OrderId id, const BrokerNotice& notice, bool unlisted = false, bool refusal = false);
  // evidence/copies.cpp
  bool follow_copy(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                   const std::string& raw_status, std::optional<Quantity>& filled);
  void note_id_clash(const BrokerNames& names);
  Quantity make_way(OrderId id, const BrokerExecution& real);
  void infer_rest(OrderId id, Quantity rest);
  // polls/polls.cpp
  void begin_step(const Input& input);
  void end_step();
  void note_finding(const Event& event);
  void watch(OrderId id);
  void close_incidents(OrderId id);
  void ask_round(const char* reason, bool full);
  void tick_rounds();
  void link_lost();
  base::Time rounds_deadline() const;
  RoundFacts facts_of(const SnapshotDone& done) const;
  void finish_round(const SnapshotDone& done);
  void answer_waiting(const SnapshotDone& done, const std::vector<Finding>& findings,
                      const std::vector<std::string>& events);
  void rehearse(const SnapshotDone& done);
  // link/session.cpp
  void mark_unknown(const Order& order, const char* reason);
  void note_ready();
  void tell_unreachable();
  void send_cancel(const Order& order);
  // link/windows.cpp
  void look_at_calendar();
  void keep_calendar();
  bool calendar_holds() const;
  base::Time own_time(base::Time civil) const;
  std::string closed_text() const;
  void reply_closed(Correlation to, OrderId order);
  // orders/controls.cpp
  struct Refusal {
    ReplyCode code;
    std::string text;
  };
  std::optional<Refusal> refusal_of(Lane lane, const std::string& principal, std::size_t orders,
                                    bool may_wait) const;
  std::string halt_text() const;
  void stop_new_risk(std::string reason, std::string principal);
  void note_lost_facts(const std::string& tag);
  // orders/shown.cpp
  void note_shown(const BrokerOrder& report);
  void note_shown(const SnapshotDone& round);
  template <class Other>
  void note_shown(const Other&) {}
  void show(const BrokerNames& names);
  bool is_shown(const Order& target) const;
  std::optional<std::string> replace_doubt(const Order& target) const;
  // orders/sender.cpp
  void queue_place(std::vector<OrderId> orders);
  void queue_waiting(OrderId id);
  void queue_replace(OrderId id);
  base::Time own_deadline(const Outbox::Item& item) const;
  base::Time send_until(const Outbox::Item& item, Lane lane) const;
  void deny_unsent(const char* reason, bool spare_protection = false);
  void deny_late();
  void deny(const Outbox::Item& item, const std::string& reason);
  void follow_events();
  void follow_position(const OrderSpec& moved);
  std::optional<std::string> place_refusal(const Outbox::Item& item) const;
  void send_place(const Outbox::Item& item);
  bool is_blocked(const Outbox::Item& item) const;
  std::optional<std::string> ids_refusal(const Outbox::Item& item) const;
  std::optional<std::string> limit_refusal(const Outbox::Item& item) const;
  void release_behind_block();
  void send_replace(const Outbox::Item& item);
  void drain_outbox();

  // ids/ids.cpp
  void pass_blocks(std::int64_t below, const char* why);
  void lift_floor(std::int64_t next, const char* reason);
  void check_next_number(std::int64_t next);
  void refuse_lost_ranges();
  bool blocks_hold() const;
  std::optional<base::Error> broken_import(const OrderSpec& spec, const std::string& who) const;
  bool refuse_ids(const PlaceOrder& command, const OrderSpec& spec);
  base::Result<std::int64_t> take_number(OrderId id);
  void watch_mark(std::int64_t before);
  // ids/collisions.cpp
  void note_collision(OrderId id, const BrokerNotice& notice);
  void settle_collisions(const SnapshotDone& snapshot);
  // ids/id_reset.cpp
  void begin_reset();
  void settle_reset();
  void end_reset();
  // incidents/incidents.cpp
  void make_room_for_incident();
  // ids/monitor.cpp
  void monitor_ids();
  base::Time ids_deadline() const;

  const Order& order(OrderId id) const;

  CoreOptions options_;
  Book book_;

  // What follows is not history: it is rebuilt by Started and SessionUp.
  Phase phase_ = Phase::down;
  bool degraded_ = false;      // the link holds and the broker behind it is away: cancels still go
  std::int32_t session_ = -1;  // none yet
  std::map<AccountId, bool> paper_;   // account -> simulated money
  std::set<OrderId> shown_;           // open under our id at the broker, since the syncing began
  std::optional<Alarm> unreachable_;  // held back while a window explains it
  std::set<std::string> lost_tags_;   // of ours, on orders that the journal never sent; told
  Outbox outbox_;
  std::vector<OrderId> behind_block_;  // parked while a block of ids is kept for somebody
  std::map<std::string, BrokerCommission> early_commissions_;  // before their executions, by base
  std::map<PermanentId, BrokerOrder> early_ends_;  // of orders that only a fill makes known
  std::map<OrderId, std::vector<Input>> parked_;   // wait for an archived order, in their sequence
  std::size_t parked_count_ = 0;
  bool parked_lost_ = false;               // some found no room: asked for again
  std::vector<SnapshotDone> held_rounds_;  // end when what they listed is handled
  Claims claims_;                          // status ahead of executions
  ContractNames contracts_;                // what numbers mean, and who waits to know
  /// Requests in other sessions' names that have no outcome yet: who asked.
  std::map<OrderId, std::string> foreign_;  // cancels in another session's name, and who asked

  Calendar calendar_;
  Calendar::State calendar_state_{
      .from = {}, .until = base::Time(), .opens = {}, .day = {}, .lists_from = {}};
  Closed closed_before_ = Closed::open;  // as of the last step
  bool clock_differs_ = false;           // from the broker's: what a day is, is not known
  base::Duration ahead_{};               // of the civil time; zero or more
  std::string asked_day_;                // whose executions were asked for before its end

  // An id that the broker refused as used, until it is known what became of its order.
  struct Collision {
    std::int64_t number = 0;
    base::Time since;
    int rounds = 0;         // complete lists seen since
    std::int64_t next = 0;  // the broker's next id, asked since
  };
  std::map<OrderId, Collision> collisions_;
  // A reset under way, as far as it has come in this session; the wish itself is in the book.
  struct ResetRun {
    std::set<OrderId> open;  // canceled by us, end not confirmed
    base::Time deadline;
    bool asked = false;  // for the broker's next id
    std::vector<std::string> failures;
  };
  std::optional<ResetRun> reset_;
  base::Time monitor_at_;  // the next look
  RoundState rounds_;

  Context context_;
  Output output_;
};

}  // namespace belay::core
