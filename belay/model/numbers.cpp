// SPDX-License-Identifier: Apache-2.0
#include "belay/model/numbers.hpp"

namespace belay::model {

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
