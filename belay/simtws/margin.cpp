// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/margin.hpp"

#include <algorithm>

namespace belay::simtws {

using base::Decimal;
using base::Int128;

Int128 margin_of(const Instrument& instrument, Decimal price, Decimal quantity) {
  const Int128 value = Int128{price.units()} * quantity.units() * instrument.units;
  return (value < 0 ? -value : value) / (instrument.sec_type == "FUT" ? 15 : 4);
}

Int128 margin_change(const Instrument& instrument, Decimal held, Decimal market, Decimal traded,
                     Decimal price) {
  const auto size = [](Decimal value) { return std::max(value.units(), -value.units()); };
  const bool closes = !held.is_zero() && held.is_negative() != traded.is_negative();
  const std::int64_t closed = closes ? std::min(size(held), size(traded)) : 0;
  const auto opened = Decimal::from_units(size(traded) - closed);
  return margin_of(instrument, price, opened) -
         margin_of(instrument, market, Decimal::from_units(closed));
}

}  // namespace belay::simtws
