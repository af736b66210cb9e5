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
  // Ours is ahead of the broker's, and this machine's was set back by `set_back`.
  void told_behind(belay::base::Duration behind, belay::base::Duration set_back) {
    rig.step(BrokerClock{rig.now - behind, rig.now, -set_back});
  }
  void sent_and_never_listed(const char* key = "k1") {
    OrderSpec lasting = limit_order();
    lasting.terms.time_in_force = TimeInForce::good_till_cancel;
    id = rig.sent(key, lasting);
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

// ---- our time is ahead, and this machine's clock was set back ----

TEST_CASE("clock: one that was ahead and is set back closes its incident, and absence decides") {
  for (const belay::base::Duration ahead :
       {belay::base::Duration(seconds(14)), belay::base::Duration(hours(2))}) {
    CAPTURE(ahead.count());
    Absent story;
    story.told_behind(ahead, seconds(0));
    REQUIRE(story.incidents() == 1);
    const Time before = story.rig.now;
    story.told_behind(ahead, ahead);
    CHECK(story.incidents() == 0);
    CHECK(story.rig.history.back().time >= before);  // what is recorded does not go back
    CHECK(story.rig.core.civil(story.rig.now) == story.rig.now - ahead);
    CHECK(story.rig.core.reconcile_stats().clock_ahead == seconds(0));
    story.sent_and_never_listed();
    CHECK(story.decided());
  }
}

TEST_CASE("clock: one that is set back without the broker's agreeing changes no date") {
  Absent story;
  story.told_behind(seconds(0), hours(5));  // the machine's is wrong, ours is right
  CHECK(story.incidents() == 0);
  CHECK(story.rig.core.ahead() == seconds(0));
  story.told_behind(hours(3), hours(5));
  CHECK(story.incidents() == 1);
  CHECK(story.rig.core.ahead() == seconds(0));
}

TEST_CASE("clock: what was taken off stays while the broker agrees, whatever the machine's does") {
  Absent story;
  story.told_behind(hours(3), hours(3));
  story.told_behind(hours(3), hours(0));
  CHECK(story.incidents() == 0);
  CHECK(story.rig.core.ahead() == hours(3));
  story.told_behind(seconds(0), seconds(0));  // the broker's own was wrong
  CHECK(story.rig.core.ahead() == seconds(0));
}

TEST_CASE("clock: the day's end is that of the clock that was set back, not of ours") {
  Absent story;
  story.rig.now = *belay::base::parse_rfc3339("2026-11-23T05:00:00Z");
  story.told_behind(hours(30), hours(30));  // 23:00 of the 21st
  OrderSpec lasting = limit_order();
  lasting.terms.time_in_force = TimeInForce::good_till_cancel;
  story.id = story.rig.sent("k1", lasting);
  story.rig.wait(minutes(90));
  story.rig.later_round();
  story.rig.later_round();
  CHECK_FALSE(story.decided());
  // One that was made on the broker's new day is judged by its lists.
  story.sent_and_never_listed("k2");
  CHECK(story.decided());
}

TEST_CASE("clock: a caller's valid_until is read by the clock that was set back") {
  Absent story;
  story.told_behind(hours(24), hours(24));
  CoreRig& rig = story.rig;
  OrderSpec spec = limit_order();
  spec.valid_until = (rig.now - hours(24)) + minutes(1);
  CHECK(rig.place("in time", spec).code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 1);
  spec.valid_until = (rig.now - hours(24)) - seconds(1);
  CHECK(rig.place("late", spec).code == ReplyCode::invalid);
  rig.slots = 0;
  spec.valid_until = (rig.now - hours(24)) + minutes(1);
  const Reply waits = rig.place("waits", spec);
  REQUIRE(waits.code == ReplyCode::accepted);
  CHECK(rig.core.next_deadline() <= rig.now + minutes(1));
  rig.wait(seconds(50));
  CHECK(rig.state(waits.order) == OrdStatus::created);
  rig.wait(seconds(11));
  CHECK(is_terminal(rig.state(waits.order)));
}

TEST_CASE("clock: a window of the calendar is that of the clock that was set back") {
  CoreOptions options = CoreRig::usual();
  options.calendar.daily_reset = *Window::parse("23:45-00:45 UTC");
  CoreRig rig = CoreRig::ready(options);
  rig.now = *belay::base::parse_rfc3339("2026-11-22T00:10:00Z");
  rig.step(Tick{});
  REQUIRE(rig.core.calendar().closed == Closed::daily_reset);
  rig.step(BrokerClock{rig.now - hours(6), rig.now, -hours(6)});
  rig.step(Tick{});
  CHECK(rig.core.calendar().closed == Closed::open);
  rig.now = rig.now + hours(5) + minutes(40);
  rig.step(Tick{});
  CHECK(rig.core.calendar().closed == Closed::daily_reset);
  CHECK(rig.core.calendar().opens == *belay::base::parse_rfc3339("2026-11-22T00:45:00Z"));
  CHECK(rig.core.next_deadline() <= rig.core.calendar().until + hours(6));
}

// The next start takes the right time; what the life before recorded lies ahead of it.
TEST_CASE("clock: an order whose time is still to come is decided by no list") {
  Absent story;
  OrderSpec lasting = limit_order();
  lasting.terms.time_in_force = TimeInForce::good_till_cancel;
  story.id = story.rig.sent("k1", lasting);
  story.rig.now = story.rig.now - hours(3);
  story.rig.restart();
  story.rig.up();
  story.rig.later_round();
  story.rig.later_round();
  CHECK_FALSE(story.decided());
}
