// SPDX-License-Identifier: Apache-2.0
#include "belay/api/callers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace belay;
using namespace belay::api;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

CallerLimits connections(std::size_t most) {
  CallerLimits limits;
  limits.connections_max = most;
  return limits;
}
CallerLimits buffers(std::size_t most) {
  CallerLimits limits;
  limits.buffers_max = most;
  return limits;
}

/// Callers whose peers take what the test says.
struct Rig {
  explicit Rig(CallerLimits limits = {}) : callers(limits, hooks) {}
  ConnectionId open() { return callers.open(now, "test"); }
  /// Asks once and is answered with so many bytes.
  void answer(ConnectionId id, std::size_t size) {
    callers.receive(id, get, now);
    serve(id, size);
  }
  void serve(ConnectionId id, std::size_t size) {
    if (const auto incoming = callers.next(id, now)) {
      callers.respond(id, incoming->number, {200, {}, std::string(size, 'x')}, now);
    }
    callers.flush(id, now);
  }
  void take_all(ConnectionId id) {
    unsent[id] = 0;
    callers.drained(id, now);
  }
  void pass(base::Duration time) {
    now = now + time;
    callers.turn(now);
  }

  base::Time now = *base::parse_rfc3339("2026-11-21T15:00:00Z");
  std::map<ConnectionId, std::size_t> unsent;
  std::map<ConnectionId, bool> finished;
  std::map<ConnectionId, bool> reading;
  std::vector<std::string> warnings;
  ServiceHooks hooks = make_hooks();
  ServiceHooks make_hooks() {
    ServiceHooks out;
    out.send = [this](ConnectionId id, std::string_view bytes) { unsent[id] += bytes.size(); };
    out.finish = [this](ConnectionId id, bool cut) { finished[id] = cut; };
    out.unsent = [this](ConnectionId id) { return unsent[id]; };
    out.reading = [this](ConnectionId id, bool wanted) { reading[id] = wanted; };
    out.warn = [this](const std::string& line) { warnings.push_back(line); };
    return out;
  }
  Callers callers;
};

}  // namespace

TEST_CASE("callers: a newcomer always gets in, and the longest idle gives way") {
  Rig rig(connections(3));
  const auto first = rig.open();
  rig.pass(std::chrono::seconds(1));
  const auto second = rig.open();
  rig.pass(std::chrono::seconds(1));
  rig.answer(first, 10);
  rig.take_all(first);
  const auto third = rig.open();
  CHECK(rig.finished.empty());
  const auto fourth = rig.open();
  CHECK(rig.finished == std::map<ConnectionId, bool>{{second, true}});
  CHECK(rig.callers.find(first) != nullptr);
  CHECK(rig.callers.find(third) != nullptr);
  CHECK(rig.callers.find(fourth) != nullptr);
  CHECK(rig.callers.size() == 3);
  CHECK(rig.callers.evicted_total() == 1);
  REQUIRE(rig.warnings.size() == 1);
  rig.open();
  CHECK(rig.warnings.size() == 1);  // one line a minute
}

TEST_CASE("callers: bytes that complete no request keep nobody in") {
  Rig rig(connections(2));
  const auto trickler = rig.open();
  rig.pass(std::chrono::seconds(1));
  const auto honest = rig.open();
  rig.pass(std::chrono::seconds(1));
  rig.callers.receive(trickler, "\r\n", rig.now);
  rig.callers.receive(trickler, "GET / HT", rig.now);
  rig.open();
  CHECK(rig.finished.contains(trickler));
  CHECK(rig.callers.find(honest) != nullptr);
}

TEST_CASE("callers: who waits for a command goes after those that are idle, stream or only read") {
  Rig rig(connections(4));
  const auto commander = rig.open();
  rig.callers.receive(commander, get, rig.now);
  REQUIRE(rig.callers.next(commander, rig.now).has_value());
  const auto reader = rig.open();
  rig.callers.receive(reader, get, rig.now);
  REQUIRE(rig.callers.next(reader, rig.now).has_value());
  rig.callers.begin_read(reader);
  const auto stream = rig.open();
  rig.callers.receive(stream, get, rig.now);
  rig.callers.find(stream)->start_stream(rig.callers.next(stream, rig.now)->number, {}, rig.now);
  const auto unread = rig.open();
  rig.answer(unread, 1000);
  for (const ConnectionId next : {unread, stream, reader}) {
    const auto newcomer = rig.open();
    CHECK(rig.finished.contains(next));
    // It waits for a command too.
    rig.callers.receive(newcomer, get, rig.now);
    REQUIRE(rig.callers.next(newcomer, rig.now).has_value());
  }
  CHECK_FALSE(rig.finished.contains(commander));
  rig.open();
  CHECK(rig.finished.contains(commander));
}

TEST_CASE("callers: who does not read his answer is asked for no further request") {
  Rig rig;
  const auto id = rig.open();
  std::string packet;
  for (int i = 0; i < 1000; ++i) packet += get;
  rig.callers.receive(id, packet, rig.now);
  CHECK(rig.reading.at(id) == false);
  rig.serve(id, 100);
  CHECK_FALSE(rig.callers.next(id, rig.now).has_value());
  rig.take_all(id);
  rig.serve(id, 100);
  CHECK(rig.unsent[id] >= 100);
  rig.take_all(id);
  int rest = 0;
  for (; rig.callers.find(id)->unparsed() != 0 && rest < 2000; ++rest) {
    rig.serve(id, 0);
    rig.take_all(id);
  }
  CHECK(rest >= 997);
  CHECK(rest <= 1000);
  CHECK(rig.reading.at(id) == true);
}

TEST_CASE("callers: who takes none of his bytes is cut, who takes some is not") {
  Rig rig;  // the limit is 10 s
  const auto silent = rig.open();
  const auto slow = rig.open();
  rig.answer(silent, 10'000);
  rig.answer(slow, 10'000);
  for (int i = 0; i < 12; ++i) {
    rig.unsent[slow] -= 100;
    rig.pass(std::chrono::seconds(1));
  }
  CHECK(rig.finished == std::map<ConnectionId, bool>{{silent, true}});
  CHECK(rig.callers.stalled_total() == 1);
}

TEST_CASE("callers: all buffers together are bounded, and given back") {
  Rig rig(buffers(100'000));
  std::vector<ConnectionId> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(rig.open());
    rig.answer(ids.back(), 10'000);
    CHECK(rig.callers.bytes() <= 100'000);
  }
  CHECK(rig.callers.is_crowded());
  // The latest are kept; those that took nothing for longest went.
  CHECK(rig.callers.find(ids.back()) != nullptr);
  CHECK(rig.callers.find(ids.front()) == nullptr);
  rig.pass(std::chrono::seconds(2));  // a second of patience while others need the room
  CHECK_FALSE(rig.callers.is_crowded());
  for (const ConnectionId id : ids) rig.callers.closed(id);
  CHECK(rig.callers.bytes() == 0);
  CHECK(rig.callers.next_deadline() == base::never);
}

TEST_CASE("callers: while others wait for the room all who take nothing go, and who takes stays") {
  Rig rig(buffers(100'000));
  std::vector<ConnectionId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(rig.open());
  for (const ConnectionId id : ids) rig.answer(id, 10'000);
  CHECK(rig.callers.is_crowded());
  for (int i = 0; i < 2; ++i) {
    rig.unsent[ids[0]] -= 100;
    rig.pass(std::chrono::seconds(1));
  }
  CHECK(rig.callers.find(ids[0]) != nullptr);
  CHECK(rig.callers.size() == 1);
}

TEST_CASE("callers: unfinished requests count as bytes, and half of them cannot fill the memory") {
  Rig rig(buffers(100'000));
  for (int i = 0; i < 50; ++i) {
    const auto id = rig.open();
    rig.callers.receive(
        id,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + std::string(10'000, 'x'),
        rig.now);
    rig.callers.flush(id, rig.now);
    CHECK(rig.callers.bytes() <= 100'000);
  }
}

TEST_CASE("callers: unfinished requests alone keep nobody from a long answer") {
  Rig rig(buffers(100'000));
  for (int i = 0; i < 8; ++i) {
    rig.callers.receive(rig.open(), std::string(10'000, 'x'), rig.now);
  }
  CHECK(rig.callers.bytes() >= 80'000);
  CHECK_FALSE(rig.callers.is_crowded());
}

TEST_CASE("callers: a connection that ends after its answer still counts until it is taken") {
  Rig rig;
  const auto id = rig.open();
  rig.callers.receive(id, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", rig.now);
  rig.callers.respond(id, rig.callers.next(id, rig.now)->number, {200, {}, std::string(5000, 'x')},
                      rig.now);
  rig.callers.flush(id, rig.now);
  CHECK(rig.finished.empty());
  CHECK(rig.callers.bytes() > 5000);
  rig.take_all(id);
  CHECK(rig.finished == std::map<ConnectionId, bool>{{id, false}});
  CHECK(rig.callers.bytes() == 0);
}

TEST_CASE("callers: one that has ended its direction is answered, and gives way before commands") {
  Rig rig(connections(2));
  const ConnectionId half = rig.open();
  rig.callers.receive(half, get, rig.now);
  const auto asked = rig.callers.next(half, rig.now);
  REQUIRE(asked.has_value());
  rig.callers.input_ended(half, rig.now);
  rig.callers.flush(half, rig.now);
  CHECK(rig.finished.count(half) == 0);
  SUBCASE("its answer is its end") {
    rig.callers.respond(half, asked->number, {200, {}, "x"}, rig.now);
    rig.callers.flush(half, rig.now);
    rig.take_all(half);
    CHECK(rig.finished.at(half) == false);
  }
  SUBCASE("a time limit is") {
    rig.pass(std::chrono::seconds(74));
    CHECK(rig.finished.count(half) == 0);
    rig.pass(std::chrono::seconds(1));
    CHECK(rig.finished.at(half) == true);
  }
  SUBCASE("a newcomer is, while others that wait for a command stay") {
    const ConnectionId waits = rig.open();
    rig.callers.receive(waits, get, rig.now);
    REQUIRE(rig.callers.next(waits, rig.now).has_value());
    rig.open();
    CHECK(rig.finished.count(half) == 1);
    CHECK(rig.finished.count(waits) == 0);
  }
  CHECK(rig.callers.bytes() <= get.size());
}

TEST_CASE("callers: one that ends its direction and asked nothing is gone") {
  Rig rig;
  const ConnectionId id = rig.open();
  rig.callers.input_ended(id, rig.now);
  rig.callers.flush(id, rig.now);
  CHECK(rig.finished.count(id) == 1);
  CHECK(rig.callers.size() == 0);
}
