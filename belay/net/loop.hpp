// SPDX-License-Identifier: Apache-2.0
// Loop: the one thread that owns the core, the sessions and the callers' sockets. It waits for
// sockets, timers, file descriptors and posted work, and calls back on that thread. It is the only
// source of real time of the daemon. It knows no protocol and no order; Boost.Asio stays behind it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "belay/base/time.hpp"

namespace belay::net {

struct LoopAccess;

/// A pending timer, watched descriptor or signal set. Dropping it cancels: the function is never
/// called afterwards, and it may drop its own handle while it runs.
class Handle {
 public:
  Handle() = default;
  explicit Handle(std::shared_ptr<void> guard) : guard_(std::move(guard)) {}
  void cancel() { guard_.reset(); }
  bool active() const { return guard_ != nullptr; }

 private:
  std::shared_ptr<void> guard_;
};

class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs until stop(). Each turn delivers what is ready, for at most two milliseconds and one
  /// callback more, and then calls the turn function, so that inputs that arrive together are
  /// handled together and none of them waits for all the others. Spare work follows.
  void run();
  /// Runs what is ready without waiting; true when anything ran. For tests and for shutting down.
  bool poll();
  /// Waits for at least one callback, then behaves as one turn of run(). False once stopped.
  bool run_turn();
  void stop();
  bool stopped() const;

  /// The wall clock when the loop was made plus the time passed since; it never goes back.
  base::Time now() const;
  /// How far the wall clock is ahead of now(): somebody has set it since.
  base::Duration wall_clock_ahead() const;
  /// Goes to the wall clock, when that is ahead. Deadlines between are due then.
  void follow_wall_clock();
  /// Never goes backwards; only differences mean anything.
  base::Duration monotonic() const;

  /// The only member that other threads may call. `fn` runs on the loop's thread.
  void post(std::function<void()> fn);
  /// Called at the end of every turn.
  void on_turn(std::function<void()> fn);
  /// Work that may wait, in small pieces: called again and again for about a millisecond of each
  /// turn, until it says that there is none. The loop waits for nothing while there is some.
  void on_spare(std::function<bool()> fn);

  /// Calls `fn` once. A time in the past means: in the next turn.
  [[nodiscard]] Handle at(base::Time time, std::function<void()> fn);
  [[nodiscard]] Handle after(base::Duration delay, std::function<void()> fn);
  /// Calls `fn` whenever `fd` is readable, for as long as the handle lives; `fn` must read it. The
  /// descriptor stays the caller's and must outlive the handle.
  [[nodiscard]] Handle watch_fd(int fd, std::function<void()> fn);
  /// Calls `fn` with the number on every signal that asks a process to end: SIGINT, SIGTERM,
  /// SIGQUIT, SIGXCPU (its time is used up) and SIGPWR.
  [[nodiscard]] Handle on_termination(std::function<void(int)> fn);
  /// Calls `fn` on every signal of this number.
  [[nodiscard]] Handle on_signal(int number, std::function<void()> fn);

 private:
  friend struct LoopAccess;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace belay::net
