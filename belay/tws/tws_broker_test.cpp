// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/tws_broker.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

TEST_CASE("tws broker: connecting asks for the whole truth and binds nobody's orders") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  CHECK(rig.written == Words{"startApi", "reqCurrentTime", "reqAllOpenOrders", "reqCompletedOrders",
                             "reqExecutions", "reqPositions", "reqAccountSummary"});
  CHECK(rig.writes("reqOpenOrders") == 0);
  CHECK(rig.writes("reqAutoOpenOrders") == 0);
  CHECK(rig.count<SessionUp>() == 1);
  CHECK(rig.phases == Words{"connecting", "syncing"});
}

TEST_CASE("tws broker: the broker's clock is asked before the lists, and its answer reported") {
  BrokerRig rig;
  rig.clock_answers = false;
  BrokerRig::connect(rig);
  const Time asked = rig.now;
  rig.wait(seconds(3));
  rig.give(wire::CurrentTime{1003});
  REQUIRE(rig.count<BrokerClock>() == 1);
  CHECK(rig.last<BrokerClock>().said == Time(1'003'000'000'000));
  CHECK(rig.last<BrokerClock>().asked_at == asked);
  // Nobody asked for this one.
  rig.give(wire::CurrentTime{1004});
  CHECK(rig.count<BrokerClock>() == 1);
}

TEST_CASE("tws broker: a time that is none is not reported") {
  for (const std::int64_t time :
       {INT64_MIN, std::int64_t{0}, std::int64_t{9'223'372'035}, INT64_MAX}) {
    BrokerRig rig;
    rig.clock_answers = false;
    BrokerRig::connect(rig);
    rig.give(wire::CurrentTime{time});
    CHECK(rig.count<BrokerClock>() == 0);
  }
}

TEST_CASE("tws broker: a question for the time that a lost link took with it is asked anew") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.lose_link();
  rig.written.clear();
  rig.greet("DU1");
  CHECK(rig.writes("reqCurrentTime") == 1);
}

TEST_CASE("tws broker: the snapshot is done only after all four ends, in any order") {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    BrokerRig rig;
    BrokerRig::connect(rig);
    for (const int end : order) {
      CHECK(rig.snapshots == 0);
      if (end == 0) rig.give(wire::OpenOrderEnd{});
      if (end == 1) rig.give(wire::CompletedOrdersEnd{});
      if (end == 2) rig.give(wire::ExecDetailsEnd{rig.executions_request});
      if (end == 3) rig.give(wire::PositionEnd{});
    }
    CHECK(rig.snapshots == 1);
    CHECK(rig.phases.back() == "ready");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("tws broker: what was listed is reported first and named in the snapshot") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(open_order(7));
  rig.give(open_order(8));
  CHECK(rig.count<BrokerOrder>() == 2);
  rig.give(wire::OpenOrderEnd{});
  rig.give(open_order(9));  // live news after the list is not part of it
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  REQUIRE(rig.listed.size() == 2);
  CHECK(rig.listed[0].broker_id == BrokerOrderId{0, 7});
  CHECK(rig.listed[1].permanent_id == PermanentId(1008));
}

TEST_CASE("tws broker: the end of another execution request proves nothing") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request + 1});
  CHECK(rig.snapshots == 0);
}

TEST_CASE("tws broker: a missing end is asked for again, and those that IB forgets are given up") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::PositionEnd{});
  rig.give(wire::AccountSummaryEnd{rig.account_request});
  rig.written.clear();
  rig.wait(seconds(10));
  CHECK(rig.snapshots == 0);
  CHECK(rig.written == Words{"reqCompletedOrders", "reqExecutions"});
  rig.wait(seconds(10));
  CHECK(rig.snapshots == 1);
}

TEST_CASE("tws broker: without the list of open orders nothing is ever called settled") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  rig.give(open_order(7));
  for (int i = 0; i < 2; ++i) {
    rig.written.clear();
    rig.wait(seconds(10));
    CHECK(rig.writes("reqAllOpenOrders") == 1);
    CHECK(rig.snapshots == 0);
  }
  rig.give(open_order(8));
  rig.give(wire::OpenOrderEnd{});
  CHECK(rig.snapshots == 1);
  CHECK(rig.listed.size() == 2);
}

TEST_CASE(
    "tws broker: while the gateway has no server nothing is handed to it, then all is asked") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.error(1100);
  CHECK(rig.count<SessionDown>() == 1);
  CHECK(rig.phases.back() == "degraded");
  rig.broker.reserve();
  CHECK_FALSE(rig.broker.place(rig.place_effect(), rig.now));
  rig.collect();
  CHECK(rig.written.empty());
  rig.error(1102);
  CHECK(rig.count<SessionUp>() == 1);
  CHECK(rig.writes("reqAllOpenOrders") == 1);
  CHECK(rig.snapshots == 1);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  CHECK(rig.snapshots == 2);
  rig.broker.reserve();
  CHECK(rig.broker.place(rig.place_effect(), rig.now));
}

TEST_CASE("tws broker: a gateway that starts without its server is asked when it has one") {
  BrokerRig rig;
  BrokerRig::connect(rig, 1100);
  CHECK(rig.count<SessionUp>() == 0);
  CHECK(rig.writes("reqAllOpenOrders") == 0);
  CHECK(rig.phases.back() == "degraded");
  rig.error(1101);
  CHECK(rig.count<SessionUp>() == 1);
  CHECK(rig.writes("reqAllOpenOrders") == 1);
}

TEST_CASE("tws broker: 1102 without 1100 marks nothing, and asks all the same") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.clock_answers = false;
  rig.error(1102);
  CHECK(rig.reports.empty());
  CHECK(rig.written == Words{"reqCurrentTime", "reqAllOpenOrders", "reqCompletedOrders",
                             "reqExecutions", "reqPositions", "cancelAccountSummary",
                             "reqAccountSummary"});
}

TEST_CASE("tws broker: a lost link during the sync begins it anew") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.broker.closed("reset", rig.now);
  rig.collect();
  CHECK(rig.count<SessionDown>() == 1);
  rig.wait(seconds(10));
  CHECK(rig.phases.back() == "connecting");
  rig.written.clear();
  rig.greet("DU1");
  CHECK(rig.writes("reqAllOpenOrders") == 1);
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  CHECK(rig.snapshots == 0);  // the old end of open orders does not count
}

TEST_CASE("tws broker: an error about an order is a notice, one about a request is not") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.error(201, 5);
  CHECK(rig.count<BrokerNotice>() == 1);
  rig.error(2104, -1);
  rig.error(321, rig.executions_request);
  CHECK(rig.count<BrokerNotice>() == 1);
  CHECK(rig.log.size() >= 2);  // information goes to the debug log
}

TEST_CASE("tws broker: sends leave in their order, and a dead link takes none") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.broker.reserve();
  rig.broker.reserve();
  CHECK(rig.broker.place(rig.place_effect(), rig.now));
  rig.broker.cancel(CancelEffect{OrderId(1), BrokerOrderId{0, 5}}, rig.now);
  const PlaceEffect p = rig.place_effect();
  CHECK(rig.broker.replace(ReplaceEffect{p.order, p.broker_id, p.tag, p.spec}, rig.now));
  rig.collect();
  CHECK(rig.written == Words{"placeOrder", "cancelOrder", "placeOrder"});
  rig.broker.closed("reset", rig.now);
  rig.broker.reserve();
  CHECK_FALSE(rig.broker.place(rig.place_effect(), rig.now));
}

TEST_CASE("tws broker: a message that does not fit our numbers is logged, and the link lives") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  wire::OpenOrder odd = open_order(7);
  odd.order.action = "?";
  rig.give(odd);
  CHECK(rig.count<BrokerOrder>() == 0);
  CHECK(rig.log.back().find("action") != std::string::npos);
  rig.give(open_order(8));
  CHECK(rig.count<BrokerOrder>() == 1);
}

TEST_CASE("tws broker: positions go to the mirror whole, and account values as they come") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  wire::Position position;
  position.account = "DU1";
  position.position = wire::Real::from_int(-5);
  position.avg_cost = *wire::Real::parse("10.5");
  rig.give(position);
  CHECK(rig.positions == 0);
  CHECK(rig.position_lists == 0);
  rig.give(wire::PositionEnd{});
  CHECK(rig.positions == 1);
  CHECK(rig.position_lists == 1);
  CHECK(rig.position_ends == 1);
  rig.give(position);  // news
  CHECK(rig.positions == 2);
  CHECK(rig.position_lists == 1);
  rig.give(wire::AccountSummary{
      .req_id = 1, .account = "DU1", .tag = "NetLiquidation", .value = "1", .currency = "USD"});
  CHECK(rig.values == 1);
  rig.give(wire::AccountSummaryEnd{rig.account_request + 1});
  CHECK(rig.account_ends == 0);
  rig.give(wire::AccountSummaryEnd{rig.account_request});
  CHECK(rig.account_ends == 1);
}

TEST_CASE("tws broker: the account is asked for with each full round, and holds up none") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  REQUIRE(rig.snapshots == 1);  // the daemon is ready without it
  const auto lost = rig.account_request;
  rig.written.clear();
  rig.wait(seconds(3));  // the settled round
  CHECK(rig.writes("cancelAccountSummary") == 1);
  CHECK(rig.writes("reqAccountSummary") == 1);
  rig.give(wire::AccountSummaryEnd{lost});
  CHECK(rig.account_ends == 0);
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  CHECK(rig.account_ends == 1);
  rig.written.clear();
  rig.broker.snapshot({"on demand", true, 4, false}, rig.now);
  rig.collect();
  CHECK(rig.writes("reqPositions") == 1);
  CHECK(rig.writes("reqAccountSummary") == 1);
}

TEST_CASE("tws broker: on one connection the account is asked for anew only once the old is over") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.error(1100);
  rig.error(1102);
  CHECK(rig.writes("cancelAccountSummary") == 1);
  CHECK(rig.writes("reqAccountSummary") == 1);
  rig.lose_link();
  rig.written.clear();
  rig.greet("DU1");
  CHECK(rig.writes("cancelAccountSummary") == 0);
  CHECK(rig.writes("reqAccountSummary") == 1);
}

TEST_CASE("tws broker: a family is one write with consecutive ids, or nothing at all") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  PlaceFamilyEffect family;
  for (int i = 0; i < 3; ++i) {
    family.orders.push_back(rig.place_effect());
    family.orders.back().broker_id.number += i;
    rig.broker.reserve();
  }
  CHECK(rig.broker.place_family(family, rig.now));
  const auto actions = rig.broker.take_actions();
  REQUIRE(actions.size() == 1);
  std::string_view rest = std::get<session::Write>(actions.front()).bytes;
  wire::FrameReader reader;
  std::vector<std::int32_t> ids;
  for (;;) {
    const auto step = reader.next(rest);
    if (step.status != wire::FrameReader::Status::frame) break;
    const auto message = wire::decode_client(step.payload, 200);
    ids.push_back(std::get<wire::PlaceOrder>(message->message).order_id);
  }
  CHECK(ids == std::vector<std::int32_t>{5, 6, 7});
  CHECK(rig.broker.pacing(rig.now).used >= 3);
}

TEST_CASE("tws broker: the clock is asked again and again, so that a difference ends by itself") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  rig.reports.clear();
  for (int i = 0; i < 65; ++i) rig.wait(seconds(1));
  CHECK(rig.count<BrokerClock>() == 2);
}
