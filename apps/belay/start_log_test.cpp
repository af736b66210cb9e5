// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "belay/journal/test_dir.hpp"

namespace belay::app {

using namespace std::chrono_literals;

TEST_CASE("start log: starts count until one turns out well") {
  const journal::TestDir dir;
  const StartLog log(dir.path());
  base::Time now(1'795'000'000'000'000'000);
  CHECK(log.begin(now, 300s) == 0);
  CHECK(log.begin(now + 1s, 300s) == 1);
  CHECK(log.begin(now + 2s, 300s) == 2);
  log.good();
  CHECK(log.begin(now + 3s, 300s) == 0);
}

TEST_CASE("start log: what lies outside the window or in the future does not count") {
  const journal::TestDir dir;
  const StartLog log(dir.path());
  base::Time now(1'795'000'000'000'000'000);
  log.begin(now, 300s);
  CHECK(log.begin(now + 301s, 300s) == 0);
  CHECK(log.begin(now, 300s) == 0);
}

TEST_CASE("start log: a file that holds something else counts none") {
  const journal::TestDir dir;
  std::ofstream(dir.file("starts")) << "what is this\n";
  CHECK(StartLog(dir.path()).begin(base::Time(1), 300s) == 0);
}

}  // namespace belay::app
