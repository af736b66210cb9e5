// SPDX-License-Identifier: Apache-2.0
#include "belay/base/time.hpp"

#include <doctest/doctest.h>

#include "belay/base/prng.hpp"

using belay::base::CivilTime;
using belay::base::from_civil;
using belay::base::parse_rfc3339;
using belay::base::Time;
using belay::base::to_civil;
using belay::base::to_rfc3339;

TEST_CASE("time: known instants print as RFC 3339 with nine digits") {
  CHECK(to_rfc3339(Time(0)) == "1970-01-01T00:00:00.000000000Z");
  CHECK(to_rfc3339(Time(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(to_rfc3339(Time(1'795'253'400'000'000'001)) == "2026-11-21T09:30:00.000000001Z");
  CHECK(to_rfc3339(Time(951'782'400'000'000'000)) == "2000-02-29T00:00:00.000000000Z");
}

TEST_CASE("time: the ends of the range print without overflow") {
  CHECK(to_rfc3339(Time(INT64_MAX)) == "2262-04-11T23:47:16.854775807Z");
  CHECK(to_rfc3339(Time(INT64_MIN)) == "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("time: offsets, fractions and lower case are understood") {
  const Time noon = *parse_rfc3339("2026-11-21T12:00:00Z");
  CHECK(parse_rfc3339("2026-11-21T13:00:00+01:00") == noon);
  CHECK(parse_rfc3339("2026-11-21T06:30:00-05:30") == noon);
  CHECK(parse_rfc3339("2026-11-21t12:00:00z") == noon);
  CHECK(parse_rfc3339("2026-11-21 12:00:00Z") == noon);
  CHECK(parse_rfc3339("2026-11-21T12:00:00.5Z") == noon + std::chrono::milliseconds(500));
  CHECK(parse_rfc3339("2026-11-21T12:00:00.000000001Z") == noon + std::chrono::nanoseconds(1));
}

TEST_CASE("time: anything else is refused") {
  for (const char* text : {"",
                           "2026",
                           "2026-11-21",
                           "2026-11-21T12:00:00",
                           "2026-11-21T12:00:00.Z",
                           "2026-11-21T12:00:00.1234567890Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T12:60:00Z",
                           "2026-11-21T12:00:61Z",
                           "2026-11-21T12:00:00+1:00",
                           "2026-11-21T12:00:00+24:00",
                           "2026-11-21T12:00:00+01:60",
                           "2026-11-21T12:00:00+0100",
                           "2026-11-21T12:00:00Zx",
                           "2026/11/21T12:00:00Z",
                           "1600-01-01T00:00:00Z",
                           "2300-01-01T00:00:00Z",
                           "2026-11-21T12:00:00.5",
                           "2026-11-21T12:00:00+"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("time: no prefix of a good text is good, and none reads past its end") {
  const std::string_view good = "2026-11-21T12:00:00.123456789+01:00";
  REQUIRE(parse_rfc3339(good).has_value());
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string cut(good.substr(0, size));
    CAPTURE(cut);
    CHECK_FALSE(parse_rfc3339(cut).has_value());
  }
}

TEST_CASE("time: printing and parsing, civil fields and back, lose nothing") {
  belay::base::Prng prng(3);
  for (int i = 0; i < 10'000; ++i) {
    // 1700 .. 2200, what parse takes.
    const Time time(prng.between(-8'520'000'000'000'000'000, 7'258'000'000'000'000'000));
    REQUIRE(from_civil(to_civil(time)) == time);
    REQUIRE(parse_rfc3339(to_rfc3339(time)) == time);
  }
}

TEST_CASE("time: civil fields outside their range give nothing") {
  const CivilTime good{.year = 2026,
                       .month = 2,
                       .day = 28,
                       .hour = 23,
                       .minute = 59,
                       .second = 59,
                       .nanosecond = 999'999'999};
  CHECK(from_civil(good).has_value());
  const auto with = [&](auto change) {
    CivilTime c = good;
    change(c);
    return from_civil(c).has_value();
  };
  CHECK_FALSE(with([](CivilTime& c) { c.month = 0; }));
  CHECK_FALSE(with([](CivilTime& c) { c.month = -1; }));
  CHECK_FALSE(with([](CivilTime& c) { c.day = 29; }));
  CHECK_FALSE(with([](CivilTime& c) { c.hour = -1; }));
  CHECK_FALSE(with([](CivilTime& c) { c.minute = 60; }));
  CHECK_FALSE(with([](CivilTime& c) { c.nanosecond = 1'000'000'000; }));
}
