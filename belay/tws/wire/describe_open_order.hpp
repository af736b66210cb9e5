// SPDX-License-Identifier: Apache-2.0
// The field walk of openOrder (id 5): the order as the server holds it, and the state with the
// what-if figures. Included by the server codec only.
#pragma once

#include "belay/tws/wire/describe_reported_order.hpp"
#include "belay/tws/wire/reports.hpp"

namespace belay::tws::wire {

template <class Io, Like<OrderState> S>
void what_if_state(Io& io, S& state) {
  io.real("initMarginBefore", state.before.init_margin, Unset::maximum);
  io.real("maintMarginBefore", state.before.maint_margin, Unset::maximum);
  io.real("equityWithLoanBefore", state.before.equity_with_loan, Unset::maximum);
  io.real("initMarginChange", state.change.init_margin, Unset::maximum);
  io.real("maintMarginChange", state.change.maint_margin, Unset::maximum);
  io.real("equityWithLoanChange", state.change.equity_with_loan, Unset::maximum);
  io.real("initMarginAfter", state.after.init_margin, Unset::maximum);
  io.real("maintMarginAfter", state.after.maint_margin, Unset::maximum);
  io.real("equityWithLoanAfter", state.after.equity_with_loan, Unset::maximum);
  io.real("commission", state.commission, Unset::empty);
  io.real("minCommission", state.min_commission, Unset::empty);
  io.real("maxCommission", state.max_commission, Unset::empty);
  io.text("commissionCurrency", state.commission_currency);
}

template <class Io, Like<OrderState> S>
void what_if_outside_rth(Io& io, S& state) {
  io.text("marginCurrency", state.margin_currency);
  io.real("initMarginBeforeOutsideRTH", state.before_outside_rth.init_margin, Unset::maximum);
  io.real("maintMarginBeforeOutsideRTH", state.before_outside_rth.maint_margin, Unset::maximum);
  io.real("equityWithLoanBeforeOutsideRTH", state.before_outside_rth.equity_with_loan,
          Unset::maximum);
  io.real("initMarginChangeOutsideRTH", state.change_outside_rth.init_margin, Unset::maximum);
  io.real("maintMarginChangeOutsideRTH", state.change_outside_rth.maint_margin, Unset::maximum);
  io.real("equityWithLoanChangeOutsideRTH", state.change_outside_rth.equity_with_loan,
          Unset::maximum);
  io.real("initMarginAfterOutsideRTH", state.after_outside_rth.init_margin, Unset::maximum);
  io.real("maintMarginAfterOutsideRTH", state.after_outside_rth.maint_margin, Unset::maximum);
  io.real("equityWithLoanAfterOutsideRTH", state.after_outside_rth.equity_with_loan,
          Unset::maximum);
  io.quantity("suggestedSize", state.suggested_size, Unset::minimum);
  io.text("rejectReason", state.reject_reason);
  io.list("orderAllocationsCount", state.order_allocations, 7, [](auto& each, auto& allocation) {
    each.text("account", allocation.account);
    each.quantity("position", allocation.position, Unset::empty);
    each.quantity("positionDesired", allocation.position_desired, Unset::empty);
    each.quantity("positionAfter", allocation.position_after, Unset::empty);
    each.quantity("desiredAllocQty", allocation.desired_alloc_qty, Unset::empty);
    each.quantity("allowedAllocQty", allocation.allowed_alloc_qty, Unset::empty);
    each.flag("isMonetary", allocation.is_monetary);
  });
}

template <class Io, Like<Order> O>
void open_order_adjusted(Io& io, O& order) {
  io.text("adjustedOrderType", order.adjusted_order_type);
  io.real("triggerPrice", order.trigger_price, Unset::maximum);
  io.real("adjustedTrailStopPrice", order.adjusted_trail_stop_price, Unset::maximum);
  io.real("lmtPriceOffset", order.lmt_price_offset, Unset::maximum);
  io.real("adjustedStopPrice", order.adjusted_stop_price, Unset::maximum);
  io.real("adjustedStopLimitPrice", order.adjusted_stop_limit_price, Unset::maximum);
  io.real("adjustedTrailingAmount", order.adjusted_trailing_amount, Unset::maximum);
  io.i32("adjustableTrailingUnit", order.adjustable_trailing_unit);
  io.text("softDollarTierName", order.soft_dollar_tier.name);
  io.text("softDollarTierValue", order.soft_dollar_tier.value);
  io.text("softDollarTierDisplayName", order.soft_dollar_tier.display_name);
  io.real_nz("cashQty", order.cash_qty, Unset::zero);
  io.flag("dontUseAutoPriceForHedge", order.dont_use_auto_price_for_hedge);
  io.flag("isOmsContainer", order.is_oms_container);
  io.flag("discretionaryUpToLimitPrice", order.discretionary_up_to_limit_price);
  io.tri("usePriceMgmtAlgo", order.use_price_mgmt_algo);
  io.opt("duration", order.duration, Unset::empty);
  io.opt("postToAts", order.post_to_ats, Unset::empty);
  io.flag("autoCancelParent", order.auto_cancel_parent);
}

template <class Io, Like<Order> O>
void open_order_newest(Io& io, O& order) {
  const int version = io.version();
  if (version >= 183) io.text("customerAccount", order.customer_account);
  if (version >= 184) io.flag("professionalCustomer", order.professional_customer);
  if (version >= 185) io.text("bondAccruedInterest", order.bond_accrued_interest);
  if (version >= 189) io.flag("includeOvernight", order.include_overnight);
  if (version >= 193) {
    io.text("extOperator", order.ext_operator);
    io.opt("manualOrderIndicator", order.manual_order_indicator, Unset::maximum);
  }
  if (version >= 198) io.text("submitter", order.submitter);
  if (version >= 199) io.flag("imbalanceOnly", order.imbalance_only);
}

template <class Io, Like<Order> O>
void open_order_middle(Io& io, O& order) {
  io.flag("outsideRth", order.outside_rth);
  io.flag("hidden", order.hidden);
  io.real_nz("discretionaryAmt", order.discretionary_amt, Unset::zero);
  io.text("goodAfterTime", order.good_after_time);
  io.text("sharesAllocation", order.shares_allocation);
  reported_fa(io, order);
  io.i32("auctionStrategy", order.auction_strategy);
  reported_box(io, order);
  io.flag("blockOrder", order.block_order);
  io.flag("sweepToFill", order.sweep_to_fill);
  io.flag("allOrNone", order.all_or_none);
  io.opt_nz("minQty", order.min_qty, Unset::empty);
  io.i32("ocaType", order.oca_type);
  io.flag("eTradeOnly", order.e_trade_only);
  io.flag("firmQuoteOnly", order.firm_quote_only);
  io.real("nbboPriceCap", order.nbbo_price_cap, Unset::empty);
}

template <class Io, Like<OpenOrder> M>
void open_order_end(Io& io, M& message) {
  what_if_state(io, message.order_state);
  if (io.version() >= 195) what_if_outside_rth(io, message.order_state);
  io.text("warningText", message.order_state.warning_text);
  io.flag("randomizeSize", message.order.randomize_size);
  io.flag("randomizePrice", message.order.randomize_price);
  pegged_to_benchmark(io, message.order);
  conditions(io, message.order);
  open_order_adjusted(io, message.order);
  reported_peg_best_and_mid(io, message.order);
  open_order_newest(io, message.order);
}

template <class Io, Like<OpenOrder> M>
void describe(Io& io, M& message) {
  io.id("orderId", message.order_id);
  reported_contract(io, message.contract, Unset::zero, "?");
  reported_order_basics(io, message.order);
  auto& order = message.order;
  io.id("clientId", order.client_id);
  io.i64("permId", order.perm_id);
  stretch(io, [&] { open_order_middle(io, order); });
  io.id("parentId", order.parent_id);
  stretch(io, [&] {
    io.i32("triggerMethod", order.trigger_method);
    reported_volatility(io, order, true);
  });
  reported_trailing(io, order);
  stretch(io, [&] {
    io.real("basisPoints", order.basis_points, Unset::empty);
    io.opt("basisPointsType", order.basis_points_type, Unset::empty);
    reported_strategy(io, message, true);
    io.flag("whatIf", order.what_if);
  });
  io.text("status", message.order_state.status);
  stretch(io, [&] { open_order_end(io, message); });
}

}  // namespace belay::tws::wire
