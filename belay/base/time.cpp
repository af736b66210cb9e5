// SPDX-License-Identifier: Apache-2.0
#include "belay/base/time.hpp"

#include <fmt/format.h>

namespace belay::base {
namespace {
constexpr std::int64_t ns_per_second = 1'000'000'000;

// Reads exactly `width` digits at `pos`; -1 when they are not there.
int digits(std::string_view text, std::size_t pos, std::size_t width) {
  if (pos + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = pos; i < pos + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}
}  // namespace

CivilTime to_civil(Time time) {
  using namespace std::chrono;
  // Through whole seconds: a day rounded down from the earliest nanosecond would not fit.
  std::int64_t second_count = time.unix_ns() / ns_per_second;
  std::int64_t rest = time.unix_ns() % ns_per_second;
  if (rest < 0) {
    --second_count;
    rest += ns_per_second;
  }
  const auto day_count = floor<days>(seconds(second_count));
  const year_month_day date{sys_days(day_count)};
  const auto seconds_of_day = (seconds(second_count) - day_count).count();
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(seconds_of_day / 3600),
          .minute = static_cast<int>(seconds_of_day / 60 % 60),
          .second = static_cast<int>(seconds_of_day % 60),
          .nanosecond = static_cast<int>(rest)};
}

std::optional<Time> from_civil(const CivilTime& c) {
  using namespace std::chrono;
  // The range that int64 nanoseconds can hold, with room: 1678 .. 2262.
  if (c.year < 1700 || c.year > 2200 || c.month < 1 || c.day < 1) return std::nullopt;
  const year_month_day date{year(c.year), month(static_cast<unsigned>(c.month)),
                            day(static_cast<unsigned>(c.day))};
  if (!date.ok() || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 ||
      c.second > 60 || c.nanosecond < 0 || c.nanosecond >= ns_per_second) {
    return std::nullopt;
  }
  const std::int64_t day_seconds = sys_days(date).time_since_epoch().count() * std::int64_t{86400};
  const std::int64_t seconds = day_seconds + c.hour * 3600 + c.minute * 60 + c.second;
  return Time(seconds * ns_per_second + c.nanosecond);
}

std::string to_rfc3339(Time time) {
  const CivilTime c = to_civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.nanosecond);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  CivilTime c{};
  c.year = digits(text, 0, 4);
  c.month = digits(text, 5, 2);
  c.day = digits(text, 8, 2);
  c.hour = digits(text, 11, 2);
  c.minute = digits(text, 14, 2);
  c.second = digits(text, 17, 2);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  std::size_t pos = 19;
  if (text[pos] == '.') {
    ++pos;
    int scale = 100'000'000;
    const std::size_t begin = pos;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) {
      if (scale == 0) return std::nullopt;
      c.nanosecond += (text[pos] - '0') * scale;
      scale /= 10;
    }
    if (pos == begin) return std::nullopt;
  }
  const std::optional<Time> local = from_civil(c);
  if (!local || pos >= text.size()) return std::nullopt;
  if ((text[pos] == 'Z' || text[pos] == 'z') && pos + 1 == text.size()) return local;
  if (text[pos] != '+' && text[pos] != '-') return std::nullopt;
  const int hours = digits(text, pos + 1, 2);
  const int minutes = digits(text, pos + 4, 2);
  if (pos + 6 != text.size() || text[pos + 3] != ':' || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59) {
    return std::nullopt;
  }
  const auto offset = std::chrono::minutes(hours * 60 + minutes);
  return text[pos] == '+' ? *local - offset : *local + offset;
}

}  // namespace belay::base
