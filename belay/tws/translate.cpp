// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/translate.hpp"

#include <fmt/format.h>

#include "belay/tws/error_codes.hpp"

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
  order.action = name(spec.side);
  order.order_type = name(spec.ord_type);
  order.total_quantity = Real::from_decimal(terms.order_qty.value());
  order.lmt_price = real(terms.price);
  // IB keeps the stop price and the trailing amount in one field; a trailing stop's first trigger
  // has a field of its own.
  if (spec.ord_type == OrdType::trailing_stop) {
    order.aux_price = real(terms.trail_amount);
    if (terms.trail_percent) order.trailing_percent = Real::from_decimal(*terms.trail_percent);
    order.trail_stop_price = real(terms.stop_px);
  } else {
    order.aux_price = real(terms.stop_px);
  }
  order.tif = name(terms.time_in_force);
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
          .contract = to_wire(effect.spec.contract),
          .order = to_wire_order(effect.spec, effect.tag)};
}

// A price that is absent stays absent; one that is there must be exact.
base::Result<std::optional<Price>> price_of(const Real& value, const char* field) {
  if (!value.is_set()) return std::optional<Price>();
  const auto decimal = value.to_decimal();
  if (!decimal) return base::fail(field, value.to_string() + " is not exact in 1e-8");
  return std::optional<Price>(Price(*decimal));
}
base::Result<Quantity> quantity_of(const Real& value, const char* field) {
  if (!value.is_set()) return Quantity();
  const auto decimal = value.to_decimal();
  const auto quantity = decimal ? Quantity::make(*decimal) : std::nullopt;
  if (!quantity) {
    return base::fail(field, value.to_string() + " is not a quantity that is exact in 1e-8");
  }
  return *quantity;
}

template <class Enum>
Enum parse_or(std::string_view text, Enum otherwise) {
  return model::parse<Enum>(text).value_or(otherwise);
}

std::optional<core::PermanentId> permanent(std::int64_t perm_id) {
  if (perm_id == 0) return std::nullopt;
  return core::PermanentId(perm_id);
}

base::Result<core::OrderSpec> spec_of(const wire::Contract& contract, const wire::Order& order) {
  core::OrderSpec spec;
  spec.account = core::AccountId(order.account);
  spec.contract = from_wire(contract);
  spec.side = order.action == "BUY" ? core::Side::buy : core::Side::sell;
  spec.ord_type = parse_or(order.order_type, OrdType::other);
  spec.terms.time_in_force = parse_or(order.tif, TimeInForce::other);
  spec.terms.outside_rth = order.outside_rth;
  spec.terms.hidden = order.hidden;
  const auto quantity = quantity_of(order.total_quantity, "totalQuantity");
  if (!quantity) return base::Failure<base::Error>{quantity.error()};
  spec.terms.order_qty = *quantity;
  // The gateway fills price fields that a type does not use (lmtPrice 0.0 on MKT, trailStopPrice
  // on LMT): only those that mean something are read.
  const bool limit = spec.ord_type == OrdType::limit || spec.ord_type == OrdType::stop_limit;
  const bool stop = spec.ord_type == OrdType::stop || spec.ord_type == OrdType::stop_limit;
  const bool trail = spec.ord_type == OrdType::trailing_stop;
  const struct {
    bool used;
    const Real& value;
    const char* field;
    std::optional<Price>& target;
  } prices[] = {{limit, order.lmt_price, "lmtPrice", spec.terms.price},
                {stop, order.aux_price, "auxPrice", spec.terms.stop_px},
                {trail, order.aux_price, "auxPrice", spec.terms.trail_amount},
                {trail, order.trail_stop_price, "trailStopPrice", spec.terms.stop_px}};
  for (const auto& [used, value, field, target] : prices) {
    if (!used) continue;
    const auto price = price_of(value, field);
    if (!price) return base::Failure<base::Error>{price.error()};
    target = *price;
  }
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
  out.sec_type = name(contract.sec_type);
  out.last_trade_date_or_contract_month = contract.last_trade_date;
  out.strike = real(contract.strike);
  out.right = contract.right;
  out.multiplier = contract.multiplier;
  out.exchange = contract.exchange;
  out.primary_exchange = contract.primary_exchange;
  out.currency = contract.currency;
  out.local_symbol = contract.local_symbol;
  out.trading_class = contract.trading_class;
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
  out.con_id = contract.con_id;
  out.symbol = contract.symbol;
  out.sec_type = parse_or(contract.sec_type, SecurityType::other);
  out.exchange = contract.exchange;
  out.primary_exchange = contract.primary_exchange;
  out.currency = contract.currency;
  out.last_trade_date = contract.last_trade_date_or_contract_month;
  if (const auto strike = contract.strike.to_decimal(); strike && !strike->is_zero()) {
    out.strike = Price(*strike);
  }
  out.right = contract.right;
  out.multiplier = contract.multiplier;
  out.local_symbol = contract.local_symbol;
  out.trading_class = contract.trading_class;
  return out;
}

core::BrokerNames names_of(const wire::OpenOrder& message) {
  core::BrokerNames names;
  // Order id 0 is a manual order that nobody bound: its only name is the permanent id.
  if (message.order_id != 0) {
    names.broker_id = core::BrokerOrderId{message.order.client_id, message.order_id};
  }
  names.permanent_id = permanent(message.order.perm_id);
  names.tag = message.order.order_ref;
  names.carries_tag = true;
  return names;
}

base::Result<core::BrokerOrder> from_wire(const wire::OpenOrder& message) {
  auto spec = spec_of(message.contract, message.order);
  if (!spec) return base::Failure<base::Error>{spec.error()};
  core::BrokerOrder out;
  out.names = names_of(message);
  out.spec = std::move(*spec);
  out.raw_ord_type = message.order.order_type;
  out.raw_status = message.order_state.status;
  // Inactive is rejected or held; only the status that follows says why (section 8).
  out.state = out.raw_status == "Inactive" ? BrokerState::unlisted : state_of(out.raw_status, "");
  out.text = !message.order_state.reject_reason.empty() ? message.order_state.reject_reason
                                                        : message.order_state.completed_status;
  return out;
}

base::Result<core::BrokerOrder> from_wire(const wire::CompletedOrder& message) {
  auto spec = spec_of(message.contract, message.order);
  if (!spec) return base::Failure<base::Error>{spec.error()};
  const auto filled = quantity_of(message.order.filled_quantity, "filledQuantity");
  if (!filled) return base::Failure<base::Error>{filled.error()};
  core::BrokerOrder out;
  out.names.permanent_id = permanent(message.order.perm_id);
  out.names.tag = message.order.order_ref;
  out.names.carries_tag = true;
  out.spec = std::move(*spec);
  out.raw_ord_type = message.order.order_type;
  out.raw_status = message.order_state.status;
  out.state = state_of(out.raw_status, "");
  out.text = message.order_state.completed_status;
  out.filled = *filled;
  return out;
}

base::Result<core::BrokerStatus> from_wire(const wire::OrderStatus& message) {
  const auto filled = quantity_of(message.filled, "filled");
  if (!filled) return base::Failure<base::Error>{filled.error()};
  core::BrokerStatus out;
  if (message.order_id != 0) {
    out.names.broker_id = core::BrokerOrderId{message.client_id, message.order_id};
  }
  out.names.permanent_id = permanent(message.perm_id);
  out.raw_status = message.status;
  out.why_held = message.why_held;
  out.state = state_of(out.raw_status, out.why_held);
  out.filled = *filled;
  return out;
}

base::Result<core::BrokerExecution> from_wire(const wire::ExecDetails& message) {
  const wire::Execution& e = message.execution;
  const auto quantity = quantity_of(e.shares, "shares");
  if (!quantity) return base::Failure<base::Error>{quantity.error()};
  const auto price = price_of(e.price, "price");
  if (!price) return base::Failure<base::Error>{price.error()};
  core::BrokerExecution out;
  if (message.order_id != 0) {
    out.names.broker_id = core::BrokerOrderId{e.client_id, message.order_id};
  }
  out.names.permanent_id = permanent(e.perm_id);
  out.names.tag = e.order_ref;
  out.names.carries_tag = true;
  out.account = core::AccountId(e.acct_number);
  out.contract = from_wire(message.contract);
  out.execution.id = core::split_exec_id(e.exec_id);
  out.execution.last_qty = *quantity;
  out.execution.last_px = price->value_or(Price());
  out.execution.side = e.side == "BOT" ? core::Side::buy : core::Side::sell;
  out.execution.transact_time = e.time;
  out.execution.exchange = e.exchange;
  if (const auto sum = quantity_of(e.cum_qty, "cumQty")) out.cum_qty = *sum;
  // A bust comes as a correction to nothing.
  out.execution.busted = quantity->is_zero();
  return out;
}

base::Result<core::BrokerCommission> from_wire(const wire::CommissionReport& message) {
  const auto commission = message.commission.to_decimal();
  if (!commission) return base::fail("commission", "not known yet, or not exact in 1e-8");
  core::BrokerCommission out;
  out.execution = core::split_exec_id(message.exec_id);
  out.commission = *commission;
  out.currency = message.currency;
  out.realized_pnl = message.realized_pnl.to_decimal();
  return out;
}

core::BrokerNotice from_wire(const wire::ErrMsg& message, std::int32_t client_id) {
  core::BrokerNotice out;
  out.names.broker_id = core::BrokerOrderId{client_id, message.id};
  out.code = message.error_code;
  out.text = message.error_string;
  out.verdict = verdict_of(message.error_code);
  out.by_request = meaning_of(message.error_code);
  return out;
}

base::Result<core::Position> from_wire(const wire::Position& message) {
  const auto quantity = message.position.to_decimal();
  if (!quantity) return base::fail("position", message.position.to_string() + " is not exact");
  return core::Position{core::AccountId(message.account), from_wire(message.contract), *quantity,
                        message.avg_cost.to_string()};
}

core::AccountValue from_wire(const wire::AccountSummary& message) {
  return {core::AccountId(message.account), message.tag, message.value, message.currency};
}

std::vector<core::AccountSeen> accounts_seen(const std::vector<std::string>& names) {
  std::vector<core::AccountSeen> out;
  for (const auto& name : names) {
    out.push_back({core::AccountId(name), !name.empty() && name.front() == 'D'});
  }
  return out;
}

}  // namespace belay::tws
