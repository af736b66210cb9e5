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
  CHECK(a.rounds.late(a.now) == Rounds::Late::again);
  CHECK_FALSE(round->done());
  a.rounds.asked(a.now);
  a.wait(10);
  CHECK(a.rounds.late(a.now) == Rounds::Late::gave_up);
  CHECK(round->done());
  const auto done = a.rounds.finish();
  CHECK_FALSE(done.settled);
  CHECK_FALSE(done.positions_listed);
}

TEST_CASE("rounds: open orders are never given up, and a link without them is silent") {
  for (const bool first : {true, false}) {
    Asking a;
    a.rounds.link_up(a.now, "start");
    Round* round = a.begin();
    if (!first) {
      a.end();
      a.wait(2);
      round = a.begin();
    }
    for (int i = 1; i < (first ? 3 : 2); ++i) {
      a.wait(10);
      CHECK(a.rounds.late(a.now) == Rounds::Late::again);
      CHECK_FALSE(round->done());
      a.rounds.asked(a.now);
    }
    a.wait(10);
    CHECK(a.rounds.late(a.now) == Rounds::Late::silent);
    CHECK_FALSE(round->done());
  }
}

TEST_CASE("rounds: positions that never come say nothing of orders, and are asked for again") {
  Asking a;
  a.rounds.connected();
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.end();
  a.wait(2);
  Round* round = a.begin();
  a.rounds.asked_for(List::positions, a.now);
  round->open_orders = round->completed = round->executions = true;
  a.wait(10);
  REQUIRE(a.rounds.late(a.now) == Rounds::Late::again);
  a.rounds.asked(a.now);
  a.rounds.asked_for(List::positions, a.now);
  a.wait(10);
  REQUIRE(a.rounds.late(a.now) == Rounds::Late::gave_up);
  const auto done = a.rounds.finish();
  CHECK(done.settled);
  CHECK_FALSE(done.positions_listed);
  // A round that is wanted meanwhile does not wait for them.
  a.rounds.wish({"look", true, 1, false});
  REQUIRE(a.begin() != nullptr);
  CHECK(a.rounds.running()->positions);
  CHECK_FALSE(a.end().positions_listed);
  for (int i = 0; i < 200 && a.begin() == nullptr; ++i) a.wait(1);
  REQUIRE(a.rounds.running() != nullptr);
  CHECK_FALSE(a.rounds.running()->positions);
  CHECK(a.end().positions_listed);
}

TEST_CASE("rounds: a refused list is left out for as long as the link lasts") {
  Asking a;
  a.rounds.connected();
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.rounds.refused(List::positions);
  CHECK(a.rounds.running()->positions);
  a.end();
  a.wait(2);
  CHECK(a.begin()->positions);
  const auto done = a.end();
  CHECK(done.settled);
  CHECK_FALSE(done.positions_listed);
  a.rounds.link_up(a.now, "reconnect");
  CHECK_FALSE(a.begin()->positions);
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

// The broker answers a round in full, but for the end of the completed orders.
TEST_CASE("rounds: two ends that are lost keep no later round from being settled") {
  Asking a;
  a.rounds.connected();
  a.rounds.link_up(a.now, "start");
  const auto ask = [&](Round& round) {
    a.rounds.asked(a.now);
    if (!round.open_orders) a.rounds.asked_for(List::open_orders, a.now);
    if (!round.completed) a.rounds.asked_for(List::completed, a.now);
    if (!round.positions) a.rounds.asked_for(List::positions, a.now);
  };
  int lost = 2;
  const auto answered = [&](List list) {
    if (list == List::completed && lost-- > 0) return;
    if (Round* round = a.rounds.end_of(list)) round->ended(list) = true;
  };
  const auto answer = [&](const Round& round) {
    const bool open_orders = !round.open_orders, completed = !round.completed;
    const bool positions = !round.positions;
    a.rounds.running()->executions = true;
    if (open_orders) answered(List::open_orders);
    if (completed) answered(List::completed);
    if (positions) answered(List::positions);
  };
  int settled = 0;
  for (int second = 0; second < 300; ++second) {
    // Something is looked for all the time.
    if (a.rounds.running() == nullptr) a.rounds.wish({"look again", true, 0, false});
    if (Round* round = a.rounds.begin(a.now)) {
      ask(*round);
      answer(*round);
    } else if (a.rounds.running() != nullptr && a.rounds.late(a.now) != Rounds::Late::no) {
      ask(*a.rounds.running());
      answer(*a.rounds.running());
    }
    if (Round* round = a.rounds.running(); round != nullptr && round->done()) {
      settled += a.rounds.finish().settled ? 1 : 0;
    }
    a.wait(1);
  }
  CHECK(settled > 100);
}

TEST_CASE("rounds: after one that was given up the next begins when its questions are forgotten") {
  Asking a;
  a.rounds.connected();
  a.rounds.link_up(a.now, "start");
  a.begin();
  a.end();
  a.wait(2);
  a.begin()->open_orders = true;
  a.rounds.asked_for(List::completed, a.now);
  a.wait(10);
  REQUIRE(a.rounds.late(a.now) == Rounds::Late::again);
  a.rounds.asked(a.now);
  a.rounds.asked_for(List::completed, a.now);
  a.wait(10);
  REQUIRE(a.rounds.late(a.now) == Rounds::Late::gave_up);
  CHECK_FALSE(a.end().settled);
  a.rounds.wish({"probe", false, 1, false});
  CHECK(a.begin() != nullptr);  // a light one asks for nothing that is out
  a.end();
  a.rounds.wish({"look again", true, 2, false});
  CHECK(a.begin() == nullptr);
  CHECK(a.rounds.next_deadline() == a.now + seconds(50));
  a.wait(50);
  REQUIRE(a.begin() != nullptr);
  CHECK(a.end().settled);
}
