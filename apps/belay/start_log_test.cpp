// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "belay/journal/test_dir.hpp"

namespace belay::app {

using namespace std::chrono_literals;

TEST_CASE("start log: starts count until one turns out well") {
  const journal::TestDir dir;
  const StartLog log(dir.path());
  base::Time now(1'795'000'000'000'000'000);
  CHECK(log.begin(now, 300s).bad_before == 0);
  CHECK(log.begin(now + 1s, 300s).bad_before == 1);
  CHECK(log.begin(now + 2s, 300s).bad_before == 2);
  log.good();
  CHECK(log.begin(now + 3s, 300s).bad_before == 0);
}

TEST_CASE("start log: what lies outside the window or in the future does not count") {
  const journal::TestDir dir;
  const StartLog log(dir.path());
  base::Time now(1'795'000'000'000'000'000);
  log.begin(now, 300s);
  CHECK(log.begin(now + 301s, 300s).bad_before == 0);
  CHECK(log.begin(now, 300s).bad_before == 0);
}

TEST_CASE("start log: a file that holds something else counts none") {
  const journal::TestDir dir;
  std::ofstream(dir.file("starts")) << "what is this\n";
  CHECK(StartLog(dir.path()).begin(base::Time(1), 300s).bad_before == 0);
}

TEST_CASE("start log: a start that cannot be noted is told, and those before it count") {
  const journal::TestDir dir;
  const StartLog log(dir.path());
  CHECK(log.begin(base::Time(1), 300s).not_noted == "");
  std::filesystem::create_directory(dir.file("starts.tmp"));
  const auto begun = log.begin(base::Time(2), 300s);
  CHECK(begun.bad_before == 1);
  CHECK(begun.not_noted == dir.file("starts") + ": Is a directory");
}

}  // namespace belay::app
