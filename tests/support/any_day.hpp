// SPDX-License-Identifier: Apache-2.0
// AnyDay: a core that archives, and random inputs of every kind: commands, reports about orders in
// memory and archived ones, copies, orders of others, rounds of lists, ids, halts, incidents, days,
// lost links and restarts. It judges nothing; it is there so that every fact occurs.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/core/facts/order_encoding.hpp"
#include "tests/support/archive_rig.hpp"

namespace belay::test {

class AnyDay {
 public:
  explicit AnyDay(std::uint64_t seed) : prng_(seed), rig_(prng_.below(4), options(prng_)) {}

  void act() {
    rig_.slots = static_cast<unsigned>(prng_.chance(70) ? 10 : prng_.below(3));
    const auto what = prng_.below(100);
    if (what < 18) {
      place();
    } else if (what < 70) {
      about_an_order();
    } else if (what < 88) {
      about_the_broker();
    } else {
      about_the_daemon();
    }
    answer_recalls(false);
  }
  void answer_recalls(bool all) {
    while (!asked_.empty() && (all || prng_.chance(50))) {
      const OrderId id = asked_.front();
      asked_.pop_front();
      if (prng_.chance(95)) {
        tell(ArchivedOrder{id, rig_.kept.at(id), ""});
      } else {
        tell(ArchivedOrder{id, std::nullopt, "unreadable"});
      }
    }
  }
  ArchiveRig& rig() { return rig_; }
  const Book& book() const { return rig_.core.book(); }
  base::Prng& prng() { return prng_; }

 private:
  static CoreOptions options(base::Prng& prng) {
    CoreOptions out;
    out.ids.monitor_interval = std::chrono::minutes(1);
    out.ids.stale_after = std::chrono::hours(2);
    out.ids.blocks_max = 4;
    out.incidents_max = 30;
    out.parked_max = 3;
    if (prng.chance(60)) out.calendar.day_end = *DayEnd::parse("00:00 America/New_York");
    return out;
  }
  void tell(const Input& input) {
    rig_.tell(input);
    for (const Effect& effect : rig_.last.effects) {
      if (const auto* recall = std::get_if<RecallEffect>(&effect)) asked_.push_back(recall->order);
    }
  }
  std::int64_t mark() const { return book().id_mark(rig_.client); }
  std::string who() { return prng_.chance(70) ? "a" : "b"; }

  // ---- new orders ----
  OrderSpec spec() {
    OrderSpec out = limit_order(prng_.between(1, 3) * 50);
    out.side = prng_.chance(50) ? Side::buy : Side::sell;
    constexpr const char* words[] = {"", "manual", "scanner", "algo"};
    out.purpose = words[prng_.below(4)];
    if (prng_.chance(20)) out.terms.time_in_force = TimeInForce::good_till_cancel;
    if (prng_.chance(15)) {
      out.ord_type = OrdType::stop;
      out.terms.stop_px = price("180");
      out.terms.price.reset();
    }
    if (prng_.chance(15)) out.valid_until = rig_.now + std::chrono::seconds(prng_.below(60));
    return out;
  }
  void place() {
    if (prng_.chance(15)) {
      PlaceFamily family{++rig_.correlation, who(), {{{}, spec()}, {{}, spec()}}};
      return tell(family);
    }
    PlaceOrder order{++rig_.correlation, who(), std::nullopt, spec()};
    if (prng_.chance(70)) order.cl_ord_id = ClOrdId("key" + std::to_string(prng_.below(60)));
    const auto& blocks = book().ids().blocks();
    if (!blocks.empty() && prng_.chance(30))
      order.spec.edit().broker_number = blocks.begin()->second.next;
    if (prng_.chance(5)) order.spec.edit().account = AccountId("U9");
    tell(order);
  }

  // ---- one order ----
  Order known(OrderId id) const {
    const Order* found = book().find(id);
    return found != nullptr ? *found : *decode_order(rig_.kept.at(id));
  }
  // Mostly a young one.
  OrderId some_order() {
    const std::uint64_t total = book().orders_total();
    if (total == 0) return {};
    const std::uint64_t back = prng_.below(prng_.chance(70) ? 5 : 40);
    return OrderId(total - std::min(back, total - 1));
  }
  BrokerNames names(const Order& order) {
    BrokerNames out{order.broker_id, std::nullopt, order.tag, true};
    if (!order.external) out.tag = order_tag(CoreRig::instance, order.id);
    const auto own = PermanentId(1000 + static_cast<std::int64_t>(order.id.value()));
    const auto& permanent = order.permanent_ids;
    out.permanent_id = permanent.empty()
                           ? own
                           : permanent[static_cast<std::size_t>(prng_.below(permanent.size()))];
    // The broker made a copy.
    if (!order.external && prng_.chance(4)) {
      out.permanent_id = PermanentId(own.value() + 100'000 * prng_.between(1, 2));
    }
    return out;
  }
  void about_an_order() {
    const OrderId id = some_order();
    if (id.value() == 0) return;
    const Order order = known(id);
    const auto what = prng_.below(16);
    if (what == 0) return tell(CancelOrder{++rig_.correlation, who(), id, {}, prng_.chance(50)});
    if (what == 1) return change(id);
    if (what == 2) return tell(decision(id));
    if (what == 3) return foreign_done(id);
    if (what == 4 && order.broker_id) return tell(SendUndone{id, "withdrawn"});
    if (what == 5 && order.broker_id) return tell(ReplaceUndone{id, "withdrawn"});
    if (what == 6) return commission(order);
    if (!order.broker_id) return;
    if (what < 10) return fill(order);
    if (what < 13) return shown(order);
    if (what == 13) return notice(order);
    status(order);
  }
  void change(OrderId id) {
    ReplaceOrder command{++rig_.correlation, who(), id, {}, {}};
    command.patch.price = Price(Decimal::from_int(prng_.between(180, 190)));
    tell(command);
  }
  DecideOrder decision(OrderId id) {
    DecideOrder out{++rig_.correlation, who(), id, {}, "seen at the broker"};
    if (prng_.chance(50)) out.fate = DecideOrder::Fate::canceled;
    return out;
  }
  void foreign_done(OrderId id) {
    tell(ForeignDone{id, static_cast<ForeignOutcome>(prng_.below(4)), "words"});
  }
  void fill(const Order& order) {
    const std::int64_t count = prng_.chance(8) ? 0 : prng_.between(1, 60);
    BrokerExecution report;
    report.names = names(order);
    report.account = order.spec->account;
    report.contract = order.spec->contract;
    if (prng_.chance(70)) report.contract.con_id = 1;
    report.execution.id = {
        "e" + std::to_string(order.id.value()) + "." + std::to_string(prng_.below(4)),
        static_cast<std::uint32_t>(1 + prng_.below(3))};
    report.execution.last_qty = shares(count);
    report.execution.last_px = price("190.5");
    report.execution.side = order.spec->side;
    report.execution.busted = count == 0;
    report.listed = prng_.chance(50);
    tell(report);
  }
  void commission(const Order& order) {
    ExecId exec{"e" + std::to_string(order.id.value()) + ".1", 1};
    tell(BrokerCommission{exec, Decimal::from_int(prng_.between(1, 3)), "USD", std::nullopt, true});
  }
  BrokerState any_state() {
    return prng_.chance(50) ? BrokerState::working : static_cast<BrokerState>(prng_.below(8));
  }
  void shown(const Order& order) {
    BrokerOrder report{names(order), order.spec, "LMT", any_state(), "Word", "text", {}, false};
    if (order.replacing && prng_.chance(60)) report.spec.edit().terms = *order.replacing;
    if (prng_.chance(10)) report.spec.edit().terms.order_qty = shares(prng_.between(1, 150));
    report.listed = prng_.chance(50);
    tell(report);
  }
  void status(const Order& order) {
    BrokerStatus report{{order.broker_id, std::nullopt, ""}, any_state(), "Word", "", {}};
    report.filled = shares(prng_.between(0, 120));
    tell(report);
  }
  void notice(const Order& order) {
    BrokerNotice out{{order.broker_id, std::nullopt, ""}, 399, "words", {}, {}};
    out.verdict = prng_.chance(40) ? Verdict::duplicate_id : static_cast<Verdict>(prng_.below(9));
    tell(out);
  }

  // ---- the broker ----
  void about_the_broker() {
    const auto what = prng_.below(12);
    if (what < 2) return external();
    if (what == 2) return by_hand();
    if (what == 3) return tell(NextIdSeen{rig_.client, prng_.between(1, mark() + 10)});
    if (what == 6 && prng_.chance(30)) return clock();
    if (what == 4) return lose_link();
    if (what == 5 && prng_.chance(30)) return collide();
    round();
  }
  // Right, or wrong by up to an hour.
  void clock() {
    const auto wrong = prng_.chance(50) ? 0 : prng_.between(-3600, 3600);
    tell(BrokerClock{rig_.now + std::chrono::seconds(wrong), rig_.now});
  }
  void external() {
    BrokerNames names{
        BrokerOrderId{prng_.chance(50) ? rig_.client : 42, mark() - prng_.between(0, 4)},
        PermanentId(7000 + prng_.between(0, 30)), "theirs", true};
    tell(BrokerOrder{names, spec(), "LMT", any_state(), "Word", "", {}, false});
  }
  void by_hand() {
    BrokerNames names{BrokerOrderId{0, 0}, PermanentId(8000 + prng_.between(0, 5)), "", true};
    if (prng_.chance(50)) {
      tell(BrokerOrder{names, spec(), "LMT", BrokerState::working, "Word", "", {}, false});
    } else {
      tell(BrokerBound{*names.permanent_id, BrokerOrderId{0, -prng_.between(1, 20)}});
    }
  }
  // Another program holds the id of an order that was just sent.
  void collide() {
    place();
    const std::uint64_t total = book().orders_total();
    const Order* order = total == 0 ? nullptr : book().find(OrderId(total));
    if (order == nullptr || order->status != OrdStatus::pending_new) return;
    const BrokerOrderId id = *order->broker_id;
    const BrokerNames theirs{id, PermanentId(9000 + id.number), "theirs", true};
    tell(BrokerOrder{theirs, spec(), "LMT", any_state(), "Word", "", {}, false});
    tell(BrokerNotice{{id, std::nullopt, ""}, 103, "used", Verdict::duplicate_id, {}});
    for (int i = 0; i < 2; ++i) tell(rig_.round({theirs}));
  }
  // The lists hold what is open, but for an order now and then.
  void round() {
    rig_.now = rig_.now + std::chrono::seconds(prng_.below(15));
    SnapshotDone done = rig_.round();
    const std::vector<OrderId> live(book().live().begin(), book().live().end());
    for (const OrderId id : live) {
      const Order order = known(id);
      if (order.broker_id && prng_.chance(60)) done.open_orders.push_back(names(order));
    }
    for (int i = 0; i < 3 && book().orders_total() != 0; ++i) {
      done.completed.push_back(names(known(some_order())));
    }
    Position position{AccountId("DU1"), {}, Decimal::from_int(50 * prng_.between(0, 1)), ""};
    position.contract.con_id = 1;
    done.positions = {position};
    done.positions_listed = true;
    done.full = prng_.chance(80);
    done.settled = prng_.chance(80);
    tell(done);
  }
  void lose_link() {
    tell(SessionDown{"test", prng_.chance(20)});
    if (prng_.chance(30)) rig_.client = prng_.chance(70) ? 0 : 7;
    come_back();
  }
  void come_back() {
    if (prng_.chance(10)) return;
    tell(SessionUp{rig_.client,
                   prng_.chance(30) ? prng_.between(1, mark() + 1) : mark() + prng_.between(1, 8),
                   {{AccountId("DU1"), true}, {AccountId("U9"), false}}});
    round();
  }

  // ---- the daemon ----
  void about_the_daemon() {
    const auto what = prng_.below(24);
    if (what < 5) {
      ReserveIds command{++rig_.correlation, who(), "algo", prng_.between(1, 5), std::nullopt};
      if (prng_.chance(40)) command.from = mark() + prng_.between(-5, 12);
      return tell(command);
    }
    if (what == 5) {
      const auto& blocks = book().ids().blocks();
      return tell(
          ReleaseIds{++rig_.correlation, who(), blocks.empty() ? 1 : blocks.begin()->first.number});
    }
    if (what == 6) return tell(ResetIds{++rig_.correlation, who(), "reset"});
    if (what < 9) return tell(Halt{++rig_.correlation, who(), "enough"});
    if (what < 13) return tell(Resume{++rig_.correlation, who(), "again"});
    if (what < 16) return close_incident();
    if (what == 16) {
      CancelMany command{++rig_.correlation, who(), CancelScope::account, AccountId("DU1"), {}, {}};
      command.scope = static_cast<CancelScope>(prng_.below(3));
      command.dry_run = prng_.chance(50);
      command.foreign = prng_.chance(50);
      return tell(command);
    }
    if (what == 17) return tell(Alarm{"alarm", "words"});
    if (what == 18) return restart();
    if (what == 19) {
      rig_.now = rig_.now + std::chrono::hours(prng_.between(1, 20));
    } else {
      rig_.now = rig_.now + std::chrono::seconds(prng_.below(400));
    }
    tell(Tick{});
  }
  void close_incident() {
    const auto& open = book().incidents();
    if (open.empty()) return;
    auto it = open.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(prng_.below(open.size())));
    tell(CloseIncident{++rig_.correlation, who(), it->first, "seen to"});
  }
  void restart() {
    rig_.archive_room = 0;  // the first step does not go through tell()
    rig_.restart();
    rig_.archive_room = 100;
    asked_.clear();
    come_back();
  }

  base::Prng prng_;
  ArchiveRig rig_;
  std::deque<OrderId> asked_;
};

}  // namespace belay::test
