// SPDX-License-Identifier: Apache-2.0
// One thread, epoll, plain sockets. What arrives together shares one sync. Nothing of a request is
// read but where it ends; nothing of an order is kept but who asked for it.
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/bare_gateway.hpp"
#include "bench/loopback.hpp"
#include "bench/rest.hpp"

namespace belay::bench {
namespace {

using journal::UniqueFd;

constexpr std::string_view ready_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class RestFloor {
 public:
  base::Status<> open(std::uint16_t gateway_port, const std::string& dir) {
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = gateway_port;
    if (auto opened = journal_.open(dir); !opened) return opened;
    if (auto opened = gateway_.open(options); !opened) return opened;
    auto listener = listen_on_loopback(0);
    if (!listener) return base::Failure<base::Error>{listener.error()};
    listener_ = std::move(*listener);
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    watch(epoll_.get(), listener_.socket.get(), EPOLLIN, EPOLL_CTL_ADD);
    watch(epoll_.get(), gateway_.fd(), EPOLLIN, EPOLL_CTL_ADD);
    return base::ok();
  }
  std::uint16_t port() const { return listener_.port; }

  base::Status<> run() {
    for (;;) {
      epoll_event ready[64];
      const int count = ::epoll_wait(epoll_.get(), ready, 64, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = ready[i].data.fd;
        if (fd == listener_.socket.get()) {
          accept();
        } else if (fd != gateway_.fd()) {
          receive(fd);
        } else if (auto got = gateway_.read([this](std::int32_t id) { works(id); }); !got) {
          return got;
        }
      }
      if (!journal_.sync()) return base::fail("journal", std::strerror(errno));
      if (auto sent = gateway_.flush(); !sent) return sent;
      for (const std::int32_t id : working_) answer(id);
      working_.clear();
    }
  }

 private:
  struct Caller {
    UniqueFd socket;
    std::string in;
  };

  void accept() {
    UniqueFd socket = accept_one(listener_);
    if (!socket.valid()) return;
    const int fd = socket.get();
    watch(epoll_.get(), fd, EPOLLIN, EPOLL_CTL_ADD);
    callers_[fd] = {std::move(socket), ""};
  }

  void receive(int fd) {
    Caller& caller = callers_.at(fd);
    char buffer[16 * 1024];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return static_cast<void>(callers_.erase(fd));
    caller.in.append(buffer, static_cast<std::size_t>(got));
    const std::size_t head = caller.in.find("\r\n\r\n");
    if (head == std::string::npos) return;
    constexpr std::string_view length_of_body = "Content-Length: ";
    std::size_t length = 0;
    if (const std::size_t at = caller.in.find(length_of_body); at < head) {
      std::from_chars(caller.in.data() + at + length_of_body.size(), caller.in.data() + head,
                      length);
    }
    if (caller.in.size() < head + 4 + length) return;
    caller.in.clear();
    if (length == 0) return put(fd, ready_answer);
    askers_.push_back(fd);
    gateway_.place();
    journal_.add();
  }

  void works(std::int32_t id) {
    working_.push_back(id);
    journal_.add();
  }

  void answer(std::int32_t id) {
    body_.clear();
    fmt::format_to(std::back_inserter(body_), R"({{"order_id":{},"status":"Submitted"}})", id);
    out_.clear();
    fmt::format_to(std::back_inserter(out_),
                   "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                   "Content-Length: {}\r\n\r\n{}",
                   body_.size(), body_);
    put(askers_[static_cast<std::size_t>(id - gateway_.first_id())], out_);
  }

  static void put(int fd, std::string_view bytes) {
    static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }

  RawJournal journal_;
  BareGateway gateway_;
  Listener listener_;
  UniqueFd epoll_;
  std::map<int, Caller> callers_;
  std::vector<int> askers_;  // by order
  std::vector<std::int32_t> working_;
  std::string body_;
  std::string out_;
};

}  // namespace

int serve_rest_floor(std::uint16_t gateway_port, const std::string& dir) {
  const auto floor = std::make_unique<RestFloor>();
  auto done = floor->open(gateway_port, dir);
  if (done) {
    fmt::print("port={}\n", floor->port());
    std::fflush(stdout);
    done = floor->run();
  }
  fmt::print(stderr, "belay_bench: {}: {}\n", done.error().field, done.error().detail);
  return 1;
}

}  // namespace belay::bench
