// SPDX-License-Identifier: Apache-2.0
// Several orders as one: accepted, queued, sent and withdrawn whole.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

using Keys = std::vector<const char*>;

PlaceFamily family(CoreRig& rig, const Keys& keys) {
  PlaceFamily command{++rig.correlation, "tester", {}};
  for (const char* key : keys) {
    PlaceFamily::Member member{std::nullopt, limit_order()};
    if (key != nullptr) member.cl_ord_id = ClOrdId(key);
    command.orders.push_back(member);
  }
  return command;
}
Reply place(CoreRig& rig, const Keys& keys) {
  rig.step(family(rig, keys));
  return rig.the<Reply>();
}

}  // namespace

TEST_CASE("family: one step intends all of them, with consecutive ids and one effect") {
  CoreRig rig = CoreRig::ready();
  rig.working("k0");
  const Reply reply = place(rig, {"k1", "k2", "k3"});
  CHECK(reply.code == ReplyCode::accepted);
  REQUIRE(reply.items.size() == 3);
  CHECK(rig.count<OrderAccepted>() == 3);
  CHECK(rig.count<SendIntended>() == 3);
  CHECK(rig.count<PlaceEffect>() == 0);
  const auto& orders = rig.the<PlaceFamilyEffect>().orders;
  REQUIRE(orders.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(orders[i].order == reply.items[i].order);
    CHECK(orders[i].broker_id.number == 2 + static_cast<std::int64_t>(i));
  }
}

TEST_CASE("family: it waits until there is a slot for each, and nobody overtakes it") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 2;
  place(rig, {nullptr, nullptr, nullptr});
  CHECK(rig.count<PlaceFamilyEffect>() == 0);
  CHECK(rig.place("k4").code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 0);
  rig.slots = 4;
  rig.step(Tick{});
  CHECK(rig.count<PlaceFamilyEffect>() == 1);
  CHECK(rig.count<PlaceEffect>() == 1);
}

TEST_CASE("family: one that never fits into the limit is denied whole") {
  CoreRig rig = CoreRig::ready();
  rig.now = rig.now + seconds(1);
  const PlaceFamily command = family(rig, {nullptr, nullptr, nullptr});
  const Output out = rig.core.step(command, {rig.now, LaneSlots({2, 2, 2}, {2, 2, 2}), ""});
  CHECK(rig.count_in<OrderDenied>(out) == 3);
  CHECK(rig.count_in<PlaceFamilyEffect>(out) == 0);
}

TEST_CASE("family: a cancel of one that waits ends them all, unsent") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const Reply reply = place(rig, {"k1", "k2", "k3"});
  rig.cancel(reply.items[1].order);
  CHECK(rig.state(reply.items[1].order) == OrdStatus::canceled);
  CHECK(rig.count<OrderDenied>() == 2);
  CHECK(rig.order(reply.items[0].order).text == "not sent: an order of its family was canceled");
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("family: its time is that of its most impatient order, and it ends whole") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  PlaceFamily command = family(rig, {nullptr, nullptr});
  command.orders[1].spec.edit().valid_until = rig.now + seconds(5);
  rig.step(command);
  rig.wait(seconds(6));
  CHECK(rig.count<OrderDenied>() == 2);
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("family: the keys decide together") {
  CoreRig rig = CoreRig::ready();
  const Reply first = place(rig, {"k1", "k2"});
  const Reply again = place(rig, {"k1", "k2"});
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == first.order);
  CHECK(place(rig, {"k1", "k3"}).code == ReplyCode::key_reused);
  CHECK(place(rig, {"k4", "k4"}).code == ReplyCode::invalid);
  CHECK(rig.last.events.empty());
}

TEST_CASE("family: one order that is refused refuses them all, and nothing is recorded") {
  CoreRig rig = CoreRig::ready();
  PlaceFamily command = family(rig, {"k1", "k2"});
  command.orders[1].spec.edit().account = AccountId("U9");  // live
  rig.step(command);
  CHECK(rig.the<Reply>().code == ReplyCode::refused);
  CHECK(rig.last.events.empty());
  CHECK(place(rig, {}).code == ReplyCode::invalid);
  rig.step(Halt{0, "person", "stop"});
  CHECK(place(rig, {"k1", "k2"}).code == ReplyCode::halted);
}

TEST_CASE("family: a lost link denies it whole while it is unsent") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  PlaceFamily command = family(rig, {nullptr, nullptr});
  command.orders[0].spec.edit().valid_until = rig.now + seconds(60);  // the other may not wait
  rig.step(command);
  rig.down();
  CHECK(rig.count<OrderDenied>() == 2);
}

TEST_CASE("family: one that may wait is a family after a restart too") {
  CoreRig rig;
  PlaceFamily command = family(rig, {nullptr, nullptr, nullptr});
  for (auto& member : command.orders) {
    member.spec.edit().account = AccountId("DU1");
    member.spec.edit().valid_until = rig.now + std::chrono::minutes(60);
  }
  rig.step(command);
  REQUIRE(rig.count<OrderAccepted>() == 3);
  rig.restart();
  rig.up();
  rig.slots = 2;
  rig.synced();
  CHECK(rig.count<SendIntended>() == 0);
  rig.slots = 10;
  rig.step(Tick{});
  CHECK(rig.the<PlaceFamilyEffect>().orders.size() == 3);
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("family: one whose second order gets no id has sent nothing") {
  CoreOptions options;
  options.ids.ranges = {{"bracket", 1, 3}, {"scanner", 10, 20}};
  CoreRig rig(options);
  rig.up(broker_number_max - 5);  // no lap of the range fits above it
  rig.synced();
  PlaceFamily command = family(rig, {nullptr, nullptr});
  command.orders[0].spec.edit().purpose = "manual";
  command.orders[1].spec.edit().purpose = "bracket";
  rig.step(command);
  CHECK(rig.count<SendIntended>() == 0);
  CHECK(rig.count<OrderDenied>() == 2);
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.count<PlaceFamilyEffect>() == 0);
}

TEST_CASE("family: the limit on open orders counts its own members when it has waited") {
  CoreOptions options;
  options.open_orders_max = 2;
  CoreRig rig(options);
  PlaceFamily command = family(rig, {nullptr, nullptr, nullptr});
  for (auto& member : command.orders) {
    member.spec.edit().valid_until = rig.now + std::chrono::minutes(60);
  }
  rig.step(command);
  rig.up();
  rig.synced();
  CHECK(rig.count<OrderDenied>() == 3);
  CHECK(rig.count<PlaceFamilyEffect>() == 0);
}
