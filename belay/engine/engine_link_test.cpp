// SPDX-License-Identifier: Apache-2.0
// Frames that a stalled disk holds, and what happens meanwhile: a lost link, a decision, a list of
// the broker, the end of their time.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/engine_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

const SessionUp link_up{0, 1, {{AccountId("DU1"), true}}};

PlaceOrder limit_order() {
  PlaceOrder out = EngineRig::order();
  out.spec.edit().ord_type = OrdType::limit;
  out.spec.edit().terms.price = Price(Decimal::from_int(10));
  return out;
}
PlaceOrder valid_for(EngineRig& rig, seconds time) {
  PlaceOrder out = EngineRig::order();
  out.spec.edit().valid_until = rig.now + time;
  return out;
}
ReplaceOrder reprice(std::int64_t price) {
  TermsPatch patch;
  patch.price = Price(Decimal::from_int(price));
  return {2, "t", OrderId(1), std::nullopt, patch};
}
/// Order 1 works at the broker.
void working(EngineRig& rig) {
  EngineRig::ready(rig);
  rig.submit(limit_order());
  rig.settle();
  rig.acknowledge(1);
  rig.settle();
  rig.broker.log.clear();
}
/// The link is lost after a second and there again after three more, syncing.
void next_link(EngineRig& rig) {
  rig.now = rig.now + seconds(1);
  rig.submit(SessionDown{"reset by peer"});
  rig.now = rig.now + seconds(3);
  rig.submit(link_up);
}
const Order& order_of(const EngineRig& rig, std::uint64_t id) {
  return *rig.engine->core().book().find(OrderId(id));
}

}  // namespace

TEST_CASE("link: a frame that waits for its commit when the link is lost never left") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();  // its commit is in flight, and the disk stalls
  next_link(rig);
  CHECK_FALSE(rig.engine->core().ready());
  CHECK(rig.broker.reserved == 0);
  // It is proved, so nobody is told that it is unknown.
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(order_of(rig, 1).text.find("the link was lost before it left") == 0);
  rig.commit();  // the disk is back
  CHECK_FALSE(rig.left("place 1"));
  rig.submit(SnapshotDone{});
  rig.settle();
  CHECK_FALSE(rig.left("place 1"));
  CHECK(rig.position("publish SendWithdrawn") > rig.position("publish SendIntended"));
  const Log& log = rig.broker.log;
  CHECK(std::find(log.begin(), log.end(), "publish OrderUnknown") == log.end());
  CHECK(rig.engine->gate().ledger().open() == 0);
}

TEST_CASE("link: it is the same with families, and when the broker behind the link is away") {
  EngineRig rig;
  EngineRig::ready(rig);
  const auto spec = EngineRig::order().spec;
  rig.submit(PlaceFamily{1, "t", {{std::nullopt, spec}, {std::nullopt, spec}}});
  rig.turn();
  rig.submit(SessionDown{"1100", true});
  rig.submit(link_up);
  rig.submit(SnapshotDone{});
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.state(2) == OrdStatus::denied);
  rig.settle();
  CHECK(rig.sends() == Log{"reply"});
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("link: nothing is left for a person to decide about an order that never left") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  next_link(rig);
  rig.submit(SnapshotDone{});
  rig.submit(DecideOrder{7, "person", OrderId(1), DecideOrder::Fate::not_accepted, "not in TWS"});
  rig.settle();
  CHECK(rig.replies.back().code == ReplyCode::wrong_state);
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK_FALSE(rig.left("place 1"));
}

TEST_CASE("link: a modification that waited is off with the link, and does not follow later") {
  EngineRig rig;
  working(rig);
  rig.now = rig.now + seconds(10);
  rig.submit(reprice(11));
  rig.turn();
  next_link(rig);
  CHECK_FALSE(order_of(rig, 1).replace_in_flight());
  CHECK_FALSE(order_of(rig, 1).unknown);
  rig.submit(SnapshotDone{{{BrokerOrderId{0, 1}, std::nullopt, ""}}});
  rig.now = rig.now + seconds(8);
  SnapshotDone settled;
  settled.open_orders = {{BrokerOrderId{0, 1}, std::nullopt, ""}};
  settled.round = 2;
  settled.asked_at = rig.now;
  rig.submit(settled);
  rig.settle();
  CHECK_FALSE(rig.left("replace 1"));
  CHECK(rig.broker.reserved == 0);
  // A new one goes as ever.
  rig.submit(reprice(12));
  rig.settle();
  CHECK(rig.left("replace 1"));
}

TEST_CASE("link: what waits for a slot does not take one that the lost link gave back") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.broker.limit = 1;
  rig.submit(EngineRig::order());
  rig.submit(valid_for(rig, seconds(60)));
  rig.turn();
  REQUIRE(rig.engine->core().queued() == 1);
  rig.submit(SessionDown{"1100", true});
  CHECK(rig.broker.reserved == 0);
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.state(2) == OrdStatus::created);  // its caller lets it wait for the next one
  rig.submit(link_up);
  rig.submit(SnapshotDone{});
  rig.settle();
  CHECK(rig.sends().back() == "place 2");
}

TEST_CASE("link: a cancel that was asked for while a frame waited is given to the next link") {
  EngineRig rig;
  working(rig);
  rig.submit(reprice(11));
  rig.turn();  // the modification waits
  rig.submit(CancelOrder{3, "t", OrderId(1), std::nullopt});
  CHECK(rig.sends() == Log{"cancel 1"});
  next_link(rig);
  rig.broker.log.clear();
  CHECK(order_of(rig, 1).pending_cancel);
  SnapshotDone lists;
  lists.open_orders = {{BrokerOrderId{0, 1}, std::nullopt, ""}};
  rig.submit(lists);
  CHECK(rig.sends() == Log{"cancel 1"});
  rig.settle();
  CHECK_FALSE(rig.left("replace 1"));
}

TEST_CASE("hold: an order is not sent after its valid_until, a stalled disk or not") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(valid_for(rig, seconds(2)));
  rig.turn();
  rig.now = rig.now + seconds(30);
  rig.submit(Tick{});
  rig.settle();
  CHECK_FALSE(rig.left("place 1"));
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(order_of(rig, 1).text.find("valid_until") != std::string::npos);
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("hold: an order that lists without it made unknown while it waited is withdrawn") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  rig.now = rig.now + seconds(60);
  SnapshotDone settled;
  settled.round = 2;
  settled.asked_at = rig.now;
  rig.submit(settled);
  REQUIRE(order_of(rig, 1).unknown);
  rig.settle();
  CHECK_FALSE(rig.left("place 1"));
  CHECK(rig.state(1) == OrdStatus::denied);
}

TEST_CASE(
    "hold: a modification that settled lists refused while it waited does not go with the next") {
  EngineRig rig;
  working(rig);
  rig.submit(reprice(11));
  rig.turn();  // its commit is in flight, and the disk stalls
  SnapshotDone settled;
  settled.open_orders = {{BrokerOrderId{0, 1}, std::nullopt, ""}};
  for (std::uint64_t round = 2; order_of(rig, 1).replace_in_flight() && round < 6; ++round) {
    rig.now = rig.now + seconds(60);
    settled.round = round;
    settled.asked_at = rig.now;
    rig.submit(settled);
  }
  REQUIRE_FALSE(order_of(rig, 1).replace_in_flight());
  rig.commit();
  CHECK_FALSE(rig.left("replace 1"));
  rig.submit(reprice(12));
  rig.settle();
  const Log sends = rig.sends();
  CHECK(std::count(sends.begin(), sends.end(), "replace 1") == 1);
  CHECK(order_of(rig, 1).replacing->price == Price(Decimal::from_int(12)));
}

TEST_CASE("hold: a modification of an order that was filled meanwhile is not sent") {
  EngineRig rig;
  working(rig);
  rig.submit(reprice(11));
  rig.turn();
  BrokerExecution fill;
  fill.names.broker_id = BrokerOrderId{0, 1};
  fill.account = AccountId("DU1");
  fill.contract.symbol = "AAPL";
  fill.execution.id = split_exec_id("e.1.01");
  fill.execution.last_qty = Quantity::from_int(1);
  fill.execution.last_px = Price(Decimal::from_int(10));
  rig.submit(fill);
  rig.settle();
  CHECK(rig.state(1) == OrdStatus::filled);
  CHECK_FALSE(rig.left("replace 1"));
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("hold: a frame whose commit lasted into the broker's daily reset is not sent") {
  EngineOptions options;
  options.core.calendar.daily_reset = *Window::parse("10:00-11:00 UTC");
  EngineRig rig(options);  // it is 09:30
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  rig.now = rig.now + std::chrono::minutes(29);
  rig.submit(Tick{});
  rig.settle();
  CHECK_FALSE(rig.left("place 1"));
  CHECK(rig.state(1) == OrdStatus::denied);
}
