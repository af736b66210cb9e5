// SPDX-License-Identifier: Apache-2.0
// What the engine lets out, and when.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "belay/engine/engine.hpp"
#include "tests/defects/scenarios.hpp"
#include "tests/support/core_rig.hpp"

namespace belay::test {

using belay::base::Defect;
using belay::base::Time;

namespace {

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
struct CountingBroker final : belay::broker::Broker {
  LaneSlots lane_slots(Time) const override { return 10; }
  Time next_slot(Time) const override { return belay::base::never; }
  void reserve() override {}
  void unreserve() override {}
  bool place(const PlaceEffect&, Time) override { return ++places, true; }
  bool replace(const ReplaceEffect&, Time) override { return true; }
  void cancel(const CancelEffect&, Time) override {}
  void query_executions(Time) override {}
  void foreign_cancel(const ForeignCancelEffect&, Time) override {}
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
  std::uint64_t refused = 0;  // by the gate: frames that should never have come to it
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
  seen.refused = engine.stats().writer_refusals_total;
  return seen;
}
// The gate holds the frame back, whatever the defect; that it was tried is an incident.
bool nothing_leaves_before_the_commit() {
  const Seen seen = before_the_commit();
  REQUIRE(seen.places == 0);
  return seen.refused == 0;
}
bool nobody_is_answered_before_the_commit() {
  return before_the_commit().replies == 0;
}

/// An engine that is ready over a broker, with a journal that answers at once.
template <class Broker>
void with_engine(Broker& broker,
                 const std::function<void(belay::engine::Engine&, SlowJournal&)>& story) {
  SlowJournal journal;
  belay::engine::Engine engine(
      {}, journal, {[](const StampedEvent&) {}, [](const Reply&) {}, [](const auto&) {}});
  engine.attach(broker);
  const Time now(1);
  REQUIRE(engine.start(InstanceId(1), now).has_value());
  engine.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}}, now);
  engine.submit(SnapshotDone{}, now);
  engine.turn(now);
  story(engine, journal);
  for (int i = 0; i < 5; ++i) engine.turn(now);
}
bool a_held_frame_does_not_outlive_its_link() {
  CountingBroker broker;
  with_engine(broker, [](belay::engine::Engine& engine, SlowJournal& journal) {
    journal.open = false;  // the disk stalls
    engine.submit(PlaceOrder{0, "t", std::nullopt, limit_order()}, Time(1));
    engine.turn(Time(1));
    engine.submit(SessionDown{"reset by peer"}, Time(1));
    engine.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}}, Time(1));
    journal.open = true;  // ... until the next link is syncing
  });
  return broker.places == 0;
}
bool a_family_is_one_write() {
  CountingBroker broker;
  with_engine(broker, [](belay::engine::Engine& engine, SlowJournal&) {
    PlaceFamily family{0, "t", {3, {std::nullopt, limit_order()}}};
    engine.submit(family, Time(1));
    engine.submit(PlaceOrder{0, "t", std::nullopt, limit_order()}, Time(1));
  });
  return broker.writes == 1 && broker.frames == std::vector<std::int64_t>{1, 2, 3};
}
// The second frame never leaves, whatever the defect; that it was tried is an incident and a halt.
bool no_frame_comes_to_the_writer_twice() {
  CountingBroker broker;
  bool halted = false;
  with_engine(broker, [&](belay::engine::Engine& engine, SlowJournal&) {
    engine.submit(PlaceOrder{0, "t", std::nullopt, limit_order()}, Time(1));
    for (int i = 0; i < 5; ++i) engine.turn(Time(1));
    halted = engine.gate_closed();
  });
  REQUIRE(broker.places == 1);
  return !halted;
}

constexpr Scenario of_engine[] = {
    {Defect::send_before_durable, "nothing leaves before the commit",
     nothing_leaves_before_the_commit},
    {Defect::reply_before_durable, "nobody is answered before the commit",
     nobody_is_answered_before_the_commit},
    {Defect::frame_written_twice, "no frame comes to the writer twice",
     no_frame_comes_to_the_writer_twice},
    {Defect::family_torn, "a family is one write", a_family_is_one_write},
    {Defect::held_frame_survives_link, "a held frame does not outlive its link",
     a_held_frame_does_not_outlive_its_link},
};

}  // namespace

std::span<const Scenario> engine_scenarios() {
  return of_engine;
}

}  // namespace belay::test
