// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/price_past.hpp"

#include <algorithm>

#include "belay/base/prng.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t grid = 10;  // every spacing is a multiple of it

// Spacing in seconds and amplitude in millionths, for a stock: about one percent a day, and a third
// of the price over years.
constexpr std::array<std::array<std::int64_t, 2>, 10> stock_scales{{
    {10, 60},
    {60, 150},
    {300, 350},
    {1'800, 1'000},
    {7'200, 2'500},
    {86'400, 5'000},
    {5 * 86'400, 12'000},
    {30 * 86'400, 40'000},
    {180 * 86'400, 60'000},
    {900 * 86'400, 80'000},
}};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

void PriceBar::extend(const PriceBar& next) {
  high = std::max(high, next.high);
  low = std::min(low, next.low);
  close = next.close;
  volume += next.volume;
  count += next.count;
}

PricePast::PricePast(std::uint64_t seed, const Instrument& instrument, std::int64_t anchor)
    : key_(base::Prng(seed ^ (static_cast<std::uint64_t>(instrument.con_id) << 20U)).next()),
      first_(instrument.first_bid),
      tick_(instrument.tick) {
  const std::int64_t percent = instrument.walk == Walk::none ? 0 : instrument.volatility;
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    scales_[i].spacing = stock_scales[i][0];
    // Of the wildest, too, the sum stays below the whole price.
    const std::int64_t wanted = stock_scales[i][1] * percent / 100;
    scales_[i].amplitude = std::min(wanted, std::max<std::int64_t>(stock_scales[i][1], 150'000));
  }
  lot_ = instrument.sec_type == "STK" ? 40 : instrument.sec_type == "FUT" ? 3 : 1;
  base_ = offset(anchor);
}

// In [-1 million, 1 million].
std::int64_t PricePast::drawn(std::size_t scale, std::int64_t index) const {
  base::Prng prng(key_ + scale * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(index));
  return static_cast<std::int64_t>(prng.next() % (2 * million + 1)) - million;
}

std::int64_t PricePast::offset(std::int64_t second) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    Scale& scale = scales_[i];
    const std::int64_t index = floor_div(second, scale.spacing);
    if (index != scale.index) {
      scale.index = index;
      scale.left = drawn(i, index);
      scale.right = drawn(i, index + 1);
    }
    const std::int64_t in = second - index * scale.spacing;
    const std::int64_t value =
        (scale.left * (scale.spacing - in) + scale.right * in) / scale.spacing;
    sum += value * scale.amplitude / million;
  }
  return sum;
}

Decimal PricePast::at(std::int64_t second) {
  const Int128 price = Int128{first_.units()} * (million + offset(second)) / (million + base_);
  const auto ticks = static_cast<std::int64_t>(price / tick_.units());
  return Decimal::from_units(std::max<std::int64_t>(ticks, 1) * tick_.units());
}

// Everything traded since 1970: it grows by between half a lot and one and a half each second.
std::int64_t PricePast::volume_until(std::int64_t second) const {
  const std::int64_t minute = floor_div(second, 60);
  const std::int64_t in = second - minute * 60;
  const std::int64_t left = drawn(16, minute);
  const std::int64_t right = drawn(16, minute + 1);
  const std::int64_t wave = (left * (60 - in) + right * in) / 60;
  return second * lot_ + wave * lot_ * 15 / million;
}

PriceBar PricePast::bar(std::int64_t from, std::int64_t to) {
  PriceBar out;
  out.open = out.high = out.low = at(from);
  for (std::int64_t second = (floor_div(from, grid) + 1) * grid; second < to; second += grid) {
    const Decimal price = at(second);
    out.high = std::max(out.high, price);
    out.low = std::min(out.low, price);
  }
  out.close = at(to);
  out.high = std::max(out.high, out.close);
  out.low = std::min(out.low, out.close);
  out.volume = std::max<std::int64_t>(volume_until(to) - volume_until(from), 1);
  out.count = std::max<std::int64_t>(out.volume / 8, 1);
  return out;
}

}  // namespace belay::simtws
