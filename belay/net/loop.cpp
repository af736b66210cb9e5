// SPDX-License-Identifier: Apache-2.0
#include "belay/net/loop.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <utility>

#include "belay/net/loop_access.hpp"

namespace belay::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// More callbacks than this, or more time, and the turn function runs before the rest, so that busy
// sockets cannot hold back what waits for the end of the turn.
constexpr int turn_limit = 256;
constexpr auto turn_time = std::chrono::milliseconds(2);
constexpr auto spare_time = std::chrono::milliseconds(1);

struct TimerState {
  explicit TimerState(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
};

struct WatchState : std::enable_shared_from_this<WatchState> {
  WatchState(asio::io_context& context, int fd, std::function<void()> fn)
      : descriptor(context, fd), callback(std::make_shared<std::function<void()>>(std::move(fn))) {}
  WatchState(const WatchState&) = delete;
  WatchState& operator=(const WatchState&) = delete;
  ~WatchState() { descriptor.release(); }  // the descriptor is the caller's

  void wait() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [weak = weak_from_this()](error_code error) {
                            const auto self = weak.lock();
                            if (!self || error) return;
                            // Keeps the function alive while it drops its own handle.
                            const auto keep = self->callback;
                            (*keep)();
                            if (self.use_count() > 1) self->wait();
                          });
  }
  asio::posix::stream_descriptor descriptor;
  std::shared_ptr<std::function<void()>> callback;
};

struct SignalState : std::enable_shared_from_this<SignalState> {
  SignalState(asio::io_context& context, std::initializer_list<int> numbers,
              std::function<void(int)> fn)
      : signals(context), callback(std::move(fn)) {
    for (const int number : numbers) signals.add(number);
  }
  void wait() {
    signals.async_wait([weak = weak_from_this()](error_code error, int number) {
      const auto self = weak.lock();
      if (!self || error) return;
      self->callback(number);
      if (self.use_count() > 1) self->wait();
    });
  }
  asio::signal_set signals;
  std::function<void(int)> callback;
};

}  // namespace

namespace {
base::Duration since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}
base::Time wall_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return base::Time(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}
}  // namespace

struct Loop::Impl {
  base::Time started_at = wall_clock();
  const base::Duration started_after = since_boot();
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::function<void()> turn;
  std::function<bool()> spare;
  bool stopped = false;
  bool busy = false;  // there was spare work in the turn before
  std::unique_ptr<ReadBuffer> buffer = std::make_unique<ReadBuffer>();

  using Clock = std::chrono::steady_clock;
  void drain() {
    const auto end = Clock::now() + turn_time;
    for (int i = 0; i < turn_limit && !stopped; ++i) {
      if (context.poll_one() == 0 || Clock::now() >= end) break;
    }
    if (turn) turn();
    busy = spare && !stopped && spare();
    const auto spare_end = Clock::now() + spare_time;
    while (busy && !stopped && Clock::now() < spare_end && spare()) {
    }
  }
};

asio::io_context& LoopAccess::context(Loop& loop) {
  return loop.impl_->context;
}
ReadBuffer& LoopAccess::read_buffer(Loop& loop) {
  return *loop.impl_->buffer;
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() {
  while (run_turn()) {
  }
}

bool Loop::run_turn() {
  if (impl_->stopped) return false;
  if (!impl_->busy) impl_->context.run_one();
  impl_->drain();
  return !impl_->stopped;
}

bool Loop::poll() {
  if (impl_->context.poll_one() == 0 && !impl_->busy) return false;
  impl_->drain();
  return true;
}

void Loop::stop() {
  impl_->stopped = true;
  impl_->context.stop();
}
bool Loop::stopped() const {
  return impl_->stopped;
}

// The wall clock at the start plus the time that has passed since, suspends included: deadlines and
// the pacing window must not stop when somebody sets the clock back.
base::Time Loop::now() const {
  return impl_->started_at + (since_boot() - impl_->started_after);
}
base::Duration Loop::wall_clock_ahead() const {
  return wall_clock() - now();
}
void Loop::follow_wall_clock() {
  impl_->started_at = impl_->started_at + std::max(wall_clock_ahead(), base::Duration::zero());
}
base::Duration Loop::monotonic() const {
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch());
}

void Loop::post(std::function<void()> fn) {
  asio::post(impl_->context, std::move(fn));
}
void Loop::on_turn(std::function<void()> fn) {
  impl_->turn = std::move(fn);
}

void Loop::on_spare(std::function<bool()> fn) {
  impl_->spare = std::move(fn);
}

Handle Loop::at(base::Time time, std::function<void()> fn) {
  // At most a day at once, so that the sum never overflows the clock; the caller's deadline is
  // state of its own and is looked at again when the timer fires early.
  const base::Duration delay = std::min<base::Duration>(time - now(), std::chrono::hours(24));
  return after(std::max(delay, base::Duration::zero()), std::move(fn));
}

Handle Loop::after(base::Duration delay, std::function<void()> fn) {
  auto state = std::make_shared<TimerState>(impl_->context);
  state->timer.expires_after(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay));
  state->timer.async_wait(
      [weak = std::weak_ptr<TimerState>(state), fn = std::move(fn)](error_code error) {
        if (error || weak.expired()) return;
        fn();
      });
  return Handle(std::move(state));
}

Handle Loop::watch_fd(int fd, std::function<void()> fn) {
  auto state = std::make_shared<WatchState>(impl_->context, fd, std::move(fn));
  state->wait();
  return Handle(std::move(state));
}

Handle Loop::on_termination(std::function<void(int)> fn) {
  auto state = std::make_shared<SignalState>(
      impl_->context, std::initializer_list<int>{SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGPWR},
      std::move(fn));
  state->wait();
  return Handle(std::move(state));
}

Handle Loop::on_signal(int number, std::function<void()> fn) {
  auto state = std::make_shared<SignalState>(impl_->context, std::initializer_list<int>{number},
                                             [fn = std::move(fn)](int) { fn(); });
  state->wait();
  return Handle(std::move(state));
}

}  // namespace belay::net
