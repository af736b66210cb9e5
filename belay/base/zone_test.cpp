// SPDX-License-Identifier: Apache-2.0
#include "belay/base/zone.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "belay/base/prng.hpp"

using namespace belay::base;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

Zone zone(const char* name) {
  const auto found = Zone::find(name);
  REQUIRE(found.has_value());
  return *found;
}
Time utc(const char* text) {
  const auto parsed = parse_rfc3339(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}
std::string shown(const char* name, Time time) {
  const CivilTime c = zone(name).to_civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}
// The clocks a second before a change and at it.
void changes(const char* name, const char* at, const char* before, const char* after) {
  CAPTURE(name);
  CHECK(shown(name, utc(at) - seconds(1)) == before);
  CHECK(shown(name, utc(at)) == after);
}

}  // namespace

TEST_CASE("zone: New York and Chicago change at their own two o'clock") {
  changes("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 01:59:59", "2026-03-08 03:00:00");
  changes("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01 01:59:59", "2026-11-01 01:00:00");
  changes("America/Chicago", "2026-03-08T08:00:00Z", "2026-03-08 01:59:59", "2026-03-08 03:00:00");
  changes("America/Chicago", "2026-11-01T07:00:00Z", "2026-11-01 01:59:59", "2026-11-01 01:00:00");
  // The second Sunday of March can be the 14th, the first of November the 7th.
  changes("America/New_York", "2027-03-14T07:00:00Z", "2027-03-14 01:59:59", "2027-03-14 03:00:00");
  changes("America/New_York", "2027-11-07T06:00:00Z", "2027-11-07 01:59:59", "2027-11-07 01:00:00");
}

TEST_CASE("zone: Europe changes at one moment, on the last Sundays of March and October") {
  changes("Europe/London", "2026-03-29T01:00:00Z", "2026-03-29 00:59:59", "2026-03-29 02:00:00");
  changes("Europe/London", "2026-10-25T01:00:00Z", "2026-10-25 01:59:59", "2026-10-25 01:00:00");
  for (const char* name : {"Europe/Zurich", "Europe/Berlin"}) {
    changes(name, "2026-03-29T01:00:00Z", "2026-03-29 01:59:59", "2026-03-29 03:00:00");
    changes(name, "2026-10-25T01:00:00Z", "2026-10-25 02:59:59", "2026-10-25 02:00:00");
  }
  changes("Europe/Berlin", "2024-03-31T01:00:00Z", "2024-03-31 01:59:59", "2024-03-31 03:00:00");
}

TEST_CASE("zone: Sydney's summer spans the new year") {
  changes("Australia/Sydney", "2026-04-04T16:00:00Z", "2026-04-05 02:59:59", "2026-04-05 02:00:00");
  changes("Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04 01:59:59", "2026-10-04 03:00:00");
  CHECK(shown("Australia/Sydney", utc("2025-12-31T13:00:00Z")) == "2026-01-01 00:00:00");
}

TEST_CASE("zone: places without summer time keep their hour all year") {
  for (const char* moment : {"2026-01-15T00:00:00Z", "2026-07-15T00:00:00Z"}) {
    CHECK(zone("UTC").offset(utc(moment)) == hours(0));
    CHECK(zone("Asia/Tokyo").offset(utc(moment)) == hours(9));
    CHECK(zone("Asia/Hong_Kong").offset(utc(moment)) == hours(8));
    CHECK(zone("Asia/Singapore").offset(utc(moment)) == hours(8));
  }
}

TEST_CASE("zone: an hour that is skipped is the moment of the change") {
  const Time skipped = utc("2026-03-08T02:30:00Z");  // as a local reading
  CHECK(zone("America/New_York").earliest(skipped) == utc("2026-03-08T07:00:00Z"));
  CHECK(zone("America/New_York").latest(skipped) == utc("2026-03-08T07:00:00Z"));
  CHECK(zone("Australia/Sydney").earliest(utc("2026-10-04T02:00:00Z")) ==
        utc("2026-10-03T16:00:00Z"));
}

TEST_CASE("zone: an hour that is repeated has a first and a last moment") {
  const Time twice = utc("2026-11-01T01:30:00Z");
  CHECK(zone("America/New_York").earliest(twice) == utc("2026-11-01T05:30:00Z"));
  CHECK(zone("America/New_York").latest(twice) == utc("2026-11-01T06:30:00Z"));
  const Time once = utc("2026-11-01T02:00:00Z");
  CHECK(zone("America/New_York").earliest(once) == utc("2026-11-01T07:00:00Z"));
  CHECK(zone("America/New_York").latest(once) == utc("2026-11-01T07:00:00Z"));
}

TEST_CASE("zone: a local reading and its moment find each other") {
  Prng random(11);
  for (const char* name : {"UTC", "America/New_York", "America/Chicago", "Europe/London",
                           "Europe/Zurich", "Asia/Tokyo", "Australia/Sydney"}) {
    const Zone place = zone(name);
    for (int i = 0; i < 2000; ++i) {
      const Time moment(random.between(1'230'768'000, 2'208'988'800) * 1'000'000'000);
      const auto local = from_civil(place.to_civil(moment));
      REQUIRE(local.has_value());
      const bool found = place.earliest(*local) == moment || place.latest(*local) == moment;
      CHECK(found);
    }
  }
}

TEST_CASE("zone: an unknown name is told with the known ones") {
  const auto found = Zone::find("Mars/Olympus");
  REQUIRE(!found.has_value());
  CHECK(found.error().detail.find("Mars/Olympus") != std::string::npos);
  CHECK(found.error().detail.find("America/New_York, America/Chicago") != std::string::npos);
}

TEST_CASE("zone: days of the week, before 1970 too") {
  CHECK(weekday_of(Time(0)) == 4);
  CHECK(weekday_of(utc("2026-11-01T23:59:59Z")) == 0);
  CHECK(weekday_of(Time(-1)) == 3);
}
