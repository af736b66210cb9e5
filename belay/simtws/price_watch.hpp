// SPDX-License-Identifier: Apache-2.0
// PriceWatch: which resting orders a new quote may touch. Orders that wait for a price are kept
// sorted by it, so that a move of the market looks only at those that it reaches, however many
// rest. It decides nothing: the exchange looks again at each order that it names.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "belay/simtws/book.hpp"
#include "belay/simtws/market.hpp"

namespace belay::simtws {

class PriceWatch {
 public:
  /// Puts the order where its state says, moves it or takes it away.
  void watch(const SimOrder& order);
  void forget(PermId perm_id);
  /// Orders of the contract that the quote may touch, oldest first.
  std::vector<PermId> touched(std::int32_t con_id, const Quote& quote) const;

 private:
  enum class List : std::uint8_t { buy_limits, sell_limits, buy_stops, sell_stops, always };
  struct Place {
    std::int32_t con_id = 0;
    List list = List::always;
    std::int64_t price = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  using ByPrice = std::set<std::pair<std::int64_t, PermId>>;

  static std::optional<Place> place_of(const SimOrder& order);
  ByPrice& list(const Place& place) {
    return lists_[place.con_id][static_cast<std::size_t>(place.list)];
  }

  std::map<PermId, Place> places_;
  std::map<std::int32_t, std::array<ByPrice, 5>> lists_;
};

}  // namespace belay::simtws
