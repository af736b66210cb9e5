// SPDX-License-Identifier: Apache-2.0
// What the broker shows of a life that this journal does not know: an older copy of the data
// directory, or another directory altogether.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

// An order of the rig's session, open, with this tag.
BrokerOrder open_order(const std::string& tag, std::int32_t session = 0) {
  const BrokerNames names{BrokerOrderId{session, 1}, PermanentId(900), tag, true};
  return BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}, false};
}

}  // namespace

TEST_CASE("other life: an open order of this client id with another Belay's tag halts new risk") {
  CoreRig rig;
  rig.up(2);
  rig.step(open_order("b1.0000000abcde.4"));
  CHECK(rig.incident("other_instance"));
  CHECK(rig.count<Halted>() == 1);
  CHECK(rig.core.book().halted());
}

TEST_CASE("other life: a person who has looked resumes, and the same order halts once") {
  CoreRig rig;
  rig.up(2);
  rig.step(open_order("b1.0000000abcde.4"));
  rig.step(Resume{1, "me", "looked"});
  rig.step(open_order("b1.0000000abcde.4"));
  CHECK_FALSE(rig.core.book().halted());
  rig.restart();
  rig.up(2);
  rig.step(open_order("b1.0000000abcde.4"));
  CHECK_FALSE(rig.core.book().halted());
}

TEST_CASE("other life: so does a fill of the day, when nothing of it is open any more") {
  CoreRig rig;
  rig.up(1);
  BrokerExecution fill;
  fill.names = {BrokerOrderId{0, 1}, PermanentId(900), "b1.0000000abcde.4", true};
  fill.account = AccountId("DU1");
  fill.contract.symbol = "AAPL";
  fill.execution.id = split_exec_id("0000.01.01");
  fill.execution.last_qty = shares(5);
  fill.execution.last_px = price("10");
  rig.step(fill);
  CHECK(rig.incident("other_instance"));
  CHECK(rig.core.book().halted());
}

TEST_CASE("other life: another client's Belay and a tag of others halt none") {
  for (const BrokerOrder& shown :
       {open_order("b1.0000000abcde.4", 7), open_order("b1.mine.4"), open_order("b1.."),
        open_order("b1.0000000abcde.x"), open_order("b2.0000000abcde.4"), open_order("")}) {
    CAPTURE(shown.names.tag);
    CoreRig rig;
    rig.up(2);
    rig.step(shown);
    CHECK_FALSE(rig.incident("other_instance"));
    CHECK_FALSE(rig.core.book().halted());
  }
}

TEST_CASE("other life: ids that the broker has seen and this journal has not are an incident") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.restart();
  rig.up(4);
  CHECK(rig.incident("next_id_higher"));
  CHECK_FALSE(rig.core.book().halted());
}

TEST_CASE("other life: a first session, or an id that only this journal has used, is no incident") {
  CoreRig rig;
  rig.up(4000);
  CHECK_FALSE(rig.incident("next_id_higher"));
  rig.synced();
  rig.working("k1");
  rig.restart();
  rig.up(4001);
  CHECK_FALSE(rig.incident("next_id_higher"));
}
