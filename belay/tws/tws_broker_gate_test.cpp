// SPDX-License-Identifier: Apache-2.0
// The last gate before the socket: sessions of other accounts, changes of orders of others, and a
// global cancel that found no slot.
#include <doctest/doctest.h>

#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

/// Another program left order 40 under our client id.
void shows_somebodys(BrokerRig& rig) {
  wire::OpenOrder theirs = open_order(40);
  theirs.order.order_ref = "somebody";
  rig.give(theirs);
}
ForeignReplaceEffect change_of(std::int32_t session) {
  TermsPatch patch;
  patch.order_qty = Quantity::from_int(1000);
  return {OrderId(1), BrokerOrderId{session, 40}, PermanentId(1040), patch};
}
bool told_refused(const BrokerRig& rig) {
  return rig.count<ForeignDone>() == 1 &&
         rig.last<ForeignDone>().outcome == ForeignOutcome::refused &&
         rig.last<ForeignDone>().replace;
}
/// Nothing but what is kept for cancels and protection is free in this second.
void fill_the_second(BrokerRig& rig) {
  while (rig.broker.send_slots(rig.now) > 0) {
    rig.broker.reserve();
    REQUIRE(
        rig.broker.replace(ReplaceEffect{OrderId(9), BrokerOrderId{0, 4}, "b1.0.9", {}}, rig.now));
  }
  rig.collect();
  rig.written.clear();
}

}  // namespace

TEST_CASE("gate: nothing is sent into a session whose accounts are not the expected ones") {
  BrokerRig rig({"DU1"});
  BrokerRig::sync(rig);
  rig.broker.reserve();  // a frame waits for its commit
  rig.lose_link();
  rig.greet("U9");  // somebody logged in as another, live user
  REQUIRE(rig.phases.back() == "needs_person");
  rig.written.clear();
  CHECK_FALSE(rig.broker.place(rig.place_effect(), rig.now));
  rig.broker.reserve();
  CHECK_FALSE(
      rig.broker.replace(ReplaceEffect{OrderId(9), BrokerOrderId{0, 4}, "b1.0.9", {}}, rig.now));
  rig.broker.cancel({OrderId(1), {0, 5}}, rig.now);
  rig.broker.global_cancel(rig.now);
  rig.broker.query_executions(rig.now);
  rig.broker.query_next_id(rig.now);
  rig.broker.foreign_replace(change_of(0), rig.now);
  rig.wait(seconds(2));
  CHECK(rig.written.empty());
  CHECK(rig.broker.pacing(rig.now).reserved == 0);
}

TEST_CASE("gate: whatever else is said on such a session does not open it") {
  BrokerRig rig({"DU1"});
  rig.broker.start(rig.now);
  rig.greet("U9");
  rig.written.clear();
  rig.reports.clear();
  rig.error(1300);  // another need of a person: the port will change
  rig.error(1100);
  CHECK(rig.count<SessionDown>() == 0);  // cancels go to a degraded gateway, and not to this one
  rig.error(1102);
  CHECK(rig.count<SessionUp>() == 0);
  CHECK(rig.written.empty());
  rig.broker.reserve();
  rig.broker.intended(BrokerOrderId{0, 5});
  CHECK_FALSE(rig.broker.place(rig.place_effect(), rig.now));
  // The right user logs in.
  rig.lose_link();
  rig.greet("DU1");
  CHECK(rig.count<SessionUp>() == 1);
}

TEST_CASE("gate: closed, it stops a change of somebody's order in our own session, and tells") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  shows_somebodys(rig);
  rig.broker.close_gate(true);
  rig.broker.foreign_replace(change_of(0), rig.now);
  CHECK(rig.count<ForeignDone>() == 0);  // never from within the call
  rig.wait(seconds(0));
  CHECK(rig.writes("placeOrder") == 0);
  CHECK(told_refused(rig));
  rig.broker.close_gate(false);
  rig.broker.foreign_replace(change_of(0), rig.now);
  rig.collect();
  CHECK(rig.writes("placeOrder") == 1);
}

TEST_CASE("gate: a change of somebody's order takes a slot like any new risk, and waits for one") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  shows_somebodys(rig);
  fill_the_second(rig);
  rig.broker.foreign_replace(change_of(0), rig.now);
  rig.collect();
  CHECK(rig.written.empty());
  CHECK(rig.broker.pacing(rig.now).queries_waiting == 1);
  CHECK(rig.broker.next_deadline(rig.now) <= rig.now + seconds(1));
  rig.now = rig.now + seconds(1);
  const unsigned most = BrokerRig().broker.lane_slots(rig.now).capacity(Lane::new_risk);
  CHECK(rig.broker.send_slots(rig.now) == most - 1);  // the next slot is spoken for
  rig.wait(seconds(0));
  CHECK(rig.writes("placeOrder") == 1);
  CHECK(rig.count<ForeignDone>() == 0);
}

TEST_CASE("gate: a change that waits for a slot is dropped by a halt, a cancel and a lost link") {
  for (const char* event : {"halt", "cancel", "global cancel", "lost link", "no server"}) {
    CAPTURE(event);
    const std::string what(event);
    BrokerRig rig;
    BrokerRig::sync(rig);
    shows_somebodys(rig);
    fill_the_second(rig);
    rig.broker.foreign_replace(change_of(0), rig.now);
    if (what == "halt") rig.broker.close_gate(true);
    if (what == "cancel") rig.broker.cancel({OrderId(1), {0, 40}}, rig.now);
    if (what == "global cancel") rig.broker.global_cancel(rig.now);
    if (what == "lost link") rig.broker.closed("reset", rig.now);
    if (what == "no server") rig.error(1100);
    rig.wait(seconds(2));
    CHECK(rig.writes("placeOrder") == 0);
    CHECK(told_refused(rig));
  }
}

TEST_CASE("gate: a cancel of another order leaves a change that waits alone") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  shows_somebodys(rig);
  fill_the_second(rig);
  rig.broker.foreign_replace(change_of(0), rig.now);
  rig.broker.cancel({OrderId(2), {0, 4}}, rig.now);
  rig.wait(seconds(2));
  CHECK(rig.writes("placeOrder") == 1);
}

TEST_CASE("gate: a change under a number that waits for a frame of ours is refused") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  shows_somebodys(rig);
  rig.broker.intended(BrokerOrderId{0, 40});
  rig.broker.foreign_replace(change_of(0), rig.now);
  rig.wait(seconds(0));
  CHECK(rig.writes("placeOrder") == 0);
  CHECK(told_refused(rig));
}

TEST_CASE("gate: a change in another client's name is refused while the gate is closed") {
  for (const bool before : {true, false}) {
    BrokerRig rig;
    BrokerRig::sync(rig);
    if (before) rig.broker.close_gate(true);
    rig.broker.foreign_replace(change_of(3), rig.now);
    rig.broker.close_gate(true);
    rig.wait(seconds(0));
    CHECK(told_refused(rig));
    CHECK(rig.broker.foreign().take_actions().empty());  // nobody's id was taken for it
  }
}

TEST_CASE("gate: a global cancel that waits for a slot is not forgotten with the link") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  for (int i = 0; i < 60; ++i) rig.broker.cancel({OrderId(1), {0, 5}}, rig.now);
  rig.broker.global_cancel(rig.now);
  rig.collect();
  REQUIRE(rig.writes("reqGlobalCancel") == 0);
  rig.lose_link();
  rig.written.clear();
  rig.greet("DU1");
  REQUIRE(rig.written.size() > 1);
  CHECK(rig.written[1] == "reqGlobalCancel");  // right after the greeting
  rig.lose_link();
  rig.greet("DU1");
  CHECK(rig.writes("reqGlobalCancel") == 1);  // once it has left, nobody repeats it
}

TEST_CASE("gate: a global cancel without a link is the first on the next one") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.broker.closed("reset", rig.now);
  rig.broker.global_cancel(rig.now);
  rig.wait(seconds(10));
  rig.greet("DU1");
  CHECK(rig.writes("reqGlobalCancel") == 1);
}
