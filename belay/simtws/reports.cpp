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
  zero_if_unset(out.total_quantity);
  zero_if_unset(out.lmt_price);
  zero_if_unset(out.aux_price);
  if (order.trails()) out.trail_stop_price = real(order.stop);
  if (order.kind == Kind::trail_limit) out.lmt_price = real(order.limit);
  if (order.kind == Kind::relative && out.aux_price.is_zero() && !out.percent_offset.is_set()) {
    out.aux_price = *Real::parse("0.01");
  }
  if (!out.good_after_time.empty()) {
    if (const auto after = parse_ib_time(out.good_after_time))
      out.good_after_time = ib_time(*after);
  }
  out.manual_order_time.clear();
  out.shares_allocation = fmt::format("{}.{}/{}/100", order.perm_id, order.changes, order.account);
  tws::wire::apply_gateway_words(out);
  return out;
}

std::string_view why_held(const SimOrder& order) {
  if (!order.is_live()) return "";
  // A trailing stop that trades straight from its trigger keeps the word.
  const bool waits_for_trigger =
      order.is_stop() && (!order.elected || order.status == Status::pre_submitted);
  if (order.child_held) return waits_for_trigger ? "child,trigger" : "child";
  return waits_for_trigger ? "trigger" : "";
}

// The second field of this name, which clients read; recorded with a meaning for few kinds.
std::optional<Decimal> shown_trail_stop(const SimOrder& order) {
  if (order.has_trigger()) return order.stop;
  if (!row_of(order.kind).limited) return std::nullopt;
  return Decimal::add(order.asked.lmt_price.to_decimal().value_or(order.limit),
                      Decimal::from_int(1));
}

// A stop is told with a limit of its own at first, and in the list of finished orders.
Decimal reference_limit(const SimOrder& order) {
  return Decimal::from_units(order.stop.units() + Decimal::one / 100 * 3);
}

bool has_reference_limit(const SimOrder& order) {
  return order.kind == Kind::stop || order.kind == Kind::trail;
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
  if (const auto stop = shown_trail_stop(order)) out.order.adjusted_trail_stop_price = real(*stop);
  if (has_reference_limit(order) && !order.told && !order.shut && !order.child_held) {
    out.order.lmt_price = real(reference_limit(order));
  }
  if (!order.told_commission.is_zero()) {
    out.order_state.commission = real(order.told_commission);
    out.order_state.commission_currency = order.contract.currency;
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
  if (const auto stop = shown_trail_stop(order)) out.order.trail_stop_price = real(*stop);
  if (has_reference_limit(order)) out.order.lmt_price = real(reference_limit(order));
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

Decimal commission_of(const Instrument& instrument, bool is_buy, Decimal shares, Decimal price,
                      Decimal filled) {
  // The minimum is one per order: later executions pay what all together exceed it.
  const auto up_to = [&](std::int64_t quantity) {
    const Int128 each = Int128{instrument.commission_each.units()} * quantity / Decimal::one;
    return std::max(static_cast<std::int64_t>(each), instrument.commission_min.units());
  };
  const std::int64_t before = filled.is_zero() ? 0 : up_to(filled.units());
  const std::int64_t base = up_to(filled.units() + shares.units()) - before;
  if (instrument.sec_type != "STK") return Decimal::from_units(base);
  // Recorded in June 2026, in millionths: what the exchanges and the regulators take.
  Int128 fees = Int128{3} * shares.units() * Decimal::one;
  if (!is_buy) fees += Int128{195} * shares.units() * Decimal::one;
  if (!is_buy) fees += Int128{206} * price.units() * shares.units() / 10;
  const Int128 whole = Int128{Decimal::one} * Decimal::one;
  const Int128 millionths = (fees + whole / 2) / whole;
  return Decimal::from_units(base +
                             static_cast<std::int64_t>(millionths) * (Decimal::one / 1'000'000));
}

tws::wire::OpenOrder what_if_answer(const SimOrder& order, const WhatIf& effect) {
  tws::wire::OpenOrder out = open_order(order);
  const auto money = [](Int128 value) { return real(to_decimal(value)); };
  // Recorded: the equity falls by the commission, and neither end of a range is told of that.
  const Int128 cost = Int128{effect.commission.units()} * Decimal::one;
  const Int128 margin_after = effect.margin + effect.margin_change;
  tws::wire::OrderState& state = out.order_state;
  state.status = "PreSubmitted";
  state.before = {money(effect.margin), money(effect.margin), money(effect.equity)};
  state.change = {money(effect.margin_change), money(effect.margin_change), money(-cost)};
  state.after = {money(margin_after), money(margin_after), money(effect.equity - cost)};
  state.commission = real(effect.commission);
  state.commission_currency = order.contract.currency;
  state.margin_currency = "USD";
  return out;
}

}  // namespace belay::simtws
