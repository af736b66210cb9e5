// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/demo_child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

namespace belay::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view address = "127.0.0.1:";

// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, const char* directory, const char* errors, int out,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  setpgid(0, 0);                        // Ctrl-C is for the demo, which then stops us in order
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = open("/dev/null", O_RDONLY);
  const int err = open(errors, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (in < 0 || err < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(127);
  if (chdir(directory) != 0) _exit(127);
  char path[] = "PATH=/usr/bin:/bin";
  char* const environment[] = {path, nullptr};
  execve("/proc/self/exe", arguments, environment);
  _exit(127);
}

std::string first_line(int fd, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  std::string line;
  while (line.find('\n') == std::string::npos) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{fd, POLLIN, 0};
    const int ready = left <= 0 ? 0 : poll(&entry, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    char buffer[512];
    const ssize_t got = ready > 0 ? read(fd, buffer, sizeof buffer) : 0;
    if (got <= 0) break;
    line.append(buffer, static_cast<std::size_t>(got));
  }
  return line;
}

}  // namespace

DemoChild::DemoChild(DemoChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_), out_(std::move(other.out_)) {}

DemoChild& DemoChild::operator=(DemoChild&& other) noexcept {
  if (this == &other) return *this;
  kill_9();
  pid_ = std::exchange(other.pid_, -1);
  port_ = other.port_;
  out_ = std::move(other.out_);
  return *this;
}

base::Result<DemoChild> DemoChild::start(const std::vector<std::string>& arguments,
                                         const std::string& directory, const std::string& name) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::fail(name, std::strerror(errno));
  DemoChild child;
  child.out_ = journal::UniqueFd(ends[0]);
  journal::UniqueFd to_parent(ends[1]);
  std::vector<std::string> words{"belay"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  const std::string errors = directory + "/" + name + ".err";
  const pid_t parent = getpid();
  child.pid_ = fork();
  if (child.pid_ == 0) become(raw.data(), directory.c_str(), errors.c_str(), ends[1], parent);
  if (child.pid_ < 0) return base::fail(name, std::strerror(errno));

  to_parent = journal::UniqueFd();  // only the child's end is open now: its death ends the pipe
  const std::string line = first_line(child.out_.get(), std::chrono::seconds(10));
  const auto at = line.find(address);
  if (at != std::string::npos) {
    const char* digits = line.data() + at + address.size();
    std::from_chars(digits, line.data() + line.size(), child.port_);
  }
  if (child.port_ == 0) return base::fail(name, "did not come up");
  return child;
}

bool DemoChild::alive() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void DemoChild::kill_9() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void DemoChild::stop() {
  if (!alive()) return;
  kill(pid_, SIGTERM);
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (alive() && Clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  kill_9();
}

}  // namespace belay::app
