// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/market.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "belay/simtws/bars.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;

// A leap of the clock (a test that sleeps over a weekend) is not walked step by step.
constexpr std::int64_t steps_at_once_max = 200;
constexpr std::int64_t slot_seconds = 5;
// The simulation's own names of combinations, above all contract ids of the market.
constexpr std::int32_t first_combination = 2'000'000'000;
constexpr std::int32_t combinations_max = 10'000;
constexpr std::size_t slots_max = 86'400 / slot_seconds;

Decimal plus_ticks(Decimal price, Decimal tick, std::int64_t count) {
  return Decimal::from_units(price.units() + tick.units() * count);
}

PriceBar flat(Decimal price) {
  return {price, price, price, price, 0, 0};
}

// The last second before the listing in which it traded: what was after that has no prices.
std::int64_t last_trade_before(const Instrument& instrument, std::int64_t listed_at) {
  constexpr std::int64_t two_weeks = 14 * 86'400;
  const auto sessions = sessions_of(instrument, listed_at - two_weeks, listed_at, true);
  return sessions.empty() ? listed_at : std::min(sessions.back().close, listed_at);
}

// A put falls when its underlying rises.
PriceBar option_bar(const Instrument& option, const PriceBar& under, base::Time at) {
  const auto value = [&](Decimal price) { return option_value(option, price, at); };
  PriceBar out{value(under.open),  value(under.high),      value(under.low),
               value(under.close), under.volume / 200 + 1, under.count / 200 + 1};
  if (out.high < out.low) std::swap(out.high, out.low);
  return out;
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
  if (instrument.walk == Walk::derived) options_[instrument.under_con_id].push_back(con_id);
  Listing listing{std::move(instrument), quote, seconds_of(now_), {}, quote.bid, {}, false, false};
  listings_.emplace(con_id, std::move(listing));
}

std::vector<std::int32_t> Market::advance(base::Time now) {
  std::vector<std::int32_t> changed;
  now_ = now;
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
    const Walk walk = listing.instrument.walk;
    if (walk == Walk::derived || walk == Walk::none) continue;
    const Quote before = listing.quote;
    for (std::int64_t i = 0; i < std::min(steps, steps_at_once_max); ++i) {
      move(listing, walk == Walk::shared ? prng_ : own_);
    }
    if (before.bid != listing.quote.bid || before.ask != listing.quote.ask ||
        before.last != listing.quote.last) {
      changed.push_back(con_id);
    }
  }
  return with_followers(std::move(changed));
}

std::vector<std::int32_t> Market::with_followers(std::vector<std::int32_t> moved) const {
  const std::size_t count = moved.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto chain = options_.find(moved[i]);
    if (chain == options_.end()) continue;
    for (const std::int32_t option : chain->second) {
      if (listings_.at(option).is_asked) moved.push_back(option);
    }
  }
  std::set<std::int32_t> combined;
  for (const std::int32_t leg : moved) {
    if (const auto with = combinations_.find(leg); with != combinations_.end()) {
      combined.insert(with->second.begin(), with->second.end());
    }
  }
  moved.insert(moved.end(), combined.begin(), combined.end());
  return moved;
}

base::Time Market::next_step() const {
  return step_.count() <= 0 || last_step_ == base::Time{} ? base::never : last_step_ + step_;
}

void Market::move(Listing& listing, base::Prng& prng) {
  Quote& quote = listing.quote;
  const Instrument& instrument = listing.instrument;
  const std::int64_t off =
      (quote.bid.units() - instrument.first_bid.units()) / instrument.tick.units();
  // One tick either way two times in five; far from home the way back is likelier.
  const std::uint64_t draw = prng.below(10);
  std::int64_t ticks = draw < 2 ? -1 : draw < 4 ? 1 : 0;
  if (draw == 4 && off > 20) ticks = -1;
  if (draw == 4 && off < -20) ticks = 1;
  const std::int64_t spread = prng.between(1, 2);
  quote.bid = plus_ticks(quote.bid, instrument.tick, ticks);
  quote.ask = plus_ticks(quote.bid, instrument.tick, spread);
  quote.bid_size = static_cast<std::int32_t>(prng.between(1, 9)) * 100;
  quote.ask_size = static_cast<std::int32_t>(prng.between(1, 9)) * 100;
  quote.last_size = static_cast<std::int32_t>(prng.between(1, 4)) * 100;
  if (quote.volume < 1'000'000'000) quote.volume += quote.last_size;
  trade_at(listing, prng.chance(50) ? quote.bid : quote.ask, quote.last_size);
}

void Market::trade_at(Listing& listing, Decimal price, std::int32_t size) {
  Quote& quote = listing.quote;
  PriceBar trade = flat(price);
  trade.volume = size;
  trade.count = 1;
  const std::int64_t begin = seconds_of(now_) / slot_seconds * slot_seconds;
  if (!listing.slots.empty() && listing.slots.back().begin == begin) {
    listing.slots.back().bar.extend(trade);
  } else {
    trade.open = quote.last;  // a bar begins where the one before it ended
    trade.high = std::max(price, quote.last);
    trade.low = std::min(price, quote.last);
    listing.slots.push_back({begin, trade});
  }
  if (listing.slots.size() > slots_max) {
    listing.before_slots = listing.slots.front().bar.close;
    listing.slots.pop_front();
  }
  quote.last = price;
  quote.high = std::max(quote.high, price);
  quote.low = std::min(quote.low, price);
}

std::vector<std::int32_t> Market::set_price(std::string_view symbol, Decimal bid, Decimal ask) {
  std::vector<std::int32_t> changed;
  if (bid <= Decimal{} || ask < bid) return changed;
  for (auto& [con_id, listing] : listings_) {
    const bool is_option = listing.instrument.walk == Walk::derived;
    if (listing.instrument.is_combination()) continue;  // its price is that of its legs
    const bool named = listing.instrument.local_symbol == symbol;
    if (!named && (is_option || listing.instrument.symbol != symbol)) continue;
    listing.is_fixed = is_option;
    listing.quote.bid = bid;
    listing.quote.ask = ask;
    trade_at(listing, bid, 0);
    changed.push_back(con_id);
  }
  return with_followers(std::move(changed));
}

void Market::price_option(Listing& listing) const {
  listing.is_asked = true;
  const Quote& under = *quote(listing.instrument.under_con_id);
  if (listing.is_fixed || listing.priced_at == under.bid) return;
  const bool is_first = listing.priced_at.is_zero();
  listing.priced_at = under.bid;
  Quote& quote = listing.quote;
  quote.bid = option_value(listing.instrument, under.bid, now_);
  quote.ask = plus_ticks(quote.bid, listing.instrument.tick, 2);
  quote.last = quote.bid;
  if (is_first) {
    quote.open = quote.high = quote.low = quote.close = quote.bid;
    quote.bid_size = 20;
    quote.ask_size = 20;
    quote.last_size = 1;
    quote.volume = 1'000;
  }
  quote.high = std::max(quote.high, quote.last);
  quote.low = std::min(quote.low, quote.last);
}

// Nothing when a leg is not listed, or when clients have named too many combinations.
const Instrument* Market::combine(const tws::wire::Contract& asked) {
  std::vector<ComboPart> legs = legs_of(asked);
  for (const ComboPart& leg : legs) {
    const Instrument* one = find(leg.con_id);
    if (one == nullptr || one->is_combination() || one->currency != asked.currency) return nullptr;
  }
  if (legs.empty() || asked.symbol.empty()) return nullptr;
  for (const std::int32_t known : combinations_[legs.front().con_id]) {
    const Instrument& one = listings_.at(known).instrument;
    if (one.legs == legs && one.symbol == asked.symbol) return &one;
  }
  if (combinations_count_ >= combinations_max) return nullptr;
  const std::int32_t con_id = first_combination + combinations_count_++;
  for (const ComboPart& leg : legs) combinations_[leg.con_id].push_back(con_id);
  list(combination(asked, std::move(legs), con_id));
  return find(con_id);
}

// Everybody trades its legs at their quotes: what is bought at the ask, what is sold at the bid.
void Market::price_combination(Listing& listing) const {
  std::int64_t bid = 0;
  std::int64_t ask = 0;
  for (const ComboPart& leg : listing.instrument.legs) {
    const Quote& one = *quote(leg.con_id);
    bid += leg.ratio * (leg.ratio > 0 ? one.bid : one.ask).units();
    ask += leg.ratio * (leg.ratio > 0 ? one.ask : one.bid).units();
  }
  Quote& out = listing.quote;
  out.bid = out.last = Decimal::from_units(bid);
  out.ask = Decimal::from_units(ask);
  if (!std::exchange(listing.is_asked, true)) out.open = out.high = out.low = out.close = out.bid;
  out.high = std::max(out.high, out.last);
  out.low = std::min(out.low, out.last);
}

// Its ends are the sums of the ends of its legs; what was between is not known of a sum.
std::optional<PriceBar> Market::combined_bar(const Instrument& instrument, std::int64_t from,
                                             std::int64_t to) const {
  std::int64_t open = 0;
  std::int64_t close = 0;
  for (const ComboPart& leg : instrument.legs) {
    const auto one = bar(leg.con_id, from, to);
    if (!one) return std::nullopt;
    open += leg.ratio * one->open.units();
    close += leg.ratio * one->close.units();
  }
  PriceBar out = flat(Decimal::from_units(open));
  out.extend(flat(Decimal::from_units(close)));
  return out;
}

const Instrument* Market::find(std::int32_t con_id) const {
  const auto it = listings_.find(con_id);
  return it == listings_.end() ? nullptr : &it->second.instrument;
}

const Quote* Market::quote(std::int32_t con_id) const {
  const auto it = listings_.find(con_id);
  if (it == listings_.end()) return nullptr;
  if (it->second.instrument.walk == Walk::derived) price_option(it->second);
  if (it->second.instrument.is_combination()) price_combination(it->second);
  return &it->second.quote;
}

std::vector<const Instrument*> Market::resolve(const tws::wire::Contract& asked) {
  std::vector<const Instrument*> out;
  if (asked.sec_type == "BAG") {
    if (const Instrument* one = combine(asked)) out.push_back(one);
    return out;
  }
  if (asked.con_id != 0) {
    const Instrument* known = find(asked.con_id);
    if (known != nullptr && selects(asked, *known)) out.push_back(known);
    return out;
  }
  for (const auto& [con_id, listing] : listings_) {
    if (selects(asked, listing.instrument)) out.push_back(&listing.instrument);
  }
  return out;
}

std::vector<const Instrument*> Market::all() const {
  std::vector<const Instrument*> out;
  for (const auto& [con_id, listing] : listings_) {
    if (!listing.instrument.is_combination()) out.push_back(&listing.instrument);
  }
  return out;
}

// What the walk did: the slots of the span, or the price that stood through it.
PriceBar Market::live_bar(const Listing& listing, std::int64_t from, std::int64_t to) const {
  const auto begins_before = [](const Slot& slot, std::int64_t second) {
    return slot.begin < second;
  };
  auto slot = std::lower_bound(listing.slots.begin(), listing.slots.end(), from, begins_before);
  PriceBar out =
      flat(slot == listing.slots.begin() ? listing.before_slots : std::prev(slot)->bar.close);
  for (; slot != listing.slots.end() && slot->begin < to; ++slot) out.extend(slot->bar);
  return out;
}

std::optional<PriceBar> Market::bar(std::int32_t con_id, std::int64_t from, std::int64_t to) const {
  const auto it = listings_.find(con_id);
  to = std::min(to, seconds_of(now_) + 1);
  if (it == listings_.end() || from >= to) return std::nullopt;
  const Listing& listing = it->second;
  if (listing.instrument.is_combination()) return combined_bar(listing.instrument, from, to);
  if (listing.instrument.walk == Walk::derived) {
    const auto under = bar(listing.instrument.under_con_id, from, to);
    if (!under) return std::nullopt;
    return option_bar(listing.instrument, *under, base::Time(to * 1'000'000'000));
  }
  std::optional<PriceBar> out;
  if (from < listing.listed_at) {
    const std::int64_t anchor = last_trade_before(listing.instrument, listing.listed_at);
    out = flat(listing.instrument.first_bid);
    if (from < anchor) {
      out = PricePast(seed_, listing.instrument, anchor).bar(from, std::min(to, anchor));
    }
  }
  if (to > listing.listed_at) {
    const PriceBar live = live_bar(listing, std::max(from, listing.listed_at), to);
    if (out) {
      out->extend(live);
    } else {
      out = live;
    }
  }
  return out;
}

}  // namespace belay::simtws
