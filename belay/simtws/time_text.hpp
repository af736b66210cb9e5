// SPDX-License-Identifier: Apache-2.0
// Dates and times as a gateway in New York writes them, and when US stocks trade. The daylight
// saving rule of 2007 and later is built in; holidays are not known. Nothing here asks a clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "belay/base/time.hpp"

namespace belay::simtws {

inline constexpr std::int64_t day_ns = 86'400'000'000'000;

/// Whole seconds since 1970.
constexpr std::int64_t seconds_of(base::Time time) {
  return time.unix_ns() / 1'000'000'000;
}

/// The civil fields of New York at `time`.
base::CivilTime to_eastern(base::Time time);
/// The inverse; in the repeated hour of autumn the earlier one.
std::optional<base::Time> from_eastern(const base::CivilTime& civil);
/// 0 is Sunday.
int weekday(const base::CivilTime& civil);

/// "20260413 15:27:04 US/Eastern".
std::string ib_time(base::Time time);
/// "20260413" in New York.
std::string ib_date(base::Time time);
/// "YYYYMMDD hh:mm:ss [zone]" (New York unless the zone is UTC or GMT), "YYYYMMDD-hh:mm:ss" (UTC),
/// or a date alone (its end, New York).
std::optional<base::Time> parse_ib_time(std::string_view text);

/// When the broker's day of `time` began, or one so many days before it. A day begins so many
/// minutes after midnight in New York.
base::Time broker_day(base::Time time, int begins_minute, int days_before = 0);

/// Monday to Friday, 09:30 to 16:00 in New York.
bool in_regular_hours(base::Time time);
/// The next 09:30 of a weekday, later than `time`.
base::Time next_regular_open(base::Time time);
/// When regular trading ends next.
base::Time next_regular_close(base::Time time);
/// "2026-08-25 09:30:00 US/Eastern", as warnings write it.
std::string dashed_time(base::Time time);
/// Seven days from `time` as contractData writes them ("20260406:0930-20260406:1600;..."), closed
/// at weekends. The two texts are hhmm.
std::string hours_text(base::Time time, std::string_view open, std::string_view close);
/// The same for sessions that open on the evening before.
std::string overnight_hours_text(base::Time time, std::string_view open, std::string_view close);

}  // namespace belay::simtws
