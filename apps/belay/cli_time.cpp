// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_time.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>

#include "belay/base/time.hpp"
#include "belay/base/zone.hpp"

namespace belay::app {
namespace {

std::string formatted(base::Time time, const char* format) {
  const std::time_t since_epoch = time.unix_ns() / 1'000'000'000;
  std::tm fields{};
  if (localtime_r(&since_epoch, &fields) == nullptr) return base::to_rfc3339(time);
  char buffer[64];
  return std::string(buffer, std::strftime(buffer, sizeof buffer, format, &fields));
}

constexpr const char* date_and_clock = "%Y-%m-%d %H:%M:%S %Z";

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, value);
  if (error != std::errc() || end != begin + count) return std::nullopt;
  return value;
}

// The names that gateways write, by those that Zone knows.
std::string_view zone_name(std::string_view text) {
  if (text == "US/Eastern" || text == "EST" || text == "EDT" || text == "EST5EDT") {
    return "America/New_York";
  }
  if (text == "US/Central" || text == "CST" || text == "CDT") return "America/Chicago";
  if (text == "GMT" || text == "Z") return "UTC";
  return text;
}

// A zone of its own, such as EST5EDT or <+03>-3: a name and how far it is from UTC.
bool has_offset(std::string_view zone) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::size_t at = 0;
  if (!zone.empty() && zone.front() == '<') {
    at = std::min(zone.find('>'), zone.size() - 1) + 1;
  } else {
    while (at < zone.size() && is_letter(zone[at])) ++at;
  }
  if (at < 3) return false;
  if (at < zone.size() && (zone[at] == '+' || zone[at] == '-')) ++at;
  return at < zone.size() && zone[at] >= '0' && zone[at] <= '9';
}

std::optional<base::Time> broker_time(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 4, 2), day = digits(text, 6, 2);
  if (!year || !month || !day || text.size() < 17) return std::nullopt;
  const bool utc = text[8] == '-';
  std::string_view rest = text.substr(9);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const auto hour = digits(rest, 0, 2), minute = digits(rest, 3, 2), second = digits(rest, 6, 2);
  if (!hour || !minute || !second) return std::nullopt;
  const auto local = base::from_civil({*year, *month, *day, *hour, *minute, *second, 0});
  if (!local || utc) return local;
  if (rest.size() < 10) return std::nullopt;  // no zone: that of the gateway, which nobody told
  const auto zone = base::Zone::find(zone_name(rest.substr(9)));
  return zone ? std::optional(zone->earliest(*local)) : std::nullopt;
}

}  // namespace

void show_times_in_a_known_zone() {
  const char* set = std::getenv("TZ");
  if (set == nullptr || *set == '\0') return;
  const std::string_view name = *set == ':' ? set + 1 : set;
  const char* directory = std::getenv("TZDIR");
  const auto folder =
      std::filesystem::path(directory == nullptr ? "/usr/share/zoneinfo" : directory);
  std::error_code none;
  if (std::filesystem::is_regular_file(folder / name, none)) return;
  if (!has_offset(name)) show_times_in_utc();
}

void show_times_in_utc() {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
}

std::string shown_time(std::string_view text) {
  const auto time = base::parse_rfc3339(text);
  if (time && time->unix_ns() == 0) return "?";  // of an order that another program made, say
  return time ? formatted(*time, date_and_clock) : std::string(text);
}

std::string shown_clock(std::string_view text) {
  const auto time = base::parse_rfc3339(text);
  return time ? formatted(*time, "%H:%M:%S") : std::string(text);
}

std::string shown_broker_time(std::string_view text) {
  const auto time = broker_time(text);
  return time ? formatted(*time, date_and_clock) : std::string(text);
}

}  // namespace belay::app
