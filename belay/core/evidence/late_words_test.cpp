// SPDX-License-Identifier: Apache-2.0
// What the broker says late, or of what a person changed there: a refusal after the first word, an
// end that shows what was ordered in the end, other terms, another tag, a refused cancel.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

void refused_late(CoreRig& rig, OrderId id) {
  BrokerNotice notice{
      {rig.order(id).broker_id, std::nullopt, ""}, 201, "margin", Verdict::request_refused};
  notice.by_request = refuses;
  rig.step(notice);
}
BrokerOrder told_as_done(const CoreRig& rig, OrderId id, std::int64_t filled) {
  OrderSpec spec = rig.order(id).spec;
  spec.terms.order_qty = Quantity();  // as it is told of what is done
  return {rig.names(id), spec, "LMT", BrokerState::filled, "Filled", "", shares(filled)};
}
}  // namespace

TEST_CASE("late refusal: an end that nobody asked for is the refusal that was told before it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.shown(id, BrokerState::working, "PreSubmitted");
  refused_late(rig, id);
  CHECK(rig.state(id) == OrdStatus::new_);
  rig.status(id, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.order(id).code == 201);
  CHECK(rig.order(id).broker_text == "margin");
  rig.restart();
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("late refusal: without another word two settled lists without the order end it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.shown(id, BrokerState::working, "PreSubmitted");
  refused_late(rig, id);
  rig.restart();
  rig.up();
  rig.synced();
  rig.later_round();
  rig.later_round();
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.order(id).broker_text == "margin");
  CHECK(rig.core.book().find_incident("order_vanished/1") == nullptr);
}

TEST_CASE("late refusal: a settled list that shows the order says that it lives") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  refused_late(rig, id);
  CHECK(rig.order(id).refused);
  rig.later_round({rig.names(id)});
  CHECK_FALSE(rig.order(id).refused);
  CHECK(rig.silent() == false);
  rig.later_round({rig.names(id)});
  CHECK(rig.count<BrokerStatusChanged>() == 0);
}

TEST_CASE("late refusal: it ends nothing that was wanted away, was filled, or works afterwards") {
  CoreRig rig = CoreRig::ready();
  const OrderId canceled = rig.working("k1");
  refused_late(rig, canceled);
  rig.cancel(canceled);
  rig.status(canceled, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(canceled) == OrdStatus::canceled);

  const OrderId filled = rig.working("k2");
  rig.fill(filled, "e1.01", 40);
  refused_late(rig, filled);
  rig.status(filled, BrokerState::canceled, "Cancelled", 40);
  CHECK(rig.state(filled) == OrdStatus::canceled);

  const OrderId works = rig.sent("k3");
  rig.shown(works, BrokerState::working, "PreSubmitted");
  refused_late(rig, works);
  rig.status(works, BrokerState::working, "Submitted");
  rig.status(works, BrokerState::canceled, "Cancelled");
  CHECK(rig.state(works) == OrdStatus::canceled);
}

TEST_CASE("late words: filled with fewer than were ordered means that it was lessened there") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 60);
  rig.down();
  rig.up(2);
  rig.step(told_as_done(rig, id, 60));
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.order(id).spec->terms.order_qty == shares(60));
}

TEST_CASE("late words: filled with fewer waits for the fills that are still to be told") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 40);
  rig.step(told_as_done(rig, id, 60));
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  rig.fill(id, "e2.01", 20);
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK_FALSE(rig.order(id).overfilled);
}

TEST_CASE("late words: a fill that was taken back, or another copy, lessens no order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 60);
  rig.fill(id, "e2.01", 40);
  rig.fill(id, "e2.02", 0);  // busted
  rig.step(told_as_done(rig, id, 60));
  CHECK(rig.order(id).spec->terms.order_qty == shares(100));

  const OrderId other = rig.working("k2");
  BrokerOrder copy = told_as_done(rig, other, 40);
  copy.names.permanent_id = PermanentId(5555);
  rig.step(copy);
  CHECK(rig.order(other).spec->terms.order_qty == shares(100));
}

TEST_CASE("late words: what is filled at the broker is changed no more") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::filled, "Filled", 100);
  CHECK(rig.reprice(id, "191").code == ReplyCode::wrong_state);
  CHECK(rig.count<ReplaceEffect>() == 0);
}

TEST_CASE("late words: another type and another day are in force and sent with the next change") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::good_till_date;
  spec.terms.expire_time = rig.now + std::chrono::hours(24 * 30);
  const OrderId id = rig.working("k1", spec);
  OrderSpec shown = spec;
  shown.terms.expire_time = rig.now + std::chrono::hours(24 * 15);
  rig.shown_as(id, shown);
  CHECK(rig.order(id).spec->terms.expire_time == shown.terms.expire_time);
  shown.ord_type = OrdType::stop;
  shown.terms.price.reset();
  shown.terms.stop_px = price("180");
  rig.shown_as(id, shown);
  CHECK(rig.order(id).spec->ord_type == OrdType::stop);
  CHECK_FALSE(rig.order(id).spec->terms.price.has_value());
  CHECK(rig.order(id).spec->terms.stop_px == price("180"));
  rig.restart();
  CHECK(rig.order(id).spec->ord_type == OrdType::stop);
}

TEST_CASE("late words: a change that waits ends when the order is of another type meanwhile") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  REQUIRE(rig.reprice(id, "191").code == ReplyCode::accepted);
  OrderSpec shown = rig.order(id).spec;
  shown.ord_type = OrdType::stop;
  shown.terms.price.reset();
  shown.terms.stop_px = price("180");
  rig.shown_as(id, shown);
  CHECK(rig.count<ReplaceRefused>() == 1);
  rig.slots = 10;
  rig.wait(std::chrono::seconds(2));
  CHECK(rig.count<ReplaceEffect>() == 0);
}

TEST_CASE("late words: a list of before it does not undo a change of the day alone") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::good_till_date;
  spec.terms.expire_time = rig.now + std::chrono::hours(24 * 30);
  const OrderId id = rig.working("k1", spec);
  TermsPatch patch;
  patch.expire_time = rig.now + std::chrono::hours(24 * 15);
  REQUIRE(rig.replace(id, patch).code == ReplyCode::accepted);
  rig.shown_as(id, spec);  // under way when the change left
  CHECK(rig.order(id).replacing.has_value());
  spec.terms.expire_time = patch.expire_time;
  rig.shown_as(id, spec);
  CHECK_FALSE(rig.order(id).replacing.has_value());
  CHECK(rig.order(id).spec->terms.expire_time == patch.expire_time);
}

TEST_CASE("late words: a time that the broker writes in its own zone is the time that was asked") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = TimeInForce::good_till_date;
  spec.terms.expire_time = rig.now + std::chrono::hours(24 * 30);
  const OrderId id = rig.working("k1", spec);
  OrderSpec shown = spec;
  shown.terms.expire_time = *spec.terms.expire_time + std::chrono::hours(14);
  rig.shown_as(id, shown);
  CHECK(rig.order(id).spec->terms.expire_time == spec.terms.expire_time);
}

TEST_CASE("names: a tag that a person edited does not make another order of ours") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  BrokerNames edited = rig.names(id);
  REQUIRE(edited.permanent_id.has_value());
  edited.tag = "my own words";
  edited.carries_tag = true;
  rig.later_round({edited});
  rig.later_round({edited});
  CHECK_FALSE(rig.order(id).unknown);
  rig.step(BrokerOrder{edited, rig.order(id).spec, "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  CHECK(rig.core.book().orders_total() == 1);
  BrokerExecution fill = rig.execution(id, "e1.01", 100);
  fill.names = edited;
  fill.contract = rig.order(id).spec->contract;
  rig.step(fill);
  CHECK(rig.state(id) == OrdStatus::filled);

  // The other side of the same contract is no edited tag.
  const OrderId other = rig.working("k2");
  BrokerNames theirs = rig.names(other);
  theirs.tag = "another program";
  theirs.carries_tag = true;
  OrderSpec sale = rig.order(other).spec;
  sale.side = Side::sell;
  rig.step(BrokerOrder{theirs, sale, "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  CHECK(rig.core.book().orders_total() == 3);
}

TEST_CASE("refused cancel: the order that works on is an incident with the broker's words") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  rig.notice(id, 161, Verdict::cancel_too_late, "Cancel attempted when order is not cancellable");
  rig.later_round({rig.names(id)});
  const Book::Incident* incident = rig.core.book().find_incident("cancel_refused/1");
  REQUIRE(incident != nullptr);
  CHECK(incident->opened.text.find("not cancellable") != std::string::npos);
  rig.cancel(id);
  rig.later_round({rig.names(id)});
  CHECK(rig.core.book().find_incident("cancel_refused/1") == nullptr);
}

TEST_CASE("refused cancel: the incident that a person closed opens again with the next refusal") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const auto is_open = [&] {
    rig.later_round({rig.names(id)});
    return rig.core.book().find_incident("cancel_refused/1") != nullptr;
  };
  const auto refuse = [&] {
    rig.cancel(id);
    rig.notice(id, 161, Verdict::cancel_too_late, "Cancel attempted when order is not cancellable");
  };
  refuse();
  CHECK(is_open());
  const std::uint64_t seq = rig.core.book().find_incident("cancel_refused/1")->seq;
  rig.step(CloseIncident{++rig.correlation, "alice", seq, "it may work on"});
  CHECK_FALSE(is_open());
  CHECK_FALSE(is_open());
  refuse();
  CHECK(is_open());
}
