// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/translate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "belay/tws/error_codes.hpp"
#include "belay/tws/ib_words.hpp"

namespace belay::tws {
namespace {

using core::BrokerState;
using core::Decimal;
using core::OrdType;
using core::Price;
using core::Quantity;
using core::SecurityType;
using core::TimeInForce;
using wire::Real;

Real real(const std::optional<Price>& price) {
  return price ? Real::from_decimal(price->value()) : Real();
}

wire::Order to_wire_order(const core::OrderSpec& spec, const std::string& tag) {
  const core::OrderTerms& terms = spec.terms;
  wire::Order order;
  order.action = word_of(side_words, spec.side);
  order.order_type = word_of(ord_type_words, spec.ord_type);
  order.total_quantity = Real::from_decimal(terms.order_qty.value());
  order.lmt_price = real(terms.price);
  // IB keeps the stop price and the trailing amount in one field; a trailing stop's first trigger
  // has a field of its own.
  if (row_of(spec.ord_type).trails()) {
    order.aux_price = real(terms.trail_amount);
    if (terms.trail_percent) order.trailing_percent = Real::from_decimal(*terms.trail_percent);
    order.trail_stop_price = real(terms.stop_px);
  } else {
    order.aux_price = real(terms.stop_px);
  }
  order.lmt_price_offset = real(terms.limit_offset);
  if (terms.percent_offset) order.percent_offset = Real::from_decimal(*terms.percent_offset);
  order.tif = word_of(tif_words, terms.time_in_force);
  order.account = spec.account.value();
  order.order_ref = tag;
  order.transmit = true;
  order.outside_rth = terms.outside_rth;
  order.hidden = terms.hidden;
  if (terms.expire_time) order.good_till_date = to_wire_time(*terms.expire_time);
  if (terms.good_after_time) order.good_after_time = to_wire_time(*terms.good_after_time);
  return order;
}

template <class Effect>
wire::PlaceOrder place(const Effect& effect) {
  return {.order_id = static_cast<std::int32_t>(effect.broker_id.number),
          .contract = to_wire(effect.spec->contract),
          .order = to_wire_order(effect.spec, effect.tag)};
}

// The gateway fills price fields that a type does not use (lmtPrice 0.0 on MKT, trailStopPrice on
// LMT): only those that mean something are read.
void read_prices(const wire::Order& order, core::OrderSpec& spec, Border& border) {
  core::OrderTerms& terms = spec.terms;
  const core::OrdTypeRow& type = row_of(spec.ord_type);
  const auto read = [&](core::Use use, const Real& value,
                        const char* field) -> std::optional<Price> {
    if (use == core::Use::none) return std::nullopt;
    return use == core::Use::must ? border.price(value, field) : border.price_if_used(value, field);
  };
  const auto number = [](const std::optional<Price>& price) {
    return price ? std::optional(price->value()) : std::nullopt;
  };
  terms.price = read(type.price, order.lmt_price, "lmtPrice");
  if (type.trails()) {
    terms.trail_percent = number(border.price_if_used(order.trailing_percent, "trailingPercent"));
    if (!terms.trail_percent) {
      terms.trail_amount = border.price_if_used(order.aux_price, "auxPrice");
    }
    terms.stop_px = border.price_if_used(order.trail_stop_price, "trailStopPrice");
  } else {
    terms.stop_px = read(type.stop_px, order.aux_price, "auxPrice");
  }
  if (type.limit_offset != core::Use::none) {
    terms.limit_offset = border.price_if_used(order.lmt_price_offset, "lmtPriceOffset");
  }
  if (type.percent_offset != core::Use::none) {
    terms.percent_offset = number(border.price_if_used(order.percent_offset, "percentOffset"));
  }
}

void read_time(const std::string& words, std::optional<base::Time>& time, base::Text& raw) {
  if (words.empty()) return;
  time = time_of(words);
  if (!time) raw = words;
}

std::optional<core::OrderSpec> spec_of(const wire::Contract& contract, const wire::Order& order,
                                       Border& border) {
  core::OrderSpec spec;
  spec.account = core::AccountId(order.account);
  spec.contract = from_wire(contract);
  const auto side = value_of(side_words, order.action);
  if (!side) {
    border.leave_out("action", order.action);
    return std::nullopt;
  }
  spec.side = *side;
  spec.ord_type = value_of(ord_type_words, order.order_type).value_or(OrdType::other);
  core::OrderTerms& terms = spec.terms;
  terms.time_in_force = value_of(tif_words, order.tif).value_or(TimeInForce::other);
  if (terms.time_in_force == TimeInForce::other) terms.raw_time_in_force = order.tif;
  terms.outside_rth = order.outside_rth;
  terms.hidden = order.hidden;
  terms.order_qty = border.quantity(order.total_quantity, "totalQuantity").value_or(Quantity());
  if (const auto money = border.price_if_used(order.cash_qty, "cashQty")) {
    terms.cash_qty = money->value();
  }
  if (terms.time_in_force == TimeInForce::good_till_date) {
    read_time(order.good_till_date, terms.expire_time, terms.raw_expire_time);
  }
  read_time(order.good_after_time, terms.good_after_time, terms.raw_good_after_time);
  read_prices(order, spec, border);
  return spec;
}

}  // namespace

std::string to_wire_time(base::Time time) {
  const base::CivilTime c = base::to_civil(time);
  return fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

wire::Contract to_wire(const core::Contract& contract) {
  wire::Contract out;
  out.con_id = static_cast<std::int32_t>(contract.con_id);
  out.symbol = contract.symbol;
  out.sec_type = word_of(sec_type_words, contract.sec_type);
  out.last_trade_date_or_contract_month = contract.last_trade_date;
  out.strike = real(contract.strike);
  out.right = contract.right;
  out.multiplier = contract.multiplier;
  out.exchange = contract.exchange;
  out.primary_exchange = contract.primary_exchange;
  out.currency = contract.currency;
  out.local_symbol = contract.local_symbol;
  out.trading_class = contract.trading_class;
  for (const core::ComboLeg& leg : contract.legs) {
    wire::ComboLeg& told = out.combo_legs.emplace_back();
    told.con_id = static_cast<std::int32_t>(leg.con_id);
    told.ratio = static_cast<std::int32_t>(leg.ratio);
    told.action = word_of(side_words, leg.side);
    told.exchange = leg.exchange;
  }
  return out;
}

wire::PlaceOrder to_wire(const core::PlaceEffect& effect) {
  return place(effect);
}
wire::PlaceOrder to_wire(const core::ReplaceEffect& effect) {
  return place(effect);
}
wire::CancelOrder to_wire(const core::CancelEffect& effect) {
  wire::CancelOrder out;
  out.order_id = static_cast<std::int32_t>(effect.broker_id.number);
  return out;
}

core::BrokerState state_of(std::string_view status, std::string_view why_held) {
  if (status == "PreSubmitted" || status == "Submitted") return BrokerState::working;
  if (status == "PendingSubmit" || status == "ApiPending") return BrokerState::pending;
  if (status == "PendingCancel") return BrokerState::canceling;
  if (status == "Cancelled" || status == "ApiCancelled") return BrokerState::canceled;
  if (status == "Filled") return BrokerState::filled;
  // Held while shares are located (whyHeld); otherwise rejected or deactivated (ib_insync#363).
  if (status == "Inactive") {
    return why_held.find("locate") != std::string_view::npos ? BrokerState::held
                                                             : BrokerState::rejected;
  }
  return BrokerState::unlisted;
}

core::Contract from_wire(const wire::Contract& contract) {
  core::Contract out;
  out.con_id = is_unset(contract.con_id) || contract.con_id < 0 ? 0 : contract.con_id;
  out.symbol = contract.symbol;
  out.sec_type = value_of(sec_type_words, contract.sec_type).value_or(SecurityType::other);
  if (out.sec_type == SecurityType::other) out.raw_sec_type = contract.sec_type;
  out.exchange = contract.exchange;
  out.primary_exchange = contract.primary_exchange;
  out.currency = contract.currency;
  out.last_trade_date = contract.last_trade_date_or_contract_month;
  if (const auto strike = Border().number(contract.strike, "strike");
      strike && *strike > core::Decimal()) {
    out.strike = Price(*strike);
  }
  out.right = contract.right;
  out.multiplier = contract.multiplier;
  out.local_symbol = contract.local_symbol;
  out.trading_class = contract.trading_class;
  for (const wire::ComboLeg& leg : contract.combo_legs) {
    const auto side = value_of(side_words, leg.action);
    if (side) out.legs.push_back({leg.con_id, leg.ratio, *side, leg.exchange});
  }
  return out;
}

namespace {

core::BrokerNames names_of(const wire::OpenOrder& message, Border& border) {
  core::BrokerNames names;
  // Order id 0 is a manual order that nobody bound: its only name is the permanent id.
  names.broker_id = border.broker_id(message.order.client_id, message.order_id);
  names.permanent_id = border.permanent_id(message.order.perm_id);
  names.tag = message.order.order_ref;
  names.carries_tag = true;
  return names;
}

core::BrokerNames names_of(const wire::CompletedOrder& message, Border& border) {
  core::BrokerNames names;
  names.permanent_id = border.permanent_id(message.order.perm_id);
  names.tag = message.order.order_ref;
  names.carries_tag = true;
  return names;
}

core::BrokerNames names_of(const wire::ExecDetails& message, Border& border) {
  const wire::Execution& e = message.execution;
  core::BrokerNames names;
  names.broker_id = border.broker_id(e.client_id, message.order_id);
  names.permanent_id = border.permanent_id(e.perm_id);
  names.tag = e.order_ref;
  names.carries_tag = true;
  return names;
}

// An id that cannot be read may be that of an order of ours of which nothing else is known yet.
bool tells_whom(const core::BrokerNames& names, std::int32_t client, std::int32_t number,
                std::int32_t session) {
  if (names.broker_id || !names.tag.empty()) return true;
  const bool of_nobody = number == 0;
  const bool read = !is_unset(client) && (client != session || !is_unset(number));
  return names.permanent_id && (of_nobody || read);
}

}  // namespace

core::BrokerNames names_of(const wire::OpenOrder& message) {
  Border border;
  return names_of(message, border);
}
core::BrokerNames names_of(const wire::CompletedOrder& message) {
  Border border;
  return names_of(message, border);
}
core::BrokerNames names_of(const wire::ExecDetails& message) {
  Border border;
  return names_of(message, border);
}

bool names_nothing(const core::BrokerNames& names) {
  return !names.broker_id && !names.permanent_id && names.tag.empty();
}

bool tells_whom(const wire::OpenOrder& message, std::int32_t session) {
  return tells_whom(names_of(message), message.order.client_id, message.order_id, session);
}
bool tells_whom(const wire::CompletedOrder& message, std::int32_t) {
  return !names_nothing(names_of(message));
}
bool tells_whom(const wire::ExecDetails& message, std::int32_t session) {
  return tells_whom(names_of(message), message.execution.client_id, message.order_id, session);
}

bool lacks_terms(const core::OrderSpec& spec) {
  const core::OrdTypeRow& type = row_of(spec.ord_type);
  return spec.terms.order_qty.is_zero() || (type.price == core::Use::must && !spec.terms.price) ||
         (type.stop_px == core::Use::must && !spec.terms.stop_px);
}

Taken<core::BrokerOrder> from_wire(const wire::OpenOrder& message) {
  Border border;
  core::BrokerOrder out;
  out.names = names_of(message, border);
  if (names_nothing(out.names)) border.leave_out("orderId", "");
  auto spec = spec_of(message.contract, message.order, border);
  if (!spec || names_nothing(out.names)) return border.nothing<core::BrokerOrder>();
  out.spec = std::move(*spec);
  out.raw_ord_type = message.order.order_type;
  out.raw_status = message.order_state.status;
  // Inactive is rejected or held; the status that follows says why (section 8), or that the broker
  // lists it as open.
  out.state = out.raw_status == "Inactive" ? BrokerState::inactive : state_of(out.raw_status, "");
  out.text = !message.order_state.reject_reason.empty() ? message.order_state.reject_reason
                                                        : message.order_state.completed_status;
  return border.taken(std::move(out));
}

Taken<core::BrokerOrder> from_wire(const wire::CompletedOrder& message) {
  Border border;
  core::BrokerOrder out;
  out.names = names_of(message, border);
  if (names_nothing(out.names)) border.leave_out("permId", "");
  auto spec = spec_of(message.contract, message.order, border);
  if (!spec || names_nothing(out.names)) return border.nothing<core::BrokerOrder>();
  out.spec = std::move(*spec);
  out.raw_ord_type = message.order.order_type;
  out.raw_status = message.order_state.status;
  out.state = state_of(out.raw_status, "");
  out.text = message.order_state.completed_status;
  out.filled = border.quantity(message.order.filled_quantity, "filledQuantity");
  return border.taken(std::move(out));
}

Taken<core::BrokerStatus> from_wire(const wire::OrderStatus& message) {
  Border border;
  core::BrokerStatus out;
  out.names.broker_id = border.broker_id(message.client_id, message.order_id);
  out.names.permanent_id = border.permanent_id(message.perm_id);
  if (names_nothing(out.names)) {
    border.leave_out("orderId", "");
    return border.nothing<core::BrokerStatus>();
  }
  out.raw_status = message.status;
  out.why_held = message.why_held;
  out.state = state_of(out.raw_status, out.why_held);
  out.filled = border.quantity(message.filled, "filled");
  // Zero is how the broker writes "no fill yet".
  out.avg_px = border.price_if_used(message.avg_fill_price, "avgFillPrice");
  out.last_px = border.price_if_used(message.last_fill_price, "lastFillPrice");
  return border.taken(std::move(out));
}

Taken<core::BrokerExecution> from_wire(const wire::ExecDetails& message) {
  const wire::Execution& e = message.execution;
  Border border;
  core::BrokerExecution out;
  const auto shares = border.quantity(e.shares, "shares");
  const auto side = value_of(side_words, e.side);
  // A number that is no number, or too small for ours, is no bust: only a zero is.
  const bool counts = shares && (!shares->is_zero() || e.shares.is_zero());
  if (!counts) border.leave_out("shares", e.shares.to_string());
  if (!side) border.leave_out("side", e.side);
  if (e.exec_id.empty()) border.leave_out("execId", "");
  if (!counts || !side || e.exec_id.empty()) return border.nothing<core::BrokerExecution>();
  out.names = names_of(message, border);
  out.account = core::AccountId(e.acct_number);
  out.contract = from_wire(message.contract);
  out.execution.id = core::split_exec_id(e.exec_id);
  out.execution.last_qty = *shares;
  out.execution.last_px = border.price(e.price, "price");
  out.execution.side = *side;
  out.execution.transact_time = e.time;
  out.execution.exchange = e.exchange;
  out.cum_qty = border.quantity(e.cum_qty, "cumQty").value_or(Quantity());
  out.avg_px = border.price_if_used(e.avg_price, "avgPrice");
  // A bust comes as a correction to nothing.
  out.execution.busted = shares->is_zero();
  return border.taken(std::move(out));
}

Taken<core::BrokerCommission> from_wire(const wire::CommissionReport& message) {
  Border border;
  core::BrokerCommission out;
  const auto commission = border.number(message.commission, "commission");
  const bool pending = commission && *commission == core::Decimal::from_int(-1);
  if (!commission || pending) return border.nothing<core::BrokerCommission>();
  out.execution = core::split_exec_id(message.exec_id);
  out.commission = *commission;
  out.currency = message.currency;
  out.realized_pnl = border.number(message.realized_pnl, "realizedPNL");
  return border.taken(std::move(out));
}

Taken<core::BrokerBound> from_wire(const wire::OrderBound& message) {
  Border border;
  const auto permanent_id = border.permanent_id(message.perm_id);
  const auto broker_id = border.broker_id(message.client_id, message.order_id);
  if (!permanent_id || !broker_id) {
    border.leave_out("permId", fmt::format("{} as order {} of client {}", message.perm_id,
                                           message.order_id, message.client_id));
    return border.nothing<core::BrokerBound>();
  }
  return border.taken(core::BrokerBound{*permanent_id, *broker_id});
}

core::BrokerNotice from_wire(const wire::ErrMsg& message, std::int32_t client_id) {
  core::BrokerNotice out;
  Border border;
  out.names.broker_id = border.broker_id(client_id, message.id);
  out.code = is_unset(message.error_code) ? 0 : message.error_code;
  out.text = message.error_string;
  out.verdict = verdict_of(message.error_code, message.error_string);
  out.by_request = meaning_of(message.error_code, message.error_string);
  return out;
}

Taken<core::Position> from_wire(const wire::Position& message) {
  Border border;
  core::Position out{core::AccountId(message.account), from_wire(message.contract),
                     border.number(message.position, "position"), ""};
  if (!out.quantity) border.leave_out("position", message.position.to_string());
  if (out.contract.con_id == 0 && out.contract.symbol.empty())
    border.leave_out("conId", std::to_string(message.contract.con_id));
  if (const auto cost = border.number(message.avg_cost, "avgCost")) {
    out.avg_cost = cost->to_string();
  }
  return border.taken(std::move(out));
}

namespace {

constexpr std::array amount_tags{"NetLiquidation",      "TotalCashValue", "SettledCash",
                                 "BuyingPower",         "AvailableFunds", "ExcessLiquidity",
                                 "InitMarginReq",       "MaintMarginReq", "GrossPositionValue",
                                 "EquityWithLoanValue", "Cushion"};
constexpr std::array word_tags{"AccountType"};  // INDIVIDUAL, for example

}  // namespace

std::string account_tags() {
  return fmt::format("{},{}", fmt::join(word_tags, ","), fmt::join(amount_tags, ","));
}

// What else the broker may tell unasked has words of its own.
Taken<core::AccountValue> from_wire(const wire::AccountSummary& message) {
  Border border;
  const bool is_amount =
      std::find(amount_tags.begin(), amount_tags.end(), message.tag) != amount_tags.end();
  std::string value = is_amount ? border.amount(message.value, "value") : message.value;
  return border.taken(core::AccountValue{core::AccountId(message.account), message.tag,
                                         std::move(value), message.currency});
}

std::vector<core::AccountSeen> accounts_seen(const std::vector<std::string>& names) {
  std::vector<core::AccountSeen> out;
  for (const auto& name : names) {
    out.push_back({core::AccountId(name), !name.empty() && name.front() == 'D'});
  }
  return out;
}

}  // namespace belay::tws
