// SPDX-License-Identifier: Apache-2.0
// What the core alone must get right.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "belay/base/defects.hpp"
#include "tests/defects/scenarios.hpp"
#include "tests/support/core_rig.hpp"
#include "tests/support/fact_day.hpp"

namespace belay::test {

using belay::base::Defect;
using belay::base::Time;

namespace {

// ---- core ----
bool a_number_of_another_contract_is_not_sent() {
  CoreRig rig = CoreRig::ready();
  rig.confirms_contracts = false;
  OrderSpec spec = limit_order();
  spec.contract.con_id = 272093;
  rig.step(PlaceOrder{1, "tester", ClOrdId("k1"), spec});
  int sent = rig.count<PlaceEffect>();
  spec.contract.symbol = "MSFT";
  rig.step(ContractTold{272093, {{spec.contract, ""}}});
  sent += rig.count<PlaceEffect>();
  return sent == 0;
}
bool a_lower_next_id_lowers_nothing() {
  CoreRig rig;
  rig.up(500);
  rig.synced();
  rig.place("k1");
  rig.down();
  rig.up(3);
  rig.synced();
  rig.place("k2");
  return rig.order(OrderId(2)).broker_id->number == 501;
}
bool the_mark_survives_a_restart() {
  CoreRig rig = CoreRig::ready();
  rig.place("k1");
  rig.restart();
  rig.up(1);
  rig.synced();
  rig.place("k2");
  return rig.order(OrderId(2)).broker_id->number == 2;
}
bool a_repeated_fill_counts_once() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.fill(id, "e.1.01", 40);
  return rig.order(id).cum_qty == shares(40);
}
bool a_correction_replaces() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.fill(id, "e.1.02", 30);
  return rig.order(id).cum_qty == shares(30);
}
bool an_unknown_order_is_never_sent_again() {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  rig.restart();
  rig.up();
  rig.synced();
  return rig.count<PlaceEffect>() == 0;
}
bool a_key_outlives_a_restart() {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.restart();
  rig.up(2);
  rig.synced();
  return rig.place("k1").code == ReplyCode::replayed;
}
bool no_risk_leaves_in_a_reset_window() {
  CoreOptions options;
  options.calendar.daily_reset = *Window::parse("23:45-00:45 America/New_York");
  CoreRig rig(options);
  rig.now = *belay::base::parse_rfc3339("2026-11-25T02:00:00Z");
  rig.up();
  rig.synced();
  rig.now = *belay::base::parse_rfc3339("2026-11-25T04:50:00Z");
  rig.place("k1");
  return rig.count<PlaceEffect>() == 0;
}
bool a_late_fill_counts() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::canceled, "Cancelled");
  rig.fill(id, "e.1.01", 40);
  return rig.order(id).cum_qty == shares(40);
}
bool a_refused_modification_leaves_the_order() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.notice(id, 110, Verdict::request_refused);
  return rig.state(id) == OrdStatus::new_;
}
bool an_unlisted_code_ends_nothing() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 9999, Verdict::unlisted);
  return rig.state(id) == OrdStatus::pending_new;
}

bool a_protective_order_goes_before_entries() {
  CoreRig rig = CoreRig::ready();
  const OrderId held = rig.working("held");
  BrokerExecution fill = rig.execution(held, "e.1.01", 100);
  fill.contract.con_id = 265598;
  rig.step(fill);
  rig.slots = 0;
  rig.place("entry");
  const OrderId stop = rig.place("stop", stop_sell(100)).order;
  rig.slots = 1;
  rig.step(Tick{});
  return rig.the<PlaceEffect>().order == stop;
}
bool a_halt_outlives_a_restart() {
  CoreRig rig = CoreRig::ready();
  rig.step(Halt{0, "person", "stop"});
  rig.restart();
  rig.up();
  rig.synced();
  return rig.place("k1").code == ReplyCode::halted;
}
bool a_refused_id_proves_nothing_about_its_order() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 103, Verdict::duplicate_id);
  return rig.count<PlaceEffect>() == 0;
}
bool a_gap_is_told_once() {
  CoreOptions options;
  options.ids.monitor_interval = std::chrono::minutes(1);
  CoreRig rig(options);
  rig.up(10);
  rig.synced();
  for (int i = 0; i < 3; ++i) rig.wait(std::chrono::minutes(1));
  return rig.core.book().id_gaps_total() == 1;
}
bool a_block_is_whole_or_none() {
  CoreRig rig;
  rig.up(2'146'999'990);
  rig.synced();
  rig.step(ReserveIds{++rig.correlation, "t", "test", 11, std::nullopt});
  return rig.the<Reply>().code == ReplyCode::exhausted && rig.last.events.empty();
}

// ---- reconciliation ----
bool an_order_that_is_not_listed_is_not_canceled() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  return rig.state(id) == OrdStatus::new_;
}
bool a_list_says_nothing_about_what_was_sent_after_it() {
  CoreRig rig = CoreRig::ready();
  rig.wait(std::chrono::seconds(12));
  const SnapshotDone asked = rig.round();
  const OrderId id = rig.working("k1");
  rig.step(asked);
  return !rig.order(id).unknown;
}
bool absence_proves_nothing_across_the_end_of_a_day() {
  CoreRig rig = CoreRig::ready();
  OrderSpec lasting = limit_order();
  lasting.terms.time_in_force = TimeInForce::good_till_cancel;
  const OrderId id = rig.sent("k1", lasting);
  rig.down();
  rig.wait(std::chrono::hours(24));
  rig.up();
  rig.later_round();
  rig.later_round();
  return rig.state(id) == OrdStatus::pending_new;
}
bool absence_proves_nothing_by_a_wrong_clock() {
  CoreRig rig = CoreRig::ready();
  rig.step(BrokerClock{rig.now + std::chrono::hours(3), rig.now});
  const OrderId id = rig.sent("k1");
  rig.later_round();
  rig.later_round();
  return rig.state(id) == OrdStatus::pending_new;
}
// Our time is 30 h ahead: the order was sent at 23:00 of the broker's day, and listed after
// midnight.
bool dates_are_those_of_a_clock_that_was_set_back() {
  CoreRig rig = CoreRig::ready();
  rig.now = *belay::base::parse_rfc3339("2026-11-23T05:00:00Z");
  const std::chrono::hours ahead(30);
  rig.step(BrokerClock{rig.now - ahead, rig.now, -ahead});
  OrderSpec lasting = limit_order();
  lasting.terms.time_in_force = TimeInForce::good_till_cancel;
  const OrderId id = rig.sent("k1", lasting);
  rig.wait(std::chrono::minutes(90));
  rig.later_round();
  rig.later_round();
  return rig.state(id) == OrdStatus::pending_new;
}
bool a_list_that_was_cut_short_proves_nothing() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.down();
  rig.up();
  for (int i = 0; i < 3; ++i) {
    rig.wait(std::chrono::seconds(12));
    SnapshotDone cut = rig.round();
    cut.settled = false;
    rig.step(cut);
  }
  return rig.state(id) == OrdStatus::pending_new;
}
bool an_inferred_fill_gives_way() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  for (int i = 0; i < 2; ++i) {
    rig.wait(std::chrono::seconds(12));
    rig.status(id, BrokerState::working, "Submitted", 60);
    rig.step(rig.round({rig.names(id)}));
  }
  REQUIRE(rig.order(id).cum_qty == shares(60));
  rig.fill(id, "e.1.01", 60);
  return rig.order(id).cum_qty == shares(60);
}
bool the_end_of_a_copy_ends_no_order() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const BrokerNames first = rig.names(id);
  BrokerNames second = first;
  second.permanent_id = PermanentId(5555);
  rig.step(BrokerOrder{second, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  rig.step(BrokerStatus{{first.broker_id, first.permanent_id, ""},
                        BrokerState::canceled,
                        "Cancelled",
                        "",
                        Quantity()});
  return rig.state(id) == OrdStatus::new_;
}

// The seeds are named: each defect shows in one of them at least.
bool any_sequence_gives_the_same_book() {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U}) {
    const FactDay day(seed);
    base::Prng prng(seed * 1000);
    const std::string expected = day.told_in_sequence();
    for (int i = 0; i < 20; ++i) {
      if (day.tell(day.interleaving(prng)) != expected) return false;
    }
  }
  return true;
}
bool a_refusal_stays_one() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 201, Verdict::request_refused);
  rig.status(id, BrokerState::working, "Submitted");
  return rig.state(id) == OrdStatus::rejected;
}

// ---- words that come late, words that could not be read, words that were not told ----
bool an_unread_entry_is_no_absence() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  for (int i = 0; i < 3; ++i) {
    rig.wait(std::chrono::seconds(12));
    SnapshotDone done = rig.round();
    done.unread = {{{rig.order(id).broker_id, std::nullopt, "", true}, false}};
    rig.step(done);
  }
  return rig.state(id) == OrdStatus::pending_new && !rig.order(id).unknown;
}
bool a_late_refusal_ends_the_order() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.shown(id, BrokerState::working, "PreSubmitted");
  BrokerNotice refusal{
      {rig.order(id).broker_id, std::nullopt, ""}, 201, "margin", Verdict::request_refused};
  refusal.by_request = VerdictByRequest{Verdict::request_refused, Verdict::replace_refused, {}};
  rig.step(refusal);
  rig.status(id, BrokerState::canceled, "Cancelled");
  return rig.state(id) == OrdStatus::rejected && rig.order(id).broker_text == "margin";
}
bool filled_with_fewer_is_the_end() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 60);
  OrderSpec spec = rig.order(id).spec;
  spec.terms.order_qty = Quantity();  // as it is told of what is done
  rig.step(BrokerOrder{rig.names(id), spec, "LMT", BrokerState::filled, "Filled", "", shares(60)});
  return rig.state(id) == OrdStatus::filled;
}
bool an_order_that_is_enlarged_outlives_its_old_size() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  TermsPatch patch;
  patch.order_qty = shares(150);
  rig.replace(id, patch);
  rig.fill(id, "e.1.01", 100);
  return rig.state(id) == OrdStatus::partially_filled && rig.cancel(id).code == ReplyCode::accepted;
}
// Two fills came, and the first of them is on disk.
bool readers_see_what_is_durable_and_no_more() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  Book readers = Book::for_readers();
  rig.core.show_in(readers);
  rig.fill(id, "e.1.01", 40);
  const auto durable = rig.last.events;
  rig.fill(id, "e.2.01", 10);
  for (const StampedEvent& event : durable) readers.apply(event);
  return readers.find(id)->cum_qty == shares(40);
}
// Its id was refused as used, and there is no slot yet to send it under another one.
bool an_order_that_waits_for_another_id_can_be_canceled() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 103, Verdict::duplicate_id, "Duplicate order id");
  BrokerNames theirs{rig.order(id).broker_id, PermanentId(77), "theirs"};
  theirs.carries_tag = true;
  rig.slots = 0;
  for (int i = 0; i < 2; ++i) {
    SnapshotDone round = rig.round({theirs});
    round.wish = UINT64_MAX / 2;
    rig.step(round);
  }
  rig.cancel(id);
  rig.slots = 10;
  rig.wait(std::chrono::seconds(1));
  return rig.state(id) == OrdStatus::canceled && rig.count<PlaceEffect>() == 0;
}
bool an_id_that_nobody_told_is_not_used() {
  CoreRig rig;
  rig.up(0);
  rig.synced();
  rig.place("k1");
  return rig.count<PlaceEffect>() == 0;
}
bool an_order_of_others_is_as_large_as_its_fills() {
  CoreRig rig = CoreRig::ready();
  BrokerExecution fill;
  fill.names = {BrokerOrderId{5, 12}, PermanentId(900), "theirs", true};
  fill.account = AccountId("DU1");
  fill.contract = limit_order().contract;
  fill.execution.last_qty = shares(40);
  fill.execution.last_px = price("10");
  for (const char* exec_id : {"x.1.01", "x.2.01"}) {
    fill.execution.id = split_exec_id(exec_id);
    fill.cum_qty = fill.cum_qty + shares(40);
    rig.step(fill);
  }
  const Order& order = rig.core.book().in_memory().begin()->second;
  return order.spec->terms.order_qty == shares(80) && !order.overfilled;
}

constexpr Scenario of_core[] = {
    {Defect::id_reused_after_rollback, "a lower next id lowers nothing",
     a_lower_next_id_lowers_nothing},
    {Defect::mark_forgotten_at_restart, "the mark survives a restart", the_mark_survives_a_restart},
    {Defect::fill_counted_twice, "a repeated fill counts once", a_repeated_fill_counts_once},
    {Defect::correction_added, "a correction replaces", a_correction_replaces},
    {Defect::unknown_order_retried, "an unknown order is never sent again",
     an_unknown_order_is_never_sent_again},
    {Defect::key_forgotten_at_restart, "a key outlives a restart", a_key_outlives_a_restart},
    {Defect::late_fill_dropped, "a late fill counts", a_late_fill_counts},
    {Defect::refused_modify_kills_order, "a refused modification leaves the order",
     a_refused_modification_leaves_the_order},
    {Defect::unlisted_code_ends_order, "an unlisted code ends nothing",
     an_unlisted_code_ends_nothing},
    {Defect::risk_sent_in_reset_window, "no risk leaves in a reset window",
     no_risk_leaves_in_a_reset_window},
    {Defect::protective_waits_behind_entries, "a protective order goes before entries",
     a_protective_order_goes_before_entries},
    {Defect::halt_forgotten_at_restart, "a halt outlives a restart", a_halt_outlives_a_restart},
    {Defect::collision_resent_blindly, "a refused id proves nothing about its order",
     a_refused_id_proves_nothing_about_its_order},
    {Defect::gap_counted_each_minute, "a gap is told once", a_gap_is_told_once},
    {Defect::reservation_partial, "a block is whole or none", a_block_is_whole_or_none},
    {Defect::absence_taken_as_cancel, "an order that is not listed is not canceled",
     an_order_that_is_not_listed_is_not_canceled},
    {Defect::unsettled_snapshot_trusted, "a list that was cut short proves nothing",
     a_list_that_was_cut_short_proves_nothing},
    {Defect::early_list_trusted, "a list says nothing about what was sent after it",
     a_list_says_nothing_about_what_was_sent_after_it},
    {Defect::day_end_ignored, "absence proves nothing across the end of a day",
     absence_proves_nothing_across_the_end_of_a_day},
    {Defect::clock_difference_ignored, "absence proves nothing by a wrong clock",
     absence_proves_nothing_by_a_wrong_clock},
    {Defect::dates_of_set_back_clock, "dates are those of a clock that was set back",
     dates_are_those_of_a_clock_that_was_set_back},
    {Defect::inferred_fill_kept, "an inferred fill gives way", an_inferred_fill_gives_way},
    {Defect::contract_unchecked, "a number of another contract is not sent",
     a_number_of_another_contract_is_not_sent},
    {Defect::twin_ends_order, "the end of a copy ends no order", the_end_of_a_copy_ends_no_order},
    {Defect::leg_taken_by_first_sight, "any sequence gives the same book: legs",
     any_sequence_gives_the_same_book},
    {Defect::early_commission_lost, "any sequence gives the same book: commissions",
     any_sequence_gives_the_same_book},
    {Defect::older_revision_wins, "any sequence gives the same book: revisions",
     any_sequence_gives_the_same_book},
    {Defect::refusal_overruled, "a refusal stays one", a_refusal_stays_one},
    {Defect::unread_entry_is_absence, "an unread entry is no absence",
     an_unread_entry_is_no_absence},
    {Defect::late_refusal_forgotten, "a late refusal ends the order",
     a_late_refusal_ends_the_order},
    {Defect::lessened_order_stays_open, "filled with fewer is the end",
     filled_with_fewer_is_the_end},
    {Defect::untold_next_id_is_one, "an id that nobody told is not used",
     an_id_that_nobody_told_is_not_used},
    {Defect::first_size_kept, "an order of others is as large as its fills",
     an_order_of_others_is_as_large_as_its_fills},
    {Defect::growth_forgotten, "an order that is enlarged outlives its old size",
     an_order_that_is_enlarged_outlives_its_old_size},
    {Defect::resend_outlives_cancel, "an order that waits for another id can be canceled",
     an_order_that_waits_for_another_id_can_be_canceled},
    {Defect::undurable_order_shown, "readers see what is durable and no more",
     readers_see_what_is_durable_and_no_more},
};

}  // namespace

std::span<const Scenario> core_scenarios() {
  return of_core;
}

}  // namespace belay::test
