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
#include <string>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/core/book.hpp"
#include "belay/core/effect.hpp"
#include "belay/core/event.hpp"
#include "belay/core/input.hpp"
#include "belay/core/lane.hpp"
#include "belay/core/outbox.hpp"

namespace belay::core {

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
};

/// What the core is told with each input.
struct Context {
  base::Time now;
  LaneSlots send_slots;           ///< new sends that may start now (pacing)
  std::string_view refuse_new{};  ///< when not empty: why no new risk is taken now
};

struct Output {
  std::vector<StampedEvent> events;
  std::vector<Effect> effects;
};

class Core {
 public:
  explicit Core(CoreOptions options = {}) : options_(options) {}

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

 private:
  enum class Phase : std::uint8_t { down, syncing, ready };

  // core_commands.cpp
  void on(const PlaceOrder& command);
  void on(const ReplaceOrder& command);
  void on(const CancelOrder& command);
  // core_family.cpp
  void on(const PlaceFamily& command);
  // core_gate.cpp
  void on(const Halt& command);
  void on(const Resume& command);
  // core_reports.cpp
  void on(const BrokerOrder& report);
  void on(const BrokerStatus& report);
  void on(const BrokerExecution& report);
  void on(const BrokerCommission& report);
  void on(const BrokerNotice& report);
  // core_session.cpp
  void on(const SessionUp& up);
  void on(const SessionDown& down);
  void on(const SnapshotDone& snapshot);
  void on(const SendUndone& undone);
  void on(const ReplaceUndone& undone);
  void on(const Started& started);
  void on(const Alarm& alarm);
  void on(const Tick& tick);

  // Decides nothing: stamps, applies, remembers for the caller of step().
  void emit(Event event);
  void effect(Effect effect) { output_.effects.push_back(std::move(effect)); }
  void reply(Correlation to, ReplyCode code, OrderId order = {}, std::string text = {},
             std::vector<base::Error> errors = {});
  /// With a subject: once, until it is closed.
  void incident(std::string kind, OrderId order, std::string text, std::string subject = {},
                std::vector<std::string> candidates = {});

  // core_commands.cpp
  std::optional<AccountId> resolve_account(const PlaceOrder& command);
  ClOrdId make_key(const AccountId& account, OrderId id) const;
  std::optional<base::Error> risk_refusal(const OrderSpec& spec) const;
  std::optional<base::Error> too_many_open(const OrderSpec& spec) const;
  const Order* command_target(Correlation to, OrderId id, std::optional<std::uint64_t> if_version);
  // core_reports.cpp
  struct Match {
    OrderId order;
    bool exists = false;
  };
  const Order* tagged_order(const BrokerNames& names) const;
  Match match(const BrokerNames& names) const;
  void raise_floor(const BrokerNames& names);
  void note_lost_tag(const BrokerNames& names);
  void note_overfill(OrderId id, bool was_over);
  OrderId adopt(const BrokerNames& names, const OrderSpec& spec, const std::string& raw_ord_type);
  void learn_names(OrderId id, const BrokerNames& names);
  void follow_state(OrderId id, BrokerState state, const std::string& raw_status,
                    const std::string& why_held, std::optional<Quantity> filled,
                    const std::string& text);
  void follow_terms(OrderId id, const OrderSpec& shown);
  void join_commission(const BrokerCommission& report, const Order& order);
  void note_if_anomalous(OrderId id, Trigger trigger, const char* what);
  // core_session.cpp
  void mark_unknown(const Order& order, const char* reason);
  void send_cancel(const Order& order);
  // core_gate.cpp
  struct Refusal {
    ReplyCode code;
    std::string text;
  };
  std::optional<Refusal> refusal_of(Lane lane, const std::string& principal, std::size_t orders,
                                    bool may_wait) const;
  std::string halt_text() const;
  // core_outbox.cpp
  void queue_place(std::vector<OrderId> orders);
  void queue_replace(OrderId id);
  base::Time send_until(const Outbox::Item& item, Lane lane) const;
  void deny_unsent(const char* reason);
  void deny_late();
  void deny(const Outbox::Item& item, const std::string& reason);
  void follow_events();
  void follow_position(const OrderSpec& moved);
  std::optional<std::string> place_refusal(const Outbox::Item& item) const;
  void send_place(const Outbox::Item& item);
  bool is_blocked(const Outbox::Item& item) const;
  void send_replace(const Outbox::Item& item);
  void drain_outbox();

  const Order& order(OrderId id) const;

  CoreOptions options_;
  Book book_;

  // What follows is not history: it is rebuilt by Started and SessionUp.
  Phase phase_ = Phase::down;
  std::int32_t session_ = 0;
  std::map<AccountId, bool> paper_;  // account -> simulated money
  Outbox outbox_;
  std::map<ExecId, BrokerCommission> early_commissions_;  // seen before their executions
  struct Claim {
    base::Time since;
    base::Duration wait;
  };
  std::map<OrderId, Claim> claims_;  // status ahead of executions

  Context context_;
  Output output_;
};

}  // namespace belay::core
