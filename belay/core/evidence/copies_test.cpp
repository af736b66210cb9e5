// SPDX-License-Identifier: Apache-2.0
// Copies that the broker made, ids that two orders claim, fills that are inferred and give way, and
// positions beside the fills that explain them.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

struct Twins {
  CoreRig rig = CoreRig::ready();
  OrderId id = rig.working("k1");
  BrokerNames first = rig.names(id);
  BrokerNames second = rig.names(id);

  Twins() {
    second.permanent_id = PermanentId(5555);
    shown(second, BrokerState::working, "Submitted");
  }
  void shown(const BrokerNames& names, BrokerState state, const char* word) {
    rig.step(BrokerOrder{names, limit_order(), "LMT", state, word, "", std::nullopt});
  }
  void status(const BrokerNames& names, BrokerState state, const char* word,
              std::int64_t filled = 0) {
    BrokerNames by_id{names.broker_id, names.permanent_id, ""};
    rig.step(BrokerStatus{by_id, state, word, "", shares(filled)});
  }
  void fill(const BrokerNames& names, const char* exec, std::int64_t count) {
    BrokerExecution report = rig.execution(id, exec, count);
    report.names = names;
    rig.step(report);
  }
};

BrokerOrder completed(const CoreRig& rig, OrderId id, std::int64_t filled) {
  BrokerOrder order{rig.names(id),  limit_order(), "LMT", BrokerState::filled, "Filled", "",
                    shares(filled), true};
  order.names.broker_id.reset();
  return order;
}
// A round at whose end the completed list claims `filled`.
void claiming_round(CoreRig& rig, OrderId id, std::int64_t filled) {
  rig.wait(seconds(12));
  rig.step(completed(rig, id, filled));
  SnapshotDone done = rig.round();
  done.completed = {rig.names(id)};
  rig.step(done);
}
BrokerExecution told(const CoreRig& rig, OrderId id, const char* exec, std::int64_t count,
                     std::int64_t sum) {
  BrokerExecution report = rig.execution(id, exec, count);
  report.cum_qty = shares(sum);
  return report;
}

}  // namespace

TEST_CASE("copies: the end of one does not end the order while another works") {
  Twins t;
  CHECK(t.rig.incident("second_copy"));
  t.status(t.first, BrokerState::canceled, "Cancelled");
  CHECK(t.rig.state(t.id) == OrdStatus::new_);
  CHECK(t.rig.count<OrderCanceled>() == 0);
  REQUIRE(t.rig.order(t.id).incarnations.size() == 2);
  CHECK(t.rig.order(t.id).incarnations[0].done);
  CHECK_FALSE(t.rig.order(t.id).incarnations[1].done);
  t.status(t.second, BrokerState::canceled, "Cancelled");
  CHECK(t.rig.state(t.id) == OrdStatus::canceled);
  CHECK(t.rig.core.book().incidents().empty());  // both are done: the matter is settled
}

TEST_CASE("copies: fills of all of them add up, and each is told which it filled") {
  Twins t;
  t.fill(t.first, "e.1.01", 100);
  CHECK(t.rig.state(t.id) == OrdStatus::partially_filled);  // the other copy still works
  t.status(t.first, BrokerState::filled, "Filled", 100);
  CHECK(t.rig.state(t.id) == OrdStatus::partially_filled);
  t.fill(t.second, "e.2.01", 30);
  CHECK(t.rig.order(t.id).cum_qty == shares(130));
  CHECK(t.rig.order(t.id).executions[0].permanent_id == t.first.permanent_id);
  CHECK(t.rig.order(t.id).executions[1].permanent_id == t.second.permanent_id);
  t.status(t.second, BrokerState::canceled, "Cancelled", 30);
  CHECK(t.rig.state(t.id) == OrdStatus::filled);
}

TEST_CASE("copies: the word Filled without a number is said of one copy, however often") {
  Twins t;
  t.shown(t.first, BrokerState::filled, "Filled");
  for (int i = 0; i < 3; ++i) {
    t.shown(t.second, BrokerState::filled, "Filled");
    CHECK(t.rig.order(t.id).filled_claim == shares(200));
  }
}

TEST_CASE("copies: a cancel is repeated until no copy works, with an incident") {
  Twins t;
  t.rig.cancel(t.id);
  t.status(t.first, BrokerState::canceled, "Cancelled");
  CHECK(t.rig.incident("copy_survives"));
  CHECK(t.rig.count<CancelEffect>() == 1);
  CHECK(t.rig.order(t.id).pending_cancel);
  t.status(t.second, BrokerState::canceled, "Cancelled");
  CHECK(t.rig.state(t.id) == OrdStatus::canceled);
}

TEST_CASE("copies: a code that names the order and not the copy ends none, and asks") {
  Twins t;
  t.rig.notice(t.id, 202, Verdict::canceled);
  CHECK(t.rig.state(t.id) == OrdStatus::new_);
  CHECK(t.rig.count<SnapshotEffect>() == 1);
}

TEST_CASE("copies: a cancel that came too late for one is still wanted of the other") {
  Twins t;
  t.rig.cancel(t.id);
  t.status(t.first, BrokerState::canceled, "Cancelled");
  t.rig.notice(t.id, 10148, Verdict::cancel_too_late, "state: Cancelled");
  CHECK(t.rig.order(t.id).pending_cancel);
  CHECK(t.rig.count<CancelRefused>() == 0);
}

TEST_CASE("copies: one that turns up after the end opens the order again") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::canceled, "Cancelled");
  BrokerNames twin = rig.names(id);
  twin.permanent_id = PermanentId(5555);
  rig.step(
      BrokerOrder{twin, limit_order(), "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  CHECK(rig.incident("second_copy"));
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.core.book().live().contains(id));
}

TEST_CASE("collision: our id under another tag is never merged and is an incident, once") {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  BrokerNames names{rig.order(ours).broker_id, PermanentId(900), "other"};
  names.carries_tag = true;
  const BrokerOrder shown{names, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}};
  const std::uint64_t untouched = rig.order(ours).version;
  rig.step(shown);
  CHECK(rig.incident("id_collision"));
  CHECK(rig.count<ExternalOrderSeen>() == 1);
  CHECK(rig.order(ours).version == untouched);
  rig.step(shown);
  CHECK(rig.silent());
}

TEST_CASE("inferred: a claim that two settled rounds cannot explain becomes a fill of its own") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  claiming_round(rig, id, 100);
  CHECK(rig.state(id) == OrdStatus::new_);
  claiming_round(rig, id, 100);
  const ExecutionInferred inferred = rig.the<ExecutionInferred>();
  CHECK(inferred.execution.id.base.substr(0, 9) == "inferred-");
  CHECK(inferred.execution.last_qty == shares(100));
  CHECK(rig.state(id) == OrdStatus::filled);
  claiming_round(rig, id, 100);
  CHECK(rig.last.events.empty());
  // The same facts give the same id.
  CoreRig again = CoreRig::ready();
  const OrderId same = again.working("k1");
  claiming_round(again, same, 100);
  claiming_round(again, same, 100);
  CHECK(again.the<ExecutionInferred>().execution.id == inferred.execution.id);
}

TEST_CASE("inferred: a round that is not settled infers nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  for (int i = 0; i < 4; ++i) {
    rig.wait(seconds(12));
    rig.step(completed(rig, id, 100));
    SnapshotDone cut = rig.round();
    cut.settled = false;
    rig.step(cut);
  }
  CHECK(rig.order(id).executions.empty());
}

TEST_CASE("inferred: the real execution takes its place, and nothing counts twice") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  claiming_round(rig, id, 60);
  claiming_round(rig, id, 60);
  REQUIRE(rig.order(id).cum_qty == shares(60));
  rig.step(told(rig, id, "e.1.01", 20, 20));
  CHECK(rig.count<ExecutionSuperseded>() == 1);
  CHECK(rig.the<ExecutionInferred>().execution.last_qty == shares(40));  // the rest of it
  CHECK(rig.order(id).cum_qty == shares(60));
  rig.step(told(rig, id, "e.2.01", 40, 60));
  CHECK(rig.count<ExecutionInferred>() == 0);
  CHECK(rig.order(id).cum_qty == shares(60));
  REQUIRE(rig.order(id).executions.size() == 2);
  CHECK_FALSE(rig.order(id).executions[0].inferred);
  CHECK_FALSE(rig.order(id).executions[1].inferred);
}

TEST_CASE("inferred: without running sums a fitting execution takes its place too") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  claiming_round(rig, id, 60);
  claiming_round(rig, id, 60);
  rig.fill(id, "e.1.01", 60);
  CHECK(rig.order(id).cum_qty == shares(60));
  CHECK(rig.order(id).executions.size() == 1);
}

TEST_CASE("inferred: a new fill beside it counts, and does not drive it out") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  claiming_round(rig, id, 30);
  claiming_round(rig, id, 30);
  rig.step(told(rig, id, "e.9.01", 20, 50));
  CHECK(rig.count<ExecutionSuperseded>() == 0);
  CHECK(rig.order(id).cum_qty == shares(50));
}

TEST_CASE("inferred: a canceled order of which a part was filled keeps its end") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  for (int i = 0; i < 2; ++i) {
    rig.wait(seconds(12));
    BrokerOrder done = completed(rig, id, 40);
    done.state = BrokerState::canceled;
    done.raw_status = "Cancelled";
    rig.step(done);
    rig.step(rig.round());
  }
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("inferred: a bust is not undone by an older claim, it is disputed") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.status(id, BrokerState::filled, "Filled", 100);
  rig.fill(id, "e.1.02", 0);
  claiming_round(rig, id, 100);
  claiming_round(rig, id, 100);
  CHECK(rig.incident("fills_disputed"));
  CHECK(rig.order(id).cum_qty.is_zero());
}

// ---- positions ----

namespace {
struct Holding {
  CoreRig rig = CoreRig::ready();

  void round(std::int64_t quantity) {
    rig.wait(seconds(12));
    SnapshotDone done = rig.round();
    for (const OrderId id : rig.core.book().live()) done.open_orders.push_back(rig.names(id));
    Position position{AccountId("DU1"), {}, Decimal::from_int(quantity), "1"};
    position.contract.con_id = 265598;
    position.contract.symbol = "AAPL";
    done.positions = {position};
    done.positions_listed = true;
    rig.step(done);
  }
  void trade(OrderId id, const char* exec, std::int64_t count) {
    BrokerExecution fill = rig.execution(id, exec, count);
    fill.contract.con_id = 265598;
    rig.step(fill);
  }
  Decimal expected() const {
    return rig.core.book().expected_positions().at({AccountId("DU1"), 265598}).quantity;
  }
};
}  // namespace

TEST_CASE("positions: what is there at first sight is taken without an incident, once") {
  Holding h;
  h.round(70);
  CHECK(h.rig.the<PositionAdjusted>().reason == "first sight");
  CHECK(h.rig.the<SyncCompleted>().positions_agreed);
  CHECK(h.rig.the<SyncCompleted>().findings == 0);
  CHECK(h.rig.core.book().incidents().empty());
  h.round(70);
  CHECK(h.rig.last.events.empty());
}

TEST_CASE("positions: fills explain what the broker says") {
  Holding h;
  h.round(70);
  h.trade(h.rig.working("k1"), "e.1.01", 30);
  h.round(100);
  CHECK(h.rig.last.events.empty());
  CHECK(h.expected() == Decimal::from_int(100));
}

TEST_CASE("positions: a difference that stays is an incident with candidates, and is adjusted") {
  Holding h;
  h.round(70);
  h.round(90);
  CHECK(h.rig.last.events.empty());
  h.round(90);
  CHECK(h.rig.incident("position_break"));
  CHECK(h.rig.the<IncidentOpened>().candidates.size() >= 4);
  CHECK(h.expected() == Decimal::from_int(90));
  CHECK(h.rig.core.reconcile_stats().findings_total.at("QUANTITY_MISMATCH") == 1);
  h.round(90);
  CHECK(h.rig.last.events.empty());
}

TEST_CASE("positions: a difference that goes away by itself is none") {
  Holding h;
  h.round(70);
  h.round(90);
  h.round(70);
  h.round(90);
  CHECK(h.rig.core.book().incidents().empty());
  CHECK(h.expected() == Decimal::from_int(70));
}

TEST_CASE("positions: nothing is compared right after a fill, nor from an unsettled round") {
  Holding h;
  h.round(70);
  const OrderId id = h.rig.working("k1");
  h.rig.wait(seconds(12));
  h.trade(id, "e.1.01", 30);
  SnapshotDone early = h.rig.round({h.rig.names(id)});
  early.positions_listed = true;  // and nothing held
  h.rig.step(early);
  h.rig.wait(seconds(12));
  for (int i = 0; i < 3; ++i) {
    SnapshotDone cut = h.rig.round({h.rig.names(id)});
    cut.positions_listed = true;
    cut.settled = false;
    h.rig.step(cut);
    h.rig.wait(seconds(12));
  }
  CHECK(h.expected() == Decimal::from_int(100));
  CHECK(h.rig.core.book().incidents().empty());
}

TEST_CASE("positions: executions that come late give an adjustment back and close its incident") {
  Holding h;
  h.round(70);
  const OrderId id = h.rig.working("k1");
  h.round(90);
  h.round(90);
  REQUIRE(h.rig.core.book().incidents().size() == 1);
  h.trade(id, "e.1.01", 20);  // of the day before
  CHECK(h.expected() == Decimal::from_int(110));
  h.round(90);
  h.round(90);
  CHECK(h.rig.count<IncidentClosed>() == 1);
  CHECK_FALSE(h.rig.incident("position_break"));
  CHECK(h.expected() == Decimal::from_int(90));
  CHECK(h.rig.core.book().incidents().empty());
}

TEST_CASE("positions: a restart keeps what was agreed") {
  Holding h;
  h.round(70);
  h.rig.restart();
  h.rig.up();
  h.round(90);
  h.round(90);
  CHECK(h.rig.incident("position_break"));
}
