// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/rounds.hpp"

#include <doctest/doctest.h>

using namespace belay::tws;
using belay::base::Time;
using belay::core::SnapshotEffect;
using std::chrono::seconds;

namespace {
struct Asking {
  Rounds rounds{RoundOptions{}};
  Time now{1'000'000'000'000};

  Round* begin() {
    Round* round = rounds.begin(now);
    if (round != nullptr) rounds.asked(now);
    return round;
  }
  belay::core::SnapshotDone end() {
    Round& round = *rounds.running();
    round.open_orders = round.completed = round.executions = round.positions = true;
    return rounds.finish();
  }
  void wait(int count) { now = now + seconds(count); }
};
}  // namespace

TEST_CASE(
    "rounds: a link begins with a full one, which is not settled, and a settled one follows") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  Round* first = a.begin();
  REQUIRE(first != nullptr);
  CHECK(first->first);
  CHECK(first->full);
  const auto unsettled = a.end();
  CHECK(unsettled.reason == "start");
  CHECK_FALSE(unsettled.settled);
  CHECK(a.begin() == nullptr);
  CHECK(a.rounds.next_deadline() == a.now + seconds(2));
  a.wait(2);
  Round* second = a.begin();
  REQUIRE(second != nullptr);
  CHECK_FALSE(second->first);
  const auto settled = a.end();
  CHECK(settled.settled);
  CHECK(settled.round == 2);
  CHECK(a.rounds.next_deadline() == belay::base::never);
}

TEST_CASE("rounds: wishes that come while one runs are served by one more after it") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.rounds.wish({"probe", false, 1, false});
  a.rounds.wish({"on demand", true, 2, false});
  a.rounds.wish({"probe", false, 3, false});
  CHECK(a.rounds.begin(a.now) == nullptr);
  CHECK(a.end().wish == 0);
  Round* next = a.begin();
  REQUIRE(next != nullptr);
  CHECK(next->full);
  CHECK(next->wish == 3);
  CHECK(next->reason == "on demand");
  a.end();
  CHECK(a.begin() == nullptr);
}

TEST_CASE("rounds: a dry run has a round of its own") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  a.rounds.wish({"dry run", true, 1, true});
  CHECK_FALSE(a.begin()->dry_run);
  a.end();
  Round* dry = a.begin();
  REQUIRE(dry != nullptr);
  CHECK(dry->dry_run);
  CHECK(a.end().dry_run);
}

TEST_CASE("rounds: a light one does without completed orders and positions") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.end();
  a.rounds.wish({"probe", false, 1, false});
  Round* light = a.begin();
  REQUIRE(light != nullptr);
  light->open_orders = true;
  CHECK_FALSE(light->done());
  light->executions = true;
  CHECK(light->done());
  CHECK_FALSE(a.rounds.finish().positions_listed);
}

TEST_CASE("rounds: one whose ends did not come is never settled") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.end();
  a.wait(2);
  Round* round = a.begin();
  round->open_orders = round->positions = true;
  a.wait(10);
  CHECK(a.rounds.late(a.now));
  CHECK_FALSE(round->done());
  a.rounds.asked(a.now);
  a.wait(10);
  CHECK(a.rounds.late(a.now));
  CHECK(round->done());
  const auto done = a.rounds.finish();
  CHECK_FALSE(done.settled);
  CHECK_FALSE(done.positions_listed);
}

TEST_CASE("rounds: the first of a link never gives up the open orders") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  Round* round = a.begin();
  for (int i = 0; i < 5; ++i) {
    a.wait(10);
    CHECK(a.rounds.late(a.now));
    CHECK_FALSE(round->done());
    a.rounds.asked(a.now);
  }
}

TEST_CASE("rounds: a lost link ends the round and forgets the wishes") {
  Asking a;
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.rounds.wish({"probe", false, 1, false});
  a.rounds.link_lost();
  CHECK(a.rounds.running() == nullptr);
  CHECK(a.rounds.begin(a.now) == nullptr);
  CHECK(a.rounds.next_deadline() == belay::base::never);
  a.wait(60);
  a.rounds.link_up(a.now, "reconnect");
  CHECK(a.begin()->wish == 0);
  CHECK_FALSE(a.end().settled);  // this link is young, however old the process
}
