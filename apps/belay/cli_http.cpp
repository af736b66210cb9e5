// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_http.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "apps/belay/config.hpp"

namespace belay::app {
namespace {

using Clock = std::chrono::steady_clock;

class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

  bool wait(short events, Clock::time_point deadline) const {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd entry{fd_, events, 0};
      const int ready = poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
      if (ready > 0) return true;
      if (ready == 0 || errno != EINTR) return false;
    }
  }

 private:
  int fd_;
};

// The daemon sends a heartbeat every 15 seconds: silence for a minute is a dead connection.
constexpr std::chrono::seconds stream_slow(20);
constexpr std::chrono::seconds stream_dead(60);

// Waits for a socket until a deadline, and says once that it takes long.
class Patience {
 public:
  Patience(std::chrono::milliseconds timeout, const std::function<void()>& slow)
      : timeout_(timeout), deadline_(Clock::now() + timeout), slow_(slow) {}

  bool wait(const Socket& socket, short events) {
    const auto first = slow_ && !said_ ? std::min(deadline_, slow_at_) : deadline_;
    if (socket.wait(events, first)) return true;
    if (first == deadline_) return false;
    said_ = true;
    slow_();
    return socket.wait(events, deadline_);
  }
  bool over() const { return Clock::now() >= deadline_; }
  std::string words() const {
    const auto whole = std::chrono::round<std::chrono::seconds>(timeout_).count();
    return fmt::format("in {} s", std::max<std::int64_t>(whole, 1));
  }
  /// From here on silence may last `timeout`, and is said when it is longer than a heartbeat takes.
  void renew(std::chrono::milliseconds timeout) {
    timeout_ = timeout;
    deadline_ = Clock::now() + timeout;
    slow_at_ = Clock::now() + stream_slow;
    said_ = false;
  }

 private:
  std::chrono::milliseconds timeout_;
  Clock::time_point deadline_;
  Clock::time_point slow_at_ = Clock::now() + std::chrono::seconds(2);
  const std::function<void()>& slow_;
  bool said_ = false;
};

// 0, or the errno of why not.
int connect_in_time(const Socket& socket, const addrinfo& at, Patience& patience) {
  if (connect(socket.fd(), at.ai_addr, at.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!patience.wait(socket, POLLOUT)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

base::Result<Socket, CliFailure> open_socket(const std::string& host, std::uint16_t port,
                                             Patience& patience) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return base::Failure<CliFailure>{
        {false, fmt::format("cannot resolve {}: {}", host, gai_strerror(error))}};
  }
  std::string why = "no address";
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Socket socket(
        ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
    const int failed = socket.fd() < 0 ? errno : connect_in_time(socket, *at, patience);
    if (failed == 0) {
      freeaddrinfo(found);
      return socket;
    }
    why = std::strerror(failed);
  }
  freeaddrinfo(found);
  return base::Failure<CliFailure>{
      {false, fmt::format(
                  "cannot reach the daemon at {}: {} (is `belay serve` running there? API_HOST and "
                  "API_PORT, or --api-host and --api-port, say where)",
                  host_and_port(host, port), why)}};
}

bool send_all(const Socket& socket, std::string_view bytes, Patience& patience) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN && patience.wait(socket, POLLOUT)) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Appends what has come; false at the end of the stream or after the deadline.
bool receive(const Socket& socket, std::string& into, Patience& patience) {
  char buffer[16384];
  if (!patience.wait(socket, POLLIN)) return false;
  const ssize_t got = recv(socket.fd(), buffer, sizeof buffer, 0);
  if (got <= 0) return got < 0 && (errno == EINTR || errno == EAGAIN);
  into.append(buffer, static_cast<std::size_t>(got));
  return true;
}

bool is_http(std::string_view bytes) {
  constexpr std::string_view word = "HTTP/";
  const auto size = std::min(bytes.size(), word.size());
  return bytes.substr(0, size) == word.substr(0, size);
}

// The head of the answer, taken off `bytes`; nothing while it is incomplete or when it is none.
std::optional<CliAnswer> take_head(std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || bytes.substr(0, 5) != "HTTP/" || end < 12) return std::nullopt;
  CliAnswer answer;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, answer.status);
  for (std::size_t at = bytes.find("\r\n") + 2; at < end + 2;) {
    const auto line_end = bytes.find("\r\n", at);
    const std::string line = bytes.substr(at, line_end - at);
    at = line_end + 2;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const auto value = line.find_first_not_of(' ', colon + 1);
    answer.headers[name] = value == std::string::npos ? "" : line.substr(value);
  }
  bytes.erase(0, end + 4);
  return answer;
}

std::size_t length_of(const CliAnswer& answer) {
  std::size_t length = 0;
  const auto header = answer.headers.find("content-length");
  if (header == answer.headers.end()) return 0;
  std::from_chars(header->second.data(), header->second.data() + header->second.size(), length);
  return length;
}

}  // namespace

std::string CliHttp::head_of(const CliRequest& request) const {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: belay-cli\r\n",
                                 request.method, request.target, host_and_port(host_, port_));
  for (const auto& [name, value] : request.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty()) {
    head += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                        request.body.size());
  }
  return head + "\r\n";
}

base::Result<CliAnswer, CliFailure> CliHttp::call(const CliRequest& request,
                                                  std::chrono::milliseconds timeout) const {
  Patience patience(timeout, slow_);
  const auto socket = open_socket(host_, port_, patience);
  if (!socket) return base::Failure<CliFailure>{socket.error()};
  const auto lost = [&, address = host_and_port(host_, port_)](std::string_view why) {
    return base::Failure<CliFailure>{
        {true, patience.over()
                   ? fmt::format("no answer from the daemon at {} {}", address, patience.words())
                   : fmt::format("no answer from the daemon at {}: {}", address, why)}};
  };
  if (!send_all(*socket, head_of(request) + request.body, patience)) {
    return lost("the connection broke");
  }
  std::string bytes;
  std::optional<CliAnswer> answer;
  while (!answer) {
    if (!receive(*socket, bytes, patience)) return lost("the connection ended");
    if (!is_http(bytes)) return base::Failure<CliFailure>{{false, no_belay()}};
    answer = take_head(bytes);
  }
  const std::size_t length = length_of(*answer);
  while (bytes.size() < length) {
    if (!receive(*socket, bytes, patience)) return lost("the answer broke off");
  }
  answer->body = bytes.substr(0, length);
  return std::move(*answer);
}

std::string CliHttp::no_belay() const {
  return fmt::format("{} is no Belay: another program answers there (see API_PORT)",
                     host_and_port(host_, port_));
}

base::Result<bool, CliFailure> CliHttp::stream(const CliRequest& request,
                                               const std::function<bool(std::string_view)>& on_line,
                                               std::chrono::milliseconds timeout) const {
  Patience patience(timeout, slow_);
  const auto socket = open_socket(host_, port_, patience);
  if (!socket) return base::Failure<CliFailure>{socket.error()};
  if (!send_all(*socket, head_of(request), patience)) {
    return base::Failure<CliFailure>{{true, "the connection broke"}};
  }
  std::string bytes;
  std::optional<CliAnswer> answer;
  while (receive(*socket, bytes, patience)) {
    if (!answer) {
      if (!is_http(bytes)) return base::Failure<CliFailure>{{false, no_belay()}};
      answer = take_head(bytes);
      if (!answer) continue;
    }
    const std::string type = answer->headers["content-type"];
    if (answer->status != 200 && type.find("problem+json") != std::string::npos) {
      if (bytes.size() < length_of(*answer)) continue;
      return base::Failure<CliFailure>{{true, bytes}};
    }
    if (type.find("event-stream") == std::string::npos) {
      return base::Failure<CliFailure>{{false, no_belay()}};
    }
    patience.renew(stream_dead);
    for (auto end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n')) {
      const std::string line = bytes.substr(0, end);
      bytes.erase(0, end + 1);
      if (!on_line(line)) return true;
    }
  }
  if (!answer) {
    return base::Failure<CliFailure>{
        {true, patience.over() ? fmt::format("no answer from the daemon at {} {}",
                                             host_and_port(host_, port_), patience.words())
                               : std::string("the daemon closed the connection")}};
  }
  return false;
}

}  // namespace belay::app
