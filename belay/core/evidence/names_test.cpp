// SPDX-License-Identifier: Apache-2.0
// Names that two orders have, or one order twice: ids, execution ids, copies.
#include <doctest/doctest.h>

#include <set>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

TEST_CASE(
    "identity: an execution id that two orders have counts once for each, however often listed") {
  CoreRig rig = CoreRig::ready();
  const OrderId a = rig.working("a");
  const OrderId b = rig.working("b");
  rig.fill(a, "e.1.01", 10);
  rig.fill(b, "e.1.01", 10);
  CHECK(rig.order(a).cum_qty == shares(10));
  CHECK(rig.order(b).cum_qty == shares(10));
  for (int round = 0; round < 3; ++round) {  // the broker lists the day again
    rig.fill(a, "e.1.01", 10);
    rig.fill(b, "e.1.01", 10);
  }
  CHECK(rig.order(a).cum_qty == shares(10));
  CHECK(rig.order(b).cum_qty == shares(10));
}

namespace {
// An order of ours that is nowhere after a reconnect, while a stranger's order has its id.
OrderId usurped(CoreRig& rig) {
  const OrderId id = rig.working("k1");
  rig.down();
  rig.up();
  BrokerNames stranger{rig.order(id).broker_id, PermanentId(99999), "somebody"};
  stranger.carries_tag = true;
  rig.step(BrokerOrder{stranger, limit_order(500), "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  rig.wait(seconds(12));
  rig.step(rig.round({stranger}));
  REQUIRE(rig.order(id).unknown);
  REQUIRE(rig.core.book().find(PermanentId(99999))->id != id);
  return id;
}
}  // namespace

TEST_CASE("identity: our id on a stranger's order is not canceled there while ours is nowhere") {
  CoreRig rig = CoreRig::ready();
  rig.cancel(usurped(rig));
  CHECK(rig.count<CancelEffect>() == 0);
}

TEST_CASE("identity: our id on a stranger's order is not modified there either") {
  CoreRig rig = CoreRig::ready();
  rig.reprice(usurped(rig), "191");
  CHECK(rig.count<ReplaceEffect>() == 0);
}

TEST_CASE("identity: words about the id of a stranger's order do not end ours") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = usurped(rig);
  rig.notice(id, 202, Verdict::canceled);
  CHECK_FALSE(is_terminal(rig.state(id)));
}

TEST_CASE("identity: a cancel reaches every copy, also one under another id of this session") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");  // 0:1
  BrokerNames twin = rig.names(id);
  twin.permanent_id = PermanentId(5555);
  twin.broker_id = BrokerOrderId{0, 99};  // our tag, this session, another id
  rig.step(
      BrokerOrder{twin, limit_order(), "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  REQUIRE(rig.incident("second_copy"));
  rig.cancel(id);
  std::set<std::int64_t> asked;
  const auto note = [&] {
    for (const Effect& effect : rig.last.effects) {
      if (const auto* cancel = std::get_if<CancelEffect>(&effect))
        asked.insert(cancel->broker_id.number);
    }
  };
  note();
  BrokerNames first = rig.names(id);
  rig.step(BrokerStatus{first, BrokerState::canceled, "Cancelled", "", shares(0)});
  note();
  for (int i = 0; i < 3; ++i) {
    rig.wait(seconds(12));
    rig.step(rig.round({twin}));
    note();
  }
  CHECK(asked.count(99) == 1);
}

TEST_CASE("identity: the canceling client's id in a status does not move our floor") {
  CoreRig rig = CoreRig::ready();
  BrokerNames theirs;
  theirs.broker_id = BrokerOrderId{7, 500000};
  theirs.permanent_id = PermanentId(777);
  theirs.carries_tag = true;
  rig.step(BrokerOrder{theirs, limit_order(), "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  BrokerNames canceled;  // recorded: Cancelled carries the canceller's client id
  canceled.broker_id = BrokerOrderId{0, 500000};
  canceled.permanent_id = PermanentId(777);
  rig.step(BrokerStatus{canceled, BrokerState::canceled, "Cancelled", "", shares(0)});
  CHECK(rig.core.book().id_mark(0) < 500000);
}
