// SPDX-License-Identifier: Apache-2.0
// The field walk of placeOrder (id 3), the longest request. Unset prices go out as "" except the
// five of the adjusted-order section, which real clients send as the double maximum. Included by
// the client codec only.
#pragma once

#include "belay/tws/wire/describe_order.hpp"
#include "belay/tws/wire/requests.hpp"

namespace belay::tws::wire {

template <class Io, Like<Order> O>
void place_order_basics(Io& io, O& order) {
  io.text("action", order.action);
  io.quantity("totalQuantity", order.total_quantity, Unset::empty);
  io.text("orderType", order.order_type);
  io.real("lmtPrice", order.lmt_price, Unset::empty);
  io.real("auxPrice", order.aux_price, Unset::empty);
  io.text("tif", order.tif);
  io.text("ocaGroup", order.oca_group);
  io.text("account", order.account);
  io.text("openClose", order.open_close);
  io.i32("origin", order.origin);
  io.text("orderRef", order.order_ref);
  io.flag("transmit", order.transmit);
  io.i32("parentId", order.parent_id);
  io.flag("blockOrder", order.block_order);
  io.flag("sweepToFill", order.sweep_to_fill);
  io.opt_nz("displaySize", order.display_size, Unset::zero);
  io.i32("triggerMethod", order.trigger_method);
  io.flag("outsideRth", order.outside_rth);
  io.flag("hidden", order.hidden);
}

template <class Io, Like<Order> O>
void place_order_allocation(Io& io, O& order) {
  io.text("sharesAllocation", order.shares_allocation);
  io.real_nz("discretionaryAmt", order.discretionary_amt, Unset::zero);
  io.text("goodAfterTime", order.good_after_time);
  io.text("goodTillDate", order.good_till_date);
  io.text("faGroup", order.fa_group);
  io.text("faMethod", order.fa_method);
  io.text("faPercentage", order.fa_percentage);
  if (io.version() < 177) io.text("faProfile", order.fa_profile);
  io.text("modelCode", order.model_code);
  io.i32("shortSaleSlot", order.short_sale_slot);
  io.text("designatedLocation", order.designated_location);
  io.i32("exemptCode", order.exempt_code);
}

template <class Io, Like<Order> O>
void place_order_prices(Io& io, O& order) {
  io.i32("ocaType", order.oca_type);
  io.text("rule80A", order.rule_80a);
  io.text("settlingFirm", order.settling_firm);
  io.flag("allOrNone", order.all_or_none);
  io.opt_nz("minQty", order.min_qty, Unset::empty);
  io.real("percentOffset", order.percent_offset, Unset::empty);
  io.flag("eTradeOnly", order.e_trade_only);
  io.flag("firmQuoteOnly", order.firm_quote_only);
  io.real("nbboPriceCap", order.nbbo_price_cap, Unset::empty);
  io.i32("auctionStrategy", order.auction_strategy);
  io.real("startingPrice", order.starting_price, Unset::empty);
  io.real("stockRefPrice", order.stock_ref_price, Unset::empty);
  io.real("delta", order.delta, Unset::empty);
  io.real("stockRangeLower", order.stock_range_lower, Unset::empty);
  io.real("stockRangeUpper", order.stock_range_upper, Unset::empty);
  io.flag("overridePercentageConstraints", order.override_percentage_constraints);
  io.real("volatility", order.volatility, Unset::empty);
  io.opt_nz("volatilityType", order.volatility_type, Unset::empty);
  io.text("deltaNeutralOrderType", order.delta_neutral_order_type);
  io.real("deltaNeutralAuxPrice", order.delta_neutral_aux_price, Unset::empty);
  if (!order.delta_neutral_order_type.empty()) delta_neutral_order_details(io, order);
  io.flag("continuousUpdate", order.continuous_update);
  io.opt_nz("referencePriceType", order.reference_price_type, Unset::empty);
  io.real("trailStopPrice", order.trail_stop_price, Unset::empty);
  io.real("trailingPercent", order.trailing_percent, Unset::empty);
}

template <class Io, Like<PlaceOrder> M>
void place_order_strategy(Io& io, M& message) {
  auto& order = message.order;
  scale(io, order, Unset::empty);
  io.text("scaleTable", order.scale_table);
  io.text("activeStartTime", order.active_start_time);
  io.text("activeStopTime", order.active_stop_time);
  hedge(io, order);
  io.flag("optOutSmartRouting", order.opt_out_smart_routing);
  io.text("clearingAccount", order.clearing_account);
  io.text("clearingIntent", order.clearing_intent);
  io.flag("notHeld", order.not_held);
  delta_neutral_contract(io, message.contract);
  algo(io, order);
  io.text("algoId", order.algo_id);
  io.flag("whatIf", order.what_if);
  io.text("orderMiscOptions", order.order_misc_options);
  io.flag("solicited", order.solicited);
  io.flag("randomizeSize", order.randomize_size);
  io.flag("randomizePrice", order.randomize_price);
  pegged_to_benchmark(io, order);
  conditions(io, order);
}

template <class Io, Like<Order> O>
void place_order_adjusted(Io& io, O& order) {
  io.text("adjustedOrderType", order.adjusted_order_type);
  io.real("triggerPrice", order.trigger_price, Unset::maximum);
  io.real("lmtPriceOffset", order.lmt_price_offset, Unset::maximum);
  io.real("adjustedStopPrice", order.adjusted_stop_price, Unset::maximum);
  io.real("adjustedStopLimitPrice", order.adjusted_stop_limit_price, Unset::maximum);
  io.real("adjustedTrailingAmount", order.adjusted_trailing_amount, Unset::maximum);
  io.i32("adjustableTrailingUnit", order.adjustable_trailing_unit);
  io.text("extOperator", order.ext_operator);
  io.text("softDollarTierName", order.soft_dollar_tier.name);
  io.text("softDollarTierValue", order.soft_dollar_tier.value);
  io.real_nz("cashQty", order.cash_qty, Unset::empty);
  io.text("mifid2DecisionMaker", order.mifid2_decision_maker);
  io.text("mifid2DecisionAlgo", order.mifid2_decision_algo);
  io.text("mifid2ExecutionTrader", order.mifid2_execution_trader);
  io.text("mifid2ExecutionAlgo", order.mifid2_execution_algo);
  io.flag("dontUseAutoPriceForHedge", order.dont_use_auto_price_for_hedge);
  io.flag("isOmsContainer", order.is_oms_container);
  io.flag("discretionaryUpToLimitPrice", order.discretionary_up_to_limit_price);
  io.tri("usePriceMgmtAlgo", order.use_price_mgmt_algo);
  io.opt("duration", order.duration, Unset::empty);
  io.opt("postToAts", order.post_to_ats, Unset::empty);
  io.flag("autoCancelParent", order.auto_cancel_parent);
  io.text("advancedErrorOverride", order.advanced_error_override);
  io.text("manualOrderTime", order.manual_order_time);
}

/// Sent for the order types and the exchange they belong to, and absent otherwise.
template <class Io, Like<PlaceOrder> M>
void place_order_peg_best_and_mid(Io& io, M& message) {
  auto& order = message.order;
  const bool best = order.order_type == "PEG BEST" || order.order_type == "PEGBEST";
  const bool mid = order.order_type == "PEG MID" || order.order_type == "PEGMID";
  if (message.contract.exchange == "IBKRATS") {
    io.opt("minTradeQty", order.min_trade_qty, Unset::empty);
  }
  if (best) {
    io.opt("minCompeteSize", order.min_compete_size, Unset::empty);
    io.real("competeAgainstBestOffset", order.compete_against_best_offset, Unset::empty);
  }
  const bool up_to_mid = order.compete_against_best_offset == Real::infinity();
  if (mid || (best && up_to_mid)) {
    io.real("midOffsetAtWhole", order.mid_offset_at_whole, Unset::empty);
    io.real("midOffsetAtHalf", order.mid_offset_at_half, Unset::empty);
  }
}

template <class Io, Like<Order> O>
void place_order_newest(Io& io, O& order) {
  const int version = io.version();
  if (version >= 183) io.text("customerAccount", order.customer_account);
  if (version >= 184) io.flag("professionalCustomer", order.professional_customer);
  // The fields for requests for quotes lived from 187 to 189 and come before includeOvernight.
  if (version >= 187 && version < 190) {
    io.filler("externalUserId", "");
    io.opt("manualOrderIndicator", order.manual_order_indicator, Unset::maximum);
  }
  if (version >= 189) io.flag("includeOvernight", order.include_overnight);
  if (version >= 192) {
    io.opt("manualOrderIndicator", order.manual_order_indicator, Unset::maximum);
  }
  if (version >= 199) io.flag("imbalanceOnly", order.imbalance_only);
}

template <class Io, Like<PlaceOrder> M>
void describe(Io& io, M& message) {
  io.id("orderId", message.order_id);
  requested_contract(io, message.contract);
  io.text("secIdType", message.contract.sec_id_type);
  io.text("secId", message.contract.sec_id);
  place_order_basics(io, message.order);
  if (message.contract.sec_type == "BAG") {
    combo_legs(io, message.contract);
    order_combo_legs(io, message.order);
    tag_values(io, "smartComboRoutingParamsCount", message.order.smart_combo_routing_params);
  }
  place_order_allocation(io, message.order);
  place_order_prices(io, message.order);
  place_order_strategy(io, message);
  place_order_adjusted(io, message.order);
  place_order_peg_best_and_mid(io, message);
  place_order_newest(io, message.order);
}

}  // namespace belay::tws::wire
