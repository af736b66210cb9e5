// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/requests.hpp"

#include <fmt/format.h>

#include <cctype>

namespace belay::conformance {
namespace {

using tws::wire::Real;

Real real(const Message& message, const char* field) {
  return Real::parse(message.text(field)).value_or(Real());
}

std::optional<std::int32_t> positive(const Message& message, const char* field) {
  const int value = message.number(field);
  return value > 0 ? std::optional<std::int32_t>(value) : std::nullopt;
}

bool flag(const Message& message, const char* field, bool otherwise = false) {
  if (!message.has(field)) return otherwise;
  const std::string& text = message.text(field);
  return text == "1" || text == "true";
}

void read_conditions(const Message& message, tws::wire::Order& out) {
  for (int i = 0; message.has(fmt::format("conditions.{}.type", i)); ++i) {
    const auto field = [&](const char* name) {
      return message.text(fmt::format("conditions.{}.{}", i, name));
    };
    tws::wire::OrderCondition one;
    one.type = message.number(fmt::format("conditions.{}.type", i));
    one.is_conjunction = field("conjunction") != "o";
    one.is_more = field("operator") == "1";
    one.value = field("value");
    one.con_id = message.number(fmt::format("conditions.{}.conId", i));
    one.exchange = field("exchange");
    one.trigger_method = message.number(fmt::format("conditions.{}.triggerMethod", i));
    one.sec_type = field("secType");
    one.symbol = field("symbol");
    out.conditions.push_back(one);
  }
  out.conditions_ignore_rth = flag(message, "conditionsIgnoreRth");
  out.conditions_cancel_order = flag(message, "conditionsCancelOrder");
}

void read_special(const Message& message, tws::wire::Order& out) {
  out.display_size = positive(message, "displaySize");
  out.min_qty = positive(message, "minQty");
  out.percent_offset = real(message, "percentOffset");
  out.all_or_none = flag(message, "allOrNone");
  out.good_after_time = message.text("goodAfterTime");
  out.good_till_date = message.text("goodTillDate");
  out.active_start_time = message.text("activeStartTime");
  out.active_stop_time = message.text("activeStopTime");
  out.hedge_type = message.text("hedgeType");
  out.hedge_param = message.text("hedgeParam");
  out.scale_init_level_size = positive(message, "scaleInitLevelSize");
  out.scale_subs_level_size = positive(message, "scaleSubsLevelSize");
  out.scale_price_increment = real(message, "scalePriceIncrement");
  if (message.text("adjustedOrderType") != "None") {
    out.adjusted_order_type = message.text("adjustedOrderType");
  }
  out.trigger_price = real(message, "triggerPrice");
  out.adjusted_stop_price = real(message, "adjustedStopPrice");
  out.adjusted_stop_limit_price = real(message, "adjustedStopLimitPrice");
  out.adjusted_trailing_amount = real(message, "adjustedTrailingAmount");
  if (flag(message, "usePriceMgmtAlgo")) out.use_price_mgmt_algo = true;
  out.manual_order_time = message.text("manualOrderTime");
  out.algo_strategy = message.text("algoStrategy");
  for (const auto& [name, value] : message.fields) {
    // Names of fields begin small in recordings that are read, this one's do not on the wire.
    constexpr std::string_view prefix = "smartComboRoutingParams.";
    if (name.compare(0, prefix.size(), prefix) != 0) continue;
    std::string tag = name.substr(prefix.size());
    tag[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(tag[0])));
    out.smart_combo_routing_params.push_back({tag, value});
  }
  for (int i = 0; message.has(fmt::format("comboLegs.{}.conId", i)); ++i) {
    const std::string price = fmt::format("comboLegs.{}.perLegPrice", i);
    out.order_combo_leg_prices.push_back(real(message, price.c_str()));
  }
  for (const auto& [name, value] : message.fields) {
    constexpr std::string_view prefix = "algoParams.";
    if (name.compare(0, prefix.size(), prefix) == 0) {
      out.algo_params.push_back({name.substr(prefix.size()), value});
    }
  }
}

}  // namespace

tws::wire::Order order_of(const Message& message, bool transmit) {
  tws::wire::Order out;
  out.action = message.text("action");
  out.total_quantity = real(message, "totalQuantity");
  out.order_type = message.text("orderType");
  out.lmt_price = real(message, "lmtPrice");
  out.aux_price = real(message, "auxPrice");
  out.tif = message.text("tif");
  out.oca_group = message.text("ocaGroup");
  out.oca_type = message.number("ocaType");
  out.account = message.text("account");
  out.order_ref = message.text("orderRef");
  out.transmit = flag(message, "transmit", transmit);
  out.parent_id = message.number("parentId");
  out.what_if = flag(message, "whatIf");
  out.outside_rth = flag(message, "outsideRth");
  const bool trails = out.order_type.compare(0, 5, "TRAIL") == 0;
  if (trails) out.trail_stop_price = real(message, "trailStopPrice");
  out.trailing_percent = real(message, "trailingPercent");
  out.lmt_price_offset = real(message, "lmtPriceOffset");
  read_special(message, out);
  read_conditions(message, out);
  return out;
}

tws::wire::Contract contract_of(const Message& message, const simtws::Market& market) {
  tws::wire::Contract out;
  out.con_id = message.number("conId");
  out.symbol = message.has("symbol") ? message.text("symbol") : "AAPL";
  out.sec_type = message.has("secType") ? message.text("secType") : "STK";
  out.exchange = message.has("exchange") ? message.text("exchange") : "SMART";
  out.currency = message.has("currency") ? message.text("currency") : "USD";
  std::vector<const simtws::Instrument*> options;
  for (const simtws::Instrument* one : market.all()) {
    if (one->sec_type == "OPT" && one->symbol == out.symbol) options.push_back(one);
  }
  if (market.find(out.con_id) == nullptr) {
    out.con_id = 0;
    out.right = message.text("right");
    out.strike = real(message, "strike");
  }
  for (int i = 0; message.has(fmt::format("comboLegs.{}.conId", i)); ++i) {
    const auto field = [&](const char* name) { return fmt::format("comboLegs.{}.{}", i, name); };
    tws::wire::ComboLeg leg;
    leg.con_id = message.number(field("conId"));
    leg.ratio = message.number(field("ratio"));
    leg.action = message.text(field("action"));
    leg.exchange = message.text(field("exchange"));
    // Options of other days are not listed here; legs that are take their places.
    const bool is_listed = market.find(leg.con_id) != nullptr;
    const auto place = static_cast<std::size_t>(i);
    if (!is_listed && place < options.size()) leg.con_id = options[place]->con_id;
    out.combo_legs.push_back(leg);
  }
  return out;
}

std::optional<tws::wire::ClientMessage> request_of(const Message& message, bool transmit,
                                                   const simtws::Market& market) {
  if (message.is("placeOrder")) {
    return tws::wire::PlaceOrder{message.number("orderId"), contract_of(message, market),
                                 order_of(message, transmit)};
  }
  if (message.is("cancelOrder")) {
    return tws::wire::CancelOrder{message.number("orderId"), "", "", std::nullopt};
  }
  if (message.is("reqGlobalCancel")) return tws::wire::ReqGlobalCancel{};
  if (message.is("reqOpenOrders")) return tws::wire::ReqOpenOrders{};
  if (message.is("reqAllOpenOrders")) return tws::wire::ReqAllOpenOrders{};
  if (message.is("reqAutoOpenOrders")) {
    return tws::wire::ReqAutoOpenOrders{flag(message, "autoBind")};
  }
  if (message.is("reqCompletedOrders")) {
    return tws::wire::ReqCompletedOrders{flag(message, "apiOnly")};
  }
  if (message.is("reqIds")) return tws::wire::ReqIds{message.number("numIds")};
  if (message.is("reqExecutions")) {
    tws::wire::ReqExecutions out;
    out.req_id = message.number("reqId");
    out.acct_code = message.text("acctCode");
    out.symbol = message.text("symbol");
    return out;
  }
  if (message.is("reqAccountUpdates")) {
    return tws::wire::ReqAccountUpdates{flag(message, "subscribe"), message.text("acctCode")};
  }
  return std::nullopt;
}

}  // namespace belay::conformance
