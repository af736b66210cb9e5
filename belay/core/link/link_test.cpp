// SPDX-License-Identifier: Apache-2.0
// Start, loss and return: what had no answer is unknown until evidence. Orders of others.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {
BrokerOrder foreign(std::int32_t session, std::int64_t number, std::int64_t permanent,
                    const char* tag = "", BrokerState state = BrokerState::working) {
  BrokerNames names;
  if (number != 0) names.broker_id = BrokerOrderId{session, number};
  if (permanent != 0) names.permanent_id = PermanentId(permanent);
  names.tag = tag;
  return {names, limit_order(), "LMT", state, "Submitted", "", std::nullopt};
}
}  // namespace

TEST_CASE("start: the instance is made once, and each start is an epoch") {
  CoreRig rig;
  CHECK(rig.count<InstanceCreated>() == 1);
  CHECK(rig.the<DaemonStarted>().epoch == 1);
  rig.restart();
  CHECK(rig.count<InstanceCreated>() == 0);
  CHECK(rig.the<DaemonStarted>().epoch == 2);
  CHECK(rig.core.book().instance() == CoreRig::instance);
}

TEST_CASE("link lost: an order without an answer is unknown, one that works is not") {
  CoreRig rig = CoreRig::ready();
  const OrderId fresh = rig.sent("k1");
  const OrderId working = rig.working("k2");
  rig.down();
  CHECK(rig.the<OrderUnknown>().order == fresh);
  CHECK(rig.the<OrderUnknown>().command == "place");
  CHECK_FALSE(rig.order(working).unknown);
  CHECK(rig.state(fresh) == OrdStatus::pending_new);
  rig.down();
  CHECK(rig.silent());
}

TEST_CASE("link lost: a modification without an answer is unknown, the order lives") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.down();
  CHECK(rig.the<OrderUnknown>().command == "replace");
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("link lost: what waits to be sent is denied, unless its valid_until lies ahead") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const OrderId plain = rig.place("k1").order;
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + seconds(60);
  const OrderId waiting = rig.place("k2", patient).order;
  rig.down();
  CHECK(rig.state(plain) == OrdStatus::denied);
  CHECK(rig.state(waiting) == OrdStatus::created);
  rig.slots = 10;
  rig.up();
  rig.synced();
  CHECK(rig.the<PlaceEffect>().order == waiting);
}

TEST_CASE("link lost: a modification that waits to be sent is refused") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  rig.reprice(id, "191");
  rig.down();
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK_FALSE(rig.order(id).desired_terms.has_value());
}

TEST_CASE("restart: an order that was sent is unknown, and is never sent again") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.restart();
  CHECK(rig.order(id).unknown);
  rig.up();
  rig.synced();
  CHECK(rig.count<PlaceEffect>() == 0);
  rig.wait(seconds(3600));
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.order(id).unknown);
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("restart: an order that was accepted and not sent is denied, with its reason") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const OrderId plain = rig.place("k1").order;
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + seconds(60);
  const OrderId waiting = rig.place("k2", patient).order;
  rig.restart();
  CHECK(rig.state(plain) == OrdStatus::denied);
  CHECK(rig.order(plain).text == "not sent before a restart");
  CHECK(rig.state(waiting) == OrdStatus::created);
  rig.slots = 10;
  rig.up();
  rig.synced();
  CHECK(rig.the<PlaceEffect>().order == waiting);
}

TEST_CASE("restart: what works stays as it was") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  const Order before = rig.order(id);
  rig.restart();
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.order(id).cum_qty == before.cum_qty);
  CHECK(rig.order(id).version == before.version);
  rig.fill(id, "e.1.01", 40);  // listed again after the reconnect
  CHECK(rig.silent());
}

TEST_CASE("snapshot: an unknown order that is listed is acknowledged and unknown no longer") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.down();
  rig.up();
  rig.shown(id);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK_FALSE(rig.order(id).unknown);
  rig.synced({rig.names(id)});
  CHECK(rig.the<SyncCompleted>().open_orders == 1);
  CHECK(rig.the<SyncCompleted>().unknown_orders == 0);
}

TEST_CASE("snapshot: absence is no evidence: the order is unknown, never canceled or rejected") {
  CoreRig rig = CoreRig::ready();
  const OrderId fresh = rig.sent("k1");
  const OrderId working = rig.working("k2");
  rig.down();
  rig.up();
  rig.synced();
  CHECK(rig.state(fresh) == OrdStatus::pending_new);
  CHECK(rig.state(working) == OrdStatus::new_);
  CHECK(rig.order(fresh).unknown);
  CHECK(rig.order(working).unknown);
  CHECK(rig.the<OrderUnknown>().command == "absent");
  CHECK(rig.the<SyncCompleted>().unknown_orders == 2);
  rig.status(working, BrokerState::working, "Submitted");  // a later sign of life
  CHECK_FALSE(rig.order(working).unknown);
}

TEST_CASE("snapshot: a completed order takes its end from the list") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.down();
  rig.up();
  BrokerOrder completed{rig.names(id), limit_order(), "LMT",    BrokerState::canceled,
                        "Cancelled",   "by a person", shares(0)};
  completed.names.broker_id.reset();  // completedOrder names no order id
  rig.step(completed);
  rig.synced();
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.the<SyncCompleted>().unknown_orders == 0);
}

TEST_CASE("snapshot: executions of the time away are counted before anything is judged") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.restart();
  rig.up();
  rig.fill(id, "e.1.01", 100);
  rig.synced();
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.count<OrderUnknown>() == 0);
}

TEST_CASE("snapshot: a modification whose answer was lost is decided by the listed terms") {
  CoreRig rig = CoreRig::ready();
  const OrderId taken = rig.working("k1");
  const OrderId off = rig.working("k2");
  rig.reprice(taken, "191");
  rig.reprice(off, "191");
  rig.down();
  rig.up();
  rig.shown(taken);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  rig.shown_as(off, limit_order());
  rig.synced({rig.names(taken), rig.names(off)});
  CHECK(rig.the<ReplaceRefused>().order == off);
  CHECK(rig.order(taken).spec->terms.price == price("191"));
  CHECK(rig.order(off).spec->terms.price == price("190.5"));
  CHECK_FALSE(rig.order(off).unknown);
}

TEST_CASE("snapshot: one that comes while not syncing decides nothing") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.synced();
  CHECK(rig.silent());
  rig.down();
  rig.synced();
  CHECK(rig.silent());
}

TEST_CASE("withdrawn: an order whose frame never left is denied, its id is a gap with a reason") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.step(SendUndone{id, "not connected"});
  CHECK(rig.the<SendWithdrawn>().proof == "not connected");
  CHECK(rig.state(id) == OrdStatus::denied);
  CHECK(rig.core.book().id_gaps_total() == 1);
  CHECK(rig.order(rig.sent("k2")).broker_id->number == 2);
}

TEST_CASE("withdrawn: for a cancel it is canceled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.cancel(id);
  rig.step(SendUndone{id, "withdrawn before its commit for a cancel"});
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("withdrawn: an order that has an answer cannot be withdrawn") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(SendUndone{id, "?"});
  CHECK(rig.silent());
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("external: an order of another client is shown, and only its session may touch it") {
  CoreRig rig = CoreRig::ready();
  rig.step(foreign(5, 12, 900, "mystrategy"));
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  CHECK(rig.order(id).external);
  CHECK(rig.order(id).tag == "mystrategy");
  CHECK(rig.state(id) == OrdStatus::new_);
  const Reply reply = rig.cancel(id);
  CHECK(reply.code == ReplyCode::wrong_state);
  CHECK(reply.text.find("client 5") != std::string::npos);
  CHECK(rig.reprice(id, "1").code == ReplyCode::wrong_state);
  rig.step(foreign(5, 12, 900, "mystrategy"));
  CHECK(rig.count<ExternalOrderSeen>() == 0);
}

TEST_CASE("external: manual orders all have id 0 and are told apart by their permanent ids") {
  CoreRig rig = CoreRig::ready();
  rig.step(foreign(0, 0, 900));
  const OrderId first = rig.the<ExternalOrderSeen>().order;
  rig.step(foreign(0, 0, 901));
  CHECK(rig.the<ExternalOrderSeen>().order != first);
  rig.step(foreign(0, 0, 900));
  CHECK(rig.silent());
}

TEST_CASE("external: an id that another program uses again is another order, not a copy") {
  CoreRig rig = CoreRig::ready();
  rig.step(foreign(5, 12, 900));
  const OrderId old = rig.the<ExternalOrderSeen>().order;
  rig.step(foreign(5, 12, 901));  // the other program's ids were reset
  CHECK_FALSE(rig.incident("second_copy"));
  CHECK(rig.the<ExternalOrderSeen>().order != old);
}

TEST_CASE("external: one that is no longer listed is unknown, not canceled, and counts no more") {
  CoreRig rig = CoreRig::ready();
  rig.step(foreign(5, 12, 900));
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  rig.down();
  rig.up();
  CHECK(rig.core.book().open_orders(rig.order(id).spec) == 1);
  rig.synced();
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).unknown);
  CHECK(rig.core.book().open_orders(rig.order(id).spec) == 0);
  rig.step(foreign(5, 12, 900));  // and here it is again
  CHECK_FALSE(rig.order(id).unknown);
  CHECK(rig.core.book().open_orders(rig.order(id).spec) == 1);
}

TEST_CASE("external: a finished order of somebody else is no news, but its fills are") {
  CoreRig rig = CoreRig::ready();
  rig.step(foreign(5, 12, 900, "", BrokerState::filled));
  CHECK(rig.silent());
  BrokerExecution fill;
  fill.names = {BrokerOrderId{5, 12}, PermanentId(900), ""};
  fill.account = AccountId("DU1");
  fill.execution.id = split_exec_id("x.1.01");
  fill.execution.last_qty = shares(10);
  fill.execution.last_px = price("10");
  rig.step(fill);
  // What was listed before is known of it from then on.
  const Order* known = rig.core.book().find(PermanentId(900));
  REQUIRE(known != nullptr);
  CHECK(known->cum_qty == shares(10));
  CHECK(known->spec->ord_type == OrdType::limit);
  CHECK(known->status == OrdStatus::partially_filled);
}

TEST_CASE("external: an order that is known from its fills alone grows with them") {
  CoreRig rig = CoreRig::ready();
  BrokerExecution fill;
  fill.names = {BrokerOrderId{5, 12}, PermanentId(900), ""};
  fill.account = AccountId("DU1");
  fill.execution.id = split_exec_id("x.1.01");
  fill.execution.last_qty = shares(10);
  fill.execution.last_px = price("10");
  rig.step(fill);
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  CHECK(rig.state(id) == OrdStatus::filled);
  fill.execution.id = split_exec_id("x.2.01");
  rig.step(fill);  // never overfilled
  CHECK(rig.order(id).cum_qty == shares(20));
  CHECK_FALSE(rig.incident("overfill"));
}

TEST_CASE("external: our tag on an order that this journal never sent is an incident, once") {
  CoreRig rig = CoreRig::ready();
  const std::string tag = order_tag(CoreRig::instance, OrderId(77));
  rig.step(foreign(0, 12, 0, tag.c_str()));  // no permanent id yet
  CHECK(rig.incident("unknown_tag"));
  CHECK(rig.count<ExternalOrderSeen>() == 1);
  rig.step(foreign(0, 12, 0, tag.c_str()));
  CHECK(rig.silent());
  rig.step(foreign(0, 12, 900, tag.c_str()));
  CHECK_FALSE(rig.incident("unknown_tag"));
}

TEST_CASE("external: another installation's tag is not ours") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  const std::string tag = order_tag(InstanceId(0xbeef), OrderId(1));
  rig.step(foreign(3, 1, 900, tag.c_str()));
  CHECK(rig.count<ExternalOrderSeen>() == 1);
  CHECK_FALSE(rig.incident("unknown_tag"));
}

TEST_CASE("match: an id that was rolled back and used by another program is never merged") {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  rig.step(foreign(0, 1, 900, "other"));
  CHECK(rig.the<ExternalOrderSeen>().order != ours);
  CHECK(rig.order(ours).permanent_ids.size() == 1);
}

TEST_CASE("match: our tag is followed when the broker shows another number") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  BrokerOrder shown = foreign(0, -5, 900, order_tag(CoreRig::instance, id).c_str());
  rig.step(shown);
  CHECK(rig.count<ExternalOrderSeen>() == 0);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("match: our tag is followed when a reset broker reuses another order's permanent id") {
  CoreRig rig = CoreRig::ready();
  const OrderId old = rig.working("k1");
  const OrderId fresh = rig.sent("k2");
  BrokerNames names = rig.names(fresh);
  names.permanent_id = rig.order(old).permanent_ids.front();
  const std::uint64_t untouched = rig.order(old).version;
  rig.step(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  CHECK(rig.state(fresh) == OrdStatus::new_);
  CHECK(rig.order(old).version == untouched);
  CHECK(rig.incident("permanent_id_reused"));
}

TEST_CASE("match: an order without a tag under our ids is not ours when it trades something else") {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  BrokerOrder shown = foreign(0, 1, rig.order(ours).permanent_ids.front().value());
  shown.names.carries_tag = true;
  shown.spec.edit().contract.symbol = "MSFT";
  shown.spec.edit().terms.order_qty = shares(1);
  const std::uint64_t untouched = rig.order(ours).version;
  rig.step(shown);
  CHECK(rig.the<ExternalOrderSeen>().order != ours);
  CHECK(rig.order(ours).version == untouched);
  CHECK(rig.order(ours).spec->terms.order_qty == shares(100));
}

TEST_CASE("match: an execution id that a reset broker reuses is a fill of the order it names") {
  CoreRig rig = CoreRig::ready();
  const OrderId first = rig.working("k1");
  const OrderId second = rig.working("k2");
  const auto fill = [&](OrderId id, std::int64_t count) {
    BrokerExecution report;
    report.names = rig.names(id);
    report.names.tag = order_tag(CoreRig::instance, id);
    report.names.carries_tag = true;
    report.account = AccountId("DU1");
    report.execution.id = ExecId{"e1", 1};
    report.execution.last_qty = shares(count);
    report.execution.last_px = price("10");
    rig.step(report);
  };
  fill(first, 30);
  fill(second, 40);
  CHECK(rig.incident("execution_id_reused"));
  CHECK(rig.order(first).cum_qty == shares(30));
  CHECK(rig.order(second).cum_qty == shares(40));
}

TEST_CASE("copies: a second permanent id is joined to the same order and is an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  BrokerNames twin = rig.names(id);
  twin.permanent_id = PermanentId(5555);
  rig.step(
      BrokerOrder{twin, limit_order(), "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  CHECK(rig.incident("second_copy"));
  CHECK(rig.order(id).permanent_ids.size() == 2);
  CHECK(rig.count<ExternalOrderSeen>() == 0);
  BrokerExecution a = rig.execution(id, "e.1.01", 60);
  BrokerExecution b = rig.execution(id, "e.2.01", 60);
  b.names = twin;
  rig.step(a);
  rig.step(b);  // both copies fill: the sum is the truth
  CHECK(rig.order(id).cum_qty == shares(120));
  CHECK(rig.incident("overfill"));
}
