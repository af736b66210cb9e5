// SPDX-License-Identifier: Apache-2.0
#include "belay/model/numbers.hpp"

namespace belay::model {

std::optional<Price> price_of_rest(Price average, Quantity total, Notional known, Quantity part) {
  if (part.is_zero()) return std::nullopt;
  Int128 cost = 0;
  if (__builtin_sub_overflow(times(average, total).units, known.units, &cost)) return std::nullopt;
  const Int128 divisor = part.value().units();
  Int128 units = cost / divisor;
  Int128 rest = cost % divisor;
  if (rest < 0) rest = -rest;
  if (rest * 2 >= divisor) units += cost < 0 ? -1 : 1;
  if (units < INT64_MIN || units > INT64_MAX) return std::nullopt;
  return Price(Decimal::from_units(static_cast<std::int64_t>(units)));
}

std::string average_price(Notional total, Quantity quantity) {
  if (quantity.is_zero()) return "0";
  constexpr int places = 12;
  constexpr Int128 scale = 10'000;  // 1e-16 / 1e-8 leaves 1e-8; 12 places need 1e4 more
  const Int128 divisor = quantity.value().units();
  // Split to keep the product inside 128 bits for every quantity and price that exist.
  const Int128 whole = total.units / divisor;
  const Int128 rest = total.units % divisor;
  Int128 scaled = whole * scale + (rest * scale) / divisor;
  Int128 remainder = (rest * scale) % divisor;
  if (remainder < 0) remainder = -remainder;
  if (remainder * 2 >= divisor) scaled += total.units < 0 ? -1 : 1;
  return base::to_string(scaled, places);
}

}  // namespace belay::model
