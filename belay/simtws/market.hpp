// SPDX-License-Identifier: Apache-2.0
// Market: the prices of the simulation. When time passes they move in a seeded walk of whole ticks
// and are drawn back to where they began; a test sets them by hand; an option follows its
// underlying. The market remembers the prices of the last day, and knows those from before it
// began. It knows no order: who would trade at a price is the exchange's question.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/base/time.hpp"
#include "belay/simtws/instrument.hpp"
#include "belay/simtws/price_past.hpp"

namespace belay::simtws {

struct Quote {
  base::Decimal bid;
  base::Decimal ask;
  base::Decimal last;
  base::Decimal open;
  base::Decimal high;
  base::Decimal low;
  base::Decimal close;
  std::int32_t bid_size = 0;
  std::int32_t ask_size = 0;
  std::int32_t last_size = 0;
  std::int32_t volume = 0;
};

class Market {
 public:
  /// A `step` of zero is a market that stands still.
  Market(std::uint64_t seed, base::Duration step)
      : seed_(seed), prng_(seed), own_(seed ^ 0x6f776eU), step_(step) {}

  /// Tells the market the time: lists contracts (futures that have come to the front included) and
  /// moves prices. Returns the ids of contracts whose quote changed, in order; of options only
  /// those that were asked for.
  std::vector<std::int32_t> advance(base::Time now);
  /// When prices move next; `never` while they stand still.
  base::Time next_step() const;

  /// Sets the quote of every listed contract with this symbol (or local symbol), options by their
  /// local symbol alone; the last trade becomes the bid. Nothing is changed unless 0 < bid <= ask.
  /// Returns the ids.
  std::vector<std::int32_t> set_price(std::string_view symbol, base::Decimal bid,
                                      base::Decimal ask);

  const Instrument* find(std::int32_t con_id) const;
  const Quote* quote(std::int32_t con_id) const;
  /// What the words of a client select, in the order of contract ids. A combination of listed
  /// contracts is listed when it is first named.
  std::vector<const Instrument*> resolve(const tws::wire::Contract& asked);
  /// All but combinations.
  std::vector<const Instrument*> all() const;

  /// What the trades of [from, to) were, in Unix seconds; nothing when that has not begun yet. What
  /// of it is still to come is left out.
  std::optional<PriceBar> bar(std::int32_t con_id, std::int64_t from, std::int64_t to) const;

 private:
  /// The trades of five seconds.
  struct Slot {
    std::int64_t begin = 0;  // Unix seconds
    PriceBar bar;
  };
  struct Listing {
    Instrument instrument;
    Quote quote;
    std::int64_t listed_at = 0;  // Unix seconds; what was before is the past
    std::deque<Slot> slots;      // of the last day
    base::Decimal before_slots;  // the price when the oldest slot began
    base::Decimal priced_at;     // of an option: the underlying's bid when its quote was made
    bool is_asked = false;       // of an option or a combination: its quote was wanted
    bool is_fixed = false;       // of an option: by hand
  };
  void list(Instrument instrument);
  void move(Listing& listing, base::Prng& prng);
  void trade_at(Listing& listing, base::Decimal price, std::int32_t size);
  void price_option(Listing& listing) const;
  const Instrument* combine(const tws::wire::Contract& asked);
  void price_combination(Listing& listing) const;
  std::optional<PriceBar> combined_bar(const Instrument& instrument, std::int64_t from,
                                       std::int64_t to) const;
  /// What moved, and the options and combinations that moved with it.
  std::vector<std::int32_t> with_followers(std::vector<std::int32_t> moved) const;
  PriceBar live_bar(const Listing& listing, std::int64_t from, std::int64_t to) const;

  std::uint64_t seed_;
  base::Prng prng_;
  base::Prng own_;
  base::Duration step_;
  base::Time now_;
  base::Time last_step_;
  std::int64_t listed_day_ = -1;
  /// Options are priced when their quote is asked for.
  mutable std::map<std::int32_t, Listing> listings_;
  std::map<std::int32_t, std::vector<std::int32_t>> options_;       // by underlying
  std::map<std::int32_t, std::vector<std::int32_t>> combinations_;  // by leg
  std::int32_t combinations_count_ = 0;
};

}  // namespace belay::simtws
