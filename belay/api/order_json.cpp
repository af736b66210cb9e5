// SPDX-License-Identifier: Apache-2.0
#include "belay/api/order_json.hpp"

#include <fmt/format.h>

#include <map>

#include "belay/core/facts/owner.hpp"
#include "belay/model/order_terms.hpp"
#include "belay/model/purposes.hpp"

namespace belay::api {
namespace {

using base::JsonWriter;
using model::OrdStatus;

void optional_text(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}
void price(JsonWriter& json, std::string_view name, const std::optional<model::Price>& value) {
  optional_text(json, name, value ? model::to_string(*value) : "");
}
void decimal(JsonWriter& json, std::string_view name, const std::optional<base::Decimal>& value) {
  optional_text(json, name, value ? value->to_string() : "");
}
/// `words` are the broker's own, of a time that could not be read.
void time(JsonWriter& json, std::string_view name, const std::optional<base::Time>& value,
          const std::string& words = "") {
  optional_text(json, name, value ? base::to_rfc3339(*value) : words);
}

void write_flags(JsonWriter& json, const core::Order& order) {
  json.key("flags").begin_array();
  if (order.pending_cancel && !model::is_terminal(order.status)) json.string("pending_cancel");
  if (order.replacing || order.desired_terms) json.string("pending_replace");
  if (order.unknown) json.string("unknown");
  if (order.external) json.string("external");
  if (core::is_bound(order)) json.string("bound");
  if (order.overfilled) json.string("overfilled");
  json.end_array();
}

void write_terms(JsonWriter& json, const model::OrderTerms& terms) {
  model::for_each_term([&](const auto& term) {
    if (*term.field == '\0') return;
    const auto& value = terms.*term.member;
    using T = std::remove_cvref_t<decltype(value)>;
    const std::string words = term.rules.raw == nullptr ? "" : terms.*term.rules.raw;
    if constexpr (std::is_same_v<T, model::Quantity>) {
      // An order for nothing does not exist: such a quantity was not told.
      optional_text(json, term.field, value.is_zero() ? "" : model::to_string(value));
    } else if constexpr (std::is_same_v<T, std::optional<model::Price>>) {
      price(json, term.field, value);
    } else if constexpr (std::is_same_v<T, std::optional<base::Decimal>>) {
      decimal(json, term.field, value);
    } else if constexpr (std::is_same_v<T, std::optional<base::Time>>) {
      time(json, term.field, value, words);
    } else if constexpr (std::is_same_v<T, model::TimeInForce>) {
      json.field(term.field, words.empty() ? model::name(value) : std::string_view(words));
    } else {
      json.field(term.field, value);
    }
  });
}

void write_legs(JsonWriter& json, const std::vector<model::ComboLeg>& legs) {
  json.key("legs").begin_array();
  for (const model::ComboLeg& leg : legs) {
    json.begin_object();
    json.field("con_id", std::to_string(leg.con_id));
    json.field("ratio", leg.ratio);
    json.field("action", model::name(leg.side));
    json.field("exchange", leg.exchange);
    json.end_object();
  }
  json.end_array();
}

// One line for each copy that the broker made; empty while there is one.
void write_incarnations(JsonWriter& json, const core::Order& order) {
  json.key("incarnations").begin_array();
  std::map<model::PermanentId, model::Quantity> sums;
  for (const auto& execution : order.executions) {
    const bool counts = !execution.busted && !execution.repeats && execution.leg_con_id == 0;
    if (order.incarnations.empty() || !execution.permanent_id || !counts) continue;
    model::Quantity& sum = sums[*execution.permanent_id];
    sum = sum + execution.last_qty;
  }
  for (const core::Incarnation& copy : order.incarnations) {
    const auto its = sums.find(copy.permanent_id);
    const model::Quantity filled = its == sums.end() ? model::Quantity() : its->second;
    json.begin_object();
    json.field("perm_id", std::to_string(copy.permanent_id.value()));
    optional_text(json, "broker_status", copy.raw_status);
    json.field("done", copy.done);
    json.field("filled", model::to_string(filled));
    json.end_object();
  }
  json.end_array();
}

void write_names(JsonWriter& json, const core::Order& order, std::string_view name) {
  json.field("order_id", name.empty() ? std::to_string(order.id.value()) : std::string(name));
  optional_text(json, "client_order_id", order.cl_ord_id.value());
  json.field("owner", core::owner_word(order));
  const auto& broker = order.broker_id;
  json.key("client_id");
  // Orders made by hand are client 0's until somebody binds them.
  if (broker || core::is_unbound(order)) {
    json.integer(core::owner_session(order));
  } else {
    json.null();
  }
  optional_text(json, "broker_order_id", broker ? std::to_string(broker->number) : "");
  const auto& permanent = order.permanent_ids;
  optional_text(json, "perm_id",
                permanent.empty() ? "" : std::to_string(permanent.front().value()));
  json.key("perm_ids").begin_array();
  for (const auto& id : permanent) json.string(std::to_string(id.value()));
  json.end_array();
  write_incarnations(json, order);
}

void write_state(JsonWriter& json, const core::Order& order) {
  json.field("status", status_word(order));
  json.field("ord_status", core::reported_ord_status(order));
  write_flags(json, order);
  json.field("outcome", outcome_word(order));
  // The broker tells more than its executions do: how much it is they will tell, or a person.
  const bool counted = !awaits_fills(order);
  optional_text(json, "filled", counted ? model::to_string(order.cum_qty) : "");
  // What was ordered and is not filled; of an order that is done none of it works. Of one for an
  // amount of money, or whose quantity was not told, nobody knows what is left.
  const model::Quantity ordered = order.spec->terms.order_qty;
  const bool sized = !ordered.is_zero() && counted;
  optional_text(json, "remaining", sized ? model::to_string(ordered - order.cum_qty) : "");
  optional_text(json, "leaves",
                sized || (counted && model::is_terminal(order.status))
                    ? model::to_string(order.leaves_qty())
                    : "");
  const auto average = core::average_price(order);
  optional_text(json, "avg_fill_price", average ? average->text : "");
  optional_text(json, "avg_fill_price_from",
                !average             ? ""
                : average->by_broker ? "broker"
                                     : "executions");
  price(json, "last_fill_price", core::last_price(order));
  optional_text(json, "why_held", order.why_held);
  optional_text(json, "broker_status", order.raw_status);
  json.key("broker_code");
  if (order.code == 0) {
    json.null();
  } else {
    json.integer(order.code);
  }
  optional_text(json, "broker_text", order.broker_text);
  optional_text(json, "text", order.text);
  json.field("version", std::to_string(order.version));
  json.field("seq", std::to_string(order.seq));
  json.field("created_at", base::to_rfc3339(order.created_at));
  json.field("updated_at", base::to_rfc3339(order.updated_at));
}

}  // namespace

constexpr std::int32_t code_canceled = 202;  // of TWS

// The one mapping between our states and the words of TWS (docs: the table of states).
std::string_view status_word(const core::Order& order) {
  if (order.pending_cancel && !model::is_terminal(order.status)) return "PendingCancel";
  switch (order.status) {
    case OrdStatus::created:
      return "PendingSubmit";
    case OrdStatus::pending_new:
    case OrdStatus::new_:
      // The broker's own word where it is about a live order.
      for (const std::string_view word :
           {"PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel"}) {
        if (order.raw_status == word) return word;
      }
      return order.status == OrdStatus::new_ ? "Submitted" : "PendingSubmit";
    case OrdStatus::partially_filled:
      return order.raw_status == "PendingCancel" ? "PendingCancel" : "PartiallyFilled";
    case OrdStatus::filled:
      return "Filled";
    case OrdStatus::canceled:
    case OrdStatus::expired:
      return "Cancelled";
    case OrdStatus::rejected:
      // What it refuses with the code of an end, a limit beyond its price check, TWS calls so.
      return order.raw_status == "Cancelled" || order.code == code_canceled ? "Cancelled"
                                                                            : "Inactive";
    case OrdStatus::denied:
    case OrdStatus::held:
    case OrdStatus::not_accepted:
      return "Inactive";
  }
  return "Inactive";
}

bool is_acknowledged(const core::Order& order) {
  return order.status != OrdStatus::created && order.status != OrdStatus::pending_new;
}

bool awaits_fills(const core::Order& order) {
  return order.filled_claim > order.cum_qty;
}

bool filled_by_claim(const core::Order& order) {
  return awaits_fills(order) && order.filled_claim >= order.spec->terms.order_qty;
}

bool ended_untaken(const core::Order& order) {
  if (awaits_fills(order)) return false;
  if (order.status == OrdStatus::rejected || order.status == OrdStatus::denied) return true;
  const bool ended = model::is_terminal(order.status) && order.status != OrdStatus::filled;
  return ended && !order.worked && !order.external;
}

bool has_reason(const core::Order& order) {
  return order.code != 0 || !order.broker_text.empty() || !order.text.empty();
}

std::string etag(const core::Order& order) {
  return fmt::format("\"v{}\"", order.version);
}

bool ends_at_once(const core::Order& order) {
  return model::is_at_once(order.spec->terms.time_in_force);
}

bool ended_unsent(const core::Order& order) {
  return model::is_terminal(order.status) && !order.external && !order.broker_id;
}

std::string_view outcome_word(const core::Order& order) {
  // The broker calls some of it filled: whatever else it was called, it was there.
  const bool untaken = order.status == OrdStatus::rejected || order.status == OrdStatus::denied ||
                       order.status == OrdStatus::not_accepted;
  if (untaken && awaits_fills(order)) return "unknown";
  if (order.status == OrdStatus::denied || ended_unsent(order)) return "not_sent";
  if (order.status == OrdStatus::rejected) return "rejected";
  if (order.status == OrdStatus::not_accepted) return "not_accepted";
  if (order.unknown) return "unknown";
  return is_acknowledged(order) ? "acknowledged" : "pending";
}

void write_contract(JsonWriter& json, const model::Contract& contract, std::int64_t told) {
  const std::int64_t con_id = contract.con_id != 0 ? contract.con_id : told;
  json.begin_object();
  json.field("symbol", contract.symbol);
  json.field("sec_type", contract.raw_sec_type.empty() ? model::name(contract.sec_type)
                                                       : std::string_view(contract.raw_sec_type));
  json.field("exchange", contract.exchange);
  json.field("currency", contract.currency);
  optional_text(json, "local_symbol", contract.local_symbol);
  optional_text(json, "trading_class", contract.trading_class);
  optional_text(json, "con_id", con_id == 0 ? "" : std::to_string(con_id));
  optional_text(json, "primary_exchange", contract.primary_exchange);
  optional_text(json, "last_trade_date", contract.last_trade_date);
  price(json, "strike", contract.strike);
  optional_text(json, "right", contract.right);
  optional_text(json, "multiplier", contract.multiplier);
  if (!contract.legs.empty()) write_legs(json, contract.legs);
  json.end_object();
}

void write_order(JsonWriter& json, const core::Order& order, std::string_view lane,
                 std::string_view name) {
  json.begin_object();
  write_names(json, order, name);
  json.field("account", order.spec->account.value());
  json.key("contract");
  write_contract(json, order.spec->contract, order.con_id);
  json.field("action", model::name(order.spec->side));
  const bool other = order.spec->ord_type == model::OrdType::other && !order.raw_ord_type.empty();
  json.field("order_type",
             other ? std::string_view(order.raw_ord_type) : model::name(order.spec->ord_type));
  write_terms(json, order.spec->terms);
  optional_text(
      json, "purpose",
      order.spec->purpose.empty() ? "" : std::string(model::purpose_label(order.spec->purpose)));
  time(json, "valid_until", order.spec->valid_until);
  write_state(json, order);
  optional_text(json, "lane", std::string(lane));
  json.key("fills").begin_array();
  for (const auto& execution : order.executions) write_execution(json, order, execution);
  json.end_array();
  json.end_object();
}

void write_execution(JsonWriter& json, const core::Order& order,
                     const model::Execution& execution) {
  json.begin_object();
  json.field("exec_id", model::to_string(execution.id));
  json.field("order_id", std::to_string(order.id.value()));
  optional_text(json, "client_order_id", order.cl_ord_id.value());
  const auto& whose = execution.account.value();
  json.field("account", whose.empty() ? order.spec->account.value() : whose);
  json.field("symbol", order.spec->contract.symbol);
  json.field("side", model::name(execution.side));
  json.field("shares", model::to_string(execution.last_qty));
  price(json, "price", execution.last_px);
  json.field("time", execution.transact_time);
  json.field("exchange", execution.exchange);
  json.field("revision", static_cast<std::int64_t>(execution.id.revision));
  json.field("busted", execution.busted);
  json.field("inferred", execution.inferred);
  json.field("repeats", execution.repeats);
  optional_text(json, "leg_con_id",
                execution.leg_con_id == 0 ? "" : std::to_string(execution.leg_con_id));
  optional_text(json, "perm_id",
                execution.permanent_id ? std::to_string(execution.permanent_id->value()) : "");
  decimal(json, "commission", execution.commission);
  optional_text(json, "commission_currency", execution.commission_currency);
  json.end_object();
}

void write_position(JsonWriter& json, const model::Position& position) {
  json.begin_object();
  json.field("account", position.account.value());
  json.key("contract");
  write_contract(json, position.contract);
  decimal(json, "position", position.quantity);
  optional_text(json, "avg_cost", position.avg_cost);
  json.end_object();
}

void write_account_value(JsonWriter& json, const model::AccountValue& value) {
  json.begin_object();
  json.field("account", value.account.value());
  json.field("tag", value.tag);
  optional_text(json, "value", value.value);
  optional_text(json, "currency", value.currency);
  json.end_object();
}

std::string order_json(const core::Order& order, std::string_view lane, std::string_view name) {
  JsonWriter json;
  write_order(json, order, lane, name);
  return json.take();
}

}  // namespace belay::api
