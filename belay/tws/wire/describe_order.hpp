// SPDX-License-Identifier: Apache-2.0
// The sections of an order that placeOrder, openOrder and completedOrder share, as field walks.
// Where the sender of a request and the gateway spell "not given" differently, the spelling is a
// parameter. Included by describe_place_order.hpp and describe_open_order.hpp only.
#pragma once

#include "belay/tws/wire/describe_contract.hpp"
#include "belay/tws/wire/order.hpp"

namespace belay::tws::wire {

inline bool is_pegged_to_benchmark(const Order& order) {
  return order.order_type == "PEG BENCH" || order.order_type == "PEGBENCH";
}

template <class Io, Like<Order> O>
void delta_neutral_order_details(Io& io, O& order) {
  io.i32("deltaNeutralConId", order.delta_neutral_con_id);
  io.text("deltaNeutralSettlingFirm", order.delta_neutral_settling_firm);
  io.text("deltaNeutralClearingAccount", order.delta_neutral_clearing_account);
  io.text("deltaNeutralClearingIntent", order.delta_neutral_clearing_intent);
  io.text("deltaNeutralOpenClose", order.delta_neutral_open_close);
  io.flag("deltaNeutralShortSale", order.delta_neutral_short_sale);
  io.i32("deltaNeutralShortSaleSlot", order.delta_neutral_short_sale_slot);
  io.text("deltaNeutralDesignatedLocation", order.delta_neutral_designated_location);
}

/// The price of each leg; an empty one is none.
template <class Io, Like<Order> O>
void order_combo_legs(Io& io, O& order) {
  io.list("orderComboLegsCount", order.order_combo_leg_prices, 1,
          [](auto& each, auto& price) { each.real("price", price, Unset::empty); });
}

/// Seven more fields follow a price increment above zero.
template <class Io, Like<Order> O>
void scale(Io& io, O& order, Unset unset_int) {
  io.opt("scaleInitLevelSize", order.scale_init_level_size, unset_int);
  io.opt("scaleSubsLevelSize", order.scale_subs_level_size, unset_int);
  if constexpr (requires { io.deciding(); }) {
    io.deciding_real("scalePriceIncrement", order.scale_price_increment);
  } else {
    io.real("scalePriceIncrement", order.scale_price_increment, Unset::empty);
  }
  const Real& increment = order.scale_price_increment;
  if (!increment.is_finite() || increment.is_zero() || increment.is_negative()) return;
  io.real("scalePriceAdjustValue", order.scale_price_adjust_value, Unset::empty);
  io.opt("scalePriceAdjustInterval", order.scale_price_adjust_interval, unset_int);
  io.real("scaleProfitOffset", order.scale_profit_offset, Unset::empty);
  io.flag("scaleAutoReset", order.scale_auto_reset);
  io.opt("scaleInitPosition", order.scale_init_position, unset_int);
  io.opt("scaleInitFillQty", order.scale_init_fill_qty, unset_int);
  io.flag("scaleRandomPercent", order.scale_random_percent);
}

template <class Io, Like<Order> O>
void hedge(Io& io, O& order) {
  io.text("hedgeType", order.hedge_type);
  if (!order.hedge_type.empty()) io.text("hedgeParam", order.hedge_param);
}

template <class Io, Like<Order> O>
void algo(Io& io, O& order) {
  io.text("algoStrategy", order.algo_strategy);
  if (!order.algo_strategy.empty()) tag_values(io, "algoParamsCount", order.algo_params);
}

template <class Io, Like<Order> O>
void pegged_to_benchmark(Io& io, O& order) {
  if (!is_pegged_to_benchmark(order)) return;
  io.i32("referenceContractId", order.reference_contract_id);
  io.flag("isPeggedChangeAmountDecrease", order.is_pegged_change_amount_decrease);
  io.real("peggedChangeAmount", order.pegged_change_amount, Unset::zero_point);
  io.real("referenceChangeAmount", order.reference_change_amount, Unset::zero_point);
  io.text("referenceExchangeId", order.reference_exchange_id);
}

template <class Io, Like<OrderCondition> C>
void order_condition(Io& io, C& condition) {
  if constexpr (requires { io.deciding(); }) {
    io.deciding_kind("type", condition.type, OrderCondition::is_known);
  } else {
    io.i32("type", condition.type);
  }
  switch (condition.type) {
    case OrderCondition::price:
    case OrderCondition::volume:
    case OrderCondition::percent_change:
      io.conjunction("conjunction", condition.is_conjunction);
      io.flag("isMore", condition.is_more);
      io.text("value", condition.value);
      io.i32("conId", condition.con_id);
      io.text("exchange", condition.exchange);
      if (condition.type == OrderCondition::price) {
        io.i32("triggerMethod", condition.trigger_method);
      }
      return;
    case OrderCondition::time:
    case OrderCondition::margin:
      io.conjunction("conjunction", condition.is_conjunction);
      io.flag("isMore", condition.is_more);
      io.text("value", condition.value);
      return;
    case OrderCondition::execution:
      io.conjunction("conjunction", condition.is_conjunction);
      io.text("secType", condition.sec_type);
      io.text("exchange", condition.exchange);
      io.text("symbol", condition.symbol);
      return;
    default:
      // The length of an unknown kind is not known: nothing behind it can be read.
      io.fail("type", DecodeReason::under_run);
  }
}

template <class Io, Like<Order> O>
void conditions(Io& io, O& order) {
  io.list("conditionsCount", order.conditions, 3,
          [](auto& each, auto& condition) { order_condition(each, condition); });
  if (order.conditions.empty()) return;
  io.flag("conditionsIgnoreRth", order.conditions_ignore_rth);
  io.flag("conditionsCancelOrder", order.conditions_cancel_order);
}

}  // namespace belay::tws::wire
