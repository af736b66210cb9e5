// SPDX-License-Identifier: Apache-2.0
#include "bench/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

namespace belay::bench {

using journal::UniqueFd;

namespace {

[[noreturn]] void become(const Child::Options& options, char** argv, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out, STDOUT_FILENO);
  if (!options.log.empty()) {
    const int log = ::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(log, STDERR_FILENO);
  }
  if (!options.directory.empty()) {
    if (::chdir(options.directory.c_str()) != 0 || ::clearenv() != 0) ::_exit(127);
  }
  ::execv(argv[0], argv);
  ::_exit(127);
}

}  // namespace

base::Result<Child> Child::start(const Options& options) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail("pipe", std::strerror(errno));
  UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  std::vector<char*> argv;
  for (const std::string& word : options.command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return base::fail("fork", std::strerror(errno));
  if (pid == 0) become(options, argv.data(), write_end.get());
  return Child(pid, std::move(read_end));
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::move(other.out_)),
      text_(std::move(other.text_)) {}

Child::~Child() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> Child::line(int timeout_ms) {
  for (;;) {
    if (const std::size_t end = text_.find('\n'); end != std::string::npos) {
      std::string out = text_.substr(0, end);
      text_.erase(0, end + 1);
      return out;
    }
    pollfd readable{.fd = out_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, timeout_ms) <= 0) return std::nullopt;
    char buffer[4096];
    const ssize_t got = ::read(out_.get(), buffer, sizeof buffer);
    if (got <= 0) return std::nullopt;
    text_.append(buffer, static_cast<std::size_t>(got));
  }
}

std::int64_t Child::cpu_ns() const {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<std::int64_t>(used.tv_sec) * 1'000'000'000 + used.tv_nsec;
}

bool Child::succeeded() {
  int status = 0;
  return ::waitpid(std::exchange(pid_, -1), &status, 0) > 0 && status == 0;
}

std::string own_path() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace belay::bench
