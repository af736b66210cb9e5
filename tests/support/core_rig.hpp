// SPDX-License-Identifier: Apache-2.0
// CoreRig: a Core with a broker's words at hand, for tests that read as sentences. It keeps all
// events through their encoded bytes, so that restart() replays what a disk would give back. It
// checks nothing by itself but that each step's events are dense.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/core.hpp"
#include "belay/core/event_encoding.hpp"

namespace belay::test {

using namespace belay::core;

inline Price price(const char* text) {
  return Price(*Decimal::parse(text));
}
inline Quantity shares(std::int64_t count) {
  return Quantity::from_int(count);
}

inline OrderSpec limit_order(std::int64_t count = 100, const char* at = "190.5") {
  OrderSpec spec;
  spec.account = AccountId("DU1");
  spec.contract.symbol = "AAPL";
  spec.ord_type = OrdType::limit;
  spec.terms.order_qty = shares(count);
  spec.terms.price = price(at);
  return spec;
}

class CoreRig {
 public:
  static constexpr InstanceId instance{0xfeed};

  /// The broker's lists are known to begin anew at midnight, far from the story's time.
  static CoreOptions usual() {
    CoreOptions options;
    options.calendar.day_end = *DayEnd::parse("00:00 UTC");
    return options;
  }
  explicit CoreRig(CoreOptions options = usual()) : options_(options), core(options) { begin(); }
  /// A rig whose session is up and whose snapshot is done.
  static CoreRig ready(CoreOptions options = usual()) {
    CoreRig rig(options);
    rig.up();
    rig.synced();
    return rig;
  }

  // ---- inputs ----
  const Output& step(const Input& input) {
    now = now + std::chrono::milliseconds(1);
    last = core.step(input, {now, slots, refuse_new, archive_room});
    for (const StampedEvent& e : last.events) history.push_back(bytes_of(e));
    return last;
  }
  void up(std::int64_t next_number = 1) {
    step(SessionUp{client, next_number, {{AccountId("DU1"), true}, {AccountId("U9"), false}}});
  }
  void down() { step(SessionDown{"test"}); }
  void synced(std::vector<BrokerNames> listed = {}) { step(SnapshotDone{std::move(listed)}); }
  /// The end of a settled, full round that was asked for just now.
  SnapshotDone round(std::vector<BrokerNames> listed = {}) {
    SnapshotDone done;
    done.open_orders = std::move(listed);
    done.round = ++rounds;
    done.asked_at = now + std::chrono::milliseconds(1);
    return done;
  }
  /// ... some time after whatever came before it.
  void later_round(std::vector<BrokerNames> listed = {}) {
    wait(std::chrono::seconds(12));
    step(round(std::move(listed)));
  }
  /// A journal of which somebody else wrote the next fact.
  void append(const Event& event) {
    history.push_back(bytes_of({history.back().seq + 1, now, event}));
  }
  Reply place(const char* key, OrderSpec spec = limit_order()) {
    PlaceOrder command{++correlation, "tester", std::nullopt, std::move(spec)};
    if (key != nullptr) command.cl_ord_id = ClOrdId(key);
    step(command);
    return answer();
  }
  Reply replace(OrderId id, TermsPatch patch) {
    step(ReplaceOrder{++correlation, "tester", id, std::nullopt, std::move(patch)});
    return answer();
  }
  Reply reprice(OrderId id, const char* to) {
    TermsPatch patch;
    patch.price = price(to);
    return replace(id, patch);
  }
  Reply cancel(OrderId id) {
    step(CancelOrder{++correlation, "tester", id, std::nullopt});
    return answer();
  }
  /// A placed order: sent, not yet acknowledged.
  OrderId sent(const char* key, OrderSpec spec = limit_order()) {
    const Reply reply = place(key, std::move(spec));
    REQUIRE(reply.code == ReplyCode::accepted);
    REQUIRE(count<PlaceEffect>() == 1);
    return reply.order;
  }
  /// ... and shown as working by the broker.
  OrderId working(const char* key, OrderSpec spec = limit_order()) {
    const OrderId id = sent(key, std::move(spec));
    shown(id);
    return id;
  }
  BrokerNames names(OrderId id) const {
    BrokerNames names{order(id).broker_id, std::nullopt, order_tag(instance, id)};
    const auto& known = order(id).permanent_ids;
    names.permanent_id =
        known.empty() ? PermanentId(1000 + static_cast<std::int64_t>(id.value())) : known.front();
    return names;
  }
  void shown(OrderId id, BrokerState state = BrokerState::working, const char* word = "Submitted") {
    OrderSpec spec = order(id).spec;
    if (order(id).replacing) spec.terms = *order(id).replacing;
    shown_as(id, spec, state, word);
  }
  void shown_as(OrderId id, OrderSpec spec, BrokerState state = BrokerState::working,
                const char* word = "Submitted") {
    step(BrokerOrder{names(id), std::move(spec), "LMT", state, word, "", std::nullopt});
  }
  void status(OrderId id, BrokerState state, const char* word, std::int64_t filled = 0,
              const char* why_held = "") {
    BrokerNames by_id{order(id).broker_id, std::nullopt, ""};
    step(BrokerStatus{by_id, state, word, why_held, shares(filled)});
  }
  void notice(OrderId id, std::int32_t code, Verdict verdict, const char* text = "words") {
    step(BrokerNotice{{order(id).broker_id, std::nullopt, ""}, code, text, verdict});
  }
  BrokerExecution execution(OrderId id, const char* exec_id, std::int64_t count,
                            const char* at = "190.5") const {
    BrokerExecution report;
    report.names = names(id);
    report.account = AccountId("DU1");
    report.contract.symbol = "AAPL";
    report.execution.id = split_exec_id(exec_id);
    report.execution.last_qty = shares(count);
    report.execution.last_px = price(at);
    report.execution.busted = count == 0;
    report.execution.transact_time = "20261121 09:30:00 US/Eastern";
    return report;
  }
  void fill(OrderId id, const char* exec_id, std::int64_t count, const char* at = "190.5") {
    step(execution(id, exec_id, count, at));
  }
  void wait(base::Duration duration) {
    now = now + duration;
    step(Tick{});
  }
  /// The process dies and a new core replays what the journal holds.
  void restart() {
    core = Core(options_);
    for (const Row& row : history) core.restore(decoded(row));
    begin();
  }

  // ---- what is so ----
  const Order& order(OrderId id) const {
    const Order* found = core.book().find(id);
    REQUIRE(found != nullptr);
    return *found;
  }
  OrdStatus state(OrderId id) const { return order(id).status; }
  template <class E>
  int count_in(const Output& output) const {
    int total = 0;
    if constexpr (requires { E::type; }) {
      for (const auto& e : output.events) total += std::holds_alternative<E>(e.event) ? 1 : 0;
    } else {
      for (const auto& e : output.effects) total += std::holds_alternative<E>(e) ? 1 : 0;
    }
    return total;
  }
  /// How many of this event or effect the last step gave.
  template <class E>
  int count() const {
    return count_in<E>(last);
  }
  template <class E>
  const E& the() const {
    REQUIRE(count<E>() == 1);
    if constexpr (requires { E::type; }) {
      for (const auto& e : last.events) {
        if (const E* found = std::get_if<E>(&e.event)) return *found;
      }
    } else {
      for (const auto& e : last.effects) {
        if (const E* found = std::get_if<E>(&e)) return *found;
      }
    }
    std::abort();
  }
  /// True when the last step opened an incident of this kind.
  bool incident(const char* kind) const {
    for (const auto& e : last.events) {
      const auto* opened = std::get_if<IncidentOpened>(&e.event);
      if (opened != nullptr && opened->kind == kind) return true;
    }
    return false;
  }
  bool silent() const { return last.events.empty() && last.effects.empty(); }

  struct Row {
    std::uint64_t seq;
    base::Time time;
    std::uint16_t type;
    std::string payload;
  };
  static Row bytes_of(const StampedEvent& e) {
    return {e.seq, e.time, type_of(e.event), encode(e.event)};
  }
  static StampedEvent decoded(const Row& row) {
    auto event = decode(row.type, event_version, row.payload);
    REQUIRE(event.has_value());
    return {row.seq, row.time, std::move(*event)};
  }
  /// The book that a reader of the journal would have.
  Book replayed() const {
    Book book;
    for (const Row& row : history) book.apply(decoded(row));
    return book;
  }

  unsigned slots = 1000;
  std::string refuse_new;
  std::size_t archive_room = 0;
  std::int32_t client = 0;
  base::Time now{1'795'253'400'000'000'000};
  Output last;
  std::vector<Row> history;
  Correlation correlation = 0;
  std::uint64_t rounds = 0;

 private:
  CoreOptions options_;

 public:
  Core core;

 private:
  void begin() { step(Started{++epoch_, instance, "test"}); }
  Reply answer() const {
    const Reply& reply = the<Reply>();
    REQUIRE(reply.correlation == correlation);
    return reply;
  }
  std::uint64_t epoch_ = 0;
};

}  // namespace belay::test
