// SPDX-License-Identifier: Apache-2.0
// Which reports prove that a modification arrived.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

TEST_CASE("terms: a list that shows the old time in force does not prove that the change arrived") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const OrderSpec old = rig.order(id).spec;
  REQUIRE(old.terms.time_in_force == TimeInForce::day);
  TermsPatch patch;
  patch.time_in_force = TimeInForce::good_till_cancel;
  REQUIRE(rig.replace(id, patch).code == ReplyCode::accepted);
  REQUIRE(rig.order(id).replace_in_flight());
  rig.down();  // the modification is lost with the link
  rig.up();
  rig.shown_as(id, old);  // the broker lists the order: DAY, as before
  CHECK(rig.count<ReplaceAccepted>() == 0);
  CHECK(rig.order(id).spec->terms.time_in_force == TimeInForce::day);
}

TEST_CASE("terms: a repeated old report before the refusal leaves the old terms in force") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const OrderSpec old = rig.order(id).spec;
  TermsPatch patch;
  patch.outside_rth = true;
  REQUIRE(rig.replace(id, patch).code == ReplyCode::accepted);
  rig.shown_as(id, old);                          // IB repeats the pair
  rig.notice(id, 329, Verdict::replace_refused);  // ... and refuses the change
  CHECK_FALSE(rig.order(id).spec->terms.outside_rth);
}

TEST_CASE("terms: a trailing percent that no list shows is not accepted by one of the next link") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.ord_type = OrdType::trailing_stop;
  spec.terms.price.reset();
  spec.terms.trail_percent = *Decimal::parse("5");
  const OrderId id = rig.working("k1", spec);
  const OrderSpec old = rig.order(id).spec;
  TermsPatch patch;
  patch.trail_percent = *Decimal::parse("1");
  REQUIRE(rig.replace(id, patch).code == ReplyCode::accepted);
  rig.down();
  rig.up();
  rig.shown_as(id, old);
  CHECK(rig.count<ReplaceAccepted>() == 0);
}
