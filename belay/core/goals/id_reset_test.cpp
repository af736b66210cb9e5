// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

Reply reset(CoreRig& rig) {
  rig.step(ResetIds{++rig.correlation, "alice", "new gateway"});
  return rig.the<Reply>();
}

}  // namespace

TEST_CASE("S0.50 reset: only own orders are canceled, and the end of each is awaited") {
  CoreRig rig = CoreRig::ready();
  const OrderId one = rig.working("k1");
  const OrderId two = rig.working("k2");
  rig.step(BrokerOrder{{BrokerOrderId{3, 9}, PermanentId(7), "theirs", true},
                       limit_order(),
                       "LMT",
                       BrokerState::working,
                       "Submitted",
                       "",
                       {}});
  const Reply reply = reset(rig);
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(reply.items.size() == 2);
  CHECK(rig.count<CancelEffect>() == 2);
  CHECK(rig.the<IdsResetBegun>().principal == "alice");
  rig.status(one, BrokerState::canceled, "Cancelled");
  CHECK(rig.count<QueryNextIdEffect>() == 0);
  rig.status(two, BrokerState::canceled, "Cancelled");
  CHECK(rig.count<QueryNextIdEffect>() == 1);
  CHECK(rig.core.book().ids().reset().has_value());
  rig.step(NextIdSeen{0, 3});
  const IdsReset& done = rig.the<IdsReset>();
  CHECK(done.principal == "alice");
  CHECK(done.reason == "new gateway");
  CHECK(done.next == 3);
  CHECK(done.failures.empty());
  CHECK_FALSE(rig.core.book().ids().reset().has_value());
  CHECK(rig.order(rig.sent("k3")).broker_id->number == 3);
}

TEST_CASE("S0.50 reset: an order that was never sent is ended and named among the canceled") {
  CoreRig rig = CoreRig::ready();
  const OrderId sent = rig.working("k1");
  rig.slots = 0;
  rig.place("k2");
  const OrderId unsent = rig.the<OrderAccepted>().order;
  CHECK_FALSE(rig.order(unsent).sent());
  const Reply reply = reset(rig);
  CHECK(reply.items.size() == 2);
  CHECK(is_terminal(rig.order(unsent).status));
  CHECK_FALSE(is_terminal(rig.order(sent).status));
}

TEST_CASE("S0.51 reset: the floor is the higher of ours and the broker's, never lower") {
  for (const std::int64_t told : {std::int64_t{1}, std::int64_t{500}}) {
    CoreRig rig;
    rig.up(100);
    rig.synced();
    rig.step(ReserveIds{1, "tester", "test", 5, {}});
    reset(rig);
    rig.step(NextIdSeen{0, told});
    CHECK(rig.the<IdsReset>().next == (told == 1 ? 105 : 500));
    CHECK(rig.count<GapRecorded>() == 1);
    CHECK(rig.core.book().ids().blocks().empty());
    CHECK(rig.order(rig.sent("k1")).broker_id->number == (told == 1 ? 105 : 500));
  }
}

TEST_CASE("S0.50 reset: what does not end in time is listed as a failure") {
  CoreRig rig = CoreRig::ready();
  rig.working("stuck");
  reset(rig);
  CHECK(rig.core.next_deadline() <= rig.now + std::chrono::seconds(30));
  rig.wait(std::chrono::seconds(30));
  CHECK(rig.count<QueryNextIdEffect>() == 1);
  rig.step(NextIdSeen{0, 2});
  REQUIRE(rig.the<IdsReset>().failures.size() == 1);
  CHECK(rig.the<IdsReset>().failures[0].find("stuck") != std::string::npos);
  CHECK(rig.core.book().ids().last_reset()->reset.failures.size() == 1);
}

TEST_CASE("reset: an answer that does not come is asked for again, not guessed") {
  CoreRig rig = CoreRig::ready();
  reset(rig);
  CHECK(rig.count<QueryNextIdEffect>() == 1);
  rig.wait(std::chrono::seconds(30));
  CHECK(rig.count<QueryNextIdEffect>() == 1);
  CHECK(rig.count<IdsReset>() == 0);
  CHECK(rig.core.next_deadline() > rig.now);
}

TEST_CASE("reset: no new order and no second reset while it runs; what waited is canceled") {
  CoreRig rig = CoreRig::ready();
  rig.working("k0");
  rig.slots = 0;
  const Reply waits = rig.place("k1");
  REQUIRE(rig.state(waits.order) == OrdStatus::created);
  reset(rig);
  CHECK(rig.state(waits.order) == OrdStatus::canceled);
  rig.slots = 10;
  CHECK(rig.place("k2").code == ReplyCode::not_ready);
  CHECK(reset(rig).code == ReplyCode::wrong_state);
  rig.step(ReserveIds{++rig.correlation, "tester", "test", 1, {}});
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("reset: a restart and a new session go on with it") {
  for (const bool restart : {true, false}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    reset(rig);
    if (restart) {
      rig.restart();
    } else {
      rig.down();
    }
    CHECK(rig.core.book().ids().reset().has_value());
    rig.up(2);
    rig.synced({rig.names(id)});
    CHECK(rig.count<CancelEffect>() >= 1);
    rig.status(id, BrokerState::canceled, "Cancelled");
    CHECK(rig.count<QueryNextIdEffect>() == 1);
    rig.step(NextIdSeen{0, 2});
    CHECK(rig.the<IdsReset>().failures.empty());
  }
}

TEST_CASE("reset: without a session nothing is begun") {
  CoreRig rig;
  CHECK(reset(rig).code == ReplyCode::not_ready);
  CHECK(rig.last.events.empty());
}

TEST_CASE("reset: used up ids do not come back, and the refusal names the way out") {
  CoreRig rig;
  rig.up(2'146'999'999);
  rig.synced();
  rig.sent("k1");
  const Reply refused = reset(rig);
  CHECK(refused.code == ReplyCode::exhausted);
  CHECK(refused.text.find("another CLIENT_ID") != std::string::npos);
  CHECK(rig.last.events.empty());
  CHECK(rig.count<CancelEffect>() == 0);
}

TEST_CASE("reset: ids that would stay nearly used up are refused before anything is canceled") {
  CoreRig rig;
  rig.up(1'932'299'999);
  rig.synced();
  rig.working("k1");
  const Reply refused = reset(rig);
  CHECK(refused.code == ReplyCode::exhausted);
  for (const char* part : {"nearly used up", "1932299999", "nothing was canceled", "CLIENT_ID"}) {
    CHECK(refused.text.find(part) != std::string::npos);
  }
  CHECK(rig.last.events.empty());
  CHECK(rig.count<CancelEffect>() == 0);
}

TEST_CASE("reset: one that ends above all ids says so") {
  CoreRig rig;
  rig.up(5);
  rig.synced();
  reset(rig);
  rig.step(NextIdSeen{0, 2'147'000'000});
  REQUIRE(rig.the<IdsReset>().failures.size() == 1);
  CHECK(rig.the<IdsReset>().failures[0].find("another CLIENT_ID") != std::string::npos);
}
