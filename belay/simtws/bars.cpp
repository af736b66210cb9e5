// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/bars.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::CivilTime;
using base::Time;

constexpr std::int64_t day_seconds = 86'400;

struct Named {
  std::string_view name;
  BarSize size;
};
constexpr auto second = BarSize::Unit::second;
constexpr std::array named{
    Named{"1 secs", {second, 1}},           Named{"1 sec", {second, 1}},
    Named{"5 secs", {second, 5}},           Named{"10 secs", {second, 10}},
    Named{"15 secs", {second, 15}},         Named{"30 secs", {second, 30}},
    Named{"1 min", {second, 60}},           Named{"2 mins", {second, 120}},
    Named{"3 mins", {second, 180}},         Named{"5 mins", {second, 300}},
    Named{"10 mins", {second, 600}},        Named{"15 mins", {second, 900}},
    Named{"20 mins", {second, 1'200}},      Named{"30 mins", {second, 1'800}},
    Named{"1 hour", {second, 3'600}},       Named{"2 hours", {second, 7'200}},
    Named{"3 hours", {second, 10'800}},     Named{"4 hours", {second, 14'400}},
    Named{"8 hours", {second, 28'800}},     Named{"1 day", {BarSize::Unit::day, 0}},
    Named{"1W", {BarSize::Unit::week, 0}},  Named{"1 week", {BarSize::Unit::week, 0}},
    Named{"1M", {BarSize::Unit::month, 0}}, Named{"1 month", {BarSize::Unit::month, 0}},
};

Time at_second(std::int64_t seconds) {
  return Time(seconds * 1'000'000'000);
}

std::int64_t eastern(const CivilTime& day, int hour, int minute) {
  const auto time = from_eastern({day.year, day.month, day.day, hour, minute, 0, 0});
  return time ? time->unix_ns() / 1'000'000'000 : 0;
}

// The trading of the day whose civil date is given; nothing when it is closed.
std::optional<Session> session_on(const Instrument& instrument, const CivilTime& day,
                                  const CivilTime& before, bool regular) {
  const std::string& type = instrument.sec_type;
  const int week_day = weekday(day);
  const bool closed = week_day == 0 || week_day == 6;
  Session out;
  out.date = ib_date(at_second(eastern(day, 12, 0)));
  if (type == "CRYPTO") {
    out.open = eastern(day, 0, 0);
    out.close = out.open + day_seconds;
    return out;
  }
  if (closed) return std::nullopt;
  const bool around_the_clock = type == "CASH" || (type == "FUT" && !regular);
  if (around_the_clock) {
    out.open = type == "CASH" ? eastern(before, 17, 15) : eastern(before, 18, 0);
    out.close = eastern(day, 17, 0);
  } else if (type == "FUT") {
    out.open = eastern(day, 9, 30);
    out.close = eastern(day, 17, 0);
  } else if (type == "STK" && !regular) {
    out.open = eastern(day, 4, 0);
    out.close = eastern(day, 20, 0);
  } else {
    out.open = eastern(day, 9, 30);
    out.close = eastern(day, 16, 0);
  }
  return out;
}

std::string_view group_of(const BarSize& size, const Session& session, std::string& out) {
  if (size.unit == BarSize::Unit::month) {
    out = session.date.substr(0, 6);
  } else {
    // Weeks by the number of their Monday: 1970-01-05 was one.
    out = std::to_string((session.close / day_seconds - 4) / 7);
  }
  return out;
}

std::int64_t shift_months(std::int64_t end, std::int64_t months) {
  const CivilTime civil = to_eastern(at_second(end));
  std::int64_t month = civil.year * 12LL + civil.month - 1 - months;
  CivilTime then = civil;
  then.year = static_cast<int>(month / 12);
  then.month = static_cast<int>(month % 12) + 1;
  for (; then.day > 27; --then.day) {
    if (from_eastern(then)) break;
  }
  const auto time = from_eastern(then);
  return time ? time->unix_ns() / 1'000'000'000 : end;
}

}  // namespace

const std::string_view legal_bar_sizes =
    "1 secs, 5 secs, 10 secs, 15 secs, 30 secs, 1 min, 2 mins, 3 mins, 5 mins, 10 mins, 15 mins, "
    "20 mins, 30 mins, 1 hour, 2 hours, 3 hours, 4 hours, 8 hours, 1 day, 1W, 1M";

std::optional<BarSize> parse_bar_size(std::string_view text) {
  const auto* found =
      std::find_if(named.begin(), named.end(), [&](const Named& one) { return one.name == text; });
  if (found == named.end()) return std::nullopt;
  return found->size;
}

std::optional<BarSpan> parse_span(std::string_view text) {
  BarSpan out;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out.count);
  const auto used = static_cast<std::size_t>(stop - text.data());
  if (error != std::errc{} || out.count <= 0 || out.count > 1'000'000) return std::nullopt;
  std::string_view unit = text.substr(used);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (unit.size() != 1 || std::string_view("SDWMY").find(unit.front()) == std::string_view::npos) {
    return std::nullopt;
  }
  out.unit = unit.front();
  return out;
}

std::vector<Session> sessions_of(const Instrument& instrument, std::int64_t from, std::int64_t to,
                                 bool regular) {
  std::vector<Session> out;
  // From noon to noon, so that the hour of a change of clocks matters to nobody.
  CivilTime day = to_eastern(at_second(from - day_seconds));
  for (std::int64_t noon = eastern(day, 12, 0); noon < to + 2 * day_seconds; noon += day_seconds) {
    const auto session = session_on(instrument, to_eastern(at_second(noon)),
                                    to_eastern(at_second(noon - day_seconds)), regular);
    if (session && session->close > from && session->open < to) out.push_back(*session);
  }
  return out;
}

std::int64_t begin_of(const BarSpan& span, const Instrument& instrument, std::int64_t end,
                      bool regular) {
  if (span.unit == 'W') return end - span.count * 7 * day_seconds;
  if (span.unit == 'M') return shift_months(end, span.count);
  if (span.unit == 'Y') return shift_months(end, span.count * 12);
  // Five trading days a week, and a reserve for where the end lies.
  const std::int64_t days = span.unit == 'D' ? span.count : span.count / 23'000 + 1;
  const std::int64_t from = end - (days * 7 / 5 + 7) * day_seconds;
  const auto sessions = sessions_of(instrument, from, end, regular);
  std::int64_t left = span.count;
  for (auto it = sessions.rbegin(); it != sessions.rend(); ++it) {
    const std::int64_t length = std::min(it->close, end) - it->open;
    if (span.unit == 'S' && length >= left) return std::min(it->close, end) - left;
    left -= span.unit == 'S' ? length : 1;
    if (left <= 0) return it->open;
  }
  return from;
}

std::vector<BarFrame> frames_of(const BarSize& size, const Instrument& instrument,
                                std::int64_t from, std::int64_t to, bool regular) {
  std::vector<BarFrame> out;
  std::string group;
  std::string last_group;
  for (Session session : sessions_of(instrument, from, to, regular)) {
    session.open = std::max(session.open, from);
    session.close = std::min(session.close, to);
    if (size.unit == BarSize::Unit::day) {
      out.push_back({{session}});
    } else if (!size.is_intraday()) {
      if (out.empty() || group_of(size, session, group) != last_group) out.push_back({});
      last_group = group_of(size, session, group);
      out.back().parts.push_back(session);
    } else {
      // On whole sizes since midnight; the first one of a session may be shorter.
      const std::int64_t midnight = eastern(to_eastern(at_second(session.open)), 0, 0);
      for (std::int64_t begin = session.open; begin < session.close;) {
        const std::int64_t next = midnight + ((begin - midnight) / size.seconds + 1) * size.seconds;
        const std::int64_t end = std::min(next, session.close);
        out.push_back({{Session{begin, end, session.date}}});
        begin = end;
      }
    }
  }
  return out;
}

}  // namespace belay::simtws
