// SPDX-License-Identifier: Apache-2.0
// A modification is only sent of an order that the broker has: of any other it would be a second
// order.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

bool has(const Reply& reply, const char* words) {
  return reply.text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "replace: an order that is in no list of the broker is not modified, and how it goes on") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1", limit_order_for(TimeInForce::good_till_cancel));
  rig.down();
  rig.up();
  rig.later_round();
  rig.later_round();
  REQUIRE(rig.order(id).unknown);
  REQUIRE(rig.core.book().find_incident("order_vanished/1") != nullptr);
  const Reply reply = rig.reprice(id, "191");
  CHECK(reply.code == ReplyCode::wrong_state);
  CHECK(has(reply, "unknown"));
  CHECK(has(reply, "belay reconcile"));
  CHECK(has(reply, "belay decide 1"));
  CHECK(rig.last.events.empty());
  CHECK(rig.count<ReplaceEffect>() == 0);
  // It turns up: then it can be modified.
  rig.shown(id);
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("replace: not while it is unknown whether the order arrived at all") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 9999, Verdict::unlisted);
  REQUIRE(rig.order(id).unknown);
  CHECK(rig.reprice(id, "191").code == ReplyCode::wrong_state);
}

TEST_CASE("replace: after a reconnect not before the broker has listed the order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.down();
  rig.up();
  SnapshotDone first = rig.round();  // complete and not settled; the order is in no list
  first.settled = false;
  rig.step(first);
  REQUIRE(rig.core.ready());
  const Reply reply = rig.reprice(id, "191");
  CHECK(reply.code == ReplyCode::wrong_state);
  CHECK(has(reply, "has not listed the order since the connection was made"));
  rig.later_round({rig.names(id)});
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("replace: a copy under another id does not show that there is one under ours") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.down();
  rig.up();
  BrokerNames twin = rig.names(id);
  twin.broker_id = BrokerOrderId{0, 99};
  twin.permanent_id = PermanentId(5555);
  rig.step(BrokerOrder{twin, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  rig.later_round({twin});
  CHECK(rig.reprice(id, "191").code == ReplyCode::wrong_state);
  CHECK(rig.count<ReplaceEffect>() == 0);
}

TEST_CASE("replace: after a reset window on a link that lasted the order must be listed again") {
  CoreOptions options;
  options.calendar.daily_reset = *Window::parse("23:45-00:45 America/New_York");
  CoreRig rig(options);
  rig.now = *belay::base::parse_rfc3339("2026-11-25T02:00:00Z");
  rig.up();
  rig.synced();
  const OrderId id = rig.working("k1");
  for (const char* time : {"2026-11-25T05:00:00Z", "2026-11-25T05:45:00Z"}) {
    rig.now = *belay::base::parse_rfc3339(time);
    rig.step(Tick{});
  }
  SnapshotDone unsettled = rig.round();
  unsettled.settled = false;
  rig.step(unsettled);
  REQUIRE(rig.core.ready());
  CHECK(rig.reprice(id, "191").code == ReplyCode::wrong_state);
  rig.shown(id);
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
}

TEST_CASE("replace: a wish that waits for a slot is held while the order is unknown") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1", limit_order_for(TimeInForce::good_till_cancel));
  rig.wait(seconds(12));
  rig.slots = 0;
  REQUIRE(rig.reprice(id, "191").code == ReplyCode::accepted);
  rig.wait(seconds(6));
  rig.step(rig.round());
  REQUIRE(rig.order(id).unknown);
  rig.slots = 10;
  rig.step(Tick{});
  CHECK(rig.count<ReplaceEffect>() == 0);
  rig.wait(minutes(2));  // it waits for the broker's list and for no slot
  CHECK(rig.order(id).desired_terms.has_value());
  rig.shown(id);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("replace: an order that is unknown for its own modification takes the next wish") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.notice(id, 9999, Verdict::unlisted);
  REQUIRE(rig.order(id).unknown);
  CHECK(rig.reprice(id, "192").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 0);
  rig.shown(id);
  CHECK(rig.the<ReplaceEffect>().spec->terms.price == price("192"));
}

TEST_CASE("replace: a wish that was never sent leaves an unknown order unknown") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  REQUIRE(rig.reprice(id, "191").code == ReplyCode::accepted);  // waits for the acknowledgement
  rig.down();
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.order(id).unknown);
  CHECK(rig.replayed().find(id)->unknown);
}
