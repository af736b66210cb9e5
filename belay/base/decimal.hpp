// SPDX-License-Identifier: Apache-2.0
// Decimal: an exact count of 1e-8, range +-92,233,720,368.54775807. What does not fit is refused,
// never rounded. Price, Quantity and Money (model/) are distinct types over it; this file knows no
// trading.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belay::base {

__extension__ typedef __int128 Int128;

class Decimal {
 public:
  static constexpr int scale = 8;
  static constexpr std::int64_t one = 100'000'000;

  constexpr Decimal() = default;
  static constexpr Decimal from_units(std::int64_t units) { return Decimal(units); }
  /// A whole number; the caller guarantees |whole| <= 92,233,720,368.
  static constexpr Decimal from_int(std::int64_t whole) { return Decimal(whole * one); }
  constexpr std::int64_t units() const { return units_; }

  /// Plain decimal or scientific notation ("190.5", "-0.01", "1e-8", "+10E+0"). Nothing when the
  /// text is not a number, is out of range, or has digits beyond 1e-8.
  static std::optional<Decimal> parse(std::string_view text);
  /// Shortest plain form: "190.5", "-0.01", "0".
  std::string to_string() const;

  constexpr bool is_zero() const { return units_ == 0; }
  constexpr bool is_negative() const { return units_ < 0; }
  friend constexpr auto operator<=>(Decimal, Decimal) = default;
  friend constexpr bool operator==(Decimal, Decimal) = default;

  /// Sums and differences; nothing on overflow.
  static std::optional<Decimal> add(Decimal a, Decimal b);
  static std::optional<Decimal> sub(Decimal a, Decimal b);
  /// True when this is a whole multiple of `step` (step > 0).
  constexpr bool is_multiple_of(Decimal step) const { return units_ % step.units_ == 0; }

 private:
  constexpr explicit Decimal(std::int64_t units) : units_(units) {}
  std::int64_t units_ = 0;
};

/// Text of an exact count of 10^-scale in 128 bits; used for Money and for averages.
std::string to_string(Int128 units, int scale);

}  // namespace belay::base
