// SPDX-License-Identifier: Apache-2.0
// PricePast: the prices of an instrument before the simulation began, as a function of seed,
// contract and second. They are noise of several time scales, each a line between drawn points. So
// the past is the same at every question and joins the first quote of the live market without a
// leap. The highest and lowest price of any span lie on its ten-second grid, so bars of all sizes
// agree.
#pragma once

#include <array>
#include <cstdint>

#include "belay/base/decimal.hpp"
#include "belay/simtws/instrument.hpp"

namespace belay::simtws {

/// Prices and volume of a span of time. `count` are trades.
struct PriceBar {
  base::Decimal open;
  base::Decimal high;
  base::Decimal low;
  base::Decimal close;
  std::int64_t volume = 0;
  std::int64_t count = 0;
  /// Takes up what follows it.
  void extend(const PriceBar& next);
};

class PricePast {
 public:
  /// `anchor` is the second at which the price is the instrument's first bid.
  PricePast(std::uint64_t seed, const Instrument& instrument, std::int64_t anchor);

  /// Of the second, in Unix seconds; a whole number of ticks.
  base::Decimal at(std::int64_t second);
  /// Of [from, to), from < to; the close is the price at `to`.
  PriceBar bar(std::int64_t from, std::int64_t to);

 private:
  struct Scale {
    std::int64_t spacing = 0;    // seconds between drawn points
    std::int64_t amplitude = 0;  // in millionths of the price
    std::int64_t index = INT64_MIN;
    std::int64_t left = 0;
    std::int64_t right = 0;
  };
  std::int64_t offset(std::int64_t second);
  std::int64_t drawn(std::size_t scale, std::int64_t index) const;
  std::int64_t volume_until(std::int64_t second) const;

  std::uint64_t key_;
  base::Decimal first_;
  base::Decimal tick_;
  std::int64_t lot_ = 1;  // shares a second
  std::array<Scale, 10> scales_;
  std::int64_t base_ = 0;  // the offset at the anchor
};

}  // namespace belay::simtws
