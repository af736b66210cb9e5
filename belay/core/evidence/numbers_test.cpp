// SPDX-License-Identifier: Apache-2.0
// The broker's order numbers as orders take them: rising, never lowered, explained.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

TEST_CASE("ids: they strictly increase in the order of sending") {
  CoreRig rig = CoreRig::ready();
  std::int64_t before = 0;
  for (int i = 0; i < 20; ++i) {
    const OrderId id = rig.sent(nullptr);
    CHECK(rig.order(id).broker_id->number > before);
    before = rig.order(id).broker_id->number;
    if (i == 10) {
      rig.down();
      rig.up();
      rig.synced();
    }
    if (i == 15) {
      rig.restart();
      rig.up();
      rig.synced();
    }
  }
}

TEST_CASE("ids: the broker's higher next id raises the floor and the gap has a reason") {
  CoreRig rig;
  rig.up(500);
  const auto& raised = rig.the<FloorRaised>();
  CHECK(raised.from == 1);
  CHECK(raised.to == 500);
  CHECK_FALSE(raised.reason.empty());
  rig.synced();
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 500);
  CHECK(rig.core.book().id_gaps_total() == 1);
}

TEST_CASE("ids: a lower next id is an incident and is never obeyed") {
  CoreRig rig;
  rig.up(500);
  rig.synced();
  rig.sent("k1");
  rig.down();
  rig.up(3);
  CHECK(rig.incident("next_id_lower"));
  CHECK(rig.count<FloorRaised>() == 0);
  rig.synced();
  CHECK(rig.order(rig.sent("k2")).broker_id->number == 501);
}

TEST_CASE("ids: a refused cancel of what never came is no sign that the broker had its id") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.down();
  rig.up(1);
  rig.cancel(id);
  rig.notice(id, 10147, Verdict::cancel_unknown);
  REQUIRE(rig.order(id).code == 10147);
  rig.down();
  rig.up(1);
  CHECK_FALSE(rig.incident("next_id_lower"));
}

TEST_CASE("ids: the number of a link that held through an outage is old, and no lower next id") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.working("k2");
  rig.step(SessionDown{"1100", true});
  rig.up(1);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.step(SessionDown{"1100", true});
  rig.step(SessionDown{"the link was lost"});
  rig.up(1);
  CHECK(rig.incident("next_id_lower"));
}

TEST_CASE("ids: the mark survives a restart even when the broker forgot everything") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.working("k2");
  rig.restart();
  rig.up(1);
  CHECK(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id->number == 3);
}

TEST_CASE(
    "ids: a next id below those of frames that may be lost is no rollback, and none is reused") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.sent("k2");
  rig.down();
  rig.up(2);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id->number == 3);
  rig.down();
  rig.up(1);  // order 1 had been shown
  CHECK(rig.incident("next_id_lower"));
}

TEST_CASE("ids: each client id has a sequence of its own") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  rig.sent("k2");
  rig.down();
  rig.client = 7;
  rig.up(1);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id == BrokerOrderId{7, 1});
}

TEST_CASE("ids: an order seen under our client id with a higher id raises the floor") {
  // The data directory is new and the broker's sequence was reset: only the listed order shows
  // which ids are taken. Using one again would modify that order.
  CoreRig rig;
  rig.up(1);
  rig.step(BrokerOrder{{BrokerOrderId{0, 40}, PermanentId(9), "old"},
                       limit_order(),
                       "LMT",
                       BrokerState::working,
                       "Submitted",
                       "",
                       std::nullopt});
  CHECK(rig.the<FloorRaised>().to == 41);
  rig.synced({{BrokerOrderId{0, 40}, PermanentId(9), "old"}});
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 41);
  rig.step(BrokerOrder{{BrokerOrderId{5, 900}, PermanentId(10), "x"},
                       limit_order(),
                       "LMT",
                       BrokerState::working,
                       "Submitted",
                       "",
                       std::nullopt});
  CHECK(rig.count<FloorRaised>() == 0);  // another client's ids are not ours
}

TEST_CASE("ids: when the 32 bits are used up the order is refused, or denied if it waited") {
  CoreRig rig;
  // The top of the 32 bits belongs to the adapter's requests.
  rig.up(2'146'999'999);
  rig.synced();
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 2'146'999'999);
  CHECK(rig.place("k2").code == ReplyCode::exhausted);
  CHECK(rig.core.book().find_key(key_hash(AccountId("DU1"), ClOrdId("k2"))) == nullptr);
  rig.down();
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + std::chrono::minutes(1);
  CHECK(rig.place("k3", patient).code == ReplyCode::accepted);
  rig.up();
  rig.synced();
  CHECK(rig.the<OrderDenied>().reason.find("RANGE_EXHAUSTED") != std::string::npos);
  CHECK(rig.count<PlaceEffect>() == 0);
}
