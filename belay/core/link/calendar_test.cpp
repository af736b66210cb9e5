// SPDX-License-Identifier: Apache-2.0
#include "belay/core/link/calendar.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::core;
using belay::base::Time;
using belay::test::utc;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Window window(const char* text) {
  const auto parsed = Window::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}
DayEnd day_end(const char* text) {
  const auto parsed = DayEnd::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}
void spans(const char* text, const char* now, const char* begin, const char* end) {
  CAPTURE(text);
  CAPTURE(now);
  const Window::Span span = window(text).next(utc(now));
  CHECK(belay::base::to_rfc3339(span.begin) == belay::base::to_rfc3339(utc(begin)));
  CHECK(belay::base::to_rfc3339(span.end) == belay::base::to_rfc3339(utc(end)));
}

constexpr const char* daily = "23:45-00:45 America/New_York";
constexpr const char* weekly = "Sat 23:45-Sun 02:00 America/New_York";

}  // namespace

TEST_CASE("calendar: a daily window holds over midnight, in summer and in winter") {
  spans(daily, "2026-01-15T12:00:00Z", "2026-01-16T04:45:00Z", "2026-01-16T05:45:00Z");
  spans(daily, "2026-07-15T12:00:00Z", "2026-07-16T03:45:00Z", "2026-07-16T04:45:00Z");
  // At its first moment, in its last second, and at its end.
  spans(daily, "2026-01-16T04:45:00Z", "2026-01-16T04:45:00Z", "2026-01-16T05:45:00Z");
  spans(daily, "2026-01-16T05:44:59Z", "2026-01-16T04:45:00Z", "2026-01-16T05:45:00Z");
  spans(daily, "2026-01-16T05:45:00Z", "2026-01-17T04:45:00Z", "2026-01-17T05:45:00Z");
}

TEST_CASE("calendar: a window that meets a change of the clocks is never too short") {
  // Spring: 02:30 does not exist, the window begins where the clocks went on.
  spans("02:30-03:30 America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z",
        "2026-03-08T07:30:00Z");
  // Autumn: 01:00 to 01:30 comes twice, and the window holds over both.
  spans("01:00-01:30 America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T05:00:00Z",
        "2026-11-01T06:30:00Z");
}

TEST_CASE("calendar: a weekly window comes once a week") {
  spans(weekly, "2026-11-23T00:00:00Z", "2026-11-29T04:45:00Z", "2026-11-29T07:00:00Z");
  spans(weekly, "2026-11-29T06:59:59Z", "2026-11-29T04:45:00Z", "2026-11-29T07:00:00Z");
  spans(weekly, "2026-11-29T07:00:00Z", "2026-12-06T04:45:00Z", "2026-12-06T07:00:00Z");
}

TEST_CASE("calendar: what cannot be read is refused with what was expected") {
  for (const char* bad : {"", "23:45", "23:45-00:45", "23:45-24:00 UTC", "23:45-00:45 Nowhere",
                          "Sat 23:45-02:00 UTC", "Xyz 23:45-Sun 02:00 UTC", "10:00-10:00 UTC",
                          "Sat 23:45-Sat 02:00 UTC", "2345-0045 UTC", "23:45 - 00:45 UTC"}) {
    CAPTURE(bad);
    const auto parsed = Window::parse(bad);
    REQUIRE(!parsed.has_value());
    CHECK(parsed.error().detail.find("expected") != std::string::npos);
  }
  CHECK(!DayEnd::parse("25:00 UTC").has_value());
  CHECK(!DayEnd::parse("17:00").has_value());
  CHECK(!DayEnd::parse("17:00 Nowhere").has_value());
}

TEST_CASE(
    "calendar: a day that ends at midnight has its own date, one that ends at 17:00 the next") {
  const DayEnd midnight = day_end("00:00 America/New_York");
  CHECK(midnight.day(utc("2026-11-25T04:59:59Z")) == "20261124");
  CHECK(midnight.day(utc("2026-11-25T05:00:00Z")) == "20261125");
  CHECK(midnight.next(utc("2026-11-25T04:59:59Z")) == utc("2026-11-25T05:00:00Z"));
  CHECK(midnight.next(utc("2026-11-25T05:00:00Z")) == utc("2026-11-26T05:00:00Z"));
  const DayEnd evening = day_end("17:00 America/New_York");
  CHECK(evening.day(utc("2026-11-25T21:59:59Z")) == "20261125");
  CHECK(evening.day(utc("2026-11-25T22:00:00Z")) == "20261126");
}

TEST_CASE("calendar: new risk stops a lead before the window and opens at its end") {
  CalendarOptions options;
  options.daily_reset = window(daily);
  options.reset_lead = minutes(5);
  const Calendar calendar(options);
  const auto before = calendar.at(utc("2026-01-16T04:39:59Z"));
  CHECK(before.closed == Closed::open);
  CHECK(before.until == utc("2026-01-16T04:40:00Z"));
  const auto during = calendar.at(utc("2026-01-16T04:40:00Z"));
  CHECK(during.closed == Closed::daily_reset);
  CHECK(during.opens == utc("2026-01-16T05:45:00Z"));
  CHECK(calendar.at(during.opens).closed == Closed::open);
}

TEST_CASE("calendar: windows that touch are one, and it opens at the last end") {
  CalendarOptions options;
  options.daily_reset = window(daily);
  options.weekly_login = window(weekly);
  const Calendar calendar(options);
  const auto both = calendar.at(utc("2026-11-29T05:00:00Z"));
  CHECK(both.closed == Closed::weekly_login);
  CHECK(both.opens == utc("2026-11-29T07:00:00Z"));
  options.weekly_login = window("Sun 00:46-Sun 02:00 America/New_York");
  const auto first = Calendar(options).at(utc("2026-11-29T05:00:00Z"));
  CHECK(first.closed == Closed::daily_reset);
  CHECK(first.opens == utc("2026-11-29T07:00:00Z"));
}

TEST_CASE("calendar: without settings it is always open and has no day") {
  const auto state = Calendar().at(utc("2026-11-29T05:00:00Z"));
  CHECK(state.closed == Closed::open);
  CHECK(state.day.empty());
  CHECK(state.until == belay::base::never);
}

TEST_CASE("calendar: what it says holds until the moment that it names, over a whole year") {
  CalendarOptions options;
  options.daily_reset = window(daily);
  options.weekly_login = window(weekly);
  options.day_end = day_end("00:00 Europe/Zurich");
  const Calendar calendar(options);
  Time now = utc("2026-01-01T00:00:00Z");
  int edges = 0;
  while (now < utc("2027-01-01T00:00:00Z")) {
    const auto state = calendar.at(now);
    REQUIRE(state.until > now);
    const auto last = calendar.at(state.until - seconds(1));
    CHECK(last.closed == state.closed);
    CHECK(last.day == state.day);
    CHECK(last.day_ends == state.day_ends);
    now = state.until;
    ++edges;
  }
  CHECK(edges > 4 * 365);
}
