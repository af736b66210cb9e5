// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/market.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace belay::simtws {
namespace {

using base::Decimal;

// A leap of the clock (a test that sleeps over a weekend) is not walked step by step.
constexpr std::int64_t steps_at_once_max = 200;
constexpr std::int64_t day_ns = 86'400'000'000'000;

Decimal plus_ticks(Decimal price, Decimal tick, std::int64_t count) {
  return Decimal::from_units(price.units() + tick.units() * count);
}

void trade_at(Quote& quote, Decimal price) {
  quote.last = price;
  quote.high = std::max(quote.high, price);
  quote.low = std::min(quote.low, price);
}

}  // namespace

void Market::list(Instrument instrument) {
  Quote quote;
  quote.bid = instrument.first_bid;
  quote.ask = plus_ticks(quote.bid, instrument.tick, instrument.sec_type == "STK" ? 2 : 1);
  quote.last = quote.open = quote.high = quote.low = quote.bid;
  quote.close = plus_ticks(quote.bid, instrument.tick, -3);
  quote.bid_size = 300;
  quote.ask_size = 500;
  quote.last_size = 100;
  quote.volume = 100'000;
  const std::int32_t con_id = instrument.con_id;
  listings_.emplace(con_id, Listing{std::move(instrument), quote});
}

std::vector<std::int32_t> Market::advance(base::Time now) {
  std::vector<std::int32_t> changed;
  if (const std::int64_t day = now.unix_ns() / day_ns; day != listed_day_) {
    listed_day_ = day;
    for (Instrument& instrument : default_instruments(now)) {
      if (find(instrument.con_id) == nullptr) list(std::move(instrument));
    }
  }
  if (last_step_ == base::Time{}) last_step_ = now;
  if (step_.count() <= 0 || now - last_step_ < step_) return changed;
  const std::int64_t steps = (now - last_step_) / step_;
  last_step_ = last_step_ + step_ * steps;
  for (auto& [con_id, listing] : listings_) {
    const Quote before = listing.quote;
    for (std::int64_t i = 0; i < std::min(steps, steps_at_once_max); ++i) move(listing);
    if (before.bid != listing.quote.bid || before.ask != listing.quote.ask ||
        before.last != listing.quote.last) {
      changed.push_back(con_id);
    }
  }
  return changed;
}

base::Time Market::next_step() const {
  return step_.count() <= 0 || last_step_ == base::Time{} ? base::never : last_step_ + step_;
}

void Market::move(Listing& listing) {
  Quote& quote = listing.quote;
  const Instrument& instrument = listing.instrument;
  const std::int64_t off =
      (quote.bid.units() - instrument.first_bid.units()) / instrument.tick.units();
  // One tick either way two times in five; far from home the way back is likelier.
  const std::uint64_t draw = prng_.below(10);
  std::int64_t ticks = draw < 2 ? -1 : draw < 4 ? 1 : 0;
  if (draw == 4 && off > 20) ticks = -1;
  if (draw == 4 && off < -20) ticks = 1;
  const std::int64_t spread = prng_.between(1, 2);
  quote.bid = plus_ticks(quote.bid, instrument.tick, ticks);
  quote.ask = plus_ticks(quote.bid, instrument.tick, spread);
  quote.bid_size = static_cast<std::int32_t>(prng_.between(1, 9)) * 100;
  quote.ask_size = static_cast<std::int32_t>(prng_.between(1, 9)) * 100;
  quote.last_size = static_cast<std::int32_t>(prng_.between(1, 4)) * 100;
  if (quote.volume < 1'000'000'000) quote.volume += quote.last_size;
  trade_at(quote, prng_.chance(50) ? quote.bid : quote.ask);
}

std::vector<std::int32_t> Market::set_price(std::string_view symbol, Decimal bid, Decimal ask) {
  std::vector<std::int32_t> changed;
  if (bid <= Decimal{} || ask < bid) return changed;
  for (auto& [con_id, listing] : listings_) {
    if (listing.instrument.symbol != symbol && listing.instrument.local_symbol != symbol) continue;
    listing.quote.bid = bid;
    listing.quote.ask = ask;
    trade_at(listing.quote, bid);
    changed.push_back(con_id);
  }
  return changed;
}

const Instrument* Market::find(std::int32_t con_id) const {
  const auto it = listings_.find(con_id);
  return it == listings_.end() ? nullptr : &it->second.instrument;
}

const Quote* Market::quote(std::int32_t con_id) const {
  const auto it = listings_.find(con_id);
  return it == listings_.end() ? nullptr : &it->second.quote;
}

std::vector<const Instrument*> Market::resolve(const tws::wire::Contract& asked) const {
  std::vector<const Instrument*> out;
  for (const auto& [con_id, listing] : listings_) {
    if (selects(asked, listing.instrument)) out.push_back(&listing.instrument);
  }
  return out;
}

}  // namespace belay::simtws
