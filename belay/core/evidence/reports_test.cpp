// SPDX-License-Identifier: Apache-2.0
// What the broker says: acknowledgements, fills, corrections, ends, codes.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("acknowledgement: the broker shows the order, once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.shown(id);
  CHECK(rig.count<BrokerAcknowledged>() == 1);
  CHECK(rig.count<IncarnationAdded>() == 1);  // the permanent id is learned
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).raw_status == "Submitted");
  rig.shown(id);
  CHECK(rig.silent());  // identical pairs repeat any number of times
  rig.status(id, BrokerState::working, "Submitted");
  CHECK(rig.silent());
}

TEST_CASE("acknowledgement: a pending word changes nothing but what the broker said") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.status(id, BrokerState::pending, "PendingSubmit");
  CHECK(rig.state(id) == OrdStatus::pending_new);
  CHECK(rig.order(id).raw_status == "PendingSubmit");
  rig.status(id, BrokerState::pending, "PendingSubmit");
  CHECK(rig.silent());
}

TEST_CASE("acknowledgement: a word that nobody knows changes no state and is kept") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::unlisted, "Frobnicated");
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).raw_status == "Frobnicated");
}

TEST_CASE("fill: one before the acknowledgement implies it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.fill(id, "e.1.01", 40);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.order(id).cum_qty == shares(40));
  CHECK(rig.order(id).leaves_qty() == shares(60));
  rig.shown(id);  // a stale acknowledgement takes nothing back
  CHECK(rig.state(id) == OrdStatus::partially_filled);
}

TEST_CASE("fill: an instant one without any status ends the order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.fill(id, "e.1.01", 60, "190.4");
  rig.fill(id, "e.2.01", 40, "190.5");
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.order(id).leaves_qty().is_zero());
  CHECK(average_price(rig.order(id).notional, rig.order(id).cum_qty) == "190.44");
}

TEST_CASE("fill: the same execution again, live or listed, counts once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.fill(id, "e.1.01", 40);
  CHECK(rig.silent());
  BrokerExecution listed = rig.execution(id, "e.1.01", 40);
  listed.execution.transact_time = "20261121-14:30:00";  // another zone, the same moment
  rig.step(listed);
  CHECK(rig.silent());
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("fill: the same id with other content is an incident, and the newest stands") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.fill(id, "e.1.01", 50);
  CHECK(rig.incident("execution_differs"));
  CHECK(rig.order(id).cum_qty == shares(50));
}

TEST_CASE("fill: a repeated or stale status after it changes no quantity") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.status(id, BrokerState::working, "Submitted", 60);
  CHECK(rig.state(id) == OrdStatus::filled);
  rig.status(id, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(id) == OrdStatus::filled);
  rig.status(id, BrokerState::rejected, "Inactive");
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.order(id).cum_qty == shares(100));
}

TEST_CASE("fill: a late one after the cancel is kept and the order stays canceled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  rig.status(id, BrokerState::canceled, "Cancelled");
  REQUIRE(rig.state(id) == OrdStatus::canceled);
  rig.fill(id, "e.1.01", 30);
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty == shares(30));
}

TEST_CASE("fill: one that completes a canceled order makes it filled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 30);
  rig.status(id, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.fill(id, "e.2.01", 70);
  CHECK(rig.state(id) == OrdStatus::filled);
}

TEST_CASE("fill: more than was ordered is counted, and an incident once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.fill(id, "e.2.01", 20);
  CHECK(rig.incident("overfill"));
  CHECK(rig.order(id).overfilled);
  CHECK(rig.order(id).cum_qty == shares(120));
  rig.fill(id, "e.3.01", 5);
  CHECK_FALSE(rig.incident("overfill"));
  CHECK(rig.order(id).cum_qty == shares(125));
}

TEST_CASE("fill: of an order that was rejected or denied it counts, and is an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 201, Verdict::request_refused);
  REQUIRE(rig.state(id) == OrdStatus::rejected);
  rig.fill(id, "e.1.01", 10);
  CHECK(rig.incident("contradiction"));
  CHECK(rig.order(id).cum_qty == shares(10));
  CHECK(rig.state(id) == OrdStatus::partially_filled);
}

TEST_CASE("correction: a later revision replaces, an earlier one is ignored") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.02", 40, "190.5");
  rig.fill(id, "e.1.03", 30, "190.6");
  CHECK(rig.count<ExecutionCorrected>() == 1);
  CHECK(rig.order(id).cum_qty == shares(30));
  CHECK(average_price(rig.order(id).notional, rig.order(id).cum_qty) == "190.6");
  rig.fill(id, "e.1.01", 90);
  CHECK(rig.silent());
  REQUIRE(rig.order(id).executions.size() == 1);
  CHECK(rig.order(id).executions[0].id.revision == 3);
}

TEST_CASE("correction: one that takes a part back reopens a filled order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.fill(id, "e.1.02", 60);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.core.book().live().contains(id));
}

TEST_CASE("correction: a bust takes the whole fill back, of a canceled order too") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.fill(id, "e.1.02", 0);
  CHECK(rig.order(id).cum_qty.is_zero());
  CHECK(rig.state(id) == OrdStatus::new_);
  rig.fill(id, "e.2.01", 40);
  rig.status(id, BrokerState::canceled, "Cancelled");
  rig.fill(id, "e.2.02", 0);
  CHECK(rig.order(id).cum_qty.is_zero());
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("correction: a bust of the whole order opens it again") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.fill(id, "e.1.02", 0);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("correction: one that makes the order overfilled is an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.fill(id, "e.1.02", 150);
  CHECK(rig.incident("overfill"));
}

TEST_CASE("commission: it joins its execution later, and a repeated one is silent") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  const BrokerCommission report{split_exec_id("e.1.01"), *Decimal::parse("1.05"), "USD",
                                std::nullopt};
  rig.step(report);
  CHECK(rig.count<CommissionReported>() == 1);
  CHECK(rig.order(id).executions[0].commission == Decimal::parse("1.05"));
  rig.step(report);
  CHECK(rig.silent());
}

TEST_CASE("commission: one that comes before its execution waits for it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(BrokerCommission{split_exec_id("e.1.01"), *Decimal::parse("1.05"), "USD", std::nullopt});
  CHECK(rig.silent());
  rig.fill(id, "e.1.01", 100);
  CHECK(rig.count<CommissionReported>() == 1);
  CHECK(rig.order(id).executions[0].commission == Decimal::parse("1.05"));
}

TEST_CASE("commission: a correction of the execution keeps it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.step(BrokerCommission{split_exec_id("e.1.01"), *Decimal::parse("1.05"), "USD", std::nullopt});
  rig.fill(id, "e.1.02", 90);
  CHECK(rig.order(id).executions[0].commission == Decimal::parse("1.05"));
}

TEST_CASE("claim: a status ahead of the executions asks for them after a while, once each time") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::filled, "Filled", 100);
  CHECK(rig.state(id) == OrdStatus::new_);  // executions decide
  CHECK(rig.core.next_deadline() == rig.now + seconds(1));
  rig.wait(milliseconds(500));
  CHECK(rig.count<QueryExecutionsEffect>() == 0);
  rig.wait(milliseconds(600));
  CHECK(rig.count<QueryExecutionsEffect>() == 1);
  rig.fill(id, "e.1.01", 100);
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
}

TEST_CASE("claim: executions that never come are asked for ever more rarely") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::filled, "Filled", 100);
  int asked = 0;
  for (int second = 0; second < 3600; ++second) {
    rig.wait(seconds(1));
    asked += rig.count<QueryExecutionsEffect>();
  }
  CHECK(asked >= 12);
  CHECK(asked <= 24);
}

TEST_CASE("claim: executions that come first leave nothing to ask") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.status(id, BrokerState::filled, "Filled", 100);
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
}

TEST_CASE("cancel: the broker's word and its code 202 in either order end the order once") {
  CoreRig rig = CoreRig::ready();
  const OrderId a = rig.working("k1");
  rig.cancel(a);
  rig.status(a, BrokerState::canceling, "PendingCancel");
  CHECK(rig.state(a) == OrdStatus::new_);
  rig.status(a, BrokerState::canceled, "Cancelled");
  CHECK(rig.count<OrderCanceled>() == 1);
  rig.notice(a, 202, Verdict::canceled, "Order Canceled - reason:");
  CHECK(rig.count<OrderCanceled>() == 0);
  CHECK(rig.state(a) == OrdStatus::canceled);
  const OrderId b = rig.working("k2");
  rig.cancel(b);
  rig.notice(b, 202, Verdict::canceled, "Order Canceled - reason:");
  CHECK(rig.the<OrderCanceled>().code == 202);
  rig.status(b, BrokerState::canceled, "Cancelled");
  CHECK(rig.count<OrderCanceled>() == 0);
  CHECK(rig.state(b) == OrdStatus::canceled);
  CHECK_FALSE(rig.order(b).pending_cancel);
}

TEST_CASE("cancel: nobody asked, the broker or the exchange did it: canceled all the same") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.status(id, BrokerState::canceled, "ApiCancelled");
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("cancel: too late says that the cancel did nothing, not what became of the order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  rig.notice(id, 10148, Verdict::cancel_too_late);
  CHECK(rig.count<CancelRefused>() == 1);
  CHECK_FALSE(rig.order(id).pending_cancel);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("cancel: an id that the broker does not know makes the order unknown, never canceled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.cancel(id);
  rig.notice(id, 10147, Verdict::cancel_unknown);
  CHECK(rig.count<CancelRefused>() == 0);
  CHECK(rig.order(id).pending_cancel);  // should it turn up, it is canceled then
  CHECK(rig.the<SnapshotEffect>().reason == "probe");
  CHECK(rig.order(id).unknown);
  CHECK(rig.state(id) == OrdStatus::pending_new);
  CHECK(rig.count<OrderCanceled>() == 0);
  rig.fill(id, "e.1.01", 100);  // it lived after all
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("codes: one that is in no table ends nothing, in any state, and is counted") {
  CoreRig rig = CoreRig::ready();
  const OrderId fresh = rig.sent("k1");
  rig.notice(fresh, 9999, Verdict::unlisted);
  CHECK(rig.state(fresh) == OrdStatus::pending_new);
  CHECK(rig.the<BrokerNoted>().unlisted);
  const OrderId working = rig.working("k2");
  rig.reprice(working, "191");
  rig.notice(working, 9999, Verdict::unlisted);
  CHECK(rig.order(working).replace_in_flight());
  CHECK(rig.core.book().unlisted_codes_total() == 2);
}

TEST_CASE("codes: information and temporary trouble end nothing and are kept") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  for (const int code : {399, 10349, 404, 2109}) {
    rig.notice(id, code, Verdict::information, "told");
    CHECK(rig.state(id) == OrdStatus::pending_new);
    CHECK(rig.order(id).code == code);
  }
  rig.notice(id, 2109, Verdict::information, "told");
  CHECK(rig.silent());
  rig.notice(id, 100, Verdict::temporary, "pacing");
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("codes: a refusal ends a new order, and names why") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 201, Verdict::request_refused, "Order rejected - reason: margin");
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.order(id).code == 201);
  CHECK(rig.order(id).text == "Order rejected - reason: margin");
}

TEST_CASE("codes: a refusal of an order that works already waits for its status word") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.notice(id, 201, Verdict::request_refused, "margin");
  CHECK(rig.state(id) == OrdStatus::new_);
  rig.status(id, BrokerState::rejected, "Inactive");
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.order(id).code == 201);
}

TEST_CASE("codes: a refusal after fills ends the remainder as canceled and keeps the fills") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.status(id, BrokerState::rejected, "Inactive", 40);
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("codes: a used id is an incident, and says nothing about an order that works") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 103, Verdict::duplicate_id);
  CHECK(rig.incident("duplicate_broker_id"));
  CHECK(rig.order(id).unknown);
  const OrderId working = rig.working("k2");
  rig.notice(working, 103, Verdict::duplicate_id);
  CHECK(rig.state(working) == OrdStatus::new_);
}

TEST_CASE("codes: none moves an order that is done") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  for (const Verdict verdict :
       {Verdict::information, Verdict::request_refused, Verdict::replace_refused,
        Verdict::cancel_too_late, Verdict::cancel_unknown, Verdict::canceled, Verdict::duplicate_id,
        Verdict::temporary, Verdict::unlisted}) {
    rig.notice(id, 5000 + static_cast<int>(verdict), verdict);
    CHECK(rig.state(id) == OrdStatus::filled);
    CHECK_FALSE(rig.order(id).unknown);
  }
}

TEST_CASE("codes: about an id that is nobody's they are no news") {
  CoreRig rig = CoreRig::ready();
  rig.step(BrokerNotice{{BrokerOrderId{0, 77}, std::nullopt, ""}, 201, "?", {}});
  CHECK(rig.silent());
}

TEST_CASE("inactive: a rejected order that works again is resurrected, with an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::rejected, "Inactive");
  REQUIRE(rig.state(id) == OrdStatus::rejected);
  CHECK_FALSE(rig.core.book().live().contains(id));
  rig.status(id, BrokerState::working, "Submitted");
  CHECK(rig.incident("contradiction"));
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.core.book().live().contains(id));
}

TEST_CASE("inactive: while shares are located the order is held, and comes back to work") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::held, "Inactive", 0, "locate");
  CHECK(rig.state(id) == OrdStatus::held);
  CHECK(rig.order(id).why_held == "locate");
  rig.status(id, BrokerState::held, "Inactive", 0, "locate");
  CHECK(rig.silent());
  rig.status(id, BrokerState::working, "Submitted");
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.core.book().incidents_total() == 0);
}

TEST_CASE("external: one known from its fills alone is open when the broker lists it so") {
  CoreRig rig = CoreRig::ready();
  BrokerNames names{BrokerOrderId{9, 1}, PermanentId(77), "other"};
  names.carries_tag = true;
  BrokerExecution fill;
  fill.names = names;
  fill.account = AccountId("DU1");
  fill.contract = limit_order().contract;
  fill.execution.id = split_exec_id("x.1.01");
  fill.execution.last_qty = shares(10);
  fill.execution.last_px = price("190");
  rig.step(fill);
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  CHECK(rig.state(id) == OrdStatus::filled);  // as large as its fills, for all we know
  const BrokerOrder shown{names, limit_order(90), "LMT", BrokerState::working, "Submitted", "", {}};
  rig.step(shown);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.order(id).spec->terms.order_qty == shares(90));
  CHECK(rig.order(id).spec->ord_type == OrdType::limit);
  CHECK(rig.order(id).cum_qty == shares(10));
  CHECK(rig.core.book().orders_total() == 1);
  rig.step(shown);
  CHECK(rig.silent());
}
