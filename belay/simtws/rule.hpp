// SPDX-License-Identifier: Apache-2.0
// Rule: what the simulated broker does differently with the orders it matches. Plain values, filled
// by a scenario file or by a test; the exchange obeys them. The first rule that matches an order
// when it is placed stays with it for its life.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"

namespace belay::simtws {

/// One piece of a fill, so much later than the piece before (or than the acknowledgement).
struct FillPart {
  base::Decimal quantity;
  base::Duration after{};
  friend bool operator==(const FillPart&, const FillPart&) = default;
};

struct Rule {
  enum class Do : std::uint8_t {
    market,  ///< as the market decides
    rest,    ///< never fills
    fill,    ///< fills whatever the market says, in `parts` when given
    reject,  ///< refused with `code` and `text`
    drop,    ///< as if the placement had never arrived: no answer, no order, the id unused
  };
  enum class Ack : std::uint8_t { normal, none };
  /// In which state an order that works at once is first told: recordings differ.
  enum class First : std::uint8_t {
    by_market,      ///< Submitted
    pre_submitted,  ///< PreSubmitted, and nothing more until it trades
    both,           ///< PreSubmitted, then Submitted
  };
  enum class Disconnect : std::uint8_t {
    no,
    before_ack,  ///< the order is taken, the connection closes, nothing is said
    after_ack,   ///< the order is taken and acknowledged, then the connection closes
  };

  // Which orders; an empty text matches all.
  std::string symbol;
  std::string order_ref_prefix;
  std::string order_type;
  std::string side;                   ///< BUY or SELL
  std::optional<std::int32_t> nth;    ///< only the n-th order that the words above match, from 1
  std::optional<std::int32_t> times;  ///< at most so many orders

  // What happens to them.
  Do action = Do::market;
  std::vector<FillPart> parts;
  std::optional<base::Decimal> price;  ///< of the fill; else market, limit or quote
  std::int32_t code = 201;             ///< 0: Inactive, and no error says so
  std::string text;
  /// Not 0: the order works, and before its first openOrder comes an error with this code.
  std::int32_t warning_code = 0;
  std::string warning_text;
  Ack ack = Ack::normal;
  First first = First::by_market;
  bool tells_election = false;     ///< a trailing stop that is touched is told as Submitted
  base::Duration confirm_after{};  ///< while it is shut: from the first pair to the warning 399
  base::Duration ack_delay{};
  Disconnect disconnect = Disconnect::no;
  std::int32_t duplicates = 0;  ///< every openOrder + orderStatus pair so many times more
  friend bool operator==(const Rule&, const Rule&) = default;
};

}  // namespace belay::simtws
