// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/demo_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "apps/belay/demo_story.hpp"

namespace belay::app {
namespace {

constexpr const char* demo_usage =
    "usage: belay demo [--once]\n\n"
    "Starts a simulated TWS and the daemon on free ports with a data directory of their own, "
    "places\n"
    "orders, kills the daemon twice with kill -9, and checks what is left. No account, network,\n"
    "settings or environment is used.\n\n"
    "  --once  ends after the checks; without it everything stays up until Ctrl-C\n\n"
    "Exit status: 0 every check held, 1 one did not, 2 wrong usage.\n";

// A directory of the demo, gone with everything in it when the demo ends.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::error_code failed;
    const auto parent = std::filesystem::temp_directory_path(failed);
    std::string name = (failed ? "/tmp" : parent.string()) + "/belay-demo-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Ctrl-C is held back until somebody asks, so that children and directory are always cleared away.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, nullptr);
  }
  bool came() const {
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGINT) != 0 || sigismember(&waiting, SIGTERM) != 0 ||
           sigismember(&waiting, SIGHUP) != 0;
  }
  /// True when one of them ended the wait.
  bool wait_a_second() const {
    const timespec second{1, 0};
    return sigtimedwait(&set_, nullptr, &second) > 0;
  }

 private:
  sigset_t set_{};
};

// What somebody can do now; ends with Ctrl-C or when one of the two processes ends.
void stay_up(DemoStory& story) {
  fmt::print(
      "\nEverything stays up until Ctrl-C. The daemon's API is http://127.0.0.1:{0}, for "
      "example:\n\n"
      "  curl -s http://127.0.0.1:{0}/api/v1/orders\n"
      "  curl -sN http://127.0.0.1:{0}/api/v1/events\n"
      "  curl -s http://127.0.0.1:{0}/api/v1/orders -H 'Content-Type: application/json' -d \\\n"
      "    '{{\"symbol\":\"AAPL\",\"action\":\"BUY\",\"order_type\":\"LMT\",\"quantity\":100,"
      "\"limit_price\":90}}'\n"
      "  API_PORT={0} belay orders\n",
      story.api_port());
  std::fflush(stdout);
}

}  // namespace

int run_demo_command(const std::vector<std::string>& flags) {
  bool once = false;
  for (const std::string& flag : flags) {
    if (flag == "--help" || flag == "-h") {
      fmt::print("{}", demo_usage);
      return 0;
    }
    if (flag != "--once") {
      fmt::print(stderr, "belay demo: unknown flag {}\n\n{}", flag, demo_usage);
      return 2;
    }
    once = true;
  }
  const HeldSignals signals;
  const TemporaryDirectory directory;
  if (directory.path().empty()) {
    fmt::print(stderr, "belay demo: no temporary directory can be made\n");
    return 1;
  }
  DemoStory story(directory.path(), [&signals] { return signals.came(); });
  const bool held = story.tell();
  if (!once && held) {
    stay_up(story);
    while (story.running() && !signals.wait_a_second()) {
    }
  }
  story.stop();
  return held ? 0 : 1;
}

}  // namespace belay::app
