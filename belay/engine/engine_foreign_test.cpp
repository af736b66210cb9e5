// SPDX-License-Identifier: Apache-2.0
// Orders of others at the engine: a cancel of one waits for no disk.
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
  shown.spec.edit().ord_type = OrdType::limit;
  shown.spec.edit().terms.price = Price(Decimal::from_int(10));
  shown.raw_ord_type = "LMT";
  shown.state = BrokerState::working;
  shown.raw_status = "Submitted";
  rig.submit(shown);
  rig.settle();
  rig.broker.log.clear();
}

}  // namespace

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
