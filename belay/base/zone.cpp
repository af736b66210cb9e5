// SPDX-License-Identifier: Apache-2.0
#include "belay/base/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace belay::base {

struct ZoneRow {
  enum class Summer : std::uint8_t { none, us, eu, au };
  std::string_view name;
  Duration standard;
  Summer summer;
};

namespace {

using std::chrono::hours;
using Summer = ZoneRow::Summer;
constexpr Duration day = hours(24);

// A change of the clocks: the nth Sunday of a month (5: the last), at an hour of standard time or
// of UTC.
struct Change {
  int month;
  int nth_sunday;
  int hour;
  bool in_utc;
};
struct SummerRule {
  Change begins;
  Change ends;
};

// US: 2:00 by the clocks that were right until then, so that the end is 1:00 of standard time.
constexpr SummerRule us_rule{{3, 2, 2, false}, {11, 1, 1, false}};
// EU: everywhere at the same moment.
constexpr SummerRule eu_rule{{3, 5, 1, true}, {10, 5, 1, true}};
// South-east Australia: summer spans the new year.
constexpr SummerRule au_rule{{10, 1, 2, false}, {4, 1, 2, false}};

const SummerRule* rule_of(Summer summer) {
  switch (summer) {
    case Summer::none:
      return nullptr;
    case Summer::us:
      return &us_rule;
    case Summer::eu:
      return &eu_rule;
    case Summer::au:
      return &au_rule;
  }
  return nullptr;
}

Time date(int year, int month, int day_of_month) {
  return from_civil({year, month, day_of_month, 0, 0, 0, 0}).value_or(Time());
}

Time moment_of(const Change& change, int year, Duration standard) {
  // Counting back from the 7th of a month, or from the last day, meets the Sunday.
  constexpr int last_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int latest_day =
      change.nth_sunday == 5 ? last_days[change.month - 1] : 7 * change.nth_sunday;
  const Time last = date(year, change.month, latest_day);
  const Time sunday = last - weekday_of(last) * day;
  const Time reading = sunday + hours(change.hour);
  return change.in_utc ? reading : reading - standard;
}

constexpr std::array zones{
    ZoneRow{"UTC", hours(0), Summer::none},
    ZoneRow{"America/New_York", hours(-5), Summer::us},
    ZoneRow{"America/Chicago", hours(-6), Summer::us},
    ZoneRow{"Europe/London", hours(0), Summer::eu},
    ZoneRow{"Europe/Zurich", hours(1), Summer::eu},
    ZoneRow{"Europe/Berlin", hours(1), Summer::eu},
    ZoneRow{"Asia/Hong_Kong", hours(8), Summer::none},
    ZoneRow{"Asia/Tokyo", hours(9), Summer::none},
    ZoneRow{"Asia/Singapore", hours(8), Summer::none},
    ZoneRow{"Australia/Sydney", hours(10), Summer::au},
};

}  // namespace

Zone::Zone() : row_(&zones.front()) {}

Result<Zone> Zone::find(std::string_view name) {
  std::string known;
  for (const ZoneRow& row : zones) {
    if (row.name == name) return Zone(&row);
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail("zone", fmt::format("the zone \"{}\" is not known; expected one of {}", name, known));
}

std::string_view Zone::name() const {
  return row_->name;
}

Duration Zone::offset(Time utc) const {
  const SummerRule* rule = rule_of(row_->summer);
  if (rule == nullptr) return row_->standard;
  const int year = base::to_civil(utc + row_->standard).year;
  const Time begins = moment_of(rule->begins, year, row_->standard);
  const Time ends = moment_of(rule->ends, year, row_->standard);
  const bool summer = begins < ends ? utc >= begins && utc < ends : utc >= begins || utc < ends;
  return summer ? row_->standard + hours(1) : row_->standard;
}

CivilTime Zone::to_civil(Time utc) const {
  return base::to_civil(utc + offset(utc));
}

Time Zone::earliest(Time local) const {
  const Time summer = local - row_->standard - hours(1);
  if (offset(summer) != row_->standard) return summer;
  const Time winter = local - row_->standard;
  if (offset(winter) == row_->standard) return winter;
  // Skipped by the change into summer: the clocks went on from there.
  const int year = base::to_civil(local).year;
  return moment_of(rule_of(row_->summer)->begins, year, row_->standard);
}

Time Zone::latest(Time local) const {
  const Time winter = local - row_->standard;
  return offset(winter) == row_->standard ? winter : earliest(local);
}

int weekday_of(Time local) {
  // 1970-01-01 was a Thursday; rounded down, for times before it.
  std::int64_t days = local.unix_ns() / day.count();
  if (local.unix_ns() % day.count() < 0) --days;
  return static_cast<int>(((days + 4) % 7 + 7) % 7);
}

}  // namespace belay::base
