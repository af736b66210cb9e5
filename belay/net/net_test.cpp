// SPDX-License-Identifier: Apache-2.0
// The loop and TCP over the loopback with ports the system picks. Nothing sleeps: each test turns
// the loop until what it waits for has happened, and fails by the guard timer otherwise.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "belay/net/loop.hpp"
#include "belay/net/tcp.hpp"

using namespace belay;
using net::Loop;
using net::TcpListener;
using net::TcpStream;

namespace {

/// Turns the loop until `done`, at most five seconds.
template <class Done>
bool turn_until(Loop& loop, Done done) {
  bool late = false;
  const auto guard = loop.after(std::chrono::seconds(5), [&late] { late = true; });
  while (!done() && !late) loop.run_turn();
  return done();
}

struct Server {
  Loop& loop;
  std::vector<TcpStream> streams;
  TcpListener listener;
  explicit Server(Loop& owner)
      : loop(owner),
        listener(*TcpListener::listen(owner, {"127.0.0.1", 0}, [this](TcpStream stream) {
          streams.push_back(std::move(stream));
        })) {}
};

/// A peer that asks, ends its direction and reads the answer.
class HalfClosing {
 public:
  explicit HalfClosing(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  HalfClosing(const HalfClosing&) = delete;
  HalfClosing& operator=(const HalfClosing&) = delete;
  ~HalfClosing() { ::close(fd_); }
  void ask(std::string_view bytes) const {
    REQUIRE(::send(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    REQUIRE(::shutdown(fd_, SHUT_WR) == 0);
  }
  /// Everything until the other end.
  std::string answer() const {
    std::string out;
    char part[256];
    for (ssize_t size = 1; size > 0;) {
      size = ::recv(fd_, part, sizeof part, 0);
      if (size > 0) out.append(part, static_cast<std::size_t>(size));
    }
    return out;
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("loop: a dropped timer never fires, a kept one fires once, after earlier ones") {
  Loop loop;
  std::string order;
  const auto now = loop.now();  // one base: a pause between the calls must not turn them around
  auto late = loop.at(now + std::chrono::milliseconds(40), [&] { order += 'b'; });
  auto early = loop.at(now + std::chrono::milliseconds(1), [&] { order += 'a'; });
  auto dropped = loop.after(std::chrono::milliseconds(2), [&] { order += 'x'; });
  dropped.cancel();
  CHECK(turn_until(loop, [&] { return order.size() >= 2; }));
  CHECK(order == "ab");
}

TEST_CASE("loop: a timer may drop its own handle while it runs") {
  Loop loop;
  net::Handle self;
  bool fired = false;
  self = loop.at(loop.now(), [&] {
    self.cancel();
    fired = true;
  });
  CHECK(turn_until(loop, [&] { return fired; }));
}

TEST_CASE("loop: callbacks that are ready together share one turn") {
  Loop loop;
  int ran = 0;
  int turns = 0;
  loop.on_turn([&] { ++turns; });
  for (int i = 0; i < 10; ++i) loop.post([&] { ++ran; });
  loop.run_turn();
  CHECK(ran == 10);
  CHECK(turns == 1);
}

TEST_CASE("loop: a watched eventfd calls back for every signal until the handle is dropped") {
  Loop loop;
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::uint64_t seen = 0;
  auto watch = loop.watch_fd(fd, [&] {
    std::uint64_t count = 0;
    if (read(fd, &count, sizeof count) == sizeof count) seen += count;
  });
  const std::uint64_t one = 1;
  for (std::uint64_t round = 1; round <= 3; ++round) {
    REQUIRE(write(fd, &one, sizeof one) == sizeof one);
    CHECK(turn_until(loop, [&] { return seen == round; }));
  }
  watch.cancel();
  REQUIRE(write(fd, &one, sizeof one) == sizeof one);
  while (loop.poll()) {
  }
  CHECK(seen == 3);
  close(fd);
}

TEST_CASE("loop: stop ends run") {
  Loop loop;
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(loop.stopped());
  CHECK_FALSE(loop.run_turn());
}

TEST_CASE("tcp listener: a taken port is an error that names host and port") {
  Loop loop;
  Server server(loop);
  const auto port = server.listener.port();
  REQUIRE(port != 0);
  const auto second = TcpListener::listen(loop, {"127.0.0.1", port}, [](TcpStream) {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().detail.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK(second.error().detail.find("another program") != std::string::npos);
}

TEST_CASE("tcp stream: bytes travel both ways and the end is told once with a reason") {
  Loop loop;
  Server server(loop);
  std::string got;
  std::string reason;
  bool connected = false;
  auto client = TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                                   {.on_connected = [&] { connected = true; },
                                    .on_bytes = [&](std::string_view bytes) { got += bytes; },
                                    .on_closed = [&](const std::string& why) { reason += why; },
                                    .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return connected && !server.streams.empty(); }));
  std::string asked;
  server.streams[0].start({.on_connected = {},
                           .on_bytes = [&](std::string_view bytes) { asked += bytes; },
                           .on_closed = {},
                           .on_drained = {}});
  CHECK(client.remote() == "127.0.0.1:" + std::to_string(server.listener.port()));
  client.write("ping");
  REQUIRE(turn_until(loop, [&] { return asked == "ping"; }));
  server.streams[0].write("pong");
  REQUIRE(turn_until(loop, [&] { return got == "pong"; }));
  server.streams[0].close();
  REQUIRE(turn_until(loop, [&] { return !reason.empty(); }));
  while (loop.poll()) {
  }
  CHECK(reason == "closed by the peer");
  CHECK_FALSE(client.is_open());
}

TEST_CASE("tcp stream: a peer that has ended its direction is still answered, and told once") {
  Loop loop;
  Server server(loop);
  const HalfClosing peer(server.listener.port());
  REQUIRE(turn_until(loop, [&] { return !server.streams.empty(); }));
  std::string asked;
  int ends = 0;
  bool closed = false;
  TcpStream& stream = server.streams[0];
  stream.start({.on_connected = {},
                .on_bytes = [&](std::string_view bytes) { asked += bytes; },
                .on_closed = [&](const std::string&) { closed = true; },
                .on_drained = {},
                .on_end = [&] { ++ends; }});
  peer.ask("ping");
  REQUIRE(turn_until(loop, [&] { return ends != 0 || closed; }));
  CHECK(asked == "ping");
  // Nothing is read for it any more: the loop has nothing to do.
  stream.pause(true);
  stream.pause(false);
  for (int i = 0; i < 10; ++i) loop.poll();
  CHECK_FALSE(loop.poll());
  CHECK(ends == 1);
  CHECK(stream.is_open());
  stream.write("pong");
  stream.close_when_sent();
  CHECK_FALSE(stream.is_open());
  CHECK(peer.answer() == "pong");
  CHECK_FALSE(closed);
}

TEST_CASE("tcp stream: a peer that left for good is noticed when it is answered") {
  Loop loop;
  Server server(loop);
  auto peer = std::make_unique<HalfClosing>(server.listener.port());
  REQUIRE(turn_until(loop, [&] { return !server.streams.empty(); }));
  bool ended = false;
  std::string reason;
  TcpStream& stream = server.streams[0];
  stream.start({.on_connected = {},
                .on_bytes = [](std::string_view) {},
                .on_closed = [&](const std::string& why) { reason = why; },
                .on_drained = {},
                .on_end = [&] { ended = true; }});
  peer->ask("ping");
  peer.reset();
  REQUIRE(turn_until(loop, [&] { return ended || !reason.empty(); }));
  stream.write("pong");
  REQUIRE(turn_until(loop, [&] {
    stream.write("pong");
    return !reason.empty();
  }));
  CHECK_FALSE(stream.is_open());
}

TEST_CASE("tcp stream: a refused connection says where and why") {
  Loop loop;
  std::uint16_t port = 0;
  {
    Server server(loop);
    port = server.listener.port();
  }
  std::string reason;
  auto client = TcpStream::connect(loop, {.to = {"127.0.0.1", port}},
                                   {.on_connected = {},
                                    .on_bytes = {},
                                    .on_closed = [&](const std::string& why) { reason = why; },
                                    .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return !reason.empty(); }));
  CHECK(reason == "cannot connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_CASE("tcp stream: a peer that does not read is cut when the queue passes its cap") {
  Loop loop;
  Server server(loop);
  bool connected = false;
  auto client = TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                                   {.on_connected = [&] { connected = true; },
                                    .on_bytes = {},
                                    .on_closed = {},
                                    .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return connected && !server.streams.empty(); }));
  std::string reason;
  const std::size_t cap = 100'000;
  // The accepted side writes; the client's own reads fill its socket only while the loop turns.
  server.streams[0].start({.on_connected = {},
                           .on_bytes = {},
                           .on_closed = [&](const std::string& why) { reason = why; },
                           .on_drained = {}},
                          cap);
  const std::string chunk(50'000, 'x');
  std::size_t largest = 0;
  for (int i = 0; i < 2000; ++i) {
    server.streams[0].write(chunk);
    largest = std::max(largest, server.streams[0].queued());
  }
  CHECK(reason.empty());  // never from inside write()
  CHECK(largest <= cap);
  REQUIRE(turn_until(loop, [&] { return !reason.empty(); }));
  CHECK(reason.find("does not read") != std::string::npos);
}

TEST_CASE("tcp stream: a long write arrives whole and drained is told") {
  Loop loop;
  Server server(loop);
  std::string got;
  bool connected = false;
  auto client = TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                                   {.on_connected = [&] { connected = true; },
                                    .on_bytes = [&](std::string_view bytes) { got += bytes; },
                                    .on_closed = {},
                                    .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return connected && !server.streams.empty(); }));
  bool drained = false;
  server.streams[0].start(
      {.on_connected = {}, .on_bytes = {}, .on_closed = {}, .on_drained = [&] { drained = true; }},
      64U << 20U);
  std::string sent;
  for (int i = 0; i < 200'000; ++i) sent += std::to_string(i) + "\n";
  for (int i = 0; i < 8; ++i) server.streams[0].write(sent);
  REQUIRE(turn_until(loop, [&] { return drained && got.size() == 8 * sent.size(); }));
  CHECK(got.compare(0, sent.size(), sent) == 0);
  CHECK(got.compare(7 * sent.size(), sent.size(), sent) == 0);
}

TEST_CASE("tcp stream: shared pieces and small writes arrive in their sequence, read late or not") {
  Loop loop;
  Server server(loop);
  std::string received;
  TcpStream client =
      TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                         {.on_connected = {},
                          .on_bytes = [&](std::string_view bytes) { received += bytes; },
                          .on_closed = {},
                          .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return server.streams.size() == 1; }));
  TcpStream& peer = server.streams[0];
  bool drained = false;
  peer.start(
      {.on_connected = {}, .on_bytes = {}, .on_closed = {}, .on_drained = [&] { drained = true; }},
      std::size_t{1} << 30U);
  client.pause(true);
  std::string sent;
  std::vector<net::SharedBytes> rows;
  for (std::size_t i = 0; i < 5000; ++i) {
    rows.push_back(std::make_shared<const std::string>(1 + i % 3000, "abcdefg"[i % 7]));
  }
  for (int round = 0; round < 3; ++round) {
    const std::string mark = "mark " + std::to_string(round) + ";";
    peer.write(mark);
    peer.write(rows);
    peer.write(mark);
    peer.write(mark);
    sent += mark;
    for (const auto& row : rows) sent += *row;
    sent += mark + mark;
  }
  CHECK(peer.queued() > 0);
  client.pause(false);
  CHECK(turn_until(loop, [&] { return received.size() >= sent.size() && drained; }));
  CHECK(received == sent);
  CHECK(peer.queued() == 0);
}

TEST_CASE("loop: spare work is done in pieces, and what is ready comes between them") {
  Loop loop;
  int pieces = 0;
  int turns = 0;
  int pieces_before = -1;
  loop.on_turn([&] { ++turns; });
  loop.on_spare([&] { return ++pieces < 1'000'000; });
  loop.post([] {});
  loop.run_turn();
  CHECK(pieces > 0);
  loop.post([&] { pieces_before = pieces; });
  CHECK(turn_until(loop, [&] { return pieces_before >= 0; }));
  CHECK(pieces_before < 1'000'000);
  CHECK(turn_until(loop, [&] { return pieces >= 1'000'000; }));
  CHECK(turns > 1);
}

TEST_CASE("tcp stream: a callback may destroy the stream that called it") {
  Loop loop;
  Server server(loop);
  std::optional<TcpStream> client;
  bool done = false;
  client = TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                              {.on_connected = {},
                               .on_bytes =
                                   [&](std::string_view) {
                                     client.reset();
                                     done = true;
                                   },
                               .on_closed = [&](const std::string&) { FAIL("told after destroy"); },
                               .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return !server.streams.empty(); }));
  server.streams[0].start({});
  server.streams[0].write("x");
  CHECK(turn_until(loop, [&] { return done; }));
  while (loop.poll()) {
  }
}

TEST_CASE("tcp stream: a last answer arrives whole although the peer's input was not read") {
  Loop loop;
  Server server(loop);
  std::string got;
  std::string reason;
  bool connected = false;
  auto client = TcpStream::connect(loop, {.to = {"127.0.0.1", server.listener.port()}},
                                   {.on_connected = [&] { connected = true; },
                                    .on_bytes = [&](std::string_view bytes) { got += bytes; },
                                    .on_closed = [&](const std::string& why) { reason = why; },
                                    .on_drained = {}});
  REQUIRE(turn_until(loop, [&] { return connected && !server.streams.empty(); }));
  client.write(std::string(300'000, 'x'));
  server.streams[0].start({});
  server.streams[0].write("too large");
  server.streams[0].close_when_sent();
  server.streams.clear();
  REQUIRE(turn_until(loop, [&] { return !reason.empty(); }));
  CHECK(got == "too large");
  CHECK(reason == "closed by the peer");
}
