// SPDX-License-Identifier: Apache-2.0
// The sections openOrder and completedOrder share beyond those of describe_order.hpp. They carry
// nearly the same fields in nearly the same order. Unset values are spelled as recorded gateways of
// version 200 spell them. Included by the two walks only.
#pragma once

#include "belay/tws/wire/describe_order.hpp"

namespace belay::tws::wire {

template <class Io, Like<Order> O>
void reported_order_basics(Io& io, O& order) {
  io.text("action", order.action);
  io.quantity("totalQuantity", order.total_quantity, Unset::maximum);
  // It decides whether more fields follow far behind it.
  stretch(io, [&] { io.text("orderType", order.order_type); });
  io.real("lmtPrice", order.lmt_price, Unset::zero_point);
  io.real("auxPrice", order.aux_price, Unset::zero_point);
  io.text("tif", order.tif);
  io.text("ocaGroup", order.oca_group);
  io.text("account", order.account);
  io.text("openClose", order.open_close);
  io.i32("origin", order.origin);
  io.text("orderRef", order.order_ref);
}

template <class Io, Like<Order> O>
void reported_fa(Io& io, O& order) {
  io.text("faGroup", order.fa_group);
  io.text("faMethod", order.fa_method);
  io.text("faPercentage", order.fa_percentage);
  if (io.version() < 177) io.text("faProfile", order.fa_profile);
  io.text("modelCode", order.model_code);
  io.text("goodTillDate", order.good_till_date);
  io.text("rule80A", order.rule_80a);
  io.real("percentOffset", order.percent_offset, Unset::empty);
  io.text("settlingFirm", order.settling_firm);
  io.i32("shortSaleSlot", order.short_sale_slot);
  io.text("designatedLocation", order.designated_location);
  io.i32("exemptCode", order.exempt_code);
}

template <class Io, Like<Order> O>
void reported_box(Io& io, O& order) {
  io.real("startingPrice", order.starting_price, Unset::empty);
  io.real("stockRefPrice", order.stock_ref_price, Unset::empty);
  io.real("delta", order.delta, Unset::empty);
  io.real("stockRangeLower", order.stock_range_lower, Unset::empty);
  io.real("stockRangeUpper", order.stock_range_upper, Unset::empty);
  io.opt_nz("displaySize", order.display_size, Unset::maximum);
}

template <class Io, Like<Order> O>
void reported_volatility(Io& io, O& order, bool is_open) {
  io.real("volatility", order.volatility, Unset::empty);
  io.opt_nz("volatilityType", order.volatility_type, Unset::zero);
  io.text("deltaNeutralOrderType", order.delta_neutral_order_type);
  io.real("deltaNeutralAuxPrice", order.delta_neutral_aux_price, Unset::empty);
  if (!order.delta_neutral_order_type.empty()) {
    if (is_open) {
      delta_neutral_order_details(io, order);
    } else {
      io.i32("deltaNeutralConId", order.delta_neutral_con_id);
      io.flag("deltaNeutralShortSale", order.delta_neutral_short_sale);
      io.i32("deltaNeutralShortSaleSlot", order.delta_neutral_short_sale_slot);
      io.text("deltaNeutralDesignatedLocation", order.delta_neutral_designated_location);
    }
  }
  io.flag("continuousUpdate", order.continuous_update);
  io.opt_nz("referencePriceType", order.reference_price_type, Unset::zero);
}

template <class Io, Like<Order> O>
void reported_trailing(Io& io, O& order) {
  io.real("trailStopPrice", order.trail_stop_price, Unset::empty);
  io.real("trailingPercent", order.trailing_percent, Unset::empty);
}

template <class Io, class M>
void reported_strategy(Io& io, M& message, bool is_open) {
  auto& order = message.order;
  io.text("comboLegsDescrip", message.contract.combo_legs_descrip);
  combo_legs(io, message.contract);
  order_combo_legs(io, order);
  tag_values(io, "smartComboRoutingParamsCount", order.smart_combo_routing_params);
  scale(io, order, Unset::maximum);
  hedge(io, order);
  if (is_open) io.flag("optOutSmartRouting", order.opt_out_smart_routing);
  io.text("clearingAccount", order.clearing_account);
  io.text("clearingIntent", order.clearing_intent);
  io.flag("notHeld", order.not_held);
  delta_neutral_contract(io, message.contract);
  algo(io, order);
  io.flag("solicited", order.solicited);
}

template <class Io, Like<Order> O>
void reported_peg_best_and_mid(Io& io, O& order) {
  io.opt("minTradeQty", order.min_trade_qty, Unset::empty);
  io.opt("minCompeteSize", order.min_compete_size, Unset::empty);
  io.real("competeAgainstBestOffset", order.compete_against_best_offset, Unset::empty);
  io.real("midOffsetAtWhole", order.mid_offset_at_whole, Unset::empty);
  io.real("midOffsetAtHalf", order.mid_offset_at_half, Unset::empty);
}

}  // namespace belay::tws::wire
