// SPDX-License-Identifier: Apache-2.0
// Reads and validates the words of a placeOrder. What the simulation acts on is taken out of them;
// what cannot be is refused with the code and text of the real server. Fields that are not modelled
// are only echoed.
#pragma once

#include <optional>
#include <string>

#include "belay/simtws/book.hpp"
#include "belay/simtws/instrument.hpp"

namespace belay::simtws {

/// An error message for the order id in question.
struct Refusal {
  std::int32_t code = 0;
  std::string text;
};

/// Fills the terms of `out` (side, kind, prices, quantity, time in force) from `asked`.
std::optional<Refusal> read_terms(const tws::wire::Order& asked, const Instrument& instrument,
                                  base::Time now, SimOrder& out);

/// Why the order is refused for one of its attributes or its algorithm, when its terms could be
/// read. Such an order stays with the gateway untransmitted, but for the last kinds of refusal.
struct AttributeRefusal {
  Refusal why;
  bool stays = true;
};
std::optional<AttributeRefusal> check_attributes(const tws::wire::Order& asked);

/// Why `next` cannot replace the words of `order`; the order is not yet touched.
std::optional<Refusal> check_change(const SimOrder& order, const tws::wire::Order& next);

/// The real server's texts, used from several places.
std::string validation_text(std::string_view cause);
/// Of a cancel that comes too late for an order which the client does not know any better.
std::string not_cancellable_text(PermId perm_id);

}  // namespace belay::simtws
