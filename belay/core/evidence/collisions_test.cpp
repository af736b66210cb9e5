// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

// An order whose id the broker has just refused as used.
OrderId refused(CoreRig& rig, const char* key = "k1") {
  const OrderId id = rig.sent(key);
  rig.notice(id, 103, Verdict::duplicate_id, "Duplicate order id");
  return id;
}
// Another program's order under the same id.
BrokerNames holder(const CoreRig& rig, OrderId id) {
  BrokerNames names{rig.order(id).broker_id, PermanentId(77), "theirs"};
  names.carries_tag = true;
  return names;
}

// A settled, full round that serves every wish so far.
void round(CoreRig& rig, std::vector<BrokerNames> listed = {}) {
  SnapshotDone done = rig.round(std::move(listed));
  done.wish = UINT64_MAX / 2;
  rig.step(done);
}

}  // namespace

TEST_CASE("S0.48 collision: the order is unknown, a person is told, the broker is asked") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  CHECK(rig.incident("duplicate_broker_id"));
  CHECK(rig.count<QueryNextIdEffect>() == 1);
  CHECK(rig.the<SnapshotEffect>().reason == "collision");
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.order(id).unknown);
  CHECK(rig.state(id) == OrdStatus::pending_new);
  CHECK(rig.core.book().find_incident("duplicate_broker_id:0:1")->opened.candidates.size() == 4);
}

TEST_CASE("S0.48 collision: proven dead by two rounds and a holder, it is sent under a new id") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  const BrokerNames theirs = holder(rig, id);
  round(rig, {theirs});
  CHECK(rig.count<SendRefused>() == 0);  // that round may have begun before the order was sent
  CHECK(rig.count<SnapshotEffect>() == 1);
  round(rig, {theirs});
  CHECK(rig.the<SendRefused>().broker_id.number == 1);
  CHECK(rig.the<PlaceEffect>().broker_id.number == 2);
  CHECK(rig.core.book().ids().gaps().back().reason.find("REJECTED_BEFORE_SEND") == 0);
  rig.shown(id);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK_FALSE(rig.order(id).unknown);
  // Words about the old id are not about this order any more.
  rig.step(BrokerNotice{{BrokerOrderId{0, 1}, std::nullopt, ""}, 202, "gone", Verdict::canceled});
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("S0.48 collision: the broker's own next id beyond ours explains it too") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  rig.step(NextIdSeen{0, 300});
  CHECK(rig.the<FloorRaised>().to == 300);
  round(rig);
  round(rig);
  CHECK(rig.the<PlaceEffect>().broker_id.number == 300);
  CHECK(rig.the<PlaceEffect>().order == id);
}

TEST_CASE("S0.48 collision: a finished order that holds the id explains it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  BrokerExecution fill = rig.execution(id, "theirs.1.01", 10);
  fill.names = holder(rig, id);
  rig.step(fill);
  CHECK(rig.order(id).cum_qty == shares(0));
  round(rig);
  round(rig);
  CHECK(rig.count<PlaceEffect>() == 1);
}

TEST_CASE("S0.48 collision: without a holder nothing is proven and nothing is sent") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  for (int i = 0; i < 3; ++i) {
    round(rig);
    CHECK(rig.count<PlaceEffect>() == 0);
  }
  CHECK(rig.order(id).unknown);
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("S0.48 collision: an order that is seen lives and is never sent again") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  const BrokerNames theirs = holder(rig, id);
  round(rig, {theirs});
  rig.shown(id);
  round(rig, {theirs});
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("S0.48 collision: our tag in the list alone keeps it from being sent again") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  const std::vector<BrokerNames> both{holder(rig, id), rig.names(id)};
  round(rig, both);
  round(rig, both);
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("S0.48 collision: at most so often, and then the order is rejected") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  for (int again = 0; again < 2; ++again) {
    round(rig, {holder(rig, id)});
    round(rig, {holder(rig, id)});
    REQUIRE(rig.count<PlaceEffect>() == 1);
    rig.notice(id, 103, Verdict::duplicate_id);
  }
  CHECK(rig.order(id).broker_id->number == 3);
  round(rig, {holder(rig, id)});
  round(rig, {holder(rig, id)});
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("collision: not after the time in which a late order would be another trade") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  round(rig, {holder(rig, id)});
  rig.wait(std::chrono::seconds(11));
  round(rig, {holder(rig, id)});
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("collision: a cancel that came meanwhile ends it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  rig.cancel(id);
  round(rig, {holder(rig, id)});
  round(rig, {holder(rig, id)});
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("collision: a lost link or a restart ends the wish to send it again") {
  for (const bool restart : {false, true}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = refused(rig);
    const BrokerNames theirs = holder(rig, id);
    if (restart) {
      rig.restart();
    } else {
      rig.down();
    }
    rig.up(2);
    for (int i = 0; i < 3; ++i) {
      round(rig, {theirs});
      CHECK(rig.count<PlaceEffect>() == 0);
    }
    CHECK(rig.order(id).unknown);
  }
}

TEST_CASE("collision: an order that is canceled while it waits to be sent again never is") {
  for (const bool held : {true, false}) {  // the id is another program's, or nobody's that is shown
    for (const bool many : {true, false}) {
      CAPTURE(held);
      CAPTURE(many);
      CoreRig rig = CoreRig::ready();
      const OrderId id = refused(rig);
      if (!held) rig.step(NextIdSeen{0, 300});
      rig.slots = 0;
      for (int i = 0; i < 2; ++i) {
        round(rig, held ? std::vector<BrokerNames>{holder(rig, id)} : std::vector<BrokerNames>{});
      }
      REQUIRE(rig.state(id) == OrdStatus::created);
      if (many) {
        CancelMany all;
        all.correlation = ++rig.correlation;
        all.scope = CancelScope::own;
        rig.step(all);
      } else {
        CHECK(rig.cancel(id).code == ReplyCode::accepted);
      }
      CHECK(rig.state(id) == OrdStatus::canceled);
      rig.slots = 10;
      rig.wait(std::chrono::seconds(1));
      CHECK(rig.count<PlaceEffect>() == 0);
    }
  }
}

TEST_CASE("collision: an order that lives after all while it waits to be sent again is not sent") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = refused(rig);
  rig.slots = 0;
  round(rig, {holder(rig, id)});
  round(rig, {holder(rig, id)});
  REQUIRE(rig.state(id) == OrdStatus::created);
  BrokerNames ours{std::nullopt, PermanentId(5), order_tag(CoreRig::instance, id)};
  ours.carries_tag = true;
  rig.step(BrokerOrder{ours, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  CHECK(rig.incident("contradiction"));
  CHECK(rig.state(id) == OrdStatus::new_);
  rig.slots = 10;
  rig.wait(std::chrono::seconds(1));
  CHECK(rig.count<PlaceEffect>() == 0);
}
