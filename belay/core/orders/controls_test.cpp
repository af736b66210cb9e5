// SPDX-License-Identifier: Apache-2.0
// The kill gate: it stops new risk at once and for good, and never a cancel or protection.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

Reply halt(CoreRig& rig, const char* reason = "a test") {
  rig.step(Halt{++rig.correlation, "person", reason});
  return rig.the<Reply>();
}
Reply resume(CoreRig& rig) {
  rig.step(Resume{++rig.correlation, "person", "looked at"});
  return rig.the<Reply>();
}

}  // namespace

TEST_CASE("halt: new orders are refused with who halted and why, and nothing is recorded") {
  CoreRig rig = CoreRig::ready();
  CHECK(halt(rig).code == ReplyCode::accepted);
  CHECK(rig.the<Halted>().reason == "a test");
  const Reply refused = rig.place("k1");
  CHECK(refused.code == ReplyCode::halted);
  CHECK(refused.text == "new risk is halted by person: a test");
  CHECK(rig.last.events.empty());
  // The key is free: the same request is taken when the gate is open again.
  CHECK(resume(rig).code == ReplyCode::accepted);
  CHECK(rig.place("k1").code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 1);
}

TEST_CASE("halt: a repeated request gets its answer all the same") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  halt(rig);
  CHECK(rig.place("k1").code == ReplyCode::replayed);
}

TEST_CASE("halt: what waits is denied at once, with the reason") {
  CoreRig rig = CoreRig::ready();
  const OrderId working = rig.working("w");
  rig.slots = 0;
  const OrderId waiting = rig.place("k1").order;
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + std::chrono::hours(1);
  const OrderId later = rig.place("k2", patient).order;
  rig.reprice(working, "195");
  halt(rig);
  CHECK(rig.count<OrderDenied>() == 2);
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.state(waiting) == OrdStatus::denied);
  CHECK(rig.order(later).text == "new risk is halted by person: a test");
  CHECK(rig.state(working) == OrdStatus::new_);
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("halt: cancels pass") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  halt(rig);
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE("halt: protection passes, new and waiting, and what only reduces a position does not") {
  CoreRig rig = CoreRig::holder();
  rig.slots = 0;
  const OrderId waiting = rig.place("s1", stop_sell(50)).order;
  halt(rig);
  CHECK(rig.state(waiting) == OrdStatus::created);
  CHECK(rig.place("s2", stop_sell(50)).code == ReplyCode::accepted);
  CHECK(rig.place("s3", stop_sell(1)).code == ReplyCode::halted);
  OrderSpec exit = limit_order(10);
  exit.side = Side::sell;
  CHECK(rig.place("e1", exit).code == ReplyCode::halted);
  rig.slots = 9;
  rig.step(Tick{});
  CHECK(rig.count<PlaceEffect>() == 2);
  for (const Effect& effect : rig.last.effects) CHECK(std::get<PlaceEffect>(effect).passes_halt);
}

TEST_CASE("halt: of modifications only those that lessen or protect are taken") {
  CoreRig rig = CoreRig::holder();
  const OrderId entry = rig.working("entry");
  const OrderId stop = rig.working("stop", stop_sell(100));
  halt(rig);
  CHECK(rig.reprice(entry, "195").code == ReplyCode::halted);
  TermsPatch less;
  less.order_qty = shares(50);
  CHECK(rig.replace(entry, less).code == ReplyCode::accepted);
  CHECK(rig.the<ReplaceEffect>().passes_halt);
  TermsPatch tighter;
  tighter.stop_px = price("185");
  CHECK(rig.replace(stop, tighter).code == ReplyCode::accepted);
  CHECK(rig.the<ReplaceEffect>().passes_halt);
}

TEST_CASE("halt: it survives a restart, and so does its end") {
  CoreRig rig = CoreRig::ready();
  halt(rig, "before the night");
  rig.restart();
  rig.up();
  rig.synced();
  CHECK(rig.place("k1").code == ReplyCode::halted);
  REQUIRE(rig.core.book().halted().has_value());
  CHECK(rig.core.book().halted()->reason == "before the night");
  resume(rig);
  rig.restart();
  rig.up(2);
  rig.synced();
  CHECK(rig.place("k2").code == ReplyCode::accepted);
}

TEST_CASE("halt: without a broker it closes the gate too, and that is the reason told") {
  CoreRig rig;
  halt(rig);
  CHECK(rig.place("k1").code == ReplyCode::halted);
}

TEST_CASE("halt: asking twice is one halt, and the first reason stays") {
  CoreRig rig = CoreRig::ready();
  halt(rig, "first");
  const Reply again = halt(rig, "second");
  CHECK(again.code == ReplyCode::accepted);
  CHECK(again.text == "halted already; new risk is halted by person: first");
  CHECK(rig.last.events.empty());
  resume(rig);
  const Reply open = resume(rig);
  CHECK(open.code == ReplyCode::accepted);
  CHECK(open.text == "not halted");
  CHECK(rig.last.events.empty());
}

TEST_CASE(
    "halt: a tag of ours that this journal never sent stops new risk until a person resumes") {
  CoreRig rig;
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + std::chrono::minutes(60);
  const OrderId waits = rig.place("k1", patient).order;
  rig.up();
  BrokerNames lost;
  lost.broker_id = BrokerOrderId{0, 12};
  lost.permanent_id = PermanentId(900);
  lost.tag = order_tag(CoreRig::instance, OrderId(77));
  lost.carries_tag = true;
  const BrokerOrder working{lost, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}};
  rig.step(working);
  CHECK(rig.incident("unknown_tag"));
  CHECK(rig.the<Halted>().principal == "belay");
  CHECK(rig.the<Halted>().reason.find(lost.tag) != std::string::npos);
  CHECK(rig.state(waits) == OrdStatus::denied);
  rig.synced({lost});
  const Reply refused = rig.place("k2");
  CHECK(refused.code == ReplyCode::halted);
  CHECK(refused.text.find("never sent") != std::string::npos);
  rig.restart();
  rig.up();
  rig.step(working);
  rig.synced({lost});
  CHECK(rig.place("k2").code == ReplyCode::halted);
  CHECK(resume(rig).code == ReplyCode::accepted);
  CHECK(rig.place("k2").code == ReplyCode::accepted);
  rig.step(working);
  CHECK(rig.count<Halted>() == 0);  // it was looked at
}

TEST_CASE("halt: a finished order with a lost tag halts once, however often it is listed") {
  CoreRig rig = CoreRig::ready();
  BrokerNames lost;
  lost.permanent_id = PermanentId(900);
  lost.tag = order_tag(CoreRig::instance, OrderId(77));
  lost.carries_tag = true;
  const BrokerOrder done{lost, limit_order(), "LMT", BrokerState::canceled, "Cancelled", "", {}};
  rig.step(done);
  REQUIRE(rig.core.book().halted().has_value());
  resume(rig);
  const std::uint64_t seq = rig.core.book().incidents().begin()->first;
  rig.step(CloseIncident{++rig.correlation, "alice", seq, "an older copy; compared with TWS"});
  rig.step(done);
  CHECK(rig.incident("unknown_tag"));
  CHECK(rig.count<Halted>() == 0);
}

TEST_CASE("halt: an order that gets the tag of a lost one after the resume is not taken for it") {
  CoreRig rig = CoreRig::ready();
  BrokerNames lost;
  lost.broker_id = BrokerOrderId{0, 12};
  lost.permanent_id = PermanentId(900);
  lost.tag = order_tag(CoreRig::instance, OrderId(2));
  lost.carries_tag = true;
  const BrokerOrder working{lost, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}};
  rig.step(working);
  const OrderId seen = rig.the<ExternalOrderSeen>().order;
  resume(rig);
  const OrderId again = rig.working("k1");
  REQUIRE(order_tag(CoreRig::instance, again) == lost.tag);
  rig.step(working);
  CHECK(rig.silent());
  BrokerExecution fill = rig.execution(again, "e.1.01", 100);
  fill.names = lost;
  rig.step(fill);
  CHECK(rig.state(seen) == OrdStatus::filled);
  CHECK(rig.state(again) == OrdStatus::new_);
}
