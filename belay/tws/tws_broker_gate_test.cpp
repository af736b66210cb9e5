// SPDX-License-Identifier: Apache-2.0
// The last gate before the socket: sessions of other accounts, and a global cancel that found no
// slot.
#include <doctest/doctest.h>

#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

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
  CHECK_FALSE(rig.broker.place(rig.place_effect(), rig.now));
  // The right user logs in.
  rig.lose_link();
  rig.greet("DU1");
  CHECK(rig.count<SessionUp>() == 1);
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
