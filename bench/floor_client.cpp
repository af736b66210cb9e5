// SPDX-License-Identifier: Apache-2.0
// The floor: the least a program can do between a decision and a broker's answer. It copies a
// prepared placeOrder frame, waits with epoll, looks for the orderStatus of its order ids, and
// keeps no state of any order. bare-fdatasync writes 512 bytes per order into a preallocated file
// and syncs each batch before its frames leave; bare-fdatasync-ack syncs a record of every answer
// too before it counts, which is what Belay promises its readers.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "belay/journal/unique_fd.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/frame.hpp"
#include "belay/tws/wire/handshake.hpp"
#include "bench/affinity.hpp"
#include "bench/client_options.hpp"
#include "bench/frame_template.hpp"
#include "bench/gateway_session.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;
using journal::UniqueFd;

constexpr std::size_t record_size = 512;
constexpr std::size_t file_records = 16'384;  // 8 MiB, overwritten in turn
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

/// A file whose blocks exist and were written, so that a sync changes no metadata.
class RawJournal {
 public:
  base::Status<> open(const std::string& dir) {
    const std::string path = dir + "/floor.journal";
    file_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const std::string zeros(record_size * file_records, '\0');
    if (!file_.valid() || ::pwrite(file_.get(), zeros.data(), zeros.size(), 0) < 0 ||
        ::fdatasync(file_.get()) != 0) {
      return base::fail(path, std::strerror(errno));
    }
    return base::ok();
  }
  void add() { pending_.append(record_size, 'r'); }
  bool sync() {
    if (pending_.empty()) return true;
    const auto size = static_cast<::off_t>(pending_.size());
    if (at_ + size > file_size) at_ = 0;
    const auto put = ::pwrite(file_.get(), pending_.data(), pending_.size(), at_);
    at_ += size;
    pending_.clear();
    return put == size && ::fdatasync(file_.get()) == 0;
  }

 private:
  UniqueFd file_;
  std::string pending_;
  ::off_t at_ = 0;
};

class FloorClient {
 public:
  explicit FloorClient(const ClientOptions& options)
      : options_(options),
        sync_orders_(options.mode != "bare"),
        sync_answers_(options.mode == "bare-fdatasync-ack"),
        meter_(options.orders, warm_up_of(options)),
        is_answered_(options.orders, 0) {}

  base::Result<Figures> run() {
    if (auto ready = prepare(); !ready) return base::Failure<base::Error>{ready.error()};
    while (!meter_.done()) {
      if (auto sent = send_more(); !sent) return base::Failure<base::Error>{sent.error()};
      if (auto got = wait(10'000); !got) return base::Failure<base::Error>{got.error()};
    }
    Figures figures = meter_.figures();
    if (options_.cancel_after) cancel_all();
    return figures;
  }

 private:
  base::Status<> prepare() {
    if (sync_orders_) {
      if (auto opened = journal_.open(options_.dir); !opened) return opened;
    }
    auto socket = connect_to(options_.host, options_.port);
    if (!socket) return base::Failure<base::Error>{socket.error()};
    socket_ = std::move(*socket);
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event{};
    event.events = EPOLLIN;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket_.get(), &event);
    wire::append_client_greeting({.min_version = wire::min_server_version,
                                  .max_version = wire::max_server_version,
                                  .connect_options = ""},
                                 out_);
    while (next_id_ == 0 || account_.empty()) {
      if (auto flushed = flush(); !flushed) return flushed;
      if (auto got = wait(10'000); !got) return got;
    }
    if (account_.front() != 'D') {
      return base::fail("account", account_ + " is not a paper account: no order is sent");
    }
    first_id_ = next_id_;
    make_template();
    return base::ok();
  }

  void make_template() {
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

  base::Status<> send_more() {
    const std::size_t before = submitted_;
    while (submitted_ < options_.orders &&
           submitted_ - meter_.acknowledged_total() < options_.outstanding) {
      meter_.sent(submitted_++);
      char digits[16];
      const auto end = std::to_chars(digits, digits + sizeof digits, next_id_++).ptr;
      place_.append(out_, {std::string_view(digits, static_cast<std::size_t>(end - digits))});
      if (sync_orders_) journal_.add();
    }
    if (submitted_ > before && sync_orders_ && !journal_.sync()) {
      return base::fail("journal", std::strerror(errno));
    }
    return flush();
  }

  base::Status<> flush() {
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

  base::Status<> wait(int timeout_ms) {
    epoll_event ready{};
    const int count = ::epoll_wait(epoll_.get(), &ready, 1, timeout_ms);
    if (count == 0) return base::fail("gateway", "no answer within 10 s");
    const ssize_t got = ::recv(socket_.get(), in_, sizeof in_, 0);
    if (got == 0) return base::fail("gateway", "closed the connection");
    if (got < 0) return base::ok();
    std::string_view bytes(in_, static_cast<std::size_t>(got));
    for (;;) {
      const auto step = reader_.next(bytes);
      if (step.status == wire::FrameReader::Status::broken) return base::fail("gateway", "frame");
      if (step.status == wire::FrameReader::Status::need_more) break;
      message(step.payload);
    }
    if (sync_answers_ && !journal_.sync()) return base::fail("journal", std::strerror(errno));
    for (const std::size_t order : answered_) meter_.acknowledged(order);
    answered_.clear();
    if (!refusal_.empty()) return base::fail("gateway", refusal_);
    return base::ok();
  }

  void message(std::string_view payload) {
    std::array<std::string_view, 5> f;
    split_fields(payload, std::span(f).first(version_ == 0 ? 1 : 3));
    if (version_ == 0) {
      version_ = number(f[0]);
      wire::encode(wire::StartApi{options_.client_id, ""}, version_, out_);
      return;
    }
    switch (number(f[0])) {
      case wire::OrderStatus::msg_id:
        if (f[2] == "Submitted" || f[2] == "PreSubmitted") answer(number(f[1]));
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

  // A gateway may say the same several times.
  void answer(std::int32_t order_id) {
    const auto order = static_cast<std::size_t>(order_id - first_id_);
    if (order_id < first_id_ || order >= submitted_ || is_answered_[order] != 0) return;
    is_answered_[order] = 1;
    answered_.push_back(order);
    if (sync_answers_) journal_.add();
  }

  void note(std::string_view payload) {
    std::array<std::string_view, 5> f;
    split_fields(payload, f);
    const std::size_t at = version_ < 194 ? 2 : 1;
    const std::int32_t code = number(f[at + 1]);
    // A word about an order of ours that is no warning (2100 to 2199, 399) refuses it.
    if (first_id_ > 0 && number(f[at]) >= first_id_ && code != 399 && code / 100 != 21) {
      refusal_ = "refused an order: " + std::string(f[at + 1]) + " " + std::string(f[at + 2]);
    }
  }

  void cancel_all() {
    for (std::int32_t id = first_id_; id < next_id_; ++id) {
      wire::CancelOrder cancel;
      cancel.order_id = id;
      wire::encode(cancel, version_, out_);
    }
    refusal_.clear();
    while (flush() && !out_.empty()) static_cast<void>(wait(1000).has_value());
  }

  const ClientOptions& options_;
  const bool sync_orders_;
  const bool sync_answers_;
  Meter meter_;
  RawJournal journal_;
  UniqueFd socket_;
  UniqueFd epoll_;
  wire::FrameReader reader_;
  FrameTemplate place_;
  int version_ = 0;
  std::string account_;
  std::string refusal_;
  std::int32_t first_id_ = 0;
  std::int32_t next_id_ = 0;
  std::size_t submitted_ = 0;
  std::vector<char> is_answered_;
  std::vector<std::size_t> answered_;
  std::string out_;
  std::size_t sent_ = 0;
  char in_[256 * 1024];
};

}  // namespace

base::Result<Figures> run_floor_client(const ClientOptions& options) {
  if (options.cpu) pin_to(*options.cpu);
  const auto client = std::make_unique<FloorClient>(options);
  return client->run();
}

}  // namespace belay::bench
