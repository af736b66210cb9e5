// SPDX-License-Identifier: Apache-2.0
// Time is a value: nanoseconds since 1970-01-01T00:00:00Z. Nothing in the deterministic part asks
// for it; it arrives with each input.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belay::base {

using Duration = std::chrono::nanoseconds;

class Time {
 public:
  constexpr Time() = default;
  constexpr explicit Time(std::int64_t unix_ns) : unix_ns_(unix_ns) {}
  constexpr std::int64_t unix_ns() const { return unix_ns_; }
  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr bool operator==(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return Time(t.unix_ns_ + d.count()); }
  friend constexpr Time operator-(Time t, Duration d) { return Time(t.unix_ns_ - d.count()); }
  friend constexpr Duration operator-(Time a, Time b) { return Duration(a.unix_ns_ - b.unix_ns_); }

 private:
  std::int64_t unix_ns_ = 0;
};

/// Later than every other time: "no deadline".
inline constexpr Time never{INT64_MAX};

/// RFC 3339 in UTC with nine fractional digits: 2026-11-21T09:30:00.000000001Z.
std::string to_rfc3339(Time time);

/// Parses RFC 3339 (`Z` or a numeric offset, up to nine fractional digits). Nothing on bad input.
std::optional<Time> parse_rfc3339(std::string_view text);

/// The civil UTC fields of a time, for protocols that print dates their own way.
struct CivilTime {
  int year, month, day, hour, minute, second, nanosecond;
};
CivilTime to_civil(Time time);
/// The inverse of to_civil; fields outside their range give nothing.
std::optional<Time> from_civil(const CivilTime& civil);

}  // namespace belay::base
