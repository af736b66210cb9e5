// SPDX-License-Identifier: Apache-2.0
// Orders of others at the engine: a change of one is new risk like any other, a cancel of one waits
// for no disk.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/engine_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

/// Order 1, number 40 of another session or of an earlier program in ours, works.
void somebodys_order(EngineRig& rig, std::int32_t session) {
  EngineRig::ready(rig);
  BrokerOrder shown;
  shown.names = {BrokerOrderId{session, 40}, PermanentId(77), "", true};
  shown.spec = EngineRig::order().spec;
  shown.spec.ord_type = OrdType::limit;
  shown.spec.terms.price = Price(Decimal::from_int(10));
  shown.raw_ord_type = "LMT";
  shown.state = BrokerState::working;
  shown.raw_status = "Submitted";
  rig.submit(shown);
  rig.settle();
  rig.broker.log.clear();
}
ReplaceOrder more() {
  TermsPatch patch;
  patch.order_qty = Quantity::from_int(1000);
  return {2, "t", OrderId(1), std::nullopt, patch, true};
}
const Order& theirs(const EngineRig& rig) {
  return *rig.engine->core().book().find(OrderId(1));
}

}  // namespace

TEST_CASE("foreign: a change leaves after its record is durable") {
  for (const std::int32_t session : {0, 7}) {
    EngineRig rig;
    somebodys_order(rig, session);
    rig.submit(more());
    rig.turn();
    CHECK(rig.sends().empty());
    rig.commit();
    CHECK(rig.sends() == Log{"foreign replace 40", "reply"});
    CHECK(rig.broker.reserved == 0);
  }
}

TEST_CASE("foreign: a halt takes back a change that waits for its commit, and it is told") {
  for (const std::int32_t session : {0, 7}) {
    EngineRig rig;
    somebodys_order(rig, session);
    rig.submit(more());
    rig.turn();
    rig.submit(Halt{3, "person", "stop"});
    CHECK(rig.engine->gate_closed());
    rig.settle();
    CHECK_FALSE(rig.left("foreign replace 40"));
    CHECK_FALSE(theirs(rig).replace_in_flight());
    CHECK(theirs(rig).text.find("new risk is halted") != std::string::npos);
    CHECK(rig.position("publish ReplaceRefused") > rig.position("publish Halted"));
  }
}

TEST_CASE("foreign: a change does not leave behind a cancel of its order") {
  EngineRig rig;
  somebodys_order(rig, 0);
  rig.submit(more());
  rig.turn();
  rig.submit(CancelOrder{3, "t", OrderId(1), std::nullopt});
  CHECK(rig.sends() == Log{"cancel 40"});
  rig.settle();
  CHECK_FALSE(rig.left("foreign replace 40"));
  CHECK(rig.position("publish ReplaceRefused") > rig.position("publish CancelIntended"));
}

TEST_CASE("foreign: nor behind a cancel in its client's name, nor behind a global one") {
  for (const bool global : {false, true}) {
    EngineRig rig;
    somebodys_order(rig, 7);
    rig.submit(more());
    rig.turn();
    if (global) {
      rig.submit(CancelMany{3, "t", CancelScope::all, AccountId(), false, false});
    } else {
      rig.submit(CancelOrder{3, "t", OrderId(1), std::nullopt, true});
    }
    CHECK(rig.sends() == Log{global ? "global cancel" : "foreign cancel 40"});
    rig.settle();
    CHECK_FALSE(rig.left("foreign replace 40"));
    CHECK_FALSE(theirs(rig).replace_in_flight());
  }
}

TEST_CASE("foreign: a change that waits when the link is lost never left") {
  for (const std::int32_t session : {0, 7}) {
    EngineRig rig;
    somebodys_order(rig, session);
    rig.submit(more());
    rig.turn();
    rig.submit(SessionDown{"reset by peer"});
    rig.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}});
    rig.submit(SnapshotDone{});
    rig.settle();
    CHECK_FALSE(rig.left("foreign replace 40"));
    CHECK_FALSE(theirs(rig).replace_in_flight());
  }
}

TEST_CASE("foreign: a cancel in another client's name does not wait for a stalled disk") {
  EngineRig rig;
  somebodys_order(rig, 7);
  rig.submit(EngineRig::order());
  rig.turn();  // a commit is in flight, and the disk stalls
  rig.now = rig.now + seconds(30);
  rig.submit(CancelOrder{3, "t", OrderId(1), std::nullopt, true});
  CHECK(rig.sends() == Log{"foreign cancel 40"});
  CHECK(rig.replies.empty());  // the answer waits for the record
  rig.settle();
  CHECK(rig.replies.size() == 2);
  CHECK(std::count(rig.broker.log.begin(), rig.broker.log.end(), "foreign cancel 40") == 1);
}
