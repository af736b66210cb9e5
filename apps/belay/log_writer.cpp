// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/log_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace belay::app {

base::Time wall_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return base::Time(std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec);
}

namespace {

base::Result<int> open_file(const std::string& path) {
  // Without O_NONBLOCK the open itself would wait for the reader of a pipe.
  const int fd =
      ::open(path.c_str(),
             O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0) {
    const bool link = errno == ELOOP;
    return base::fail(path, link ? "is a symbolic link; name the file itself"
                                 : std::string(std::strerror(errno)));
  }
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return fd;
  ::close(fd);
  return base::fail(path, "is no ordinary file");
}

std::string lost(std::uint64_t lines, int error) {
  return fmt::format("{} warning {} lines of the log were lost: {}", base::to_rfc3339(wall_clock()),
                     lines,
                     error == 0 ? "nobody read them in time" : std::string(std::strerror(error)));
}

}  // namespace

struct LogWriter::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const int each : {fd, next_fd}) {
      if (each >= 0) ::close(each);
    }
  }
  std::string path;
  std::size_t bytes_max = 0;
  // Shared.
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable idle;
  std::deque<std::string> lines;
  std::size_t bytes = 0;
  bool busy = false;
  bool stop = false;
  int next_fd = -1;  ///< a file that was opened again
  std::atomic<std::uint64_t> dropped{0};
  std::uint64_t untold = 0;
  int error = 0;  ///< why; 0: there was no room
  // The thread's.
  int fd = -1;
  bool torn = false;  ///< the last line was written in part
};

base::Result<std::unique_ptr<LogWriter>> LogWriter::open(const Options& options) {
  auto state = std::make_shared<State>();
  state->bytes_max = options.bytes_max;
  state->path = options.path;
  if (options.path.empty()) {
    // A descriptor of our own: its number leads nowhere else, however long a write hangs.
    state->fd = ::fcntl(options.fd, F_DUPFD_CLOEXEC, 3);
    if (state->fd < 0) return base::fail("log", std::strerror(errno));
  } else {
    const auto fd = open_file(options.path);
    if (!fd) return base::Failure<base::Error>{fd.error()};
    state->fd = *fd;
  }
  // The thread takes no signals: SIGPIPE of a reader that is gone, SIGTTOU of a terminal that is
  // another's, SIGXFSZ. A blocked one lets the write go on or fail.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::string failed;
  try {
    std::thread([state] { run(state); }).detach();
  } catch (const std::exception& error) {
    failed = error.what();
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!failed.empty()) return base::fail("log", "its thread cannot be started: " + failed);
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(state)));
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
    state_->lines.clear();
  }
  state_->wake.notify_one();
}

void LogWriter::write(std::string_view line) noexcept {
  try {
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->bytes + line.size() < state_->bytes_max) {
        state_->lines.emplace_back(line);
        state_->bytes += line.size() + 1;
      } else {
        ++state_->untold;
        state_->dropped.fetch_add(1, std::memory_order_relaxed);
      }
    }
    state_->wake.notify_one();
  } catch (...) {
    state_->dropped.fetch_add(1, std::memory_order_relaxed);  // no memory for it
  }
}

base::Status<> LogWriter::reopen() {
  if (state_->path.empty()) return base::ok();
  const auto fd = open_file(state_->path);
  if (!fd) return base::Failure<base::Error>{fd.error()};
  const std::lock_guard lock(state_->mutex);
  if (state_->next_fd >= 0) ::close(state_->next_fd);
  state_->next_fd = *fd;
  return base::ok();
}

bool LogWriter::flush(std::chrono::milliseconds most) {
  std::unique_lock lock(state_->mutex);
  return state_->idle.wait_for(lock, most,
                               [this] { return state_->lines.empty() && !state_->busy; });
}

std::uint64_t LogWriter::dropped() const {
  return state_->dropped.load(std::memory_order_relaxed);
}

void LogWriter::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    state->wake.wait(lock, [&] { return !state->lines.empty() || state->stop; });
    if (state->next_fd >= 0) {
      ::close(state->fd);
      state->fd = std::exchange(state->next_fd, -1);
      state->torn = false;
    }
    if (state->lines.empty()) return;
    state->busy = true;
    const std::string line = std::move(state->lines.front());
    state->lines.pop_front();
    lock.unlock();
    put_line(*state, line);
    lock.lock();
    state->bytes -= line.size() + 1;
    state->busy = false;
    if (state->lines.empty()) state->idle.notify_all();
  }
}

void LogWriter::put_line(State& state, std::string_view line) {
  std::string bytes;
  std::uint64_t told = 0;
  {
    const std::lock_guard lock(state.mutex);
    told = state.untold;
    if (state.torn) bytes += '\n';
    if (told != 0) bytes += lost(told, state.error) + '\n';
  }
  bytes += line;
  bytes += '\n';
  const bool written = put(state, bytes);
  const int error = written ? 0 : errno;
  const std::lock_guard lock(state.mutex);
  state.error = error;
  if (written) {
    state.untold -= told;
  } else {
    ++state.untold;
    state.dropped.fetch_add(1, std::memory_order_relaxed);
  }
}

bool LogWriter::put(State& state, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(state.fd, bytes.data(), bytes.size());
    if (wrote > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
      state.torn = true;
    } else if (wrote < 0 && errno == EAGAIN) {
      pollfd ready{state.fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (wrote == 0 || errno != EINTR) {
      return false;
    }
  }
  state.torn = false;
  return true;
}

}  // namespace belay::app
