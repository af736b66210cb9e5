// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/log_limiter.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace belay::app {

using namespace std::chrono_literals;

namespace {
constexpr base::Time start(1'795'000'000'000'000'000);

struct Written {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
};
// What a flood of `lines_a_second` leaves in the log within `seconds`.
template <class Text>
Written flood(LogLimiter& limiter, LineKind kind, int seconds, int lines_a_second, Text text) {
  Written out;
  const auto wrote = [&](const std::string& line) {
    ++out.lines;
    out.bytes += line.size();
  };
  for (int second = 0; second < seconds; ++second) {
    for (int i = 0; i < lines_a_second; ++i) {
      const base::Time now = start + second * 1s + i * (1s / lines_a_second);
      for (const std::string& line : limiter.counted(now)) wrote(line);
      const std::string line = text(second * lines_a_second + i);
      if (limiter.admit(kind, line, now)) wrote(line);
    }
  }
  return out;
}
}  // namespace

TEST_CASE("log limiter: what comes now and then is written whole") {
  LogLimiter limiter;
  const auto written = flood(limiter, LineKind::ordinary, 60, 15,
                             [](int i) { return fmt::format("notice {} about {}", i, i * 7); });
  CHECK(written.lines == 900);
  CHECK(limiter.left_out() == 0);
}

TEST_CASE("log limiter: lines that differ in numbers alone are counted, and the count is told") {
  LogLimiter limiter;
  const auto written = flood(limiter, LineKind::ordinary, 8, 20'000, [](int i) {
    return fmt::format("a message could not be read: field {} of {}", i, i);
  });
  CHECK(written.lines < 20 + 2 * 8);
  CHECK(limiter.left_out() > 159'000);
  const auto told = limiter.counted(start + 9s);
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("and 19999 more lines like: a message could not be read") == 0);
  CHECK(limiter.counted(start + 11s).empty());
}

TEST_CASE("log limiter: lines of which each is another cannot fill a disk either") {
  LogLimiter limiter;
  const auto written = flood(limiter, LineKind::ordinary, 30, 20'000, [](int i) {
    std::string noise(300, 'x');
    for (std::size_t at = 0; at < 16; ++at) {
      noise[at] = static_cast<char>('a' + ((i >> (at % 5 * 4)) + static_cast<int>(at)) % 26);
    }
    return noise;
  });
  CHECK(written.bytes < (1U << 20U) + 31U * (40U << 10U));
}

TEST_CASE("log limiter: ten thousand orders at once keep all their lines") {
  LogLimiter limiter;
  std::uint64_t written = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (limiter.admit(LineKind::order, fmt::format("order sent: order={}", i), start)) ++written;
  }
  CHECK(written == 20'000);
  CHECK_FALSE(limiter.admit(LineKind::order, "order fill: order=1", start));
  CHECK(limiter.admit(LineKind::order, "order fill: order=1", start + 1s));
  REQUIRE(limiter.counted(start + 2s).size() == 1);
}

TEST_CASE("log limiter: a clock that was set back stops nothing") {
  LogLimiter limiter;
  CHECK(limiter.admit(LineKind::ordinary, "one", start));
  CHECK(limiter.counted(start).empty());
  CHECK(limiter.admit(LineKind::ordinary, "two", start - 3600s));
  CHECK(limiter.counted(start - 3600s).empty());
  for (int i = 0; i < 100; ++i) limiter.admit(LineKind::ordinary, "three", start - 3600s);
  CHECK(limiter.counted(start - 3598s).size() == 1);
}

}  // namespace belay::app
