// SPDX-License-Identifier: Apache-2.0
// What waits to be sent: for a slot, until a deadline, up to a limit.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("pacing: what finds no slot waits, has no id yet, and leaves first come first served") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 1;
  rig.place("k1");
  CHECK(rig.count<PlaceEffect>() == 1);
  rig.slots = 0;
  const OrderId second = rig.place("k2").order;
  const OrderId third = rig.place("k3").order;
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(third) == OrdStatus::created);
  CHECK_FALSE(rig.order(second).broker_id.has_value());
  CHECK(rig.core.queued() == 2);
  rig.slots = 1;
  rig.step(Tick{});
  CHECK(rig.the<PlaceEffect>().order == second);
  rig.step(Tick{});
  CHECK(rig.the<PlaceEffect>().order == third);
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("pacing: a step never sends more than the slots it was given") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  for (int i = 0; i < 10; ++i) rig.place(nullptr);
  rig.slots = 4;
  rig.step(Tick{});
  CHECK(rig.count<PlaceEffect>() == 4);
}

TEST_CASE("pacing: the queue has a limit, and beyond it nothing is recorded") {
  CoreRig rig = CoreRig::ready({.queue_max = 2});
  rig.slots = 0;
  rig.place("k1");
  rig.place("k2");
  CHECK(rig.place("k3").code == ReplyCode::queue_full);
  CHECK(rig.last.events.empty());
}

TEST_CASE("valid_until: one in the past is refused and nothing is recorded") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now;
  CHECK(rig.place("k1", spec).code == ReplyCode::invalid);
  CHECK(rig.last.events.empty());
}

TEST_CASE("valid_until: an order with time left waits for the broker and is sent when it comes") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  CHECK(rig.state(id) == OrdStatus::created);
  CHECK(rig.core.next_deadline() == *spec.valid_until);
  rig.up();
  CHECK(rig.count<PlaceEffect>() == 0);  // not before the snapshot
  rig.synced();
  CHECK(rig.the<PlaceEffect>().order == id);
}

TEST_CASE("valid_until: what is still unsent then is denied") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  rig.wait(seconds(61));
  CHECK(rig.state(id) == OrdStatus::denied);
  CHECK(rig.core.queued() == 0);
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
}

TEST_CASE("valid_until: a slot that comes too late sends nothing") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  rig.up();
  rig.now = rig.now + seconds(120);  // the snapshot took long, and no tick came between
  rig.synced();
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::denied);
}

TEST_CASE("valid_until: the deadline of an order that was canceled while it waited is gone") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  rig.wait(seconds(61));
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
  CHECK(rig.core.queued() == 0);
}
