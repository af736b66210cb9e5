// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <charconv>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "bench/loopback.hpp"
#include "bench/rest.hpp"

namespace belay::bench {
namespace {

using journal::UniqueFd;

// The size of the whole answer at the front of `text`; 0 while it is not there.
std::size_t whole_answer(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::size_t length = 0;
  for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const std::size_t at = text.find(name);
    if (at < head) std::from_chars(text.data() + at + name.size(), text.data() + head, length);
  }
  const std::size_t size = head + 4 + length;
  return text.size() < size ? 0 : size;
}

class RestCaller {
 public:
  RestCaller(std::uint16_t port, std::size_t first, std::size_t orders)
      : port_(port), first_(first), orders_(orders), meter_(orders, 0) {}

  base::Result<Figures> run(std::size_t connections) {
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    for (std::size_t i = 0; i < connections && i < orders_; ++i) {
      auto socket = connect_to_loopback(port_);
      if (!socket) return base::Failure<base::Error>{socket.error()};
      const int fd = socket->get();
      watch(epoll_.get(), fd, EPOLLIN, EPOLL_CTL_ADD);
      connections_[fd] = {std::move(*socket), "", 0};
    }
    for (auto& [fd, connection] : connections_) ask(connection);
    while (!meter_.done()) {
      epoll_event ready[64];
      const int count = ::epoll_wait(epoll_.get(), ready, 64, 10'000);
      if (count == 0) return base::fail("rest", "no answer within 10 s");
      for (int i = 0; i < count; ++i) {
        if (auto got = receive(connections_.at(ready[i].data.fd)); !got) {
          return base::Failure<base::Error>{got.error()};
        }
      }
    }
    Figures figures = meter_.figures();
    figures.erase("rss_bytes_per_order");  // the caller's own
    return figures;
  }

 private:
  struct Connection {
    UniqueFd socket;
    std::string in;
    std::size_t order = 0;
  };

  void ask(Connection& connection) {
    connection.order = next_++;
    body_.clear();
    fmt::format_to(std::back_inserter(body_),
                   R"({{"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,)"
                   R"("limit_price":"1","client_order_id":"bench-{}"}})",
                   first_ + connection.order);
    out_.clear();
    fmt::format_to(std::back_inserter(out_),
                   "POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                   body_.size(), body_);
    meter_.sent(connection.order);
    static_cast<void>(::send(connection.socket.get(), out_.data(), out_.size(), MSG_NOSIGNAL));
  }

  base::Status<> receive(Connection& connection) {
    char buffer[16 * 1024];
    const ssize_t got = ::recv(connection.socket.get(), buffer, sizeof buffer, 0);
    if (got <= 0) return base::fail("rest", "the server closed the connection");
    connection.in.append(buffer, static_cast<std::size_t>(got));
    if (whole_answer(connection.in) == 0) return base::ok();
    if (!connection.in.starts_with("HTTP/1.1 201 ")) return base::fail("rest", connection.in);
    meter_.acknowledged(connection.order);
    connection.in.clear();
    if (next_ < orders_) ask(connection);
    return base::ok();
  }

  std::uint16_t port_;
  std::size_t first_;
  std::size_t orders_;
  Meter meter_;
  UniqueFd epoll_;
  std::map<int, Connection> connections_;
  std::size_t next_ = 0;
  std::string body_;
  std::string out_;
};

}  // namespace

base::Result<Figures> call_rest(std::uint16_t port, std::size_t first, std::size_t orders,
                                std::size_t connections) {
  return RestCaller(port, first, orders).run(connections);
}

int status_of(std::uint16_t port, const std::string& path) {
  const auto socket = connect_to_loopback(port);
  if (!socket) return 0;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  static_cast<void>(::send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL));
  pollfd readable{.fd = socket->get(), .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, 5'000) <= 0) return 0;
  char answer[12];  // "HTTP/1.1 200"
  if (::recv(socket->get(), answer, sizeof answer, MSG_WAITALL) != sizeof answer) return 0;
  int status = 0;
  std::from_chars(answer + 9, answer + 12, status);
  return status;
}

}  // namespace belay::bench
