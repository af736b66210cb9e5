// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alert_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

extern char** environ;

namespace belay::app {
namespace {

constexpr base::Duration reap_pause = std::chrono::milliseconds(20);

struct Spawn {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  Spawn() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

CommandSink::CommandSink(net::Loop& loop, Options options, Log log)
    : loop_(loop), options_(std::move(options)), log_(std::move(log)), queue_(options_.queue) {}

CommandSink::~CommandSink() {
  for (const auto& [pid, child] : children_) ::kill(-pid, SIGTERM);
}

void CommandSink::send(const views::Alert& alert) {
  queue_.push(alert, loop_.now());
  pump();
}

void CommandSink::pump() {
  while (auto attempt = queue_.take(loop_.now())) {
    std::string why;
    const pid_t pid = start(attempt->alert.json + "\n", why);
    if (pid <= 0) {
      ended(attempt->number, false, why);
      continue;
    }
    children_.emplace(pid, Child{attempt->number, loop_.now() + options_.timeout, false});
  }
  if (!children_.empty() && !reap_timer_.active()) {
    reap_timer_ = loop_.after(reap_pause, [this] { reap(); });
  }
  const base::Time next = queue_.next();
  if (next == base::never) return retry_timer_.cancel();
  retry_timer_ = loop_.at(next, [this] { pump(); });
}

// The input is in the pipe before the program starts, so that nothing is ever waited for: it is
// smaller than what a pipe holds (views::alert_json_max).
pid_t CommandSink::start(const std::string& input, std::string& why) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    why = fmt::format("no pipe: {}", std::strerror(errno));
    return 0;
  }
  const auto written = ::write(ends[1], input.data(), input.size());
  ::close(ends[1]);
  // The program reads as from any file: only we must not wait.
  ::fcntl(ends[0], F_SETFL, 0);
  Spawn spawn;
  posix_spawn_file_actions_adddup2(&spawn.files, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&spawn.files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&spawn.files, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&spawn.attributes, &none);
  posix_spawnattr_setsigdefault(&spawn.attributes, &all);
  posix_spawnattr_setpgroup(&spawn.attributes, 0);
  posix_spawnattr_setflags(&spawn.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> argv;
  for (std::string& word : options_.command) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      written == static_cast<ssize_t>(input.size())
          ? ::posix_spawnp(&pid, argv[0], &spawn.files, &spawn.attributes, argv.data(), environ)
          : EPIPE;
  ::close(ends[0]);
  if (error == 0) return pid;
  why = fmt::format("cannot run {}: {}", options_.command[0], std::strerror(error));
  return 0;
}

void CommandSink::reap() {
  reap_timer_.cancel();
  for (auto it = children_.begin(); it != children_.end();) {
    const auto [pid, child] = *it;
    int status = 0;
    const pid_t got = ::waitpid(pid, &status, WNOHANG);
    if (got == 0) {
      if (!child.killed && loop_.now() >= child.deadline) {
        ::kill(-pid, SIGKILL);
        it->second.killed = true;
      }
      ++it;
      continue;
    }
    it = children_.erase(it);
    const bool good = got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    std::string why;
    if (child.killed) {
      why = "it did not end in time and was killed";
    } else if (got == pid && WIFEXITED(status)) {
      why = fmt::format("it ended with status {}", WEXITSTATUS(status));
    } else {
      why = "it was killed by a signal";
    }
    ended(child.attempt, good, why);
  }
  pump();
}

void CommandSink::ended(std::uint64_t attempt, bool delivered, const std::string& why) {
  const bool given_up = queue_.done(attempt, delivered, loop_.now());
  if (delivered) return;
  log_(fmt::format("alert command {}: {}{}", options_.command[0], why,
                   given_up ? "; the alert is given up" : ""));
}

}  // namespace belay::app
