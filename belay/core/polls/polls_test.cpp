// SPDX-License-Identifier: Apache-2.0
// Rounds of questions: what follows from what is not listed, when it is asked, and who waits.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/book_text.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {
// An order whose link was lost before its answer, with the link back and nothing listed yet.
OrderId lost(CoreRig& rig, OrderSpec spec = limit_order()) {
  const OrderId id = rig.sent("k1", std::move(spec));
  rig.down();
  rig.up();
  return id;
}
}  // namespace

TEST_CASE("absence: two settled rounds prove that an order never arrived, and say how") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig);
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::pending_new);
  CHECK(rig.order(id).unknown);
  CHECK(rig.core.ready());  // unknown orders do not block readiness
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::not_accepted);
  CHECK_FALSE(rig.order(id).unknown);
  const std::string& proof = rig.the<OrderNotAccepted>().proof;
  CHECK(proof.find("from round 1 asked at 2026") != std::string::npos);
  CHECK(proof.find("to round 2 asked at 2026") != std::string::npos);
  CHECK(rig.the<SyncCompleted>().findings == 1);
  rig.later_round();
  CHECK(rig.silent());
  CHECK(rig.place("k1").code == ReplyCode::replayed);  // the key is used all the same
}

TEST_CASE("absence: after a first round the next is asked for by itself") {
  CoreRig rig = CoreRig::ready();
  lost(rig);
  rig.wait(seconds(12));
  rig.step(rig.round());
  CHECK(rig.core.next_deadline() <= rig.now + seconds(5));
  rig.wait(seconds(5));
  CHECK(rig.count<SnapshotEffect>() == 1);
  CHECK(rig.the<SnapshotEffect>().full);
}

TEST_CASE("absence: rounds that are not settled prove nothing, however many there are") {
  CoreRig rig = CoreRig::ready();
  const OrderId fresh = rig.sent("k1");
  const OrderId working = rig.working("k2");
  rig.down();
  rig.up();
  for (int i = 0; i < 5; ++i) {
    rig.wait(seconds(12));
    SnapshotDone cut = rig.round();
    cut.settled = false;
    rig.step(cut);
  }
  CHECK(rig.core.ready());
  CHECK(rig.state(fresh) == OrdStatus::pending_new);
  CHECK(rig.order(fresh).unknown);
  CHECK_FALSE(rig.order(working).unknown);
}

TEST_CASE("absence: light rounds do not know the completed orders, and ask for a full one") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.wait(seconds(12));
  SnapshotDone light = rig.round();
  light.full = false;
  rig.step(light);
  CHECK_FALSE(rig.order(id).unknown);
  rig.wait(seconds(5));
  CHECK(rig.the<SnapshotEffect>().full);
}

TEST_CASE("absence: rounds in quick succession count as one") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig);
  rig.later_round();
  rig.wait(seconds(1));
  rig.step(rig.round());
  CHECK(rig.state(id) == OrdStatus::pending_new);
  rig.wait(seconds(5));
  rig.step(rig.round());
  CHECK(rig.state(id) == OrdStatus::not_accepted);
}

TEST_CASE("absence: an order of a moment ago may be on its way") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.wait(seconds(1));
  rig.step(rig.round());
  CHECK(rig.last.events.empty());
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("absence: one that is listed in between begins anew") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig);
  rig.later_round();
  rig.later_round({rig.names(id)});
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("absence: a completed order that lacks its executions is not absent") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig);
  for (int i = 0; i < 3; ++i) {
    rig.wait(seconds(12));
    SnapshotDone done = rig.round();
    done.completed = {rig.names(id)};
    rig.step(done);
  }
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("absence: a lost link forgets what its rounds had shown") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig);
  rig.later_round();
  rig.down();
  rig.up();
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::pending_new);
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::not_accepted);
}

TEST_CASE("absence: an order of an earlier trading day needs a person") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", limit_order_for(TimeInForce::good_till_cancel));
  rig.restart();
  rig.wait(std::chrono::hours(24));
  rig.up();
  rig.later_round();
  rig.later_round();
  CHECK(rig.incident("order_unresolved"));
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("absence: the broker's daily reset may begin its lists anew at any of its moments") {
  const auto fate = [](const char* window) {
    CoreOptions options = CoreRig::usual();
    options.calendar.daily_reset = *Window::parse(window);
    CoreRig rig = CoreRig::ready(options);
    const OrderId id = lost(rig);
    rig.wait(minutes(20));
    rig.later_round();
    rig.later_round();
    return rig.state(id);
  };
  // The story begins at 09:30.
  CHECK(fate("09:35-09:45 UTC") == OrdStatus::pending_new);
  CHECK(fate("09:45-10:45 UTC") == OrdStatus::pending_new);  // it has begun
  CHECK(fate("10:45-11:45 UTC") == OrdStatus::not_accepted);
  CHECK(fate("08:45-09:15 UTC") == OrdStatus::not_accepted);
}

TEST_CASE("absence: without a day's end nobody knows what the lists still hold") {
  CoreRig rig = CoreRig::ready({});
  const OrderId id = lost(rig);
  rig.later_round();
  rig.later_round();
  CHECK(rig.incident("order_unresolved"));
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

TEST_CASE("vanished: an acknowledged order is unknown with candidates, never canceled by absence") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  CHECK(rig.the<OrderUnknown>().command == "absent");
  CHECK_FALSE(rig.incident("order_vanished"));
  rig.later_round();
  CHECK(rig.incident("order_vanished"));
  CHECK(rig.the<IncidentOpened>().candidates.size() >= 3);
  CHECK(rig.state(id) == OrdStatus::new_);
  rig.later_round();
  CHECK(rig.last.events.empty());
}

TEST_CASE("vanished: a sign of life closes the incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  rig.later_round();
  REQUIRE(rig.core.book().incidents().size() == 1);
  rig.status(id, BrokerState::working, "Submitted");
  CHECK(rig.count<IncidentClosed>() == 1);
  CHECK(rig.core.book().incidents().empty());
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("vanished: a restart remembers which incident a sign of life closes") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  rig.later_round();
  rig.restart();
  rig.up();
  rig.shown(id);
  CHECK(rig.count<IncidentClosed>() == 1);
}

TEST_CASE("vanished: a DAY order of yesterday may have expired, which is said and not assumed") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.wait(minutes(1));
  rig.append(TradingDayRolled{"20261124"});
  rig.restart();
  rig.up();
  rig.later_round();
  rig.later_round();
  CHECK(rig.the<IncidentOpened>().candidates.front().find("expired") == 0);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("rounds: a modification of this link is off when settled lists keep the old terms") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.later_round({rig.names(id)});
  CHECK(rig.count<ReplaceRefused>() == 0);
  rig.later_round({rig.names(id)});
  CHECK(rig.the<ReplaceRefused>().order == id);
  CHECK(rig.order(id).spec->terms.price == price("190.5"));
}

TEST_CASE("rounds: a cancel is repeated while the order is listed") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  rig.step(rig.round({rig.names(id)}));
  CHECK(rig.count<CancelEffect>() == 0);  // it was sent just now
  rig.later_round({rig.names(id)});
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE(
    "probe: a placement without an answer is asked about, ever more rarely, until it has one") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.wait(milliseconds(1900));
  CHECK(rig.count<SnapshotEffect>() == 0);
  rig.wait(milliseconds(200));
  CHECK(rig.the<SnapshotEffect>().reason == "probe");
  CHECK_FALSE(rig.the<SnapshotEffect>().full);
  rig.step(SnapshotDone{{}, {}, 1, rig.the<SnapshotEffect>().wish, "probe", false});
  int asked = 0;
  for (int second = 0; second < 3600; ++second) {
    rig.wait(seconds(1));
    asked += rig.count<SnapshotEffect>();
    if (rig.count<SnapshotEffect>() > 0) {
      SnapshotDone light{{rig.names(id)}, {}, 1, rig.the<SnapshotEffect>().wish, "probe", false};
      rig.step(light);
    }
  }
  CHECK(asked >= 12);
  CHECK(asked <= 24);
  rig.shown(id);
  rig.wait(minutes(10));
  CHECK(rig.silent());
}

TEST_CASE("probe: a modification and a cancel without an answer are asked about too") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.wait(seconds(3));
  CHECK(rig.count<SnapshotEffect>() == 1);
  CoreRig other = CoreRig::ready();
  const OrderId canceled = other.working("k1");
  other.cancel(canceled);
  other.wait(seconds(3));
  CHECK(other.count<SnapshotEffect>() == 1);
}

TEST_CASE("probe: one wish at a time is out") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  rig.wait(seconds(3));
  CHECK(rig.count<SnapshotEffect>() == 1);
  rig.sent("k2");
  rig.wait(seconds(3));
  CHECK(rig.count<SnapshotEffect>() == 0);
}

TEST_CASE("interval: light rounds come by themselves when there is an interval") {
  CoreOptions options;
  options.reconcile.interval = seconds(60);
  CoreRig rig = CoreRig::ready(options);
  CHECK(rig.core.next_deadline() == rig.now + seconds(60));
  rig.wait(seconds(60));
  CHECK(rig.the<SnapshotEffect>().reason == "interval");
  CHECK_FALSE(rig.the<SnapshotEffect>().full);
  rig.down();
  CHECK(rig.core.next_deadline() == belay::base::never);
}

TEST_CASE("decide: a person ends an unknown order, with name and reason in the journal") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = lost(rig, limit_order_for(TimeInForce::immediate_or_cancel));
  rig.synced();
  rig.step(
      DecideOrder{++rig.correlation, "ann", id, DecideOrder::Fate::not_accepted, "not in TWS"});
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
  CHECK(rig.the<OrderNotAccepted>().proof == "decided by ann: not in TWS");
  CHECK(rig.state(id) == OrdStatus::not_accepted);
}

TEST_CASE("decide: what the broker once acknowledged can be canceled and not undone") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const auto decide = [&](DecideOrder::Fate fate, const char* reason = "seen in TWS") {
    rig.step(DecideOrder{++rig.correlation, "ann", id, fate, reason});
    return rig.the<Reply>().code;
  };
  CHECK(decide(DecideOrder::Fate::canceled) == ReplyCode::wrong_state);  // it is not unknown
  rig.later_round();
  CHECK(decide(DecideOrder::Fate::not_accepted) == ReplyCode::wrong_state);
  CHECK(decide(DecideOrder::Fate::canceled, "") == ReplyCode::invalid);
  CHECK(rig.the<Reply>().errors.front().field == "reason");
  CHECK(decide(DecideOrder::Fate::canceled) == ReplyCode::accepted);
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("decide: settled lists that show the order working bring it back, with an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  rig.step(DecideOrder{++rig.correlation, "ann", id, DecideOrder::Fate::canceled, "guessed"});
  const auto listed = [&] {
    rig.wait(seconds(12));
    BrokerOrder order{
        rig.names(id), limit_order(), "LMT", BrokerState::working, "Submitted", "", {}, true};
    rig.step(order);
    rig.step(rig.round({rig.names(id)}));
  };
  listed();
  CHECK(rig.state(id) == OrdStatus::canceled);  // once may be stale
  listed();
  CHECK(rig.incident("contradiction"));
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.core.book().live().contains(id));
}

TEST_CASE("on demand: the caller gets the round's findings and what was recorded") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.wait(seconds(12));
  rig.step(Reconcile{++rig.correlation, "t", false});
  CHECK(rig.count<Reply>() == 0);
  SnapshotDone done = rig.round();
  done.wish = rig.the<SnapshotEffect>().wish;
  rig.step(done);
  const Reply& reply = rig.the<Reply>();
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(reply.round == 1);
  CHECK(reply.settled);
  REQUIRE(reply.findings.size() == 1);
  CHECK(reply.findings[0].kind == "MISSING_IBKR");
  CHECK(reply.findings[0].order == id);
  CHECK(std::any_of(reply.events.begin(), reply.events.end(), [](const std::string& line) {
    return line.find("OrderUnknown") != std::string::npos;
  }));
}

TEST_CASE("on demand: a round that began before the wish does not serve it") {
  CoreRig rig = CoreRig::ready();
  rig.step(Reconcile{++rig.correlation, "t", false});
  const std::uint64_t wish = rig.the<SnapshotEffect>().wish;
  SnapshotDone earlier = rig.round();
  earlier.wish = wish - 1;
  rig.step(earlier);
  CHECK(rig.count<Reply>() == 0);
  SnapshotDone its = rig.round();
  its.wish = wish;
  rig.step(its);
  CHECK(rig.count<Reply>() == 1);
}

TEST_CASE("on demand: without a broker it is refused, and a lost link ends the wait") {
  CoreRig rig = CoreRig::ready();
  rig.step(Reconcile{++rig.correlation, "t", false});
  rig.down();
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
  rig.step(Reconcile{++rig.correlation, "t", false});
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
}

TEST_CASE("dry run: it tells what would be recorded and records nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const OrderId gone = rig.working("k2");
  rig.wait(seconds(12));
  rig.step(Reconcile{++rig.correlation, "t", true});
  CHECK(rig.the<SnapshotEffect>().dry_run);
  SnapshotDone done = rig.round({rig.names(id)});
  done.wish = rig.the<SnapshotEffect>().wish;
  done.dry_run = true;
  BrokerExecution fill = rig.execution(id, "e.1.01", 40);
  fill.listed = true;
  done.withheld = {fill};
  const std::string before = book_text(rig.core.book());
  rig.step(done);
  CHECK(book_text(rig.core.book()) == before);
  CHECK(rig.last.events.empty());
  const Reply& reply = rig.the<Reply>();
  REQUIRE(reply.findings.size() == 2);
  CHECK(reply.findings[0].kind == "MISSING_LOCAL");
  CHECK(reply.findings[1].kind == "MISSING_IBKR");
  CHECK(reply.findings[1].order == gone);
  CHECK(reply.events.front().find("ExecutionReported") != std::string::npos);
}

TEST_CASE("findings: each kind is named by what the lists changed, and live news are none") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 10);  // news
  rig.step(BrokerCommission{split_exec_id("e.1.01"), *Decimal::parse("1"), "USD", {}, true});
  rig.step(Reconcile{++rig.correlation, "t", false});
  const std::uint64_t wish = rig.the<SnapshotEffect>().wish;
  const auto listed_fill = [&](const char* exec, std::int64_t count, const char* at) {
    BrokerExecution fill = rig.execution(id, exec, count, at);
    fill.listed = true;
    rig.step(fill);
  };
  listed_fill("e.1.01", 10, "190.5");  // known
  listed_fill("e.2.01", 5, "190.5");
  listed_fill("e.1.02", 10, "190.6");
  listed_fill("e.2.02", 6, "190.5");
  rig.step(BrokerCommission{split_exec_id("e.1.02"), *Decimal::parse("2"), "USD", {}, true});
  OrderSpec other = limit_order(100, "189");
  rig.step(
      BrokerOrder{rig.names(id), other, "LMT", BrokerState::working, "Submitted", "", {}, true});
  SnapshotDone done = rig.round({rig.names(id)});
  done.wish = wish;
  rig.step(done);
  std::vector<std::string> kinds;
  for (const Finding& finding : rig.the<Reply>().findings) kinds.push_back(finding.kind);
  CHECK(kinds == std::vector<std::string>{"MISSING_LOCAL", "PRICE_MISMATCH", "QUANTITY_MISMATCH",
                                          "COMMISSION_MISMATCH", "PRICE_MISMATCH"});
  CHECK(rig.core.reconcile_stats().findings_total.at("PRICE_MISMATCH") == 2);
}
