// SPDX-License-Identifier: Apache-2.0
// Pacing, measured where it counts: on the wire, by a counter of its own and by the broker. Bursts
// of 10,000 entries, and cancels and stops of a position at random moments, for an hour of virtual
// time, with a disk in good health and with one that stalls for 30 s.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/pacing/pacing_world.hpp"

using namespace belay::test;
namespace core = belay::core;
using belay::base::Duration;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const core::CoreOptions roomy{.queue_max = 20'000, .queue_timeout = std::chrono::hours(2)};

Duration slowest(const PacingWorld& world, bool cancels, bool stalled) {
  Duration most{};
  for (const auto& each : world.left) {
    if (each.is_cancel == cancels && each.stalled == stalled) most = std::max(most, each.took());
  }
  return most;
}
std::size_t count(const PacingWorld& world, bool cancels, bool stalled) {
  return static_cast<std::size_t>(std::count_if(
      world.left.begin(), world.left.end(),
      [&](const auto& each) { return each.is_cancel == cancels && each.stalled == stalled; }));
}

/// A day's worth of trouble in an hour.
class Hour {
 public:
  Hour(std::uint64_t seed, bool stalls) : world_(seed, roomy), random_(seed * 31 + 1) {
    for (const int minute : {2, 22, 42}) {
      world_.scheduler.after(minutes(minute), [this] {
        for (int i = 0; i < 10'000; ++i) world_.entry();
      });
    }
    // Twice while the queue is full, twice while it is not.
    for (const int minute : {4, 18, 25, 40}) {
      if (!stalls) break;
      world_.scheduler.after(minutes(minute), [this] {
        world_.journal.stall_until(world_.scheduler.now() + seconds(30));
      });
    }
    again(1500, [this] { cancel_something(); });
    again(2500, [this] { protect(); });
    again(300, [this] { world_.entry(); });
    again(2000, [this] { rest(); });
    again(8000, [this] { world_.family(3); });
  }
  PacingWorld& run() {
    world_.run_for(minutes(60));
    return world_;
  }

 private:
  void again(std::int64_t mean_ms, std::function<void()> work) {
    const milliseconds wait(random_.between(1, 2 * mean_ms));
    world_.scheduler.after(wait, [this, mean_ms, work] {
      work();
      again(mean_ms, work);
    });
  }
  // The oldest that the broker has; whatever it is, its cancel must go at once.
  void cancel_something() {
    const auto works = [this](core::OrderId id) {
      return world_.order(id).status == core::OrdStatus::new_;
    };
    const auto found = std::find_if(working_.begin(), working_.end(), works);
    if (found == working_.end()) return;
    world_.cancel(*found);
    working_.erase(found);
  }
  void protect() {
    if (const auto id = world_.protective()) working_.push_back(*id);
  }
  void rest() {
    if (const auto id = world_.resting()) working_.push_back(*id);
  }

  PacingWorld world_;
  belay::base::Prng random_;
  std::vector<core::OrderId> working_;  // resting entries and stops, the oldest first
};

}  // namespace

TEST_CASE("pacing: a cancel and a protective order behind 200 and behind 10,000 entries") {
  for (const int entries : {200, 10'000}) {
    CAPTURE(entries);
    PacingWorld world(7, roomy);
    const auto resting = world.resting();
    world.run_for(seconds(2));
    REQUIRE(world.order(*resting).status == core::OrdStatus::new_);
    for (int i = 0; i < entries; ++i) REQUIRE(world.entry().has_value());
    world.run_for(milliseconds(1700));  // the queue is deep, and every slot of its lane is taken
    REQUIRE(world.daemon->engine().core().outbox().size(core::Lane::new_risk) >
            static_cast<std::size_t>(entries - 100));
    world.cancel(*resting);
    REQUIRE(world.protective().has_value());
    world.run_for(PacingWorld::slot);
    CHECK(world.left.size() == 2);
    CHECK(slowest(world, true, false) == Duration(0));
    CHECK(slowest(world, false, false) <= PacingWorld::slot);
    CHECK(world.most_in_a_second <= PacingWorld::limit);
    CHECK(world.refused_by_broker == 0);
  }
}

TEST_CASE("pacing: with the disk stalled for 30 s a cancel leaves at once, and new risk waits") {
  PacingWorld world(8, roomy);
  const auto resting = world.resting();
  world.run_for(seconds(2));
  for (int i = 0; i < 10'000; ++i) world.entry();
  world.run_for(milliseconds(1700));
  world.journal.stall_until(world.scheduler.now() + seconds(30));
  world.run_for(seconds(1));
  const std::size_t before = world.messages;
  world.run_for(seconds(9));
  CHECK(world.messages == before);  // intents hold their slots, and nothing is sent
  world.cancel(*resting);
  CHECK(world.left.size() == 1);
  CHECK(slowest(world, true, true) == Duration(0));
  const auto stop = world.protective();
  REQUIRE(stop.has_value());
  world.run_for(seconds(19));
  CHECK(world.unsent() == 1);  // a stop needs its intent on the disk
  world.run_for(seconds(2));
  CHECK(world.unsent() == 0);
  CHECK(world.most_in_a_second <= PacingWorld::limit);
  CHECK(world.refused_by_broker == 0);
  CHECK(world.order(*stop).broker_id.has_value());
}

TEST_CASE("pacing: an hour of bursts never passes the limit and delays no cancel or protection") {
  for (const bool stalls : {false, true}) {
    CAPTURE(stalls);
    Hour hour(11, stalls);
    PacingWorld& world = hour.run();
    MESSAGE(world.messages, " messages, at most ", world.most_in_a_second, " in a second; ",
            count(world, true, false) + count(world, true, true), " cancels, ",
            count(world, false, false), " protective orders");
    CHECK(world.most_in_a_second <= PacingWorld::limit);
    CHECK(world.refused_by_broker == 0);
    CHECK(world.messages > 40'000);
    CHECK(count(world, true, false) > 1000);
    CHECK(count(world, false, false) > 1000);
    CHECK(slowest(world, true, false) <= PacingWorld::slot);
    CHECK(slowest(world, true, true) <= PacingWorld::slot);
    CHECK(slowest(world, false, false) <= PacingWorld::slot);
    if (stalls) CHECK(count(world, true, true) > 20);
    CHECK(world.torn_families == 0);
    CHECK(world.families_sent > 200);
    CHECK_FALSE(world.daemon->engine().gate_closed());
  }
}
