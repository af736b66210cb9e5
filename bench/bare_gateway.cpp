// SPDX-License-Identifier: Apache-2.0
#include "bench/bare_gateway.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"
#include "bench/gateway_session.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;
using journal::UniqueFd;

constexpr std::size_t record_size = 512;
constexpr std::size_t file_records = 16'384;  // 8 MiB
constexpr ::off_t file_size{record_size * file_records};

base::Result<UniqueFd> connect_to(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return base::fail("connect", "cannot resolve " + host);
  }
  UniqueFd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int result = ::connect(socket.get(), found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (result != 0) return base::fail("connect", std::strerror(errno));
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

}  // namespace

base::Status<> RawJournal::open(const std::string& dir) {
  const std::string path = dir + "/floor.journal";
  file_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const std::string zeros(record_size * file_records, '\0');
  if (!file_.valid() || ::pwrite(file_.get(), zeros.data(), zeros.size(), 0) < 0 ||
      ::fdatasync(file_.get()) != 0) {
    return base::fail(path, std::strerror(errno));
  }
  return base::ok();
}

void RawJournal::add() {
  pending_.append(record_size, 'r');
}

bool RawJournal::sync() {
  if (pending_.empty()) return true;
  const auto size = static_cast<::off_t>(pending_.size());
  if (at_ + size > file_size) at_ = 0;
  const auto put = ::pwrite(file_.get(), pending_.data(), pending_.size(), at_);
  at_ += size;
  pending_.clear();
  return put == size && ::fdatasync(file_.get()) == 0;
}

base::Status<> BareGateway::open(const ClientOptions& options) {
  client_id_ = options.client_id;
  auto socket = connect_to(options.host, options.port);
  if (!socket) return base::Failure<base::Error>{socket.error()};
  socket_ = std::move(*socket);
  wire::append_client_greeting({.min_version = wire::min_server_version,
                                .max_version = wire::max_server_version,
                                .connect_options = ""},
                               out_);
  while (next_id_ == 0 || account_.empty()) {
    if (auto flushed = flush(); !flushed) return flushed;
    pollfd readable{.fd = fd(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, 10'000) == 0) return base::fail("gateway", "no answer within 10 s");
    if (auto got = read([](std::int32_t) {}); !got) return got;
  }
  if (account_.front() != 'D') {
    return base::fail("account", account_ + " is not a paper account: no order is sent");
  }
  first_id_ = next_id_;
  make_template();
  return base::ok();
}

void BareGateway::make_template() {
  wire::PlaceOrder place;
  place.order_id = order_id_mark;
  place.contract.symbol = order_symbol;
  place.contract.sec_type = "STK";
  place.contract.exchange = "SMART";
  place.contract.currency = "USD";
  place.order.action = "BUY";
  place.order.total_quantity = wire::Real::from_int(1);
  place.order.order_type = "LMT";
  place.order.lmt_price = *wire::Real::parse(order_limit);
  place.order.tif = "DAY";
  place.order.account = account_;
  place.order.order_ref = "belay-bench-0123456789ab";
  std::string frame;
  wire::encode(place, version_, frame);
  place_ = FrameTemplate(frame, {std::to_string(order_id_mark)});
}

std::int32_t BareGateway::place() {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, next_id_).ptr;
  place_.append(out_, {std::string_view(digits, static_cast<std::size_t>(end - digits))});
  return next_id_++;
}

void BareGateway::cancel(std::int32_t order_id) {
  wire::CancelOrder cancel;
  cancel.order_id = order_id;
  wire::encode(cancel, version_, out_);
}

base::Status<> BareGateway::flush() {
  while (sent_ < out_.size()) {
    const ssize_t put =
        ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0 && errno == EAGAIN) return base::ok();  // the rest goes after the next answer
    if (put < 0) return base::fail("send", std::strerror(errno));
    sent_ += static_cast<std::size_t>(put);
  }
  out_.clear();
  sent_ = 0;
  return base::ok();
}

base::Status<> BareGateway::read(const std::function<void(std::int32_t)>& working) {
  const ssize_t got = ::recv(socket_.get(), in_, sizeof in_, 0);
  if (got == 0) return base::fail("gateway", "closed the connection");
  if (got < 0) return base::ok();
  std::string_view bytes(in_, static_cast<std::size_t>(got));
  for (;;) {
    const auto step = reader_.next(bytes);
    if (step.status == wire::FrameReader::Status::broken) return base::fail("gateway", "frame");
    if (step.status == wire::FrameReader::Status::need_more) break;
    message(step.payload, working);
  }
  if (!refusal_.empty()) return base::fail("gateway", refusal_);
  return base::ok();
}

void BareGateway::message(std::string_view payload,
                          const std::function<void(std::int32_t)>& working) {
  std::array<std::string_view, 5> f;
  split_fields(payload, std::span(f).first(version_ == 0 ? 1 : 3));
  if (version_ == 0) {
    version_ = number(f[0]);
    wire::encode(wire::StartApi{client_id_, ""}, version_, out_);
    return;
  }
  switch (number(f[0])) {
    case wire::OrderStatus::msg_id:
      if (f[2] == "Submitted" || f[2] == "PreSubmitted") working(number(f[1]));
      break;
    case wire::NextValidId::msg_id:
      next_id_ = number(f[2]);
      break;
    case wire::ManagedAccts::msg_id:
      account_ = f[2].substr(0, f[2].find(','));
      break;
    case wire::ErrMsg::msg_id:
      note(payload);
      break;
    default:
      break;
  }
}

void BareGateway::note(std::string_view payload) {
  std::array<std::string_view, 5> f;
  split_fields(payload, f);
  const std::size_t at = version_ < 194 ? 2 : 1;
  const std::int32_t code = number(f[at + 1]);
  // A word about an order of ours that is no warning (2100 to 2199, 399) refuses it.
  if (first_id_ > 0 && number(f[at]) >= first_id_ && code != 399 && code / 100 != 21) {
    refusal_ = "refused an order: " + std::string(f[at + 1]) + " " + std::string(f[at + 2]);
  }
}

}  // namespace belay::bench
