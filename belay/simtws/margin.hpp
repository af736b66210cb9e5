// SPDX-License-Identifier: Apache-2.0
// What the simulated broker asks as margin for a position: a fraction of its value, the same when
// it is opened and while it is held. Real margins are other numbers. What a client can learn here
// is that margins rise when a position grows and fall when it shrinks.
#pragma once

#include "belay/base/decimal.hpp"
#include "belay/simtws/instrument.hpp"

namespace belay::simtws {

/// Of so many shares or contracts, held or sold short, at this price: in 1e-16, never negative.
base::Int128 margin_of(const Instrument& instrument, base::Decimal price, base::Decimal quantity);
/// How it changes when a position of `held` takes an execution of `traded` (negative: a sale) at
/// `price`. What closes gives back what it was covered with at `market`.
base::Int128 margin_change(const Instrument& instrument, base::Decimal held, base::Decimal market,
                           base::Decimal traded, base::Decimal price);

}  // namespace belay::simtws
