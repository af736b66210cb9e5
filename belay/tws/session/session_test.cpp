// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/session/session.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

using namespace belay::tws::session;
namespace wire = belay::tws::wire;
using belay::base::Duration;
using belay::base::Time;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string hello(int version, const char* time = "20261121 09:30:00 UTC") {
  std::string out;
  wire::append_server_hello({.server_version = version, .connection_time = time}, out);
  return out;
}
std::string frame(const wire::ServerMessage& message, int version = 200) {
  std::string out;
  wire::encode(message, version, out);
  return out;
}
std::string next_id(int id) {
  return frame(wire::NextValidId{id});
}
std::string accounts(const char* list) {
  return frame(wire::ManagedAccts{list});
}
std::string error(int code, const char* text) {
  return frame(wire::ErrMsg{.id = -1,
                            .error_code = code,
                            .error_string = text,
                            .advanced_order_reject_json = "",
                            .error_time = 0});
}

/// A session whose actions are kept as words, and a clock that the test moves.
class SessionRig {
 public:
  explicit SessionRig(SessionOptions options = {}) : session(options) {}
  /// ... that is up with next id 5 and account DU1.
  static SessionRig up(SessionOptions options = {}) {
    SessionRig rig(options);
    rig.start();
    rig.give(hello(200)).give(next_id(5)).give(accounts("DU1"));
    REQUIRE(rig.session.phase() == Phase::up);
    rig.words.clear();
    return rig;
  }

  void start() {
    session.start(now);
    session.connected(now);
    collect();
  }
  SessionRig& give(std::string_view bytes) {
    session.bytes(bytes, now);
    collect();
    return *this;
  }
  void wait(Duration duration) {
    now = now + duration;
    session.tick(now);
    collect();
  }
  void closed(const char* why = "reset by peer") {
    session.closed(why, now);
    collect();
  }
  bool has(const std::string& word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
  void collect() {
    for (const Action& action : session.take_actions()) {
      if (std::holds_alternative<Connect>(action)) words.emplace_back("connect");
      if (const auto* write = std::get_if<Write>(&action)) written(write->bytes);
      if (std::holds_alternative<Close>(action)) words.emplace_back("close");
      if (const auto* ready = std::get_if<Up>(&action)) {
        words.push_back("up " + std::to_string(ready->next_valid_id));
        last_up = *ready;
      }
      if (const auto* gone = std::get_if<Down>(&action)) {
        words.emplace_back("down");
        last_down = *gone;
      }
      if (const auto* deliver = std::get_if<Deliver>(&action)) {
        words.push_back("deliver " + std::string(wire::name(deliver->message)));
      }
      if (std::holds_alternative<Unreadable>(action)) words.emplace_back("unreadable");
    }
  }
  void written(std::string_view bytes) {
    if (bytes.substr(0, 4) == std::string_view("API\0", 4)) {
      words.emplace_back("greeting");
      return;
    }
    wire::FrameReader reader;
    for (;;) {
      const auto step = reader.next(bytes);
      if (step.status != wire::FrameReader::Status::frame) break;
      const auto message = wire::decode_client(step.payload, session.server_version());
      REQUIRE(message.has_value());
      words.push_back("write " + std::string(wire::name(message->message)));
      sent.push_back(now);
    }
  }

  Session session;
  Time now{1'000'000'000'000};
  std::vector<std::string> words;
  std::vector<Time> sent;
  Up last_up;
  Down last_down;
};

using Words = std::vector<std::string>;

}  // namespace

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
  CHECK(timed_out({}, true) == "timed out waiting for nextValidId");
  CHECK(timed_out({hello(200)}, true) == "timed out waiting for nextValidId");
  CHECK(timed_out({hello(200), next_id(1)}, true) == "timed out waiting for nextValidId");
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
  CHECK(rig.last_down.reason == "no answer to the keep-alive question");
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
  std::string broken_status;
  wire::append_frame(std::string_view("3\0abc\0", 6), broken_status);
  rig.give(broken_status).give(next_id(8));
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

TEST_CASE("session: cancels go first when slots are short, queries follow in turn") {
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
  CHECK(rig.words.size() == 3);
  CHECK(rig.session.waiting() == 2);
  const Time next = rig.session.next_deadline(rig.now);
  CHECK(next == rig.now + seconds(1));
  rig.words.clear();
  rig.now = next;
  rig.wait(Duration(0));
  CHECK(rig.words == Words{"write cancelOrder", "write reqAllOpenOrders"});
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
