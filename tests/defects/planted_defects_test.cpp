// SPDX-License-Identifier: Apache-2.0
// A test that cannot fail proves nothing. Each scenario here holds in the program as it is, and
// must be broken by the defect that is planted beside it.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "belay/base/defects.hpp"
#include "belay/engine/engine.hpp"
#include "belay/engine/send_ledger.hpp"
#include "belay/tws/session/session.hpp"
#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"
#include "tests/support/core_rig.hpp"
#include "tests/support/foreign_orders.hpp"

using namespace belay::test;
using belay::base::Defect;
using belay::base::Time;

namespace {

// ---- core ----
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

OrderSpec stop_sell(std::int64_t count) {
  OrderSpec spec = limit_order(count);
  spec.side = Side::sell;
  spec.ord_type = OrdType::stop;
  spec.terms.price.reset();
  spec.terms.stop_px = price("180");
  return spec;
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

// ---- engine ----
struct SlowJournal final : belay::engine::Journal {
  belay::base::Status<> replay(
      const std::function<bool(const belay::engine::JournalRecord&)>&) override {
    return belay::base::ok();
  }
  std::uint64_t last_seq() const override { return 0; }
  std::uint64_t last_epoch() const override { return 0; }
  std::uint64_t append(std::uint64_t, std::uint64_t,
                       std::vector<belay::engine::JournalRecord>) override {
    busy = true;
    return ++ticket;
  }
  std::optional<belay::engine::AppendCompletion> poll() override {
    if (!busy || !open) return std::nullopt;
    busy = false;
    return belay::engine::AppendCompletion{ticket, belay::engine::AppendOutcome::durable, ""};
  }
  bool open = true;
  bool busy = false;
  std::uint64_t ticket = 0;
};
struct CountingBroker final : belay::engine::Broker {
  unsigned send_slots(Time) const override { return 10; }
  Time next_slot(Time) const override { return belay::base::never; }
  void reserve() override {}
  void unreserve() override {}
  bool place(const PlaceEffect&, Time) override { return ++places, true; }
  bool replace(const ReplaceEffect&, Time) override { return true; }
  void cancel(const CancelEffect&, Time) override {}
  void query_executions(Time) override {}
  void foreign_cancel(const ForeignCancelEffect&, Time) override {}
  void foreign_replace(const ForeignReplaceEffect&, Time) override {}
  void global_cancel(Time) override {}
  bool place_family(const PlaceFamilyEffect& effect, Time) override {
    for (const PlaceEffect& each : effect.orders) frames.push_back(each.broker_id.number);
    ++writes;
    return true;
  }
  int places = 0;
  int writes = 0;  // of families
  std::vector<std::int64_t> frames;
};
struct Seen {
  int places = 0;
  int replies = 0;
};
Seen before_the_commit() {
  SlowJournal journal;
  CountingBroker broker;
  Seen seen;
  belay::engine::Engine engine(
      {}, journal,
      {[](const StampedEvent&) {}, [&](const Reply&) { ++seen.replies; }, [](const auto&) {}});
  engine.attach(broker);
  const Time now(1);
  REQUIRE(engine.start(InstanceId(1), now).has_value());
  engine.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}}, now);
  engine.submit(SnapshotDone{}, now);
  engine.turn(now);
  journal.open = false;
  engine.submit(PlaceOrder{1, "t", std::nullopt, limit_order()}, now);
  engine.turn(now);
  seen.places = broker.places;
  return seen;
}
bool nothing_leaves_before_the_commit() {
  return before_the_commit().places == 0;
}
bool nobody_is_answered_before_the_commit() {
  return before_the_commit().replies == 0;
}

/// An engine that is ready over a broker, with a journal that answers at once.
template <class Broker>
void with_engine(Broker& broker, const std::function<void(belay::engine::Engine&)>& story) {
  SlowJournal journal;
  belay::engine::Engine engine(
      {}, journal, {[](const StampedEvent&) {}, [](const Reply&) {}, [](const auto&) {}});
  engine.attach(broker);
  const Time now(1);
  REQUIRE(engine.start(InstanceId(1), now).has_value());
  engine.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}}, now);
  engine.submit(SnapshotDone{}, now);
  engine.turn(now);
  story(engine);
  for (int i = 0; i < 5; ++i) engine.turn(now);
}
bool a_family_is_one_write() {
  CountingBroker broker;
  with_engine(broker, [](belay::engine::Engine& engine) {
    PlaceFamily family{0, "t", {3, {std::nullopt, limit_order()}}};
    engine.submit(family, Time(1));
    engine.submit(PlaceOrder{0, "t", std::nullopt, limit_order()}, Time(1));
  });
  return broker.writes == 1 && broker.frames == std::vector<std::int64_t>{1, 2, 3};
}
/// A writer as the real one is: it goes by the ledger.
struct LedgerBroker final : belay::engine::Broker {
  unsigned send_slots(Time) const override { return 10; }
  Time next_slot(Time) const override { return belay::base::never; }
  void reserve() override {}
  void unreserve() override {}
  bool place(const PlaceEffect& effect, Time) override {
    alarm = ledger.refusal(effect.broker_id);
    if (!alarm) ledger.written(effect.broker_id);
    return !alarm;
  }
  bool replace(const ReplaceEffect&, Time) override { return true; }
  void cancel(const CancelEffect&, Time) override {}
  void query_executions(Time) override {}
  void intended(const BrokerOrderId& id) override { ledger.intended(id); }
  void forget_intent(const BrokerOrderId& id) override { ledger.forget(id); }
  std::optional<std::string> take_writer_alarm() override {
    return std::exchange(alarm, std::nullopt);
  }
  belay::engine::SendLedger ledger;
  std::optional<std::string> alarm;
};
// The second frame never leaves, whatever the defect; that it was tried is an incident and a halt.
bool no_frame_comes_to_the_writer_twice() {
  LedgerBroker broker;
  bool halted = false;
  with_engine(broker, [&](belay::engine::Engine& engine) {
    engine.submit(PlaceOrder{0, "t", std::nullopt, limit_order()}, Time(1));
    for (int i = 0; i < 5; ++i) engine.turn(Time(1));
    halted = engine.gate_closed();
  });
  REQUIRE(broker.ledger.written_total() == 1);
  return !halted;
}

// ---- session ----
bool a_cancel_goes_while_a_slot_is_free() {
  namespace wire = belay::tws::wire;
  belay::tws::session::SessionOptions options;
  options.message_rate_limit = 10;
  options.cancel_reserve = 2;
  belay::tws::session::Session session(options);
  Time now(0);
  session.start(now);
  session.connected(now);
  std::string bytes;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
  wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
  wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
  session.bytes(bytes, now);
  now = now + std::chrono::seconds(2);
  // As many entries as are allowed: only the cancels' reserve is left.
  while (session.order_slots(now) > 0) {
    session.reserve();
    session.send_reserved(wire::PlaceOrder{}, now);
  }
  session.take_actions();
  session.send_cancel(wire::CancelOrder{}, now);
  return session.take_actions().size() == 1 && session.waiting() == 0;
}

// ---- many clients ----
bool another_clients_number_never_leaves_under_ours() {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  const OrderId theirs = seen(rig, shown_of(3, rig.order(ours).broker_id->number, 900));
  rig.step(foreign_cancel(theirs));
  return rig.count<CancelEffect>() == 0 && rig.count<ForeignCancelEffect>() == 1;
}
/// A broker adapter of client 0 whose lists have been read.
struct Connected {
  Connected() : broker({}, hooks()) {
    namespace wire = belay::tws::wire;
    broker.start(now);
    broker.connected(now);
    std::string bytes;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
    wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::OpenOrderEnd{}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::CompletedOrdersEnd{}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::PositionEnd{}), 200, bytes);
    broker.bytes(bytes, now);
    take();
    // The end of the executions is given up after a while.
    for (int i = 0; i < 4 && !settled; ++i) {
      now = now + std::chrono::seconds(10);
      broker.tick(now);
    }
  }
  belay::tws::TwsBrokerHooks hooks() {
    return {.report =
                [this](Input input) {
                  if (std::holds_alternative<SnapshotDone>(input)) settled = true;
                  if (std::holds_alternative<SessionDown>(input)) dropped = true;
                },
            .link = [](const LinkStatus&) {},
            .positions_begin = [] {},
            .position = [](const Position&) {},
            .account_value = [](const AccountValue&) {},
            .log = [](const std::string&) {}};
  }
  void take() {
    for (const auto& action : broker.take_actions()) {
      if (const auto* write = std::get_if<belay::tws::session::Write>(&action)) {
        written += write->bytes;
      }
    }
  }
  Time now{1'000'000'000'000};
  bool settled = false;
  bool dropped = false;
  std::string written;
  belay::tws::TwsBroker broker;
};
bool the_main_link_stays_while_another_name_is_used() {
  Connected rig;
  rig.broker.foreign_cancel({OrderId(1), {3, 40}, std::nullopt}, rig.now);
  rig.broker.tick(rig.now);
  return rig.settled && !rig.dropped;
}
bool connecting_binds_nothing() {
  Connected rig;
  rig.take();
  // reqAutoOpenOrders, as the field 15 and its version at the beginning of a frame.
  const std::string asked(
      "15\0"
      "1\0"
      "1\0",
      7);
  return rig.settled && rig.written.find(asked) == std::string::npos;
}
// ---- reconciliation ----
bool an_order_that_is_not_listed_is_not_canceled() {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.later_round();
  return rig.state(id) == OrdStatus::new_;
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
bool a_restored_link_is_asked_for_everything() {
  namespace wire = belay::tws::wire;
  belay::tws::TwsBrokerHooks hooks;
  hooks.report = [](Input) {};
  hooks.link = [](const LinkStatus&) {};
  hooks.positions_begin = [] {};
  hooks.log = [](const std::string&) {};
  belay::tws::TwsBroker broker(belay::tws::TwsBrokerOptions{}, hooks);
  const Time now(1'000'000'000'000);
  std::string bytes;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
  wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
  wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
  broker.start(now);
  broker.connected(now);
  broker.bytes(bytes, now);
  const auto say = [&](int code) {
    std::string notice;
    wire::encode(wire::ServerMessage(wire::ErrMsg{.id = -1,
                                                  .error_code = code,
                                                  .error_string = "words",
                                                  .advanced_order_reject_json = "",
                                                  .error_time = 0}),
                 200, notice);
    broker.bytes(notice, now);
  };
  say(1100);
  broker.take_actions();
  say(1102);
  return !broker.take_actions().empty();
}

struct Scenario {
  Defect defect;
  std::string_view name;
  bool (*holds)();
};
constexpr Scenario scenarios[] = {
    {Defect::send_before_durable, "nothing leaves before the commit",
     nothing_leaves_before_the_commit},
    {Defect::reply_before_durable, "nobody is answered before the commit",
     nobody_is_answered_before_the_commit},
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
    {Defect::cancel_waits_behind_entries, "a cancel goes while a slot is free",
     a_cancel_goes_while_a_slot_is_free},
    {Defect::unlisted_code_ends_order, "an unlisted code ends nothing",
     an_unlisted_code_ends_nothing},
    {Defect::risk_sent_in_reset_window, "no risk leaves in a reset window",
     no_risk_leaves_in_a_reset_window},
    {Defect::foreign_cancel_under_own_id, "another client's number never leaves under ours",
     another_clients_number_never_leaves_under_ours},
    {Defect::main_session_dropped_for_foreign, "the main link stays while another name is used",
     the_main_link_stays_while_another_name_is_used},
    {Defect::binding_without_asking, "connecting binds nothing", connecting_binds_nothing},
    {Defect::protective_waits_behind_entries, "a protective order goes before entries",
     a_protective_order_goes_before_entries},
    {Defect::halt_forgotten_at_restart, "a halt outlives a restart", a_halt_outlives_a_restart},
    {Defect::frame_written_twice, "no frame comes to the writer twice",
     no_frame_comes_to_the_writer_twice},
    {Defect::family_torn, "a family is one write", a_family_is_one_write},
    {Defect::collision_resent_blindly, "a refused id proves nothing about its order",
     a_refused_id_proves_nothing_about_its_order},
    {Defect::gap_counted_each_minute, "a gap is told once", a_gap_is_told_once},
    {Defect::reservation_partial, "a block is whole or none", a_block_is_whole_or_none},
    {Defect::absence_taken_as_cancel, "an order that is not listed is not canceled",
     an_order_that_is_not_listed_is_not_canceled},
    {Defect::unsettled_snapshot_trusted, "a list that was cut short proves nothing",
     a_list_that_was_cut_short_proves_nothing},
    {Defect::inferred_fill_kept, "an inferred fill gives way", an_inferred_fill_gives_way},
    {Defect::twin_ends_order, "the end of a copy ends no order", the_end_of_a_copy_ends_no_order},
    {Defect::restored_link_not_reconciled, "a restored link is asked for everything",
     a_restored_link_is_asked_for_everything},
};

}  // namespace

TEST_CASE("planted defects: every scenario holds in the program as it is") {
  belay::base::plant(Defect::none);
  for (const Scenario& scenario : scenarios) {
    const std::string named(scenario.name);
    CAPTURE(named);
    CHECK(scenario.holds());
  }
}

TEST_CASE("planted defects: each is noticed by its scenario") {
  for (const Scenario& scenario : scenarios) {
    const std::string named(scenario.name);
    CAPTURE(named);
    belay::base::plant(scenario.defect);
    CHECK_FALSE(scenario.holds());
    belay::base::plant(Defect::none);
  }
}

TEST_CASE("planted defects: every one but the journal's own has a scenario here") {
  for (const Defect defect : belay::base::all_defects) {
    const bool here = std::any_of(std::begin(scenarios), std::end(scenarios),
                                  [&](const Scenario& s) { return s.defect == defect; });
    CAPTURE(name(defect));
    CHECK(here == (defect != Defect::journal_acks_before_sync));
  }
}
