// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/inferred_fills.hpp"

#include <fmt/format.h>

#include "belay/base/hash.hpp"

namespace belay::core {

ExecId inferred_exec_id(const Order& order, Quantity cum_before, Quantity cum_after) {
  const base::Hash128 hash =
      base::hash128(fmt::format("{}/{}/{}/{}", order.spec->account.value(), order.id.value(),
                                to_string(cum_before), to_string(cum_after)));
  return {fmt::format("inferred-{:016x}{:016x}", hash.high, hash.low), 1};
}

Execution infer_execution(const Order& order, Quantity cum_before, Quantity size) {
  Execution out;
  out.id = inferred_exec_id(order, cum_before, cum_before + size);
  out.last_qty = size;
  // The broker's own average gives the price of what is missing; without one it is not known.
  if (order.told.of == cum_before + size && cum_before == order.cum_qty) {
    if (order.told.average && is_priced(order)) {
      out.last_px = price_of_rest(*order.told.average, order.told.of, order.notional, size);
    }
    if (!out.last_px) out.last_px = order.told.last;
  }
  out.side = order.spec->side;
  out.inferred = true;
  return out;
}

}  // namespace belay::core
