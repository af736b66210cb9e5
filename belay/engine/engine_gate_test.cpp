// SPDX-License-Identifier: Apache-2.0
// The gate and the families at the engine: what is in flight when a halt comes, what a stalled disk
// may delay, and what is told to the writer.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/engine_rig.hpp"

using namespace belay::test;

namespace {

PlaceFamily family_of(int count) {
  PlaceFamily command{1, "t", {}};
  for (int i = 0; i < count; ++i) command.orders.push_back({std::nullopt, EngineRig::order().spec});
  return command;
}
/// Holds 1 AAPL; order 1 is done.
void hold_one(EngineRig& rig) {
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  BrokerExecution fill;
  fill.names.broker_id = BrokerOrderId{0, 1};
  fill.account = AccountId("DU1");
  fill.contract.symbol = "AAPL";
  fill.contract.con_id = 265598;
  fill.execution.id = split_exec_id("e.1.01");
  fill.execution.last_qty = Quantity::from_int(1);
  fill.execution.last_px = Price(Decimal::from_int(190));
  rig.submit(fill);
  rig.settle();
  rig.broker.log.clear();
}
PlaceOrder stop_order() {
  PlaceOrder stop = EngineRig::order();
  stop.spec.edit().side = Side::sell;
  stop.spec.edit().ord_type = OrdType::stop;
  stop.spec.edit().terms.stop_px = Price(Decimal::from_int(180));
  return stop;
}

}  // namespace

TEST_CASE("gate: a frame whose commit is in flight when the halt comes is taken back") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  REQUIRE(rig.journal.pending.size() == 2);
  rig.submit(Halt{5, "person", "stop"});
  CHECK(rig.engine->gate_closed());
  rig.settle();
  CHECK(rig.sends() == Log{"reply", "reply"});
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.position("publish SendWithdrawn") > rig.position("publish Halted"));
  CHECK(rig.broker.reserved == 0);
  CHECK(rig.engine->gate().ledger().open() == 0);
}

TEST_CASE("gate: modifications and families in flight are taken back too") {
  EngineRig rig;
  EngineRig::ready(rig);
  PlaceOrder limit = EngineRig::order();
  limit.spec.edit().ord_type = OrdType::limit;
  limit.spec.edit().terms.price = Price(Decimal::from_int(10));
  rig.submit(limit);
  rig.settle();
  rig.acknowledge(1);
  rig.settle();
  TermsPatch patch;
  patch.price = Price(Decimal::from_int(11));
  rig.submit(ReplaceOrder{2, "t", OrderId(1), std::nullopt, patch});
  rig.submit(family_of(2));
  rig.broker.log.clear();
  rig.submit(Halt{3, "person", "stop"});
  rig.settle();
  for (const auto& line : rig.sends()) CHECK(line == "reply");
  CHECK_FALSE(rig.engine->core().book().find(OrderId(1))->replace_in_flight());
  CHECK(rig.state(2) == OrdStatus::denied);
  CHECK(rig.state(3) == OrdStatus::denied);
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("gate: protection in flight leaves, and so do cancels") {
  EngineRig rig;
  hold_one(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  rig.acknowledge(2);
  rig.settle();
  rig.submit(stop_order());
  rig.turn();
  rig.broker.log.clear();
  rig.submit(Halt{5, "person", "stop"});
  rig.submit(CancelOrder{0, "t", OrderId(2), std::nullopt});
  rig.settle();
  const Log sends = rig.sends();
  CHECK(std::find(sends.begin(), sends.end(), "cancel 2") != sends.end());
  CHECK(std::find(sends.begin(), sends.end(), "place 3") != sends.end());
}

TEST_CASE("gate: it opens when the event that resumes is durable, not before") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(Halt{1, "person", "stop"});
  rig.settle();
  rig.submit(Resume{2, "person", "go"});
  rig.turn();
  CHECK(rig.engine->gate_closed());
  rig.submit(EngineRig::order());
  rig.commit();
  CHECK_FALSE(rig.engine->gate_closed());
  rig.settle();
  CHECK(rig.sends().back() == "place 1");
}

TEST_CASE("gate: a halt that comes while the resume waits for its commit keeps it closed") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(Halt{1, "person", "stop"});
  rig.settle();
  rig.submit(Resume{2, "person", "go"});
  rig.turn();
  rig.submit(Halt{3, "person", "no"});
  rig.settle();
  CHECK(rig.engine->gate_closed());
}

TEST_CASE("gate: a halted journal closes it at the start, before anything is sent") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(Halt{1, "person", "stop"});
  rig.settle();
  rig.make();
  CHECK(rig.engine->gate_closed());
}

TEST_CASE("gate: what the writer refuses is an incident, and halts") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  // Somebody writes the same order past the engine.
  rig.broker.reserve();
  rig.engine->gate().intended({0, 1});
  REQUIRE(rig.engine->gate().place({OrderId(1), {0, 1}, "", {}}, rig.now));
  rig.commit();
  CHECK(rig.engine->gate_closed());
  rig.settle();
  CHECK(rig.engine->stats().writer_refusals_total == 1);
  REQUIRE(rig.engine->core().book().halted().has_value());
  CHECK(rig.engine->core().book().halted()->reason ==
        "writer check: order 1 of session 0 was written already, or is below 1, which was");
  CHECK(rig.engine->core().book().incidents_total() == 1);
  // Whether its frame is at the broker is not known, so nothing is said of the order.
  CHECK(rig.state(1) == OrdStatus::pending_new);
}

TEST_CASE("writer: it is told each intent when that is durable, in order") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.submit(EngineRig::order());
  rig.turn();
  CHECK(rig.engine->gate().ledger().intended_total() == 0);
  rig.commit();
  CHECK(rig.engine->gate().ledger().intended_total() == 2);
  CHECK(rig.engine->gate().ledger().written_total() == 2);
  rig.make();
  rig.settle();
  // What an earlier life intended is not written by this one.
  CHECK(rig.engine->gate().ledger().intended_total() == 0);
}

TEST_CASE("family: it is one commit and one write, with nothing between its orders") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.submit(family_of(3));
  rig.submit(EngineRig::order());
  CHECK(rig.broker.reserved == 5);
  rig.turn();
  rig.settle();
  Log frames;
  for (const auto& line : rig.sends()) {
    if (line != "reply") frames.push_back(line);
  }
  CHECK(frames == Log{"place 1", "family 2 to 4", "place 5"});
  CHECK(rig.engine->stats().sends_total == 5);
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("family: a cancel of one order withdraws it whole while it waits for its commit") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(family_of(3));
  rig.turn();
  rig.submit(CancelOrder{7, "t", OrderId(2), std::nullopt});
  CHECK(rig.broker.reserved == 0);
  rig.settle();
  CHECK(rig.sends() == Log{"reply", "reply"});
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.state(2) == OrdStatus::canceled);
  CHECK(rig.state(3) == OrdStatus::denied);
}

TEST_CASE("family: a link that took none of it withdraws it whole") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(family_of(2));
  rig.turn();
  rig.broker.connected = false;
  rig.commit();
  rig.settle();
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.state(2) == OrdStatus::denied);
}

TEST_CASE("stall: a disk that stalls 30 s delays no cancel and lets no new order out") {
  EngineRig rig;
  EngineRig::ready(rig);
  for (int i = 0; i < 20; ++i) rig.submit(EngineRig::order());
  rig.settle();
  for (int i = 1; i <= 20; ++i) rig.acknowledge(i);
  rig.settle();
  rig.submit(EngineRig::order());
  rig.turn();  // its commit begins, and the disk stalls
  rig.broker.log.clear();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    rig.now = rig.now + milliseconds(1500);
    rig.submit(CancelOrder{0, "t", OrderId(i), std::nullopt});
    rig.turn();
    CHECK(rig.broker.log.size() == i);
    CHECK(rig.broker.log.back() == "cancel " + std::to_string(i));
  }
  CHECK(rig.engine->stalled(rig.now));
  rig.settle();
  CHECK(rig.sends().back() == "place 21");
}
