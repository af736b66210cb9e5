// SPDX-License-Identifier: Apache-2.0
// Who gets a slot when there are not enough: cancels, the lanes of orders, queries.
#include <doctest/doctest.h>

#include <algorithm>

#include "belay/base/prng.hpp"
#include "tests/support/session_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("session: a limit of 0 is none, for a server that greets as the simulated one") {
  SessionOptions options;
  options.message_rate_limit = 0;
  SessionRig rig(options);
  rig.start();
  const std::string greeting = "20261121 09:30:00 US/Eastern" + std::string(wire::simulated_mark);
  rig.give(hello(200, greeting.c_str())).give(next_id(5)).give(accounts("DU1"));
  REQUIRE(rig.session.phase() == Phase::up);
  rig.words.clear();
  for (int i = 0; i < 5000; ++i) {
    REQUIRE(rig.session.order_slots(rig.now) > 0);
    rig.session.reserve();
    REQUIRE(rig.session.send_reserved(wire::PlaceOrder{}, rig.now));
  }
  rig.session.send_query(wire::ReqPositions{}, rig.now);
  rig.collect();
  CHECK(rig.words.size() == 5001);
}

TEST_CASE("session: a limit of 0 leaves every other server at its greeting, with nothing asked") {
  SessionOptions options;
  options.message_rate_limit = 0;
  const std::string mark(wire::simulated_mark);
  for (const std::string& greeting :
       {std::string(), std::string("20261121 09:30:00 US/Eastern"), "20261121" + mark + " EST",
        std::string("20261121 09:30:00 (simulated)")}) {
    SessionRig rig(options);
    rig.start();
    rig.give(hello(200, greeting.c_str())).give(next_id(5)).give(accounts("DU1"));
    CHECK_MESSAGE((rig.words == Words{"connect", "greeting", "close", "down"}), greeting);
    CHECK(rig.last_down.reason.find("TWS_MESSAGE_RATE_LIMIT") != std::string::npos);
    CHECK_FALSE(rig.session.send_query(wire::ReqPositions{}, rig.now));
  }
}

TEST_CASE("session: cancels go at once on slots that queries leave alone") {
  SessionOptions options;
  options.message_rate_limit = 3;
  options.cancel_reserve = 1;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  rig.words.clear();
  for (int i = 0; i < 3; ++i) rig.session.send_query(wire::ReqPositions{}, rig.now);
  rig.session.send_query(wire::ReqAllOpenOrders{}, rig.now);
  rig.session.send_cancel(wire::CancelOrder{.order_id = 7,
                                            .manual_order_cancel_time = "",
                                            .ext_operator = "",
                                            .manual_order_indicator = std::nullopt},
                          rig.now);
  rig.collect();
  CHECK(rig.words == Words{"write reqPositions", "write reqPositions", "write cancelOrder"});
  CHECK(rig.session.waiting() == 2);
  // Queries take half of what is left, over two seconds; the wait is told exactly.
  const Time asked_at = rig.now;
  rig.words.clear();
  for (int i = 0; i < 5 && rig.session.waiting() > 0; ++i) {
    const Time next = rig.session.next_deadline(rig.now);
    REQUIRE(next > rig.now);
    rig.now = next;
    rig.wait(Duration(0));
  }
  CHECK(rig.words == Words{"write reqPositions", "write reqAllOpenOrders"});
  CHECK(rig.now == asked_at + seconds(2));
}

TEST_CASE("session: cancels that wait go before everything else when a slot is free") {
  SessionOptions options;
  options.message_rate_limit = 2;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  rig.words.clear();
  for (int i = 0; i < 3; ++i) rig.session.send_cancel(wire::CancelOrder{}, rig.now);
  rig.session.send_query(wire::ReqPositions{}, rig.now);
  CHECK(rig.session.order_slots(rig.now) == 0);
  rig.collect();
  CHECK(rig.words == Words{"write cancelOrder", "write cancelOrder"});
  rig.words.clear();
  const Time next = rig.session.next_deadline(rig.now);
  CHECK(next == rig.now + seconds(1));
  rig.now = next;
  rig.wait(Duration(0));
  CHECK(rig.words.front() == "write cancelOrder");
}

TEST_CASE("session: each lane leaves the slots of those above it alone") {
  SessionOptions options;
  options.message_rate_limit = 45;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  belay::broker::OrderSlots slots = rig.session.lane_slots(rig.now);
  CHECK(slots.protective == 40);
  CHECK(slots.reducing == 35);
  CHECK(slots.entry == 32);
  for (int i = 0; i < 32; ++i) rig.session.reserve();
  slots = rig.session.lane_slots(rig.now);
  CHECK(slots.protective == 8);
  CHECK(slots.reducing == 3);
  CHECK(slots.entry == 0);
}

TEST_CASE("session: a small limit leaves every lane something, new orders first of all") {
  for (unsigned limit = 1; limit <= 12; ++limit) {
    CAPTURE(limit);
    SessionOptions options;
    options.message_rate_limit = limit;
    SessionRig rig = SessionRig::up(options);
    rig.wait(seconds(2));
    const belay::broker::OrderSlots most = rig.session.lane_capacity();
    CHECK(most.entry >= 1);
    CHECK(most.entry >= limit / 4);
    CHECK(rig.session.order_slots(rig.now) == most.entry);
    CHECK(rig.session.send_query(wire::ReqPositions{}, rig.now));
    CHECK(rig.session.waiting() == 0);
  }
}

TEST_CASE("session: queries and new orders share what is left, and neither starves") {
  SessionOptions options;
  options.message_rate_limit = 10;
  options.cancel_reserve = 2;
  options.protective_reserve = 0;
  options.reducing_reserve = 0;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(3));
  rig.words.clear();
  for (int i = 0; i < 900; ++i) rig.session.send_query(wire::ReqPositions{}, rig.now);
  int orders = 0;
  for (int ms = 0; ms < 20'000; ms += 10) {
    rig.now = rig.now + milliseconds(10);
    rig.give(frame(wire::CurrentTime{1}));
    rig.session.tick(rig.now);
    while (rig.session.order_slots(rig.now) > 0) {
      rig.session.reserve();
      rig.session.send_reserved(wire::PlaceOrder{}, rig.now);
      ++orders;
    }
    rig.collect();
  }
  const auto queries = std::count(rig.words.begin(), rig.words.end(), "write reqPositions");
  // 8 of 10 slots are theirs, twenty seconds long: 160 messages.
  CHECK(orders >= 70);
  CHECK(queries >= 70);
  CHECK(orders + queries >= 150);
}

TEST_CASE("session: a keep-alive goes while intents hold the slots of a stalled disk") {
  SessionOptions options;
  options.message_rate_limit = 10;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  while (rig.session.order_slots(rig.now) > 0) rig.session.reserve();
  rig.words.clear();
  rig.wait(seconds(30));
  CHECK(rig.words == Words{"write reqCurrentTime"});
}

TEST_CASE("session: a family leaves in one write, on a slot for each of its orders") {
  SessionOptions options;
  options.message_rate_limit = 10;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  rig.session.take_actions();
  const std::vector<wire::PlaceOrder> family(3);
  for (int i = 0; i < 3; ++i) rig.session.reserve();
  CHECK(rig.session.send_reserved(family, rig.now));
  const auto actions = rig.session.take_actions();
  REQUIRE(actions.size() == 1);
  rig.words.clear();
  rig.written(std::get<Write>(actions.front()).bytes);
  CHECK(rig.words == Words{"write placeOrder", "write placeOrder", "write placeOrder"});
  CHECK(rig.session.pacer().used(rig.now) == 3);
  CHECK(rig.session.pacer().reserved() == 0);
}

TEST_CASE(
    "session: what waits is due at once when its slot became free before the clock was read") {
  SessionOptions options;
  options.message_rate_limit = 2;
  options.cancel_reserve = 0;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  rig.session.send_query(wire::ReqPositions{}, rig.now);
  rig.now = rig.now + milliseconds(500);
  rig.session.send_query(wire::ReqPositions{}, rig.now);
  rig.session.send_cancel(wire::CancelOrder{}, rig.now);
  REQUIRE(rig.session.waiting() == 1);
  rig.now = rig.now + milliseconds(700);  // the first slot is free since 200 ms
  CHECK(rig.session.next_deadline(rig.now) <= rig.now);
}

TEST_CASE("session: order slots leave room for cancels and for what waits") {
  SessionOptions options;
  options.message_rate_limit = 10;
  options.cancel_reserve = 4;
  options.protective_reserve = 0;
  options.reducing_reserve = 0;
  SessionRig rig = SessionRig::up(options);
  rig.wait(seconds(2));
  CHECK(rig.session.order_slots(rig.now) == 6);
  for (int i = 0; i < 6; ++i) rig.session.reserve();
  CHECK(rig.session.order_slots(rig.now) == 0);
  for (int i = 0; i < 4; ++i) {
    CHECK(rig.session.send_cancel(wire::CancelOrder{}, rig.now));
  }
  rig.collect();
  CHECK(rig.session.waiting() == 0);  // cancels still go at once
  CHECK(rig.session.send_cancel(wire::CancelOrder{}, rig.now));
  CHECK(rig.session.waiting() == 1);
  for (int i = 0; i < 6; ++i) CHECK(rig.session.send_reserved(wire::PlaceOrder{}, rig.now));
  rig.collect();
  CHECK(rig.session.order_slots(rig.now) == 0);
}

TEST_CASE("session: the query queue has a limit, and a lost link empties it") {
  SessionOptions options;
  options.message_rate_limit = 1;
  options.query_queue_max = 2;
  SessionRig rig = SessionRig::up(options);  // startApi took the slot of this second
  CHECK(rig.session.send_query(wire::ReqPositions{}, rig.now));
  CHECK(rig.session.send_query(wire::ReqPositions{}, rig.now));
  CHECK_FALSE(rig.session.send_query(wire::ReqPositions{}, rig.now));
  rig.closed();
  CHECK(rig.session.waiting() == 0);
}

TEST_CASE("session: no second ever holds more messages than the limit") {
  belay::base::Prng prng(4);
  for (int round = 0; round < 20; ++round) {
    SessionOptions options;
    options.message_rate_limit = 8;
    options.cancel_reserve = 2;
    SessionRig rig = SessionRig::up(options);
    unsigned reserved = 0;
    for (int i = 0; i < 300; ++i) {
      rig.now = rig.now + milliseconds(prng.below(120));
      switch (prng.below(5)) {
        case 0:
          if (rig.session.order_slots(rig.now) > 0) rig.session.reserve(), ++reserved;
          break;
        case 1:
          if (reserved > 0) rig.session.send_reserved(wire::PlaceOrder{}, rig.now), --reserved;
          break;
        case 2:
          rig.session.send_cancel(wire::CancelOrder{}, rig.now);
          break;
        case 3:
          rig.session.send_query(wire::ReqPositions{}, rig.now);
          break;
        default:
          rig.session.tick(rig.now);
      }
      rig.collect();
    }
    for (const Time start : rig.sent) {
      const auto within = std::count_if(rig.sent.begin(), rig.sent.end(), [&](Time t) {
        return t >= start && t - start < seconds(1);
      });
      REQUIRE(within <= 8);
    }
  }
}
