// SPDX-License-Identifier: Apache-2.0
// The broker's clock and ours: what a day is, is told by ours and meant by the broker's.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using belay::base::Time;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// An order that was sent and is in no list of two settled rounds.
struct Absent {
  CoreRig rig = CoreRig::ready();
  OrderId id;

  void told(belay::base::Duration ahead) { rig.step(BrokerClock{rig.now + ahead, rig.now}); }
  void sent_and_never_listed() {
    OrderSpec lasting = limit_order();
    lasting.terms.time_in_force = TimeInForce::good_till_cancel;
    id = rig.sent("k1", lasting);
    rig.later_round();
    rig.later_round();
  }
  bool decided() { return rig.state(id) != OrdStatus::pending_new; }
  std::size_t incidents() { return rig.core.book().incidents().size(); }
};

}  // namespace

TEST_CASE("clock: while the broker's differs, absence decides no order") {
  for (const auto ahead : {belay::base::Duration(-hours(3)), belay::base::Duration(-seconds(14)),
                           belay::base::Duration(seconds(14)), belay::base::Duration(hours(30))}) {
    CAPTURE(ahead.count());
    Absent story;
    story.told(ahead);
    CHECK(story.rig.incident("clock_differs"));
    story.sent_and_never_listed();
    CHECK_FALSE(story.decided());
  }
}

TEST_CASE("clock: one that differs by less decides as ever, and is no incident") {
  for (const int ahead : {-10, -1, 0, 1, 10}) {
    CAPTURE(ahead);
    Absent story;
    story.told(seconds(ahead));
    CHECK(story.incidents() == 0);
    story.sent_and_never_listed();
    CHECK(story.decided());
  }
}

TEST_CASE("clock: an answer that was long under way is no difference") {
  CoreRig rig = CoreRig::ready();
  const Time asked = rig.now;
  rig.wait(minutes(5));
  for (const auto read : {asked, asked + minutes(2), rig.now}) {
    rig.step(BrokerClock{read, asked});
    CHECK(rig.core.book().incidents().empty());
  }
}

TEST_CASE("clock: when the clocks agree again the incident closes, and absence decides") {
  Absent story;
  story.told(hours(1));
  story.told(hours(2));
  CHECK(story.incidents() == 1);  // one difference is told once
  story.sent_and_never_listed();
  REQUIRE_FALSE(story.decided());
  story.told(seconds(0));
  CHECK(story.rig.count<IncidentClosed>() == 1);
  CHECK(story.rig.core.book().find_incident("clock_differs") == nullptr);
  story.rig.later_round();
  story.rig.later_round();
  CHECK(story.decided());
}

TEST_CASE("clock: an incident that a restart finds open closes with the next answer") {
  Absent story;
  story.told(hours(1));
  story.rig.restart();
  story.rig.up();
  REQUIRE(story.incidents() == 1);
  story.told(seconds(0));
  CHECK(story.incidents() == 0);
}

// The usual rig's day ends at midnight UTC. A clock that is slow by less than what is allowed shows
// the evening of the old day when the broker has begun a new one.
TEST_CASE("clock: around the day's end a small difference is allowed for") {
  const Time midnight = *belay::base::parse_rfc3339("2026-11-22T00:00:00Z");
  for (const int after : {-6, 6}) {
    CAPTURE(after);
    Absent story;
    story.rig.now = midnight + seconds(after);
    OrderSpec lasting = limit_order();
    lasting.terms.time_in_force = TimeInForce::good_till_cancel;
    story.id = story.rig.sent("k1", lasting);
    story.rig.wait(minutes(1));
    story.rig.later_round();
    story.rig.later_round();
    CHECK_FALSE(story.decided());
  }
}
