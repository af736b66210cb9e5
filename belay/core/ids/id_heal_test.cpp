// SPDX-License-Identifier: Apache-2.0
// Numbers that mean "no id" never lift the floor, and a journal in which an earlier version let one
// do so gives ids again.
#include "belay/core/ids/id_rules.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;

TEST_CASE("id mark: a floor that an unset number poisoned heals at start, with an event") {
  CoreRig rig = CoreRig::ready();
  const OrderId first = rig.working("k1");
  const std::int64_t used = rig.order(first).broker_id->number;
  // As the journal of an earlier version holds it.
  rig.append(FloorRaised{0, used + 1, 2'147'483'648, "the broker's next id is higher"});
  rig.restart();
  CHECK(rig.count<MarkHealed>() == 1);
  CHECK(rig.the<MarkHealed>().from == 2'147'483'647);
  CHECK(rig.the<MarkHealed>().to == used);
  CHECK(rig.incident("id_mark_healed"));
  rig.up(used + 1);
  rig.synced({rig.names(first)});
  const OrderId next = rig.sent("k2");
  CHECK(rig.order(next).broker_id->number == used + 1);
  rig.restart();
  CHECK(rig.count<MarkHealed>() == 0);
  CHECK(rig.core.book().id_mark(0) == used + 1);
}

TEST_CASE("id mark: ids that were used before the poison stay used") {
  CoreRig rig = CoreRig::ready();
  rig.append(FloorRaised{0, 1, 500, "the broker shows an order of this session with a higher id"});
  rig.append(FloorRaised{0, 500, 2'147'483'648, "the broker's next id is higher"});
  rig.restart();
  CHECK(rig.the<MarkHealed>().to == 499);
  CHECK(rig.core.book().id_mark(0) == 499);
}

TEST_CASE("id mark: no report of a number above the ids of orders lifts the floor") {
  CoreRig rig = CoreRig::ready();
  const std::int64_t before = rig.core.book().id_mark(0);
  rig.step(NextIdSeen{0, 2'147'483'647});
  CHECK(rig.core.book().id_mark(0) == before);
  BrokerNames names{BrokerOrderId{0, broker_number_max + 1}, PermanentId(900), "other"};
  rig.step(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  CHECK(rig.core.book().id_mark(0) == before);
}

TEST_CASE("id mark: a session whose next id was not told goes on above its own") {
  CoreRig rig = CoreRig::ready();
  const OrderId first = rig.working("k1");
  const std::int64_t used = rig.order(first).broker_id->number;
  rig.down();
  rig.up(0);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.synced({rig.names(first)});
  const OrderId next = rig.sent("k2");
  CHECK(rig.order(next).broker_id->number == used + 1);
}
