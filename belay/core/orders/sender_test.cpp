// SPDX-License-Identifier: Apache-2.0
// The queue as callers meet it: who goes first, how long one may wait, how many may.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

OrderSpec exit_sell(std::int64_t count) {
  OrderSpec spec = limit_order(count, "200");
  spec.side = Side::sell;
  return spec;
}
Reply place_as(CoreRig& rig, const char* who, OrderSpec spec = limit_order()) {
  rig.step(PlaceOrder{++rig.correlation, who, std::nullopt, std::move(spec)});
  return rig.the<Reply>();
}
std::vector<OrderId> sent(CoreRig& rig, unsigned slots) {
  rig.slots = slots;
  rig.step(Tick{});
  rig.slots = 0;
  std::vector<OrderId> out;
  for (const Effect& effect : rig.last.effects) {
    if (const auto* place = std::get_if<PlaceEffect>(&effect)) out.push_back(place->order);
    if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) out.push_back(replace->order);
  }
  return out;
}
using Ids = std::vector<OrderId>;

}  // namespace

TEST_CASE("lanes: a protective order behind 10,000 entries gets the next slot") {
  CoreRig rig = CoreRig::holder();
  rig.slots = 0;
  for (int i = 0; i < 10'000; ++i) REQUIRE(rig.place(nullptr).code == ReplyCode::accepted);
  const OrderId exit = rig.place("exit", exit_sell(100)).order;
  const OrderId stop = rig.place("stop", stop_sell(100)).order;
  CHECK(rig.core.outbox().size(Lane::new_risk) == 10'000);
  CHECK(sent(rig, 1) == Ids{stop});
  CHECK(rig.last.events.size() == 1);
  CHECK(sent(rig, 1) == Ids{exit});
}

TEST_CASE("lanes: a stop that waits becomes a protective one when its entry fills") {
  CoreRig rig = CoreRig::ready();
  const OrderId entry = rig.working("entry");
  rig.slots = 0;
  const OrderId other = rig.place("other").order;
  const OrderId stop = rig.place("stop", stop_sell(60)).order;
  CHECK(rig.core.outbox().size(Lane::protective) == 0);
  BrokerExecution fill = rig.execution(entry, "e.0.01", 60);
  fill.contract.con_id = 265598;
  rig.step(fill);
  CHECK(rig.core.outbox().size(Lane::protective) == 1);
  CHECK(sent(rig, 2) == Ids{stop, other});
}

TEST_CASE("lanes: a stop that waits is new risk again when its position is gone") {
  CoreRig rig = CoreRig::holder();
  const OrderId exit = rig.working("exit", exit_sell(100));
  rig.slots = 0;
  const OrderId first = rig.place("first").order;
  const OrderId stop = rig.place("stop", stop_sell(100)).order;
  BrokerExecution fill = rig.execution(exit, "e.9.01", 100);
  fill.contract.con_id = 265598;
  rig.step(fill);
  CHECK(rig.core.outbox().size(Lane::protective) == 0);
  CHECK(rig.core.next_deadline() != belay::base::never);
  CHECK(sent(rig, 2) == Ids{first, stop});
}

TEST_CASE("lanes: callers take turns, and a modification goes before new orders of its caller") {
  CoreRig rig = CoreRig::ready();
  const OrderId working = rig.working("w");
  rig.slots = 0;
  const OrderId a1 = rig.place("k1").order;  // of "tester", as the modification below
  const OrderId a2 = rig.place("k2").order;
  const OrderId b1 = place_as(rig, "bot").order;
  rig.reprice(working, "191");
  CHECK(sent(rig, 4) == Ids{working, b1, a1, a2});
}

TEST_CASE("lanes: a stop that is tightened goes before what waits in the lower lanes") {
  CoreRig rig = CoreRig::holder();
  const OrderId stop = rig.working("stop", stop_sell(100));
  rig.slots = 0;
  const OrderId entry = rig.place("entry").order;
  const OrderId exit = rig.place("exit", exit_sell(50)).order;
  TermsPatch tighter;
  tighter.stop_px = price("185");
  rig.replace(stop, tighter);
  CHECK(sent(rig, 3) == Ids{stop, exit, entry});
}

TEST_CASE("queue: an order that is canceled while it waits is gone at once") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const OrderId first = rig.place("k1").order;
  const OrderId second = rig.place("k2").order;
  rig.cancel(first);
  CHECK(rig.core.queued() == 1);
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK(sent(rig, 9) == Ids{second});
}

TEST_CASE("queue: what has waited longer than its time is denied, and says so") {
  CoreRig rig = CoreRig::ready({.queue_timeout = seconds(30)});
  rig.slots = 0;
  const OrderId late = rig.place("k1").order;
  CHECK(rig.core.next_deadline() == rig.now + seconds(30));
  rig.wait(seconds(29));
  CHECK(rig.state(late) == OrdStatus::created);
  rig.wait(seconds(1));
  CHECK(rig.state(late) == OrdStatus::denied);
  CHECK(rig.the<OrderDenied>().reason ==
        "not sent: it waited 30 s for a send slot (RATE_LIMIT_TIMEOUT)");
  CHECK(rig.core.next_deadline() == belay::base::never);
}

TEST_CASE("queue: an order with a valid_until of its own waits until then, and no longer") {
  CoreRig rig = CoreRig::ready({.queue_timeout = seconds(30)});
  rig.slots = 0;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(40);
  const OrderId id = rig.place("k1", spec).order;
  rig.wait(seconds(35));
  CHECK(rig.state(id) == OrdStatus::created);
  rig.slots = 1;
  rig.wait(seconds(5));
  CHECK(rig.the<OrderDenied>().reason == "not sent before its valid_until");
}

TEST_CASE("queue: protection does not give up waiting") {
  CoreRig rig = CoreRig::holder({.queue_timeout = seconds(30)});
  rig.slots = 0;
  const OrderId stop = rig.place("stop", stop_sell(100)).order;
  rig.wait(seconds(300));
  CHECK(sent(rig, 1) == Ids{stop});
}

TEST_CASE("queue: a modification that waited too long is refused and the order lives") {
  CoreRig rig = CoreRig::ready({.queue_timeout = seconds(30)});
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  rig.reprice(id, "191");
  rig.wait(seconds(30));
  CHECK(rig.the<ReplaceRefused>().text.find("RATE_LIMIT_TIMEOUT") != std::string::npos);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("queue: the limit counts new risk alone, and higher lanes have one of their own") {
  CoreRig rig = CoreRig::holder({.queue_max = 2, .queue_max_urgent = 1});
  rig.slots = 0;
  rig.place("k1");
  rig.place("k2");
  const Reply full = rig.place("k3");
  CHECK(full.code == ReplyCode::queue_full);
  CHECK(full.text.find("2 orders wait for a send slot already") == 0);
  CHECK(full.text.find("at most 2: RATE_LIMIT_QUEUE_SIZE") != std::string::npos);
  CHECK(rig.place("exit", exit_sell(10)).code == ReplyCode::accepted);
  CHECK(rig.place("exit2", exit_sell(10)).code == ReplyCode::queue_full);
  CHECK(rig.place("stop", stop_sell(100)).code == ReplyCode::accepted);
}

TEST_CASE("queue: one caller may not fill it alone, and protection is never refused for that") {
  CoreRig rig = CoreRig::holder({.queue_max = 10, .queue_max_per_caller = 2});
  rig.slots = 0;
  place_as(rig, "greedy");
  place_as(rig, "greedy");
  const Reply full = place_as(rig, "greedy");
  CHECK(full.code == ReplyCode::queue_full);
  CHECK(full.text.find("of this caller") != std::string::npos);
  CHECK(place_as(rig, "modest").code == ReplyCode::accepted);
  CHECK(place_as(rig, "greedy", stop_sell(100)).code == ReplyCode::accepted);
}
