// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/session/session.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/base/prng.hpp"
#include "tests/support/session_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("session: greeting, hello, startApi, then up when id and accounts are known") {
  SessionRig rig;
  rig.session.start(rig.now);
  rig.collect();
  CHECK(rig.words == Words{"connect"});
  rig.session.connected(rig.now);
  rig.collect();
  CHECK(rig.words == Words{"connect", "greeting"});
  rig.give(hello(200));
  CHECK(rig.words.back() == "write startApi");
  CHECK(rig.session.phase() == Phase::starting);
  rig.give(next_id(17));
  CHECK_FALSE(rig.has("up 17"));
  rig.give(accounts("DU1,DU2,"));
  CHECK(rig.has("up 17"));
  CHECK(rig.last_up.accounts == Words{"DU1", "DU2"});
  CHECK(rig.session.server_version() == 200);
}

TEST_CASE("session: open orders that come before the accounts are delivered before up") {
  SessionRig rig;
  rig.start();
  rig.words.clear();
  rig.give(hello(200) + frame(wire::OpenOrder{}) + frame(wire::OrderStatus{}) +
           frame(wire::OpenOrderEnd{}) + accounts("DU1") + next_id(3));
  CHECK(rig.words == Words{"write startApi", "deliver openOrder", "deliver orderStatus",
                           "deliver openOrderEnd", "deliver managedAccounts", "deliver nextValidId",
                           "up 3"});
}

TEST_CASE("session: nothing of the owner's leaves before up, and nothing is kept for later") {
  SessionRig rig;
  const auto try_all = [&] {
    rig.words.clear();
    CHECK(rig.session.order_slots(rig.now) == 0);
    rig.session.reserve();
    CHECK_FALSE(rig.session.send_reserved(wire::PlaceOrder{}, rig.now));
    CHECK_FALSE(rig.session.send_cancel(wire::CancelOrder{}, rig.now));
    CHECK_FALSE(rig.session.send_query(wire::ReqPositions{}, rig.now));
    rig.collect();
    CHECK(rig.words.empty());
  };
  try_all();
  rig.session.start(rig.now);
  rig.collect();
  try_all();
  rig.session.connected(rig.now);
  rig.collect();
  try_all();
  rig.give(hello(200));
  try_all();
  rig.give(next_id(1));
  try_all();
  rig.words.clear();
  rig.give(accounts("DU1"));
  CHECK(rig.words == Words{"deliver managedAccounts", "up 1"});
  rig.closed();
  try_all();
}

TEST_CASE("session: the same bytes cut anywhere give the same actions") {
  const std::string stream = hello(200) + next_id(5) + accounts("DU1") + frame(wire::OpenOrder{}) +
                             error(2104, "farm ok") + frame(wire::OpenOrderEnd{});
  SessionRig whole;
  whole.start();
  whole.give(stream);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    SessionRig rig;
    rig.start();
    rig.give(stream.substr(0, cut)).give(stream.substr(cut));
    CAPTURE(cut);
    CHECK(rig.words == whole.words);
  }
  SessionRig bytewise;
  bytewise.start();
  for (const char c : stream) bytewise.give(std::string_view(&c, 1));
  CHECK(bytewise.words == whole.words);
}

TEST_CASE("session: a connection that ends at any step is told once and tried again") {
  const std::string steps[] = {"", hello(200), next_id(5), accounts("DU1"),
                               frame(wire::OpenOrder{})};
  for (std::size_t stop = 0; stop <= std::size(steps); ++stop) {
    CAPTURE(stop);
    SessionRig rig;
    rig.start();
    for (std::size_t i = 0; i < stop; ++i) rig.give(steps[i]);
    const bool was_up = rig.session.phase() == Phase::up;
    rig.words.clear();
    rig.closed();
    CHECK(rig.words == Words{"down"});
    CHECK(rig.last_down.was_up == was_up);
    rig.closed();  // told twice by the host
    CHECK(rig.words == Words{"down"});
    rig.give(next_id(9));  // late bytes of the old connection
    CHECK(rig.words == Words{"down"});
    CHECK(rig.session.next_deadline(rig.now) == rig.last_down.retry_at);
    rig.now = rig.last_down.retry_at;
    rig.wait(Duration(0));
    CHECK(rig.words == Words{"down", "connect"});
    rig.session.connected(rig.now);
    rig.give(hello(180)).give(next_id(6)).give(accounts("DU1"));
    CHECK(rig.has("up 6"));
    CHECK(rig.session.server_version() == 180);
  }
}

TEST_CASE("session: each step has a deadline, and its failure says what was waited for") {
  const auto timed_out = [](const std::vector<std::string>& steps, bool connected) {
    SessionRig rig;
    rig.session.start(rig.now);
    if (connected) rig.session.connected(rig.now);
    for (const auto& step : steps) rig.give(step);
    rig.wait(milliseconds(9'999));
    CHECK_FALSE(rig.has("down"));
    rig.wait(milliseconds(1));
    CHECK(rig.has("close"));
    CHECK(rig.has("down"));
    return rig.last_down.reason;
  };
  CHECK(timed_out({}, false) == "timed out connecting");
  CHECK(timed_out({}, true) == "timed out waiting for the gateway's greeting");
  CHECK(timed_out({hello(200)}, true) == "timed out waiting for nextValidId");
  CHECK(timed_out({hello(200), next_id(1)}, true) == "timed out waiting for managedAccounts");
  CHECK(timed_out({hello(200), error(501, "busy")}, true) ==
        "timed out waiting for nextValidId: 501 busy");
}

TEST_CASE(
    "session: a client id in use is said in the server's words, or guessed when it only closes") {
  SessionRig rig;
  rig.start();
  rig.give(hello(200)).give(error(2104, "farm ok")).give(error(326, "client id in use"));
  rig.closed();
  CHECK(rig.last_down.reason == "326 client id in use");
  CHECK_FALSE(rig.last_down.was_up);
  rig.now = rig.last_down.retry_at;
  rig.wait(Duration(0));
  rig.wait(seconds(10));  // this attempt failed for another reason
  CHECK(rig.last_down.reason == "timed out connecting");
  SessionRig silent;
  silent.start();
  silent.give(hello(200));
  silent.closed("end of stream");
  CHECK(silent.last_down.reason.find("client id") != std::string::npos);
}

TEST_CASE("session: a server too old or too new, and a redirect, are refused by name") {
  for (const int version : {175, 100, 201, 222}) {
    SessionRig rig;
    rig.start();
    rig.give(hello(version));
    CHECK(rig.has("close"));
    CHECK(rig.last_down.reason.find(std::to_string(version)) != std::string::npos);
    CHECK_FALSE(rig.has("write startApi"));
  }
  for (const int version : {176, 200}) {
    SessionRig rig;
    rig.start();
    rig.give(hello(version));
    CHECK(rig.has("write startApi"));
  }
  SessionRig rig;
  rig.start();
  rig.give(hello(-1, "other.host:4001"));
  CHECK(rig.last_down.reason.find("other.host:4001") != std::string::npos);
}

TEST_CASE("session: silence is asked about, an answer keeps the link, none ends it") {
  SessionRig rig = SessionRig::up();
  CHECK(rig.session.next_deadline(rig.now) == rig.now + seconds(30));
  rig.wait(seconds(30));
  CHECK(rig.words == Words{"write reqCurrentTime"});
  rig.wait(seconds(14));
  CHECK_FALSE(rig.has("down"));
  rig.give(frame(wire::CurrentTime{1}));
  rig.wait(seconds(16));
  CHECK_FALSE(rig.has("down"));
  rig.wait(seconds(14));
  rig.wait(seconds(15));
  CHECK(rig.has("close"));
  CHECK(rig.last_down.was_up);
  CHECK(rig.last_down.reason.find("no answer to the question for the clock") == 0);
}

TEST_CASE("session: life is what answers a question, not what sends bytes") {
  SessionRig rig = SessionRig::up();
  int asked_after = 0;
  for (int second = 1; second < 120 && !rig.has("down"); ++second) {
    rig.wait(seconds(1));
    rig.give(error(2104, "farm ok"));
    if (asked_after == 0 && rig.has("write reqCurrentTime")) asked_after = second;
  }
  CHECK(asked_after == 30);
  CHECK(rig.has("down"));
  // What is busy may answer late.
  CHECK(rig.now - (SessionRig().now + seconds(asked_after)) == seconds(45));
}

TEST_CASE("session: a question that is needed soon ends the link when it has no answer by then") {
  SessionRig rig = SessionRig::up();
  rig.session.ask_clock(rig.now, seconds(5));
  rig.wait(seconds(4));
  rig.give(error(2104, "farm ok"));
  CHECK_FALSE(rig.has("down"));
  rig.wait(seconds(1));
  CHECK(rig.has("down"));
  SessionRig answered = SessionRig::up();
  answered.session.ask_clock(answered.now);
  answered.wait(seconds(3));
  answered.session.ask_clock(answered.now, seconds(5));  // the one that is out counts
  answered.give(frame(wire::CurrentTime{1}));
  answered.wait(seconds(20));
  CHECK_FALSE(answered.has("down"));
}

TEST_CASE("session: back-off doubles to its maximum, with at most a quarter of jitter") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SessionOptions options;
    options.jitter_seed = seed;
    SessionRig rig(options);
    rig.session.start(rig.now);
    for (const int expected : {5, 10, 20, 40, 60, 60, 60}) {
      rig.closed("refused");
      const Duration delay = rig.last_down.retry_at - rig.now;
      CHECK(delay >= seconds(expected));
      CHECK(delay <= milliseconds(expected * 1250));
      rig.now = rig.last_down.retry_at;
      rig.wait(Duration(0));
      REQUIRE(rig.session.phase() == Phase::connecting);
    }
    // A session that was up begins again at the first delay.
    rig.session.connected(rig.now);
    rig.give(hello(200)).give(next_id(1)).give(accounts("DU1"));
    rig.closed();
    CHECK(rig.last_down.retry_at - rig.now <= milliseconds(6250));
  }
}

TEST_CASE("session: jitter differs between clients and is the same for the same seed") {
  const auto delay = [](std::uint64_t seed) {
    SessionOptions options;
    options.jitter_seed = seed;
    SessionRig rig(options);
    rig.session.start(rig.now);
    rig.closed();
    return rig.last_down.retry_at - rig.now;
  };
  CHECK(delay(1) == delay(1));
  CHECK(delay(1) != delay(2));
}

TEST_CASE("session: an unreadable message costs no link, a broken stream does") {
  SessionRig rig = SessionRig::up();
  std::string no_message;
  wire::append_frame(std::string_view("three\0abc\0", 10), no_message);
  rig.give(no_message).give(next_id(8));
  CHECK(rig.words == Words{"unreadable", "deliver nextValidId"});
  rig.give("\xff\xff\xff\xff rest");
  CHECK(rig.has("close"));
  CHECK(rig.has("down"));
}

TEST_CASE("session: hostile bytes in every phase end in no crash and at most one close") {
  belay::base::Prng prng(9);
  for (int i = 0; i < 2'000; ++i) {
    SessionRig rig;
    rig.start();
    const auto stage = prng.below(3);
    if (stage > 0) rig.give(hello(200));
    if (stage > 1) rig.give(next_id(1)).give(accounts("DU1"));
    std::string bytes(static_cast<std::size_t>(prng.below(64)), '\0');
    for (char& c : bytes) c = static_cast<char>(prng.next());
    if (prng.chance(50)) {
      std::string framed;
      wire::append_frame(bytes, framed);
      bytes = framed;
    }
    rig.give(bytes);
    CHECK(std::count(rig.words.begin(), rig.words.end(), "close") <= 1);
  }
}
