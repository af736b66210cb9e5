// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/link_faults.hpp"

#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string frame_of(const wire::ClientMessage& message) {
  std::string out;
  encode(message, 200, out);
  return out;
}

TEST_CASE("cut of an incoming message: it arrives only if its last byte does") {
  const std::size_t size = frame_of(resting(1)).size();
  for (std::size_t byte = 0; byte <= size + 1; ++byte) {
    CAPTURE(byte);
    Bed bed;
    Client& client = bed.connect(1);
    bed.server.cut_at_byte(1, Direction::inbound, 1, byte);
    bed.send(client, resting(1));
    CHECK(client.closed);
    CHECK(client.take().empty());
    CHECK(bed.server.book().orders().size() == (byte >= size ? 1U : 0U));
    CHECK(bed.server.next_valid_id(1) == (byte >= size ? 2 : 1));
    CHECK(bed.start(1).words().back() == "E(2158)");
  }
}

TEST_CASE("cut of an incoming message: bytes that come one at a time are counted the same") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.cut_at_byte(1, Direction::inbound, 2, 7);
  const std::string bytes = frame_of(resting(1)) + frame_of(resting(2));
  for (const char one : bytes) bed.bytes(client, std::string_view(&one, 1));
  CHECK(client.closed);
  CHECK(client.words().size() == 2);
  CHECK(bed.server.book().orders().size() == 1);
}

TEST_CASE("cut of an outgoing message: exactly so many bytes of it, then the end") {
  for (const std::size_t byte : {0U, 1U, 4U, 5U, 60U}) {
    CAPTURE(byte);
    Bed bed;
    Client& client = bed.connect(1);
    const std::size_t before = client.raw.size();
    bed.server.cut_at_byte(1, Direction::outbound, 1, byte);
    bed.send(client, resting(1));
    CHECK(client.closed);
    CHECK(client.raw.size() - before == byte);
    CHECK(client.take().empty());
    CHECK(bed.server.book().live().size() == 1);
  }
}

TEST_CASE("cut of an outgoing message: a whole one may be the last") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.cut_at_byte(1, Direction::outbound, 2, 1'000'000);
  bed.send(client, resting(1));
  CHECK(client.closed);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
}

TEST_CASE("cuts: count on over reconnects, and each strikes once") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.cut_at_byte(1, Direction::inbound, 3, 0);
  bed.send(client, wire::ReqCurrentTime{});
  bed.hang_up(client);
  Client& again = bed.connect(1);
  bed.send(again, wire::ReqCurrentTime{});
  CHECK_FALSE(again.closed);
  bed.send(again, wire::ReqCurrentTime{});
  CHECK(again.closed);
  Client& third = bed.connect(1);
  for (int i = 0; i < 5; ++i) bed.send(third, wire::ReqCurrentTime{});
  CHECK_FALSE(third.closed);
}

TEST_CASE("cuts of the next connection: greeting, hello, startApi and the first burst") {
  Bed bed;
  bed.server.cut_next_connection(Direction::inbound, 1, 6);
  Client& greeting = bed.greet();
  CHECK(greeting.closed);
  CHECK_FALSE(greeting.greeted);
  bed.server.cut_next_connection(Direction::outbound, 1, 3);
  Client& hello = bed.greet();
  CHECK(hello.closed);
  CHECK(hello.raw.size() == 3);
  bed.server.cut_next_connection(Direction::inbound, 2, 1);
  Client& starting = bed.start(1);
  CHECK(starting.closed);
  CHECK(starting.take().empty());
  bed.server.cut_next_connection(Direction::outbound, 3, 0);
  Client& burst = bed.start(1);
  CHECK(burst.words() == Words{"managedAccounts"});
  CHECK(bed.start(1).words().size() == 6);
}

TEST_CASE("half-open: nothing is heard, and with the drop nothing happens either") {
  Bed bed;
  Client& client = bed.connect(1);
  CHECK_FALSE(bed.server.go_silent(2, {}, bed.now));
  REQUIRE(bed.server.go_silent(1, {}, bed.now));
  bed.send(client, resting(1));
  bed.server.restart(bed.now);
  bed.pump();
  CHECK(client.take().empty());
  CHECK_FALSE(client.closed);
  CHECK(bed.server.book().orders().empty());
  CHECK(bed.start(1).words().size() == 6);
}

TEST_CASE("half-open: orders may arrive whose answers are lost") {
  Bed bed;
  Client& client = bed.connect(1);
  REQUIRE(bed.server.go_silent(1, {.processes = true}, bed.now));
  bed.send(client, resting(1));
  CHECK(client.take().empty());
  CHECK(bed.server.book().live().size() == 1);
  bed.hang_up(client);
  CHECK(bed.start(1).words().front() == "O(Submitted)");
}

TEST_CASE("half-open: a close that is not heard keeps the client id in use") {
  Bed bed;
  Client& client = bed.connect(1);
  REQUIRE(bed.server.go_silent(1, {.processes = false, .hears_close = false}, bed.now));
  bed.hang_up(client);
  Client& again = bed.start(1);
  CHECK(again.words() == Words{"E(326)"});
  CHECK(again.closed);
  bed.server.disconnect_client(1, bed.now);
  CHECK(bed.start(1).words().size() == 6);
}

TEST_CASE("a stalled reader: what was sent is taken later, in its order") {
  Bed bed;
  Client& client = bed.connect(1);
  REQUIRE(bed.server.stall_reading(1, bed.now + seconds(5), bed.now));
  bed.send(client, resting(1));
  bed.pass(seconds(1));
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  bed.pass(milliseconds(3999));
  CHECK(client.take().empty());
  CHECK(bed.server.next_deadline() == bed.now + milliseconds(1));
  bed.pass(milliseconds(1));
  CHECK(client.words().back() == "E(202)");
  bed.send(client, wire::ReqIds{});
  CHECK(client.words() == Words{"nextValidId"});
}

TEST_CASE("a stalled reader: an order arrives after its client has hung up") {
  Bed bed;
  Client& client = bed.connect(1);
  REQUIRE(bed.server.stall_reading(1, bed.now + seconds(5), bed.now));
  bed.send(client, resting(1));
  bed.hang_up(client);
  CHECK(bed.start(1).words() == Words{"E(326)"});
  bed.pass(seconds(5));
  CHECK(bed.server.book().live().size() == 1);
  CHECK(bed.start(1).words().front() == "O(Submitted)");
}

TEST_CASE("pacing: the most messages in any sliding second are counted, cancels too") {
  Bed bed;
  Client& client = bed.connect(1);
  for (OrderId id = 1; id <= 10; ++id) bed.send(client, resting(id));
  bed.pass(milliseconds(900));
  for (OrderId id = 1; id <= 5; ++id) {
    bed.send(client, wire::CancelOrder{id, "", "", std::nullopt});
  }
  CHECK(bed.server.pacing_peak(1) == 15);
  bed.pass(milliseconds(100));
  for (int i = 0; i < 9; ++i) bed.send(client, wire::ReqCurrentTime{});
  CHECK(bed.server.pacing_peak(1) == 15);
  CHECK(bed.server.pacing_peak(2) == 0);
  bed.hang_up(client);
  const std::string& line = bed.log[bed.log.size() - 2];
  CHECK(line.find("\"pacing_peak\",\"fields\":{\"detail\":\"15 messages") != std::string::npos);
}

TEST_CASE("pacing: what waited unread counts at the time it came") {
  Options options;
  options.pacing = Options::Pacing::error;
  options.pacing_per_second = 5;
  Bed bed(options);
  Client& client = bed.connect(1);
  REQUIRE(bed.server.stall_reading(1, bed.now + seconds(10), bed.now));
  for (int i = 0; i < 20; ++i) {
    bed.send(client, wire::ReqCurrentTime{});
    bed.pass(milliseconds(250));
  }
  bed.pass(seconds(10));
  CHECK(client.words() == Words(20, "currentTime"));
  CHECK(bed.server.pacing_peak(1) == 4);
}

}  // namespace
}  // namespace belay::simtws::test
