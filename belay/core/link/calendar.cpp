// SPDX-License-Identifier: Apache-2.0
#include "belay/core/link/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace belay::core {
namespace {

using base::Time;
constexpr base::Duration day = std::chrono::hours(24);
constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};

// "23:45" -> minutes of the day; 24:00 is not one.
std::optional<int> clock_time(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<int> weekday(std::string_view text) {
  const auto found = std::find(weekdays.begin(), weekdays.end(), text);
  if (found == weekdays.end()) return std::nullopt;
  return static_cast<int>(found - weekdays.begin());
}

struct Point {
  std::optional<int> day;
  int minute = 0;
};
// "Sat 23:45" or "23:45".
std::optional<Point> point(std::string_view text) {
  Point out;
  if (const auto space = text.find(' '); space != std::string_view::npos) {
    out.day = weekday(text.substr(0, space));
    if (!out.day) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  const auto minute = clock_time(text);
  if (!minute) return std::nullopt;
  out.minute = *minute;
  return out;
}

// Midnight of the local date that `now` falls on, as a local reading, moved by whole days.
Time local_midnight(const base::Zone& zone, Time now, int days) {
  const base::CivilTime c = zone.to_civil(now);
  const auto midnight = base::from_civil({c.year, c.month, c.day, 0, 0, 0, 0});
  return midnight.value_or(Time()) + days * day;
}

std::string date_text(const base::CivilTime& c) {
  return fmt::format("{:04}{:02}{:02}", c.year, c.month, c.day);
}

}  // namespace

base::Result<Window> Window::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return base::fail("window",
                      fmt::format("{}; expected \"23:45-00:45 America/New_York\", \"Sat 23:45-Sun "
                                  "02:00 America/New_York\" or \"off\"",
                                  why));
  };
  const auto dash = text.find('-');
  const auto space = text.rfind(' ');
  if (dash == std::string_view::npos || space == std::string_view::npos || space < dash) {
    return wrong("begin, end and zone are needed");
  }
  const auto begin = point(text.substr(0, dash));
  const auto end = point(text.substr(dash + 1, space - dash - 1));
  if (!begin || !end) return wrong("the times cannot be read");
  if (begin->day.has_value() != end->day.has_value()) {
    return wrong("both times have a day of the week, or none has");
  }
  const auto zone = base::Zone::find(text.substr(space + 1));
  if (!zone) return wrong(zone.error().detail);
  Window out;
  out.weekday_ = begin->day;
  out.begin_minute_ = begin->minute;
  out.end_minute_ = end->minute;
  out.zone_ = *zone;
  if (begin->day) out.end_days_ = (*end->day - *begin->day + 7) % 7;
  if (out.end_days_ == 0 && end->minute <= begin->minute) {
    // Without days of the week an end before the begin is tomorrow's.
    if (begin->day || end->minute == begin->minute) return wrong("the window is empty");
    out.end_days_ = 1;
  }
  return out;
}

Window::Span Window::next(Time now) const {
  // The first that has not ended, of those that began up to a week ago or will within one.
  for (int days = -7; days <= 8; ++days) {
    const Time midnight = local_midnight(zone_, now, days);
    if (weekday_ && base::weekday_of(midnight) != *weekday_) continue;
    const Span span{zone_.earliest(midnight + std::chrono::minutes(begin_minute_)),
                    zone_.latest(midnight + end_days_ * day + std::chrono::minutes(end_minute_))};
    if (span.end > now) return span;
  }
  return {base::never, base::never};
}

Time Window::last_begin(Time now) const {
  for (int days = 1; days >= -8; --days) {
    const Time midnight = local_midnight(zone_, now, days);
    if (weekday_ && base::weekday_of(midnight) != *weekday_) continue;
    const Time begin = zone_.earliest(midnight + std::chrono::minutes(begin_minute_));
    if (begin <= now) return begin;
  }
  return {};
}

base::Result<DayEnd> DayEnd::parse(std::string_view text) {
  const auto space = text.find(' ');
  const auto minute = clock_time(text.substr(0, std::min(space, text.size())));
  if (!minute || space == std::string_view::npos) {
    return base::fail("day_end", "expected \"00:00 America/New_York\" or \"off\"");
  }
  const auto zone = base::Zone::find(text.substr(space + 1));
  if (!zone) return base::Failure<base::Error>{zone.error()};
  DayEnd out;
  out.minute_ = *minute;
  out.zone_ = *zone;
  return out;
}

std::string DayEnd::day(Time now) const {
  const base::CivilTime c = zone_.to_civil(now);
  const bool next_date = minute_ > 0 && c.hour * 60 + c.minute >= minute_;
  return date_text(base::to_civil(local_midnight(zone_, now, next_date ? 1 : 0)));
}

Time DayEnd::next(Time now) const {
  for (int days = 0; days <= 2; ++days) {
    const Time end =
        zone_.earliest(local_midnight(zone_, now, days) + std::chrono::minutes(minute_));
    if (end > now) return end;
  }
  return base::never;
}

Time DayEnd::last(Time now) const {
  for (int days = 1; days >= -2; --days) {
    const Time end =
        zone_.earliest(local_midnight(zone_, now, days) + std::chrono::minutes(minute_));
    if (end <= now) return end;
  }
  return {};
}

std::string_view name(Closed closed) {
  switch (closed) {
    case Closed::open:
      return "open";
    case Closed::daily_reset:
      return "daily_reset";
    case Closed::weekly_login:
      return "weekly_login";
  }
  return "open";
}

std::string_view words(Closed closed) {
  switch (closed) {
    case Closed::open:
      return "no window";
    case Closed::daily_reset:
      return "the broker's daily reset";
    case Closed::weekly_login:
      return "the broker's weekly log-in";
  }
  return "";
}

Calendar::State Calendar::at(Time now) const {
  State out;
  out.from = now;
  // The weekly one first: while both hold, it is the one that needs a person.
  const std::pair<const std::optional<Window>*, Closed> windows[] = {
      {&options_.weekly_login, Closed::weekly_login}, {&options_.daily_reset, Closed::daily_reset}};
  for (const auto& [window, closed] : windows) {
    if (!window->has_value()) continue;
    const Window::Span span = (*window)->next(now);
    const Time begin = span.begin - options_.reset_lead;
    if (now < begin) {
      out.until = std::min(out.until, begin);
      continue;
    }
    out.until = std::min(out.until, span.end);
    if (out.closed == Closed::open) out.closed = closed;
    out.opens = std::max(out.opens, span.end);
  }
  if (out.closed != Closed::open) {
    // A window that begins (with its lead) before this one ends goes on without a gap.
    constexpr int windows_in_a_row_max = 8;
    for (int i = 0; i < windows_in_a_row_max; ++i) {
      Time end = out.opens;
      for (const auto& entry : windows) {
        if (!entry.first->has_value()) continue;
        const Window::Span span = (*entry.first)->next(out.opens);
        if (span.begin - options_.reset_lead <= out.opens) end = std::max(end, span.end);
      }
      if (end == out.opens) break;
      out.opens = end;
    }
  }
  if (options_.day_end) {
    const Time end = options_.day_end->next(now);
    out.day = options_.day_end->day(now);
    out.day_ends = now >= end - options_.day_end_lead;
    out.until = std::min(out.until, out.day_ends ? end : end - options_.day_end_lead);
    out.lists_from = options_.day_end->last(now);
    if (options_.daily_reset) {
      const Time begin = options_.daily_reset->last_begin(now + options_.reset_lead);
      out.lists_from = std::max(*out.lists_from, begin - options_.reset_lead);
    }
  }
  return out;
}

}  // namespace belay::core
