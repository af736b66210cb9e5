// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/fill_sums.hpp"

#include "belay/base/defects.hpp"

namespace belay::core {
namespace {

// Saturates: two executions of the largest price and quantity do not fit in 128 bits. As long as
// the quantities do not saturate, neither does this.
void add(Order& order, const Execution& e) {
  order.cum_qty = order.cum_qty + e.last_qty;
  if (!e.last_px) return;
  Int128 sum = 0;
  if (!__builtin_add_overflow(order.notional.units, times(*e.last_px, e.last_qty).units, &sum)) {
    order.notional.units = sum;
  }
}

}  // namespace

void sum_up(Order& order, const Execution& execution, bool adds) {
  if (!execution.last_px) order.unpriced += adds ? 1U : ~0U;
  const bool saturated = order.cum_qty.value().units() == INT64_MAX;
  if (adds && !saturated) {
    add(order, execution);
  } else if (!saturated) {
    order.cum_qty = order.cum_qty - execution.last_qty;
    if (execution.last_px) {
      order.notional.units -= times(*execution.last_px, execution.last_qty).units;
    }
  } else {
    // From a sum that has saturated nothing can be taken: it is made anew.
    order.cum_qty = Quantity();
    order.notional = Notional();
    for (const Execution& e : order.executions) {
      const bool counts = !e.busted && !e.repeats && e.leg_con_id == 0;
      if (counts && (adds || &e != &execution)) add(order, e);
    }
  }
}

bool proves_change(const Order& order, Quantity filled) {
  return order.replacing && filled > order.spec->terms.order_qty &&
         filled <= order.replacing->order_qty;
}

bool may_have_grown(const Order& order) {
  if (base::defect(base::Defect::growth_forgotten)) return false;
  const Quantity ordered = order.spec->terms.order_qty;
  return order.replacing && order.replacing->order_qty > ordered && order.cum_qty >= ordered &&
         !order.cum_qty.is_zero();
}

bool came_too_late(const Order& order, Quantity filled) {
  return may_have_grown(order) && !order.copy_works() && filled <= order.cum_qty;
}

ToldPrices prices_with(const ToldPrices& known, const ToldPrices& said) {
  if (said.of < known.of || (!said.average && !said.last)) return known;
  if (said.of > known.of) return said;
  return {known.of, said.average ? said.average : known.average,
          said.last ? said.last : known.last};
}

}  // namespace belay::core
