// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/price_watch.hpp"

#include <algorithm>

namespace belay::simtws {

std::optional<PriceWatch::Place> PriceWatch::place_of(const SimOrder& order) {
  const bool ready = order.is_live() && order.acknowledged && !order.held && !order.child_held &&
                     !order.waits && !order.parts_begun;
  if (!ready) return std::nullopt;
  Place out;
  out.con_id = order.con_id;
  // Looked at whatever the price is: what cannot wait, and a trailing stop, which moves with it.
  if (order.is_at_once()) return out;
  if (order.has_trigger() && !order.elected) {
    if (order.trails()) return out;
    // What waits for a better price is reached as a limit there is.
    const bool better = order.is_touched_from_outside();
    out.list = order.is_buy ? (better ? List::buy_limits : List::buy_stops)
                            : (better ? List::sell_limits : List::sell_stops);
    out.price = order.stop.units();
    return out;
  }
  if (order.rule && order.rule->action == Rule::Do::fill) return out;
  if (order.rule && order.rule->action == Rule::Do::rest) return std::nullopt;
  if (order.is_limited()) {
    out.list = order.is_buy ? List::buy_limits : List::sell_limits;
    out.price = order.limit.units();
  }
  return out;
}

void PriceWatch::watch(const SimOrder& order) {
  const auto wanted = place_of(order);
  const auto known = places_.find(order.perm_id);
  if (known != places_.end() && wanted && *wanted == known->second) return;
  forget(order.perm_id);
  if (!wanted) return;
  places_.emplace(order.perm_id, *wanted);
  list(*wanted).emplace(wanted->price, order.perm_id);
}

void PriceWatch::forget(PermId perm_id) {
  const auto known = places_.find(perm_id);
  if (known == places_.end()) return;
  list(known->second).erase({known->second.price, perm_id});
  places_.erase(known);
}

std::vector<PermId> PriceWatch::touched(std::int32_t con_id, const Quote& quote) const {
  std::vector<PermId> out;
  const auto found = lists_.find(con_id);
  if (found == lists_.end()) return out;
  const auto& lists = found->second;
  const auto of = [&](List list) -> const ByPrice& {
    return lists[static_cast<std::size_t>(list)];
  };
  const std::int64_t bid = quote.bid.units();
  const std::int64_t ask = quote.ask.units();
  // Buys trade at the ask: limits at or above it, stops at or below it. Sells the other way.
  const auto from = [&](const ByPrice& orders, std::int64_t price) {
    for (auto it = orders.lower_bound({price, 0}); it != orders.end(); ++it) {
      out.push_back(it->second);
    }
  };
  const auto up_to = [&](const ByPrice& orders, std::int64_t price) {
    for (auto it = orders.begin(); it != orders.end() && it->first <= price; ++it) {
      out.push_back(it->second);
    }
  };
  from(of(List::buy_limits), ask);
  up_to(of(List::sell_limits), bid);
  up_to(of(List::buy_stops), ask);
  from(of(List::sell_stops), bid);
  up_to(of(List::always), 0);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace belay::simtws
