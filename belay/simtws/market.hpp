// SPDX-License-Identifier: Apache-2.0
// Market: the prices of the simulation. A seeded walk in whole ticks, drawn back to where it began,
// moves them when time passes; a test sets them by hand. It knows no order: who would trade at a
// price is the exchange's question.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/base/time.hpp"
#include "belay/simtws/instrument.hpp"

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
  Market(std::uint64_t seed, base::Duration step) : prng_(seed), step_(step) {}

  /// Tells the market the time: lists contracts (futures that have come to the front included) and
  /// moves prices. Returns the ids of contracts whose quote changed, in order.
  std::vector<std::int32_t> advance(base::Time now);
  /// When prices move next; `never` while they stand still.
  base::Time next_step() const;

  /// Sets the quote of every listed contract with this symbol (or local symbol); the last trade
  /// becomes the bid. Nothing is changed unless 0 < bid <= ask. Returns the ids.
  std::vector<std::int32_t> set_price(std::string_view symbol, base::Decimal bid,
                                      base::Decimal ask);

  const Instrument* find(std::int32_t con_id) const;
  const Quote* quote(std::int32_t con_id) const;
  /// What the words of a client select, in the order of contract ids.
  std::vector<const Instrument*> resolve(const tws::wire::Contract& asked) const;

 private:
  struct Listing {
    Instrument instrument;
    Quote quote;
  };
  void list(Instrument instrument);
  void move(Listing& listing);

  base::Prng prng_;
  base::Duration step_;
  base::Time last_step_;
  std::int64_t listed_day_ = -1;
  std::map<std::int32_t, Listing> listings_;
};

}  // namespace belay::simtws
