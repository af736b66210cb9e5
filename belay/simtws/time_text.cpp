// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/time_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace belay::simtws {
namespace {

using base::CivilTime;
using base::Duration;
using base::Time;
using std::chrono::hours;

int weekday_of(Time time) {
  std::int64_t days = time.unix_ns() / day_ns;
  if (time.unix_ns() < 0 && time.unix_ns() % day_ns != 0) --days;
  return static_cast<int>(((days + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
}

Time utc(int year, int month, int day, int hour) {
  return base::from_civil({year, month, day, hour, 0, 0, 0}).value_or(Time{});
}

// The n-th Sunday of a month at the given hour UTC.
Time nth_sunday(int year, int month, int n, int hour) {
  const Time first = utc(year, month, 1, hour);
  const int ahead = (7 - weekday_of(first)) % 7;
  return first + hours(24 * (ahead + 7 * (n - 1)));
}

Duration eastern_offset(Time time) {
  const int year = base::to_civil(time).year;
  const bool summer = time >= nth_sunday(year, 3, 2, 7) && time < nth_sunday(year, 11, 1, 6);
  return hours(summer ? -4 : -5);
}

bool digits(std::string_view text, int& out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return !text.empty() && error == std::errc() && stop == end && out >= 0;
}

}  // namespace

CivilTime to_eastern(Time time) {
  return base::to_civil(time + eastern_offset(time));
}

std::optional<Time> from_eastern(const CivilTime& civil) {
  const auto as_utc = base::from_civil(civil);
  if (!as_utc) return std::nullopt;
  const Time summer = *as_utc + hours(4);
  return eastern_offset(summer) == hours(-4) ? summer : *as_utc + hours(5);
}

int weekday(const CivilTime& civil) {
  return weekday_of(utc(civil.year, civil.month, civil.day, 0));
}

std::string ib_time(Time time) {
  const CivilTime c = to_eastern(time);
  return fmt::format("{:04}{:02}{:02} {:02}:{:02}:{:02} US/Eastern", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}

std::string ib_date(Time time) {
  return ib_time(time).substr(0, 8);
}

std::optional<Time> parse_ib_time(std::string_view text) {
  CivilTime c{0, 0, 0, 23, 59, 59, 0};
  if (text.size() < 8 || !digits(text.substr(0, 4), c.year) ||
      !digits(text.substr(4, 2), c.month) || !digits(text.substr(6, 2), c.day)) {
    return std::nullopt;
  }
  text.remove_prefix(8);
  if (text.empty()) return from_eastern(c);
  bool is_utc = text.front() == '-';
  while (!text.empty() && (text.front() == ' ' || text.front() == '-')) text.remove_prefix(1);
  if (text.size() < 8 || !digits(text.substr(0, 2), c.hour) ||
      !digits(text.substr(3, 2), c.minute) || !digits(text.substr(6, 2), c.second)) {
    return std::nullopt;
  }
  text.remove_prefix(8);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text == "UTC" || text == "GMT") is_utc = true;
  return is_utc ? base::from_civil(c) : from_eastern(c);
}

Time broker_day(Time time, int begins_minute, int days_before) {
  CivilTime civil = to_eastern(time);
  civil.hour = begins_minute / 60;
  civil.minute = begins_minute % 60;
  civil.second = 0;
  civil.nanosecond = 0;
  if (const auto today = from_eastern(civil); today && *today > time) ++days_before;
  // Whole days back on the calendar, where none has 23 or 25 hours.
  const Time as_utc = base::from_civil(civil).value_or(time) - hours(24 * days_before);
  return from_eastern(base::to_civil(as_utc)).value_or(time);
}

bool in_regular_hours(Time time) {
  const CivilTime c = to_eastern(time);
  const int day = weekday(c);
  const int minute = c.hour * 60 + c.minute;
  return day >= 1 && day <= 5 && minute >= 9 * 60 + 30 && minute < 16 * 60;
}

std::string dashed_time(Time time) {
  const CivilTime c = to_eastern(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} US/Eastern", c.year, c.month, c.day,
                     c.hour, c.minute, c.second);
}

Time next_regular_close(Time time) {
  CivilTime c = to_eastern(in_regular_hours(time) ? time : next_regular_open(time));
  c.hour = 16;
  c.minute = 0;
  c.second = 0;
  c.nanosecond = 0;
  return from_eastern(c).value_or(time);
}

Time next_regular_open(Time time) {
  for (int ahead = 0; ahead < 8; ++ahead) {
    CivilTime c = to_eastern(time + hours(24 * ahead));
    c.hour = 9;
    c.minute = 30;
    c.second = 0;
    c.nanosecond = 0;
    const auto open = from_eastern(c);
    const int day = weekday(c);
    if (open && *open > time && day >= 1 && day <= 5) return *open;
  }
  return time + hours(24);
}

namespace {

std::string week(Time time, std::string_view open, std::string_view close, int opens_days_before) {
  std::string out;
  for (int ahead = 0; ahead < 7; ++ahead) {
    const Time then = time + hours(24 * ahead);
    const std::string date = ib_date(then);
    const int day = weekday(to_eastern(then));
    if (!out.empty()) out.push_back(';');
    if (day == 0 || day == 6) {
      out += date + ":CLOSED";
    } else {
      out += fmt::format("{}:{}-{}:{}", ib_date(then - hours(24 * opens_days_before)), open, date,
                         close);
    }
  }
  return out;
}

}  // namespace

std::string hours_text(Time time, std::string_view open, std::string_view close) {
  return week(time, open, close, 0);
}

std::string overnight_hours_text(Time time, std::string_view open, std::string_view close) {
  return week(time, open, close, 1);
}

}  // namespace belay::simtws
