// SPDX-License-Identifier: Apache-2.0
// Calendar: when the broker is known to be away (its daily reset, the weekly log-in) and when its
// trading day ends, in the civil time of the broker's zone. Pure: a time goes in, what holds then
// comes out. What the core does about it is link/windows.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/base/zone.hpp"

namespace belay::core {

/// A span of civil time that comes every day or every week.
class Window {
 public:
  /// "23:45-00:45 America/New_York", "Sat 23:45-Sun 02:00 America/New_York". Error: field "window".
  static base::Result<Window> parse(std::string_view text);

  struct Span {
    base::Time begin;
    base::Time end;
  };
  /// The span that holds `now`, or the next one.
  Span next(base::Time now) const;
  /// The latest begin at or before `now`.
  base::Time last_begin(base::Time now) const;

 private:
  std::optional<int> weekday_;  // of its begin, 0 is Sunday; nothing: every day
  int begin_minute_ = 0;
  int end_minute_ = 0;
  int end_days_ = 0;  // days from the begin's to the end's
  base::Zone zone_;
};

/// A civil time of every day: "00:00 America/New_York".
class DayEnd {
 public:
  static base::Result<DayEnd> parse(std::string_view text);
  /// The day that trades at `now`, YYYYMMDD: it has the date on which it ends, or that of the day
  /// before when it ends at midnight.
  std::string day(base::Time now) const;
  /// The next end after `now`.
  base::Time next(base::Time now) const;
  /// The latest end at or before `now`.
  base::Time last(base::Time now) const;

 private:
  int minute_ = 0;
  base::Zone zone_;
};

struct CalendarOptions {
  std::optional<Window> daily_reset;
  std::optional<Window> weekly_login;
  std::optional<DayEnd> day_end;
  /// New risk stops this long before a window, so that what left has its answer when it begins.
  base::Duration reset_lead = std::chrono::minutes(2);
  /// Executions are asked for once more this long before the day ends: later the broker lists only
  /// those of the new day.
  base::Duration day_end_lead = std::chrono::minutes(30);
};

enum class Closed : std::uint8_t { open, daily_reset, weekly_login };
std::string_view name(Closed closed);
/// For people: "the broker's daily reset".
std::string_view words(Closed closed);

class Calendar {
 public:
  Calendar() = default;
  explicit Calendar(CalendarOptions options) : options_(std::move(options)) {}

  struct State {
    base::Time from;                 ///< what follows holds from here ...
    base::Time until = base::never;  ///< ... and not from here on
    Closed closed = Closed::open;
    base::Time opens;       ///< when closed: the end of the window, and of those that touch it
    std::string day;        ///< the trading day, YYYYMMDD; empty without a setting
    bool day_ends = false;  ///< within the lead before the day's end
    /// The broker's lists hold what was done since then: since the day began, and since the last
    /// daily reset did, for it may begin the lists anew at any of its moments. Nothing without a
    /// day's end: then nobody knows.
    std::optional<base::Time> lists_from;
  };
  State at(base::Time now) const;

 private:
  CalendarOptions options_;
};

}  // namespace belay::core
