// SPDX-License-Identifier: Apache-2.0
// Real: the exact decimal value of a floating number as the TWS wire writes it. It keeps the
// written scale ("190.50" prints "190.50"), knows "not given" and infinity, and never passes
// through a binary double. It does no arithmetic: whoever computes converts to base::Decimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "belay/base/decimal.hpp"

namespace belay::tws::wire {

class Real {
 public:
  enum class State : std::uint8_t { unset, finite, infinite, minus_infinite };

  /// How a gateway writes "not given", eighteen times in each openOrder.
  static constexpr std::string_view maximum_text = "1.7976931348623157E308";

  constexpr Real() = default;
  /// Plain or scientific notation, "Infinity", and every spelling of "not given": "", NaN and any
  /// magnitude of 1.79e308 or more. Nothing when the text is not a number.
  static std::optional<Real> parse(std::string_view text);
  /// As parse, for quantities: the integer maxima of 32 and 64 bits and the 64-bit minimum mean
  /// "not given" too.
  static std::optional<Real> parse_quantity(std::string_view text);
  static Real from_decimal(base::Decimal value);
  static constexpr Real from_int(std::int32_t value) { return Real(value, 0, State::finite); }
  static constexpr Real infinity() { return Real(0, 0, State::infinite); }

  constexpr State state() const { return state_; }
  constexpr bool is_set() const { return state_ != State::unset; }
  constexpr bool is_finite() const { return state_ == State::finite; }
  constexpr bool is_zero() const { return is_finite() && mantissa_ == 0; }
  constexpr bool is_negative() const {
    return (is_finite() && mantissa_ < 0) || state_ == State::minus_infinite;
  }
  /// True when digits beyond the 18 kept were not zero.
  constexpr bool is_inexact() const { return inexact_; }
  constexpr std::int64_t mantissa() const { return mantissa_; }
  constexpr std::int16_t exponent() const { return exponent_; }

  /// The value in steps of 1e-8; nothing when unset, infinite, inexact, or not exact in 1e-8.
  std::optional<base::Decimal> to_decimal() const;
  /// The nearest multiple of 1e-8, halves away from zero; nothing when unset, infinite or too
  /// large. For numbers that the other side computed as doubles: their noise is no part of the
  /// value.
  std::optional<base::Decimal> rounded() const;
  /// The written form ("190.50", "0.0", "Infinity"); empty when unset.
  std::string to_string() const;
  void append_to(std::string& out) const;

  /// Same writing: 1.0 and 1.00 differ. Compare to_decimal() for the value.
  friend constexpr bool operator==(const Real&, const Real&) = default;

 private:
  constexpr Real(std::int64_t mantissa, std::int16_t exponent, State state, bool inexact = false)
      : mantissa_(mantissa), exponent_(exponent), state_(state), inexact_(inexact) {}

  std::int64_t mantissa_ = 0;  // value = mantissa * 10^exponent, at most 18 digits
  std::int16_t exponent_ = 0;  // never positive unless the plain form has more than 18 digits
  State state_ = State::unset;
  bool inexact_ = false;
};

static_assert(sizeof(Real) == 16);
static_assert(std::is_trivially_copyable_v<Real>);

}  // namespace belay::tws::wire
