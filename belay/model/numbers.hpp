// SPDX-License-Identifier: Apache-2.0
// Exact numbers of trading. Price may be negative, Quantity never is. Price x Quantity goes through
// 128 bits.
//
//   Quantity + Quantity -> Quantity (checked)      Price x Quantity -> Notional (exact, 1e-16)
//   Notional / Quantity -> Price text (exact where finite, else 12 places)
#pragma once

#include <optional>
#include <string>

#include "belay/base/decimal.hpp"
#include "belay/base/strong.hpp"

namespace belay::model {

using base::Decimal;
using base::Int128;

using Price = base::Strong<struct PriceTag, Decimal>;

class Quantity {
 public:
  constexpr Quantity() = default;
  /// Nothing when negative.
  static constexpr std::optional<Quantity> make(Decimal value) {
    if (value.is_negative()) return std::nullopt;
    return Quantity(value);
  }
  static constexpr Quantity from_int(std::int64_t whole) {
    return Quantity(Decimal::from_int(whole < 0 ? 0 : whole));
  }
  constexpr Decimal value() const { return value_; }
  constexpr bool is_zero() const { return value_.is_zero(); }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr bool operator==(Quantity, Quantity) = default;
  /// Saturates at the largest quantity instead of wrapping; the overfill alarm fires long before.
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.value_.units(), b.value_.units(), &sum)) sum = INT64_MAX;
    return Quantity(Decimal::from_units(sum));
  }
  /// a - b, zero when b is larger.
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    if (b >= a) return Quantity();
    return Quantity(Decimal::from_units(a.value_.units() - b.value_.units()));
  }

 private:
  constexpr explicit Quantity(Decimal value) : value_(value) {}
  Decimal value_;
};

/// Sum of price x quantity in units of 1e-16.
struct Notional {
  Int128 units = 0;
  friend bool operator==(const Notional&, const Notional&) = default;
};
constexpr Notional times(Price price, Quantity quantity) {
  return {Int128{price.value().units()} * quantity.value().units()};
}
/// What `part` cost each, when `total` pieces cost `average` each and the others cost `known` in
/// all; rounded half away from zero to 1e-8. Nothing for an empty part or beyond the range.
std::optional<Price> price_of_rest(Price average, Quantity total, Notional known, Quantity part);
/// The average price as text: exact when it ends within 12 decimals, else rounded half away from
/// zero at 12. Zero quantity gives "0".
std::string average_price(Notional total, Quantity quantity);

inline std::string to_string(Price price) {
  return price.value().to_string();
}
/// "?" for a price that nobody has told.
inline std::string to_string(const std::optional<Price>& price) {
  return price ? to_string(*price) : "?";
}
inline std::string to_string(Quantity quantity) {
  return quantity.value().to_string();
}

}  // namespace belay::model
