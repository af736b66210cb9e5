// SPDX-License-Identifier: Apache-2.0
// The broker's words: a refusal stays one, its words are kept beside ours, what it lists can be
// canceled, and what it changed is in force.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {
constexpr VerdictByRequest price_check{Verdict::request_refused, Verdict::canceled,
                                       Verdict::canceled};

void told(CoreRig& rig, OrderId id, std::int32_t code, Verdict verdict, VerdictByRequest by,
          const char* text) {
  BrokerNotice notice{{rig.order(id).broker_id, std::nullopt, ""}, code, text, verdict};
  notice.by_request = by;
  rig.step(notice);
}
void listed(CoreRig& rig, OrderId id, BrokerState state, const char* word) {
  BrokerOrder report{rig.names(id), rig.order(id).spec, "LMT", state, word, "", std::nullopt, true};
  rig.step(report);
}
BrokerExecution untagged(const CoreRig& rig, OrderId id, const char* exec_id, std::int64_t count) {
  BrokerExecution report = rig.execution(id, exec_id, count);
  report.names.tag.clear();
  report.names.carries_tag = true;
  return report;
}
OrderSpec at_once() {
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::immediate_or_cancel;
  return spec;
}
}  // namespace

TEST_CASE("refusal: no status word that follows takes its place") {
  for (const BrokerState word : {BrokerState::canceled, BrokerState::rejected, BrokerState::working,
                                 BrokerState::canceling, BrokerState::pending}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1");
    told(rig, id, 201, Verdict::request_refused, refuses, "Order rejected - reason:margin");
    rig.status(id, word, "Word");
    CHECK(rig.state(id) == OrdStatus::rejected);
    CHECK(rig.order(id).code == 201);
    CHECK(rig.order(id).broker_text == "Order rejected - reason:margin");
  }
}

TEST_CASE("refusal: a list that shows the order working says that it lives all the same") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  told(rig, id, 201, Verdict::request_refused, refuses, "no");
  listed(rig, id, BrokerState::working, "Submitted");
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.incident("contradiction"));
}

TEST_CASE("refusal: a price check is one, before its words for the end or behind them") {
  for (const bool word_first : {false, true}) {
    CAPTURE(word_first);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1");
    rig.status(id, BrokerState::canceling, "PendingCancel");
    CHECK(rig.state(id) == OrdStatus::pending_new);
    if (word_first) rig.status(id, BrokerState::canceled, "Cancelled");
    told(rig, id, 202, Verdict::canceled, price_check, "reason:more aggressive than 301.44");
    if (!word_first) rig.status(id, BrokerState::canceled, "Cancelled");
    CHECK(rig.state(id) == OrdStatus::rejected);
    CHECK(rig.order(id).broker_text == "reason:more aggressive than 301.44");
  }
}

TEST_CASE("refusal: an order that worked, or that we canceled, is canceled with the reason") {
  CoreRig rig = CoreRig::ready();
  const OrderId worked = rig.working("k1");
  told(rig, worked, 202, Verdict::canceled, price_check, "reason:expired contract");
  CHECK(rig.state(worked) == OrdStatus::canceled);
  const OrderId ours = rig.sent("k2");
  rig.cancel(ours);
  rig.status(ours, BrokerState::canceled, "Cancelled");
  told(rig, ours, 202, Verdict::canceled, price_check, "reason:Order was discarded.");
  CHECK(rig.state(ours) == OrdStatus::canceled);
}

TEST_CASE("words: those of a code that nobody knows stand beside the order, and not ours") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 19999, Verdict::unlisted, "something new");
  CHECK(rig.order(id).unknown);
  CHECK(rig.order(id).text == "something new");
  rig.shown(id);  // harmless: it works
  CHECK_FALSE(rig.order(id).unknown);
  CHECK(rig.order(id).code == 19999);
  CHECK(rig.order(id).text == "something new");
  rig.status(id, BrokerState::canceled, "Cancelled");
  CHECK(rig.order(id).broker_text == "something new");
}

TEST_CASE("words: IOC with a code that nobody knows is over after two settled lists without it") {
  enum class Between { nothing, lost_link, restart };
  for (const Between between : {Between::nothing, Between::lost_link, Between::restart}) {
    const bool shown = between != Between::restart;
    CAPTURE(static_cast<int>(between));
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1", at_once());
    if (shown) rig.status(id, BrokerState::pending, "PendingSubmit");
    rig.notice(id, 19999, Verdict::unlisted, "something new");
    if (between == Between::lost_link) rig.down();
    if (between == Between::restart) rig.restart();
    if (between != Between::nothing) rig.up(2);
    rig.later_round();
    CHECK_FALSE(is_terminal(rig.state(id)));
    rig.later_round();
    CHECK(rig.state(id) == OrdStatus::rejected);
    CHECK(rig.order(id).broker_text == "something new");
    CHECK(rig.core.book().incidents().empty());
  }
}

TEST_CASE("held: what the broker lists as inactive can be canceled, and its end is believed") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::rejected, "Inactive");
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.count<SnapshotEffect>() == 1);  // which of the two it is, is asked
  listed(rig, id, BrokerState::inactive, "Inactive");
  CHECK(rig.state(id) == OrdStatus::held);
  rig.status(id, BrokerState::rejected, "Inactive");  // the pair of the list
  CHECK(rig.state(id) == OrdStatus::held);
  rig.step(CancelMany{++rig.correlation, "me", CancelScope::own, {}, true, false});
  CHECK(rig.the<Reply>().items.size() == 1);
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
  rig.status(id, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("held: inactive and in no list any more is over") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  listed(rig, id, BrokerState::inactive, "Inactive");
  for (int i = 0; i < 3; ++i) rig.later_round();
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("held: why an order was held before a list showed it as inactive is over with that") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.status(id, BrokerState::working, "PreSubmitted", 0, "trigger");
  REQUIRE(rig.order(id).why_held == "trigger");
  listed(rig, id, BrokerState::inactive, "Inactive");
  CHECK(rig.state(id) == OrdStatus::held);
  CHECK(rig.order(id).why_held == "");
  for (int i = 0; i < 3; ++i) rig.later_round();
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("restated: what the broker changed is in force and kept by the next change") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::good_till_cancel;
  spec.terms.outside_rth = true;
  const OrderId id = rig.sent("k1", spec);
  OrderSpec preset = spec;
  preset.terms.time_in_force = TimeInForce::day;
  preset.terms.outside_rth = false;
  rig.shown_as(id, preset);
  CHECK(rig.count<OrderRestated>() == 1);
  CHECK(rig.order(id).spec->terms.time_in_force == TimeInForce::day);
  rig.reprice(id, "191");
  const auto& sent = rig.the<ReplaceEffect>().spec->terms;
  CHECK(sent.time_in_force == TimeInForce::day);
  CHECK_FALSE(sent.outside_rth);
}

TEST_CASE("cancel: one that is refused because another is pending is still wanted") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  told(rig, id, 10148, Verdict::information,
       {Verdict::information, Verdict::information, Verdict::information},
       "cannot be cancelled, state: PendingCancel.");
  CHECK(rig.count<CancelRefused>() == 0);
  CHECK(rig.order(id).pending_cancel);
}

TEST_CASE("match: an execution without a tag is our order's by its ids") {
  for (const bool known : {false, true}) {
    CAPTURE(known);
    CoreRig rig = CoreRig::ready();
    const OrderId id = known ? rig.working("k1") : rig.sent("k1");
    rig.step(untagged(rig, id, "e.1.01", 40));
    CHECK(rig.count<ExternalOrderSeen>() == 0);
    CHECK(rig.order(id).cum_qty == shares(40));
  }
}

TEST_CASE("match: an execution of another contract under our id is not our order's") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  BrokerExecution other = untagged(rig, id, "e.1.01", 40);
  other.contract.symbol = "MSFT";
  rig.step(other);
  CHECK(rig.count<ExternalOrderSeen>() == 1);
  CHECK(rig.order(id).cum_qty.is_zero());
}

TEST_CASE("allocation: a fill is its own account's, and moves what that one holds") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  for (const char* account : {"DU1", "DU2"}) {
    BrokerExecution part = rig.execution(id, account, 50);
    part.account = AccountId(account);
    part.contract.con_id = 265598;
    rig.step(part);
  }
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.order(id).executions.back().account == AccountId("DU2"));
  const auto& held = rig.core.book().expected_positions();
  CHECK(held.at({AccountId("DU1"), 265598}).quantity == Decimal::from_int(50));
  CHECK(held.at({AccountId("DU2"), 265598}).quantity == Decimal::from_int(50));
}

TEST_CASE("fill: an order for an amount of money is not overfilled, and its end gives its size") {
  CoreRig rig = CoreRig::ready();
  BrokerNames names{BrokerOrderId{7, 3}, PermanentId(900), "", true};
  OrderSpec spec = limit_order(0);
  rig.step(BrokerOrder{names, spec, "MKT", BrokerState::working, "Submitted", "", std::nullopt});
  BrokerExecution part;
  part.names = names;
  part.account = AccountId("DU1");
  part.contract = spec.contract;
  part.execution.id = split_exec_id("c.1.01");
  part.execution.last_qty = shares(3);
  part.execution.last_px = price("100");
  rig.step(part);
  CHECK_FALSE(rig.incident("overfill"));
  const Order* known = rig.core.book().find(PermanentId(900));
  REQUIRE(known != nullptr);
  CHECK(known->status == OrdStatus::partially_filled);
  rig.step(BrokerOrder{names, spec, "MKT", BrokerState::filled, "Filled", "", shares(3)});
  CHECK(rig.core.book().find(PermanentId(900))->status == OrdStatus::filled);
}

TEST_CASE("fill: one fill under two execution ids, its sum not rising, counts once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const auto fill = [&](const char* exec_id, std::int64_t count, std::int64_t sum) {
    BrokerExecution report = rig.execution(id, exec_id, count);
    report.cum_qty = shares(sum);
    rig.step(report);
  };
  fill("a.01", 79, 79);
  fill("b.01", 21, 100);
  fill("c.01", 21, 100);
  CHECK(rig.incident("execution_repeated"));
  CHECK(rig.order(id).cum_qty == shares(100));
  CHECK_FALSE(rig.order(id).overfilled);
  fill("c.01", 21, 100);
  CHECK(rig.silent());
}

TEST_CASE("fill: a fill as large as one that is taken back counts, whatever the sequence") {
  enum Told { first, second, bust };
  using Sequence = std::vector<Told>;
  for (const Sequence& sequence : {Sequence{first, second, bust},
                                   {first, bust, second},
                                   {second, first, bust},
                                   {bust, first, second}}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    for (const Told told : sequence) {
      BrokerExecution report = rig.execution(id, told == second ? "b.01" : "a.01", 10, "90");
      report.cum_qty = shares(10);
      if (told == bust) {
        report.execution.id.revision = 2;
        report.execution.busted = true;
        report.execution.last_qty = Quantity();
      }
      rig.step(report);
    }
    CHECK(rig.order(id).cum_qty == shares(10));
    CHECK(rig.core.book().find_incident("execution_repeated/b") == nullptr);
    CHECK(average_price(rig.order(id))->text == "90");
    CHECK(rig.replayed().find(id)->cum_qty == shares(10));
  }
}

TEST_CASE("fill: a correction whose running sum is that of another fill is no repeat") {
  for (const bool corrected_first : {false, true}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    const auto tell = [&](const char* exec_id, std::uint32_t revision, std::int64_t sum) {
      BrokerExecution report = rig.execution(id, exec_id, 3, "90");
      report.execution.id.revision = revision;
      report.cum_qty = shares(sum);
      rig.step(report);
    };
    if (!corrected_first) tell("a.01", 1, 3);
    if (corrected_first) tell("a.01", 2, 6);
    tell("b.01", 1, 6);
    if (!corrected_first) tell("a.01", 2, 6);
    CHECK(rig.order(id).cum_qty == shares(6));
    CHECK_FALSE(rig.incident("execution_repeated"));
  }
}

TEST_CASE("fill: a journal that left a fill out when its twin was taken back counts it when told") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  BrokerExecution report = rig.execution(id, "b.01", 10, "90");
  report.cum_qty = shares(10);
  Execution left_out = report.execution;
  left_out.cum_qty = shares(10);
  left_out.account = report.account;
  left_out.permanent_id = report.names.permanent_id;
  left_out.repeats = true;
  rig.append(ExecutionReported{id, left_out, 0});
  CHECK(rig.order(id).cum_qty.is_zero());
  rig.step(report);
  CHECK(rig.order(id).cum_qty == shares(10));
  CHECK_FALSE(rig.incident("execution_differs"));
  rig.step(report);
  CHECK(rig.silent());
}

TEST_CASE("fill: a late word about an older sum leaves the broker's average of all of it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  BrokerExecution part = rig.execution(id, "b.01", 60);
  part.cum_qty = shares(100);
  part.avg_px = price("190.6");
  rig.step(part);
  part = rig.execution(id, "a.01", 40);
  part.execution.last_px.reset();
  part.cum_qty = shares(40);
  part.avg_px = price("190");
  rig.step(part);
  BrokerStatus status{{rig.names(id).broker_id, rig.names(id).permanent_id, ""},
                      BrokerState::working,
                      "Submitted",
                      "",
                      shares(40)};
  status.avg_px = price("190");
  rig.step(status);
  REQUIRE(average_price(rig.order(id)));
  CHECK(average_price(rig.order(id))->text == "190.6");
  CHECK(average_price(rig.order(id))->by_broker);
}

TEST_CASE("fill: two fills of one size and price whose sums rise are two") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  for (const std::int64_t sum : {20, 40}) {
    BrokerExecution report = rig.execution(id, sum == 20 ? "a.01" : "b.01", 20);
    report.cum_qty = shares(sum);
    rig.step(report);
  }
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("ids: a broker that wants ids above all that it showed gets one, when that is proven") {
  CoreRig rig = CoreRig::ready();
  const BrokerNames theirs{BrokerOrderId{7, 50}, PermanentId(900), "theirs", true};
  rig.step(BrokerOrder{theirs, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  const OrderId id = rig.sent("k1");
  CHECK(rig.order(id).broker_id->number == 1);
  rig.notice(id, 103, Verdict::duplicate_id, "Duplicate order id");
  rig.step(rig.round({theirs}));
  CHECK(rig.count<PlaceEffect>() == 0);
  rig.step(rig.round({theirs}));
  CHECK(rig.count<PlaceEffect>() == 1);
  CHECK(rig.order(id).broker_id->number == 51);
}

TEST_CASE("story: 50,000 fills of one order, their commissions, and a restart stay linear") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1", limit_order(50'000));
  constexpr int fills = 50'000;
  for (int i = 1; i <= fills; ++i) {
    BrokerExecution report = rig.execution(id, ("e" + std::to_string(i) + ".01").c_str(), 1);
    report.cum_qty = shares(i);
    rig.core.step(report, {rig.now, 0, {}});
  }
  for (int i = 1; i <= fills; ++i) {
    rig.core.step(BrokerCommission{{"e" + std::to_string(i), 1}, Decimal::from_int(1), "USD", {}},
                  {rig.now, 0, {}});
  }
  CHECK(rig.order(id).cum_qty == shares(fills));
  CHECK(rig.state(id) == OrdStatus::filled);
}

TEST_CASE("words: why an order ended stays, whatever is said of a request that came too late") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "500");
  rig.notice(id, 202, Verdict::canceled, "We cannot accept an order at a limit price");
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.notice(id, 201, Verdict::request_refused, "too late to replace");
  CHECK(rig.count<BrokerNoted>() == 1);  // the log has it
  rig.notice(id, 161, Verdict::cancel_too_late, "not in a cancellable state");
  rig.notice(id, 987'654, Verdict::unlisted, "something new");
  CHECK(rig.order(id).code == 202);
  CHECK(rig.order(id).broker_text == "We cannot accept an order at a limit price");
  CHECK(rig.order(id).text == "We cannot accept an order at a limit price");
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("words: an end that a word alone told gets its reason from the code for it") {
  for (const bool noted : {false, true}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    if (noted) rig.notice(id, 399, Verdict::information, "it will not work before the opening");
    rig.status(id, BrokerState::canceled, "Cancelled");
    rig.notice(id, 161, Verdict::cancel_too_late, "not in a cancellable state");
    rig.notice(id, 202, Verdict::canceled, "Order Canceled - reason:limits");
    CHECK(rig.order(id).code == 202);
    rig.notice(id, 161, Verdict::cancel_too_late, "not in a cancellable state");
    CHECK(rig.order(id).broker_text == "Order Canceled - reason:limits");
  }
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.notice(id, 399, Verdict::information, "it will not work before the opening");
  rig.status(id, BrokerState::rejected, "Inactive");
  rig.notice(id, 201, Verdict::request_refused, "reason:margin");
  rig.notice(id, 10148, Verdict::cancel_too_late, "cannot be cancelled");
  CHECK(rig.order(id).code == 201);
  CHECK(rig.order(id).broker_text == "reason:margin");
}

TEST_CASE("words: a modification that the lists settle keeps what the broker said of it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.notice(id, 987'654, Verdict::unlisted, "something new");
  for (int i = 0; i < 4 && rig.order(id).replace_in_flight(); ++i) {
    rig.wait(std::chrono::seconds(20));
    rig.step(rig.round({rig.names(id)}));
  }
  REQUIRE_FALSE(rig.order(id).replace_in_flight());
  CHECK(rig.order(id).code == 987'654);
  CHECK(rig.order(id).broker_text == "something new");
}

TEST_CASE("words: they are kept without a code that could be read") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.notice(id, 0, Verdict::unlisted, "words behind a broken number");
  CHECK(rig.order(id).code == 0);
  CHECK(rig.order(id).broker_text == "words behind a broken number");
}

TEST_CASE("words: a FOK that cannot be filled is canceled as ordered, and a refusal still counts") {
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::fill_or_kill;
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", spec);
  rig.shown_as(id, spec, BrokerState::inactive, "Inactive");
  rig.status(id, BrokerState::rejected, "Inactive");
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).raw_status == "Inactive");
  rig.notice(id, 201, Verdict::request_refused, "reason:margin");
  const bool explained = rig.state(id) == OrdStatus::rejected || rig.order(id).code == 201;
  CHECK(explained);
}
