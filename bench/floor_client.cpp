// SPDX-License-Identifier: Apache-2.0
// The floor: the least a program can do between a decision and a broker's answer. It copies a
// prepared placeOrder frame, waits with epoll, looks for the orderStatus of its order ids, and
// keeps no state of any order. bare-fdatasync writes 512 bytes per order into a preallocated file
// and syncs each batch before its frames leave; bare-fdatasync-ack syncs a record of every answer
// too before it counts, which is what Belay promises its readers.
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "bench/affinity.hpp"
#include "bench/bare_gateway.hpp"

namespace belay::bench {
namespace {

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
    if (auto opened = gateway_.open(options_); !opened) return opened;
    epoll_ = journal::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event{};
    event.events = EPOLLIN;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, gateway_.fd(), &event);
    return base::ok();
  }

  base::Status<> send_more() {
    const std::size_t before = submitted_;
    while (submitted_ < options_.orders &&
           submitted_ - meter_.acknowledged_total() < options_.outstanding) {
      meter_.sent(submitted_++);
      gateway_.place();
      if (sync_orders_) journal_.add();
    }
    if (submitted_ > before && sync_orders_ && !journal_.sync()) {
      return base::fail("journal", std::strerror(errno));
    }
    return gateway_.flush();
  }

  base::Status<> wait(int timeout_ms) {
    epoll_event ready{};
    const int count = ::epoll_wait(epoll_.get(), &ready, 1, timeout_ms);
    if (count == 0) return base::fail("gateway", "no answer within 10 s");
    if (auto got = gateway_.read([this](std::int32_t id) { answer(id); }); !got) return got;
    if (sync_answers_ && !journal_.sync()) return base::fail("journal", std::strerror(errno));
    for (const std::size_t order : answered_) meter_.acknowledged(order);
    answered_.clear();
    return base::ok();
  }

  // A gateway may say the same several times.
  void answer(std::int32_t order_id) {
    const auto order = static_cast<std::size_t>(order_id - gateway_.first_id());
    if (order_id < gateway_.first_id() || order >= submitted_ || is_answered_[order] != 0) return;
    is_answered_[order] = 1;
    answered_.push_back(order);
    if (sync_answers_) journal_.add();
  }

  void cancel_all() {
    for (std::int32_t id = gateway_.first_id(); id < gateway_.next_id(); ++id) gateway_.cancel(id);
    gateway_.forgive();
    while (gateway_.flush() && !gateway_.flushed()) static_cast<void>(wait(1000).has_value());
  }

  const ClientOptions& options_;
  const bool sync_orders_;
  const bool sync_answers_;
  Meter meter_;
  RawJournal journal_;
  BareGateway gateway_;
  journal::UniqueFd epoll_;
  std::size_t submitted_ = 0;
  std::vector<char> is_answered_;
  std::vector<std::size_t> answered_;
};

}  // namespace

base::Result<Figures> run_floor_client(const ClientOptions& options) {
  if (options.cpu) pin_to(*options.cpu);
  const auto client = std::make_unique<FloorClient>(options);
  return client->run();
}

}  // namespace belay::bench
