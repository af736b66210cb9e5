// SPDX-License-Identifier: Apache-2.0
// What the answers to a round are worth: what could not be read, which question an end belongs to,
// and a broker that was away without a word.
#include <doctest/doctest.h>

#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

/// The round that is asked when the link has settled is out.
void ask_settled(BrokerRig& rig) {
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  REQUIRE(rig.writes("reqAllOpenOrders") == 1);
}
wire::CompletedOrder completed(const char* filled) {
  wire::CompletedOrder done;
  done.contract.symbol = "AAPL";
  done.order.action = "BUY";
  done.order.order_type = "LMT";
  done.order.tif = "DAY";
  done.order.order_ref = "b1.000000000001.1";
  done.order.perm_id = 1005;
  done.order.total_quantity = wire::Real::from_int(0);
  done.order.filled_quantity = *wire::Real::parse(filled);
  done.order_state.status = "Cancelled";
  return done;
}
wire::Position position(const char* quantity) {
  wire::Position out;
  out.account = "DU1";
  out.contract.con_id = 265598;
  out.contract.symbol = "AAPL";
  out.position = *wire::Real::parse(quantity);
  return out;
}

}  // namespace

TEST_CASE("round: all lists that ended by themselves and could be read are settled") {
  BrokerRig rig;
  ask_settled(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(completed("1"));
  rig.end_the_rest();
  CHECK(rig.last<SnapshotDone>().settled);
  CHECK(rig.last<SnapshotDone>().completed.size() == 1);
}

TEST_CASE("round: a completed order that tells not even whose it is proves nothing about absence") {
  BrokerRig rig;
  ask_settled(rig);
  rig.give(wire::OpenOrderEnd{});
  wire::CompletedOrder odd = completed("1");
  odd.order.perm_id = 0;
  odd.order.order_ref = "";
  rig.give(odd);
  rig.end_the_rest();
  REQUIRE(rig.snapshots == 2);
  CHECK(rig.count<Alarm>() == 1);
  CHECK(rig.last<SnapshotDone>().completed.empty());
  CHECK_FALSE(rig.last<SnapshotDone>().settled);
  // The next one is worth what it is itself.
  rig.broker.snapshot({"again", true, 1, false}, rig.now);
  rig.collect();
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  CHECK(rig.last<SnapshotDone>().settled);
}

TEST_CASE("round: nor does one with bytes in it that are no message") {
  BrokerRig rig;
  ask_settled(rig);
  std::string bytes;
  wire::encode(wire::ServerMessage(open_order(7)), 200, bytes);
  std::string cut = bytes.substr(0, 4 + 12);  // the length, and the beginning of the message
  cut[3] = 12;
  cut[2] = 0;
  rig.broker.bytes(cut, rig.now);
  rig.collect();
  REQUIRE(rig.count<Alarm>() == 1);
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(rig.snapshots == 2);
  CHECK_FALSE(rig.last<SnapshotDone>().settled);
}

TEST_CASE("round: a position that cannot be read says nothing of orders") {
  BrokerRig rig;
  ask_settled(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(position("92233720368547758079"));
  rig.end_the_rest();
  CHECK(rig.last<SnapshotDone>().settled);
  CHECK(rig.last<SnapshotDone>().positions_listed);
  CHECK_FALSE(rig.last<SnapshotDone>().positions.back().quantity.has_value());
}

TEST_CASE("round: the end of a question that was repeated is not the end of the next list") {
  BrokerRig rig;
  ask_settled(rig);
  rig.end_the_rest();
  rig.wait(seconds(11));  // the open orders are late: asked again
  REQUIRE(rig.writes("reqAllOpenOrders") == 2);
  rig.give(wire::OpenOrderEnd{});  // the first answer; none was open
  REQUIRE(rig.snapshots == 2);
  rig.broker.snapshot({"probe", true, 7, false}, rig.now);
  rig.collect();
  rig.end_the_rest();
  rig.give(open_order(8));         // of the second answer: open then, and not by now
  rig.give(wire::OpenOrderEnd{});  // ... and its end
  CHECK(rig.snapshots == 2);
  rig.give(open_order(9));
  rig.give(wire::OpenOrderEnd{});
  REQUIRE(rig.snapshots == 3);
  const auto last = rig.last<SnapshotDone>();
  CHECK(last.settled);
  REQUIRE(last.open_orders.size() == 1);
  CHECK(last.open_orders[0].broker_id == BrokerOrderId{0, 9});
}

TEST_CASE("round: it is the same with completed orders and with positions") {
  BrokerRig rig;
  ask_settled(rig);
  const auto executions = rig.executions_request;
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::ExecDetailsEnd{executions});
  rig.wait(seconds(11));
  REQUIRE(rig.writes("reqCompletedOrders") == 2);
  REQUIRE(rig.writes("reqPositions") == 2);
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  REQUIRE(rig.snapshots == 2);
  rig.broker.snapshot({"probe", true, 7, false}, rig.now);
  rig.collect();
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(position("5"));
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  CHECK(rig.snapshots == 2);
  rig.give(completed("1"));
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(position("6"));
  rig.give(wire::PositionEnd{});
  REQUIRE(rig.snapshots == 3);
  CHECK(rig.last<SnapshotDone>().completed.size() == 1);
  REQUIRE(rig.last<SnapshotDone>().positions.size() == 1);
  CHECK(rig.last<SnapshotDone>().positions[0].quantity == *Decimal::parse("6"));
}

TEST_CASE("round: what came before a question was repeated belongs to the list that ends") {
  BrokerRig rig;
  ask_settled(rig);
  rig.end_the_rest();
  rig.give(open_order(8));
  rig.wait(seconds(11));  // asked again in the middle of a slow answer
  rig.give(open_order(9));
  rig.give(wire::OpenOrderEnd{});
  REQUIRE(rig.snapshots == 2);
  CHECK(rig.last<SnapshotDone>().open_orders.size() == 2);
}

TEST_CASE("round: an end that never comes delays the next round and no later one") {
  BrokerRig rig;
  ask_settled(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  rig.wait(seconds(11));  // the end of the completed orders was lost: asked again
  rig.give(wire::CompletedOrdersEnd{});
  REQUIRE(rig.snapshots == 2);
  rig.wait(seconds(61));
  rig.broker.snapshot({"probe", true, 7, false}, rig.now);
  rig.collect();
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  CHECK(rig.snapshots == 3);
  CHECK(rig.last<SnapshotDone>().settled);
}

TEST_CASE("round: 1101 and 1102 of a loss that was not told end it, and the link settles anew") {
  for (const int code : {1101, 1102}) {
    BrokerRig rig;
    ask_settled(rig);
    rig.give(wire::OpenOrderEnd{});
    const auto before = rig.executions_request;
    rig.error(code);  // the broker was away: nobody knows since when
    CHECK(rig.writes("reqAllOpenOrders") == 2);
    rig.give(wire::CompletedOrdersEnd{});
    rig.give(wire::ExecDetailsEnd{before});
    rig.give(wire::PositionEnd{});
    CHECK(rig.snapshots == 1);
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    REQUIRE(rig.snapshots == 2);
    CHECK_FALSE(rig.last<SnapshotDone>().settled);
    CHECK(rig.last<SnapshotDone>().reason == "restored");
    rig.wait(seconds(3));
    REQUIRE(rig.writes("reqAllOpenOrders") == 3);
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    CHECK(rig.last<SnapshotDone>().settled);
  }
}

TEST_CASE("round: 1102 during the first one of a link keeps that link from being ready") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.error(1102);
  rig.end_the_rest();
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  CHECK(rig.phases.back() == "syncing");
  rig.give(wire::OpenOrderEnd{});
  CHECK(rig.phases.back() == "ready");
  CHECK(rig.snapshots == 1);
}

TEST_CASE("round: who waits for one that 1102 ended is answered by the next") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  rig.broker.snapshot({"on demand", true, 4, false}, rig.now);
  rig.error(1102);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  rig.end_the_rest();
  CHECK(rig.last<SnapshotDone>().wish == 4);
}
