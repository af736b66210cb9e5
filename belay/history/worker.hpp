// SPDX-License-Identifier: Apache-2.0
// Worker: one thread that does jobs in their sequence, for reads and writes that may be slow
// (history, snapshots). The owner posts; results go back through whatever the job shares with it.
// The destructor does what is still queued.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace belay::history {

class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Starts the thread with the first job.
  void post(std::function<void()> job);
  /// Blocks until everything that was posted is done.
  void drain();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::deque<std::function<void()>> jobs_;
  bool working_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace belay::history
