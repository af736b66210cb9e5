// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/reports.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/time_text.hpp"
#include "belay/tws/wire/gateway_words.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using tws::wire::Real;

constexpr std::string_view submitter = "simtws";

Real real(Decimal value) {
  return Real::from_decimal(value);
}

// Prices that were not given come back as zero.
void zero_if_unset(Real& price) {
  if (!price.is_set()) price = Real::from_int(0);
}

tws::wire::Order echo(const SimOrder& order) {
  tws::wire::Order out = order.asked;
  out.account = order.account;
  out.client_id = order.key.first;
  out.perm_id = order.perm_id;
  out.transmit = true;
  out.submitter = submitter;
  if (out.tif.empty()) out.tif = "DAY";
  zero_if_unset(out.lmt_price);
  zero_if_unset(out.aux_price);
  if (order.kind == Kind::trail) out.trail_stop_price = real(order.stop);
  out.shares_allocation = fmt::format("{}.0/{}/100", order.perm_id, order.account);
  tws::wire::apply_gateway_words(out);
  return out;
}

std::string_view why_held(const SimOrder& order) {
  if (!order.is_live()) return "";
  const bool waits_for_trigger =
      (order.kind == Kind::stop || order.kind == Kind::stop_limit || order.kind == Kind::trail) &&
      !order.elected;
  if (order.child_held) return waits_for_trigger ? "child,trigger" : "child";
  return waits_for_trigger ? "trigger" : "";
}

}  // namespace

Decimal to_decimal(Int128 value) {
  return Decimal::from_units(static_cast<std::int64_t>(value / Decimal::one));
}

tws::wire::OpenOrder open_order(const SimOrder& order) {
  tws::wire::OpenOrder out;
  out.order_id = order.key.second;
  out.contract = order.contract;
  out.order = echo(order);
  out.order_state.status = name(order.status);
  if (order.kind == Kind::limit) {
    // Recorded on ordinary limit orders: a trail stop price of the limit plus one. It means
    // nothing.
    const auto shown = Decimal::add(order.limit, Decimal::from_int(1));
    if (shown) out.order.adjusted_trail_stop_price = real(*shown);
  }
  return out;
}

tws::wire::OrderStatus order_status(const SimOrder& order, OrderId parent_id) {
  tws::wire::OrderStatus out;
  out.order_id = order.key.second;
  out.status = name(order.status);
  out.filled = real(order.filled);
  out.remaining = real(order.remaining());
  out.avg_fill_price = real(order.average_price());
  out.perm_id = order.perm_id;
  out.parent_id = parent_id;
  out.last_fill_price = real(order.last_fill_price);
  out.client_id = order.key.first;
  out.why_held = why_held(order);
  out.mkt_cap_price = Real::from_int(0);
  return out;
}

tws::wire::CompletedOrder completed_order(const SimOrder& order) {
  tws::wire::CompletedOrder out;
  out.contract = order.contract;
  out.order = echo(order);
  // A filled order has a total of zero here; only filledQuantity tells (recorded at 200).
  if (order.status == Status::filled) out.order.total_quantity = Real::from_int(0);
  out.order.filled_quantity = real(order.filled);
  out.order.shareholder = "Not an insider or substantial shareholder";
  if (order.parent != 0) out.order.parent_perm_id = order.parent;
  out.order_state.status =
      name(order.status == Status::api_cancelled ? Status::cancelled : order.status);
  out.order_state.completed_time = ib_time(order.finished_at);
  out.order_state.completed_status = order.completed_status;
  return out;
}

tws::wire::ExecDetails exec_details(const SimExecution& execution, std::int32_t req_id,
                                    std::string_view exchange) {
  tws::wire::ExecDetails out;
  out.req_id = req_id;
  out.order_id = execution.key.second;
  out.contract = execution.contract;
  out.contract.exchange = exchange;
  tws::wire::Execution& fields = out.execution;
  fields.exec_id = execution.exec_id();
  fields.time = ib_time(execution.time);
  fields.acct_number = execution.account;
  fields.exchange = exchange;
  fields.side = execution.is_buy ? "BOT" : "SLD";
  fields.shares = real(execution.shares);
  fields.price = real(execution.price);
  fields.perm_id = execution.perm_id;
  fields.client_id = execution.key.first;
  fields.cum_qty = real(execution.cumulative);
  fields.avg_price = real(execution.average);
  fields.order_ref = execution.order_ref;
  fields.last_liquidity = 2;
  fields.submitter = submitter;
  return out;
}

tws::wire::CommissionReport commission_report(const SimExecution& execution) {
  tws::wire::CommissionReport out;
  out.exec_id = execution.exec_id();
  out.commission = real(execution.commission);
  out.currency = execution.contract.currency;
  // Without a closed quantity there is no profit to tell, and the field stays unset.
  if (execution.closes) out.realized_pnl = real(to_decimal(execution.realized));
  return out;
}

tws::wire::ErrMsg error_message(std::int32_t id, std::int32_t code, std::string text,
                                base::Time now) {
  tws::wire::ErrMsg out;
  out.id = id;
  out.error_code = code;
  out.error_string = std::move(text);
  out.error_time = now.unix_ns() / 1'000'000;
  return out;
}

Decimal commission_of(const Instrument& instrument, Decimal shares, Decimal paid_before) {
  // The minimum is one per order: later executions pay only what exceeds it together.
  const Int128 each = Int128{instrument.commission_each.units()} * shares.units() / Decimal::one;
  const auto whole = Decimal::from_units(static_cast<std::int64_t>(each));
  return paid_before.is_zero() ? std::max(whole, instrument.commission_min) : whole;
}

tws::wire::OpenOrder what_if_answer(const SimOrder& order, Int128 equity, Decimal price,
                                    const Instrument& instrument) {
  tws::wire::OpenOrder out = open_order(order);
  const auto money = [](Int128 value) { return real(to_decimal(value)); };
  const Int128 notional = Int128{price.units()} * order.quantity.units() * instrument.units;
  const Int128 initial = notional / (instrument.sec_type == "FUT" ? 15 : 4);
  tws::wire::OrderState& state = out.order_state;
  state.status = "PreSubmitted";
  state.before = {Real::from_int(0), Real::from_int(0), money(equity)};
  state.change = {money(initial), money(initial), Real::from_int(0)};
  state.after = {money(initial), money(initial), money(equity)};
  const Decimal commission = commission_of(instrument, order.quantity, {});
  state.commission = real(commission);
  state.min_commission = state.commission;
  state.max_commission = state.commission;
  state.commission_currency = instrument.currency;
  state.margin_currency = instrument.currency;
  return out;
}

}  // namespace belay::simtws
