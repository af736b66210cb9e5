// SPDX-License-Identifier: Apache-2.0
// How large orders of others are: as the broker tells it, else as their fills are, and never as the
// sequence was in which it became known.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

const BrokerNames their_order{BrokerOrderId{5, 12}, PermanentId(900), "their_order", true};

BrokerExecution fill_of_theirs(const char* exec_id, std::int64_t count, std::int64_t sum) {
  BrokerExecution fill;
  fill.names = their_order;
  fill.account = AccountId("DU1");
  fill.contract = limit_order().contract;
  fill.execution.id = split_exec_id(exec_id);
  fill.execution.last_qty = shares(count);
  fill.execution.last_px = price("10");
  fill.execution.busted = count == 0;
  fill.cum_qty = shares(sum);
  return fill;
}
BrokerOrder end_of_theirs(BrokerState state, std::int64_t total, std::int64_t filled) {
  const char* word = state == BrokerState::filled ? "Filled" : "Cancelled";
  return {their_order, limit_order(total), "LMT", state, word, "", shares(filled)};
}

}  // namespace

TEST_CASE("external: one known from its fills alone is no larger for a fill that was inferred") {
  CoreRig rig = CoreRig::ready();
  rig.step(fill_of_theirs("x.1.01", 40, 40));
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  rig.step(BrokerStatus{their_order, BrokerState::working, "Submitted", "", shares(60)});
  for (int i = 0; i < 3; ++i) rig.later_round({their_order});
  REQUIRE(rig.order(id).cum_qty == shares(60));
  CHECK_FALSE(rig.order(id).overfilled);
  CHECK(rig.order(id).spec->terms.order_qty == shares(60));
  rig.step(fill_of_theirs("x.2.01", 20, 60));  // the real one
  CHECK(rig.order(id).cum_qty == shares(60));
  CHECK(rig.order(id).spec->terms.order_qty == shares(60));
  CHECK(rig.state(id) == OrdStatus::filled);
}

TEST_CASE("external: the size that the broker tells counts, whatever was known of its fills then") {
  for (const bool described_first : {true, false}) {
    CAPTURE(described_first);
    CoreRig rig = CoreRig::ready();
    rig.step(fill_of_theirs("x.1.01", 40, 40));
    const OrderId id = rig.the<ExternalOrderSeen>().order;
    if (described_first) rig.step(end_of_theirs(BrokerState::canceled, 100, 70));
    rig.step(fill_of_theirs("x.2.01", 70, 110));
    if (!described_first) rig.step(end_of_theirs(BrokerState::canceled, 100, 70));
    rig.step(fill_of_theirs("x.1.02", 0, 70));
    rig.later_round();
    CHECK(rig.order(id).spec->terms.order_qty == shares(100));
    CHECK(rig.order(id).cum_qty == shares(70));
    CHECK_FALSE(rig.order(id).overfilled);
  }
}

TEST_CASE("external: of one that was canceled and whose size nobody told it is not known") {
  CoreRig rig = CoreRig::ready();
  rig.step(fill_of_theirs("x.1.01", 40, 40));
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  rig.step(end_of_theirs(BrokerState::canceled, 0, 40));
  CHECK(rig.state(id) == OrdStatus::canceled);  // not filled
  CHECK(rig.order(id).spec->terms.order_qty.is_zero());
  CHECK_FALSE(rig.order(id).overfilled);
  rig.step(end_of_theirs(BrokerState::canceled, 100, 40));  // somebody tells it
  CHECK(rig.order(id).spec->terms.order_qty == shares(100));
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("external: an order for money is as large as the broker calls filled, told late or not") {
  for (const bool told_late : {true, false}) {
    CAPTURE(told_late);
    CoreRig rig = CoreRig::ready();
    const BrokerStatus end{their_order, BrokerState::filled, "Filled", "", shares(50)};
    rig.step(BrokerOrder{their_order, limit_order(0), "MKT", BrokerState::working, "Submitted", "",
                         std::nullopt});
    const OrderId id = rig.the<ExternalOrderSeen>().order;
    if (!told_late) rig.step(end);
    rig.step(fill_of_theirs("x.1.01", 30, 30));
    CHECK(rig.state(id) == OrdStatus::partially_filled);
    rig.step(fill_of_theirs("x.2.01", 20, 50));
    if (!told_late) CHECK(rig.state(id) == OrdStatus::filled);
    rig.step(fill_of_theirs("x.2.02", 0, 30));
    if (told_late) rig.step(end);
    CHECK(rig.order(id).spec->terms.order_qty == shares(50));
    CHECK(rig.order(id).cum_qty == shares(30));
    CHECK(rig.state(id) == OrdStatus::partially_filled);
  }
}
