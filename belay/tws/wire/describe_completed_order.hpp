// SPDX-License-Identifier: Apache-2.0
// The field walk of completedOrder (id 101): an order that is over, without order id, client id or
// parent. Included by the server codec only.
#pragma once

#include "belay/tws/wire/describe_reported_order.hpp"
#include "belay/tws/wire/reports.hpp"

namespace belay::tws::wire {

template <class Io, Like<CompletedOrder> M>
void completed_order_end(Io& io, M& message) {
  auto& order = message.order;
  io.real("adjustedTrailStopPrice", order.adjusted_trail_stop_price, Unset::maximum);
  io.real("lmtPriceOffset", order.lmt_price_offset, Unset::maximum);
  io.real_nz("cashQty", order.cash_qty, Unset::zero);
  io.flag("dontUseAutoPriceForHedge", order.dont_use_auto_price_for_hedge);
  io.flag("isOmsContainer", order.is_oms_container);
  io.text("autoCancelDate", order.auto_cancel_date);
  io.quantity("filledQuantity", order.filled_quantity, Unset::empty);
  io.opt("refFuturesConId", order.ref_futures_con_id, Unset::maximum);
  io.flag("autoCancelParent", order.auto_cancel_parent);
  io.text("shareholder", order.shareholder);
  io.flag("imbalanceOnly", order.imbalance_only);
  io.flag("routeMarketableToBbo", order.route_marketable_to_bbo);
  io.opt64("parentPermId", order.parent_perm_id);
  io.text("completedTime", message.order_state.completed_time);
  io.text("completedStatus", message.order_state.completed_status);
  reported_peg_best_and_mid(io, order);
  if (io.version() >= 183) io.text("customerAccount", order.customer_account);
  if (io.version() >= 184) io.flag("professionalCustomer", order.professional_customer);
  if (io.version() >= 198) io.text("submitter", order.submitter);
}

template <class Io, Like<CompletedOrder> M>
void describe(Io& io, M& message) {
  auto& order = message.order;
  reported_contract(io, message.contract, Unset::zero, "?");
  reported_order_basics(io, order);
  io.i64("permId", order.perm_id);
  io.flag("outsideRth", order.outside_rth);
  io.flag("hidden", order.hidden);
  io.real_nz("discretionaryAmt", order.discretionary_amt, Unset::zero);
  io.text("goodAfterTime", order.good_after_time);
  reported_fa(io, order);
  reported_box(io, order);
  io.flag("sweepToFill", order.sweep_to_fill);
  io.flag("allOrNone", order.all_or_none);
  io.opt_nz("minQty", order.min_qty, Unset::empty);
  io.i32("ocaType", order.oca_type);
  io.i32("triggerMethod", order.trigger_method);
  reported_volatility(io, order, false);
  reported_trailing(io, order);
  reported_strategy(io, message, false);
  io.text("status", message.order_state.status);
  io.flag("randomizeSize", order.randomize_size);
  io.flag("randomizePrice", order.randomize_price);
  pegged_to_benchmark(io, order);
  conditions(io, order);
  completed_order_end(io, message);
}

}  // namespace belay::tws::wire
