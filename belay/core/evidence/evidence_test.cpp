// SPDX-License-Identifier: Apache-2.0
// What a list proves, and what it cannot because it was asked for too early.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("evidence: a list asked before an order was sent does not make it unknown") {
  CoreRig rig = CoreRig::ready();
  rig.wait(seconds(12));
  const SnapshotDone asked = rig.round();  // the questions go out here
  rig.wait(milliseconds(50));
  const OrderId id = rig.working("k1");  // sent and acknowledged while the lists come in
  rig.wait(milliseconds(50));
  rig.step(asked);  // the lists were made before the order
  CHECK_FALSE(rig.order(id).unknown);
  CHECK(rig.count<OrderUnknown>() == 0);
}

TEST_CASE("evidence: a round asked before the send is none of the two that prove absence") {
  CoreRig rig = CoreRig::ready();
  rig.wait(seconds(12));
  const SnapshotDone asked = rig.round();
  rig.wait(milliseconds(50));
  const OrderId id = rig.sent("k1");
  rig.step(asked);    // asked before the send: no evidence
  rig.later_round();  // the only round asked after the send
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("evidence: a list asked before a modification was sent does not refuse it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.wait(seconds(12));
  SnapshotDone asked = rig.round({rig.names(id)});
  rig.wait(milliseconds(50));
  REQUIRE(rig.reprice(id, "191").code == ReplyCode::accepted);
  REQUIRE(rig.order(id).replace_in_flight());
  rig.notice(id, 9999, Verdict::unlisted);
  REQUIRE(rig.order(id).unknown);
  rig.step(asked);
  CHECK(rig.count<ReplaceRefused>() == 0);
}

TEST_CASE("evidence: a position list asked before a fill does not adjust the fill away") {
  CoreRig rig(CoreOptions{});
  rig.up();
  rig.synced();
  const OrderId id = rig.working("k1");
  rig.wait(seconds(12));
  SnapshotDone asked = rig.round({rig.names(id)});
  asked.positions_listed = true;  // the account is flat when asked
  rig.wait(milliseconds(20));
  BrokerExecution e = rig.execution(id, "e.1.01", 100);
  e.contract.con_id = 265598;
  rig.step(e);
  rig.step(asked);
  CHECK(rig.count<PositionAdjusted>() == 0);
}

TEST_CASE("evidence: a fill that is being inferred is no position break") {
  CoreRig rig = CoreRig::ready();
  SnapshotDone flat = rig.round();
  flat.positions_listed = true;
  rig.wait(seconds(12));
  flat = rig.round();
  flat.positions_listed = true;
  Position other;
  other.account = AccountId("DU1");
  other.contract.symbol = "IBM";
  other.contract.con_id = 8314;
  other.quantity = Decimal::from_int(1);
  flat.positions = {other};
  rig.step(flat);  // agreed
  REQUIRE(rig.core.book().positions_agreed(AccountId("DU1")));
  OrderSpec spec = limit_order();
  spec.contract.con_id = 265598;
  const OrderId id = rig.working("k1", spec);
  rig.down();
  rig.up();
  Position aapl = other;
  aapl.contract.symbol = "AAPL";
  aapl.contract.con_id = 265598;
  aapl.quantity = Decimal::from_int(100);
  bool broke = false;
  for (int round = 0; round < 3; ++round) {
    rig.wait(seconds(12));
    BrokerOrder done{rig.names(id), spec, "LMT", BrokerState::filled, "Filled", "", shares(100)};
    done.listed = true;
    rig.step(done);
    SnapshotDone snapshot = rig.round();
    snapshot.completed = {rig.names(id)};
    snapshot.positions_listed = true;
    snapshot.positions = {other, aapl};
    rig.step(snapshot);
    broke = broke || rig.incident("position_break");
  }
  CHECK(rig.order(id).cum_qty == shares(100));
  CHECK_FALSE(broke);
}

TEST_CASE("evidence: a reset window that the link lasted makes no order of a moment ago absent") {
  CoreOptions options;
  options.calendar.daily_reset = *Window::parse("23:45-00:45 America/New_York");
  options.calendar.reset_lead = minutes(5);
  CoreRig rig(options);
  rig.now = *belay::base::parse_rfc3339("2026-11-25T02:00:00Z");
  rig.up();
  rig.synced();
  const OrderId entry = rig.working("k0");
  BrokerExecution e = rig.execution(entry, "e.1.01", 100);
  e.contract.con_id = 265598;
  rig.step(e);
  rig.now = *belay::base::parse_rfc3339("2026-11-25T05:44:59.5Z");
  OrderSpec stop = limit_order();
  stop.side = Side::sell;
  stop.ord_type = OrdType::stop;
  stop.terms.stop_px = stop.terms.price;
  stop.terms.price.reset();
  const OrderId id = rig.sent("stop", stop);  // protection passes
  rig.now = *belay::base::parse_rfc3339("2026-11-25T05:45:00Z");
  rig.step(Tick{});
  REQUIRE(rig.count<SnapshotEffect>() == 1);
  rig.step(rig.round());  // asked half a second after the send
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("evidence: a claim of fills outlives a restart") {
  for (const bool restarts : {false, true}) {
    CAPTURE(restarts);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    rig.status(id, BrokerState::working, "Submitted", 50);  // the executions never come
    REQUIRE(rig.order(id).filled_claim == shares(50));
    if (restarts) {
      rig.restart();
    } else {
      rig.down();
    }
    rig.up();
    int inferred = 0;
    for (int round = 0; round < 4; ++round) {
      rig.later_round();  // a day later: in no list any more
      inferred += rig.count<ExecutionInferred>();
    }
    CHECK(inferred == 1);
  }
}
