// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "belay/base/line_text.hpp"

namespace belay::app {
namespace {

// What a handler of a signal may touch: a line that is ready, and where it goes.
std::atomic<int> mark_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);
char mark_line[24] = {};
std::size_t mark_size = 0;
char handler_stack[32 << 10];
constexpr std::size_t words_max = 400;

void note() {
  const int fd = mark_fd.exchange(-1);  // once
  if (fd < 0) return;
  const ssize_t wrote = ::write(fd, mark_line, mark_size);
  (void)wrote;
}

// abort() is how a failed check and an exception end. A fault counts when the program made it, not
// when somebody sent its signal.
void on_end(int number, siginfo_t* info, void*) {
  const bool from_outside = info->si_code <= 0;
  if (number == SIGABRT || !from_outside) note();
  // A fault happens again when the handler returns; what was sent is sent again. The handler is
  // gone by now (SA_RESETHAND).
  if (from_outside) ::raise(number);
}

void arm() {
  stack_t stack{};
  stack.ss_sp = handler_stack;
  stack.ss_size = sizeof handler_stack;
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_end;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND | SA_ONSTACK);
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    ::sigaction(number, &action, nullptr);
  }
}

// Lines of times, and what was said. Times from the future are of a clock that was set back since:
// they say nothing.
StartLog::Begun count_recent(std::string_view text, base::Time now, base::Duration window) {
  StartLog::Begun out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::int64_t at = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), at);
    const std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
    if (error != std::errc() || (!rest.empty() && rest.front() != ' ')) continue;
    if (at > now.unix_ns() || now.unix_ns() - at > window.count()) continue;
    ++out.bad_before;
    out.last_words = base::line_text(rest.substr(rest.empty() ? 0 : 1), words_max);
  }
  return out;
}

}  // namespace

StartLog::Begun StartLog::begin(base::Time now, base::Duration window) {
  constexpr std::size_t read_max = 64 << 10;
  const int fd = ::open(path_.c_str(),
                        O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return {0, "", path_ + ": " + std::strerror(errno)};
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink != 1) {
    ::close(fd);
    return {0, "", path_ + ": it is no ordinary file, or has a second name"};
  }
  std::string text(read_max, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  Begun begun = count_recent(text, now, window);
  if (begun.bad_before == 0 && ::ftruncate(fd, 0) != 0) begun.cannot_note = std::strerror(errno);
  const auto end = fmt::format_to_n(mark_line, sizeof mark_line, "{}\n", now.unix_ns());
  mark_size = end.size;
  mark_fd.store(fd);
  arm();
  return begun;
}

StartLog::~StartLog() {
  if (const int fd = mark_fd.exchange(-1); fd >= 0) ::close(fd);
}

void StartLog::bad(std::string_view words) const {
  const int fd = mark_fd.exchange(-1);
  if (fd < 0) return;
  const std::string line = fmt::format("{} {}\n", std::string_view(mark_line, mark_size - 1),
                                       base::line_text(words, words_max));
  const ssize_t wrote = ::write(fd, line.data(), line.size());
  (void)wrote;
}

void StartLog::good() {
  if (const int fd = mark_fd.exchange(-1); fd >= 0) ::close(fd);
  ::unlink(path_.c_str());
}

}  // namespace belay::app
