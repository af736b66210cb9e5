// SPDX-License-Identifier: Apache-2.0
#include "bench/fake_gateway.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "belay/journal/unique_fd.hpp"
#include "bench/affinity.hpp"
#include "bench/gateway_session.hpp"
#include "bench/loopback.hpp"

namespace belay::bench {
namespace {

using journal::UniqueFd;

struct Client {
  UniqueFd socket;
  GatewaySession session;
  std::string out;
  std::size_t sent = 0;
  bool waits_for_room = false;
};

class Server {
 public:
  explicit Server(Listener listener)
      : listener_(std::move(listener)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    watch(epoll_.get(), listener_.socket.get(), EPOLLIN, EPOLL_CTL_ADD);
  }

  [[noreturn]] void run() {
    for (;;) {
      epoll_event ready[16];
      const int count = ::epoll_wait(epoll_.get(), ready, 16, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = ready[i].data.fd;
        if (fd == listener_.socket.get()) {
          accept();
        } else if (!serve(clients_.at(fd))) {
          clients_.erase(fd);
        }
      }
    }
  }

 private:
  void accept() {
    UniqueFd socket = accept_one(listener_);
    if (!socket.valid()) return;
    watch(epoll_.get(), socket.get(), EPOLLIN, EPOLL_CTL_ADD);
    const int fd = socket.get();
    clients_[fd].socket = std::move(socket);
  }

  bool serve(Client& client) {
    const int fd = client.socket.get();
    // While answers wait for a slow reader nothing more is read from it.
    if (client.out.empty()) {
      const ssize_t got = ::recv(fd, in_, sizeof in_, 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
      const auto size = static_cast<std::size_t>(got > 0 ? got : 0);
      if (!client.session.receive({in_, size}, client.out)) return false;
    }
    while (client.sent < client.out.size()) {
      const ssize_t put = ::send(fd, client.out.data() + client.sent,
                                 client.out.size() - client.sent, MSG_NOSIGNAL);
      if (put < 0 && errno == EAGAIN) {
        watch(epoll_.get(), fd, EPOLLOUT, EPOLL_CTL_MOD);
        client.waits_for_room = true;
        return true;
      }
      if (put < 0) return false;
      client.sent += static_cast<std::size_t>(put);
    }
    if (client.waits_for_room) watch(epoll_.get(), fd, EPOLLIN, EPOLL_CTL_MOD);
    client.waits_for_room = false;
    client.out.clear();
    client.sent = 0;
    return true;
  }

  Listener listener_;
  UniqueFd epoll_;
  std::map<int, Client> clients_;
  char in_[256 * 1024];
};

}  // namespace

base::Result<FakeGateway> FakeGateway::start(std::optional<int> cpu) {
  // Listening before the fork: a client may connect as soon as this returns.
  auto listener = listen_on_loopback(0);
  if (!listener) return base::Failure<base::Error>{listener.error()};
  const std::uint16_t port = listener->port;
  const pid_t child = ::fork();
  if (child < 0) return base::fail("fork", std::strerror(errno));
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (cpu) pin_to(*cpu);
    static Server server(std::move(*listener));
    server.run();
  }
  return FakeGateway(child, port);
}

FakeGateway::FakeGateway(FakeGateway&& other) noexcept
    : child_(std::exchange(other.child_, -1)), port_(other.port_) {}

FakeGateway::~FakeGateway() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

int serve_gateway(std::uint16_t port) {
  auto listener = listen_on_loopback(port);
  if (!listener) {
    fmt::print(stderr, "belay_bench: {}: {}\n", listener.error().field, listener.error().detail);
    return 1;
  }
  fmt::print("port={}\n", listener->port);
  std::fflush(stdout);
  static Server server(std::move(*listener));
  server.run();
}

}  // namespace belay::bench
