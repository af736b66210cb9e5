// SPDX-License-Identifier: Apache-2.0
// Bars as reqHistoricalData asks for them: sizes and durations in IB's words, the sessions of an
// instrument, and where bars begin and end in them. Times are Unix seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/simtws/instrument.hpp"

namespace belay::simtws {

struct BarSize {
  enum class Unit : std::uint8_t { second, day, week, month };
  Unit unit = Unit::second;
  std::int64_t seconds = 0;  // of Unit::second
  bool is_intraday() const { return unit == Unit::second; }
};
/// "1 secs" to "8 hours", "1 day", "1W" or "1 week", "1M" or "1 month".
std::optional<BarSize> parse_bar_size(std::string_view text);
/// All that parse_bar_size takes, as a gateway lists them in its refusal.
extern const std::string_view legal_bar_sizes;

/// "N S", "N D", "N W", "N M", "N Y" with N > 0.
struct BarSpan {
  std::int64_t count = 0;
  char unit = 'D';
};
std::optional<BarSpan> parse_span(std::string_view text);

struct Session {
  std::int64_t open = 0;
  std::int64_t close = 0;
  std::string date;  // YYYYMMDD of its end
};
/// The sessions that end after `from` and begin before `to`, oldest first. With `regular` only
/// regular hours. Holidays are not known.
std::vector<Session> sessions_of(const Instrument& instrument, std::int64_t from, std::int64_t to,
                                 bool regular);
/// When a span that ends at `end` begins: seconds and days of trading, or weeks, months and years
/// of the calendar.
std::int64_t begin_of(const BarSpan& span, const Instrument& instrument, std::int64_t end,
                      bool regular);

struct BarFrame {
  std::vector<Session> parts;  // what of sessions falls into it; the last one gives a day its date
};
/// The frames of all bars of [from, to), oldest first.
std::vector<BarFrame> frames_of(const BarSize& size, const Instrument& instrument,
                                std::int64_t from, std::int64_t to, bool regular);

}  // namespace belay::simtws
