// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

#include "belay/journal/test_dir.hpp"

namespace belay::app {

using namespace std::chrono_literals;

namespace {
constexpr base::Time now(1'795'000'000'000'000'000);

std::size_t bad_before(const journal::TestDir& dir, base::Time at = now + 1s) {
  StartLog log(dir.path());
  return log.begin(at, 300s).bad_before;
}

// A process of its own begins a start and comes to an end; its status.
int end_of_start(const journal::TestDir& dir, const std::function<void()>& end) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    // The handlers of the test runner are not the daemon's.
    for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGTERM}) {
      std::signal(number, SIG_DFL);
    }
    StartLog log(dir.path());
    log.begin(now, 300s);
    end();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}
}  // namespace

TEST_CASE("start log: an abort counts, and so does a fault of the program") {
  for (const int number : {SIGABRT, SIGSEGV}) {
    CAPTURE(number);
    const journal::TestDir dir;
    const int status = end_of_start(dir, [number] {
      if (number == SIGABRT) std::abort();
      volatile int* nowhere = nullptr;
      *nowhere = 1;
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
    CHECK(bad_before(dir) == 1);
  }
}

TEST_CASE("start log: an exception that nobody catches counts") {
  const journal::TestDir dir;
  const int status =
      end_of_start(dir, [] { std::thread([] { throw std::runtime_error("nobody's"); }).join(); });
  CHECK(WIFSIGNALED(status));
  CHECK(bad_before(dir) == 1);
}

TEST_CASE("start log: a death from outside does not count, whatever the signal is called") {
  for (const int number : {SIGKILL, SIGTERM, SIGSEGV, SIGBUS}) {
    CAPTURE(number);
    const journal::TestDir dir;
    const int status = end_of_start(dir, [number] {
      ::kill(::getpid(), number);
      ::pause();
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
    CHECK(bad_before(dir) == 0);
  }
}

TEST_CASE("start log: bad ends count until one start turns out well") {
  const journal::TestDir dir;
  for (std::size_t i = 0; i < 3; ++i) {
    StartLog log(dir.path());
    CHECK(log.begin(now + i * 1s, 300s).bad_before == i);
    log.bad("the disk of this machine");
    log.bad("the disk of this machine");  // one end, one mark
  }
  CHECK(bad_before(dir, now + 4s) == 3);
  {
    StartLog log(dir.path());
    log.begin(now + 5s, 300s);
    log.good();
    log.bad("the disk of this machine");
  }
  CHECK(bad_before(dir, now + 6s) == 0);
}

TEST_CASE("start log: what lies outside the window or in the future does not count") {
  const journal::TestDir dir;
  {
    StartLog log(dir.path());
    log.begin(now, 300s);
    log.bad("the disk of this machine");
  }
  CHECK(bad_before(dir, now + 300s) == 1);
  CHECK(bad_before(dir, now - 1s) == 0);
}

TEST_CASE("start log: a file that holds something else counts none") {
  const journal::TestDir dir;
  std::ofstream(dir.file("starts")) << "what is this\n12 and more\n";
  CHECK(bad_before(dir) == 0);
}

TEST_CASE("start log: a start that cannot be noted is told, and a link is not followed") {
  const journal::TestDir dir;
  std::ofstream(dir.file("target")) << "precious";
  std::filesystem::create_symlink(dir.file("target"), dir.file("starts"));
  StartLog log(dir.path());
  CHECK(log.begin(now, 300s).cannot_note.find(dir.file("starts")) == 0);
  CHECK(std::filesystem::file_size(dir.file("target")) == 8);
}

TEST_CASE(
    "start log: the latest end says in its words why, and a fault, which has none, counts too") {
  const journal::TestDir dir;
  for (const char* words : {"the first", "journal.db:\n is no file of belay"}) {
    StartLog log(dir.path());
    log.begin(now, 300s);
    log.bad(words);
  }
  {
    StartLog log(dir.path());
    const auto begun = log.begin(now + 1s, 300s);
    CHECK(begun.bad_before == 2);
    CHECK(begun.last_words == "journal.db:\\n is no file of belay");
  }
  end_of_start(dir, [] { std::abort(); });
  StartLog log(dir.path());
  const auto begun = log.begin(now + 1s, 300s);
  CHECK(begun.bad_before == 3);
  CHECK(begun.last_words.empty());
}

}  // namespace belay::app
