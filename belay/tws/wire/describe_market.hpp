// SPDX-License-Identifier: Apache-2.0
// The field walks of contract definitions and market data from the server, versions 176 to 200.
// Included by the server codec only.
#pragma once

#include "belay/tws/wire/describe_contract.hpp"
#include "belay/tws/wire/market.hpp"

namespace belay::tws::wire {

template <class Io, Like<FundDetails> F>
void fund_details(Io& io, F& fund) {
  io.text("fundName", fund.name);
  io.text("fundFamily", fund.family);
  io.text("fundType", fund.type);
  io.text("fundFrontLoad", fund.front_load);
  io.text("fundBackLoad", fund.back_load);
  io.text("fundBackLoadTimeInterval", fund.back_load_time_interval);
  io.text("fundManagementFee", fund.management_fee);
  io.flag("fundClosed", fund.closed);
  io.flag("fundClosedForNewInvestors", fund.closed_for_new_investors);
  io.flag("fundClosedForNewMoney", fund.closed_for_new_money);
  io.text("fundNotifyAmount", fund.notify_amount);
  io.text("fundMinimumInitialPurchase", fund.minimum_initial_purchase);
  io.text("fundSubsequentMinimumPurchase", fund.subsequent_minimum_purchase);
  io.text("fundBlueSkyStates", fund.blue_sky_states);
  io.text("fundBlueSkyTerritories", fund.blue_sky_territories);
  io.text("fundDistributionPolicyIndicator", fund.distribution_policy_indicator);
  io.text("fundAssetType", fund.asset_type);
}

template <class Io, Like<ContractData> M>
void contract_identity(Io& io, M& message) {
  auto& contract = message.contract;
  io.text("symbol", contract.symbol);
  io.text("secType", contract.sec_type);
  io.text("lastTradeDateOrContractMonth", contract.last_trade_date_or_contract_month);
  if (io.version() >= 182) io.text("lastTradeDate", message.details.last_trade_date);
  io.real_nz("strike", contract.strike, Unset::zero);
  io.right("right", contract.right, "");
  io.text("exchange", contract.exchange);
  io.text("currency", contract.currency);
  io.text("localSymbol", contract.local_symbol);
  io.text("marketName", message.details.market_name);
  io.text("tradingClass", contract.trading_class);
  io.i32("conId", contract.con_id);
  io.real("minTick", message.details.min_tick, Unset::zero);
  io.text("multiplier", contract.multiplier);
}

template <class Io, Like<ContractData> M>
void describe(Io& io, M& message) {
  auto& details = message.details;
  io.id("reqId", message.req_id);
  contract_identity(io, message);
  io.text("orderTypes", details.order_types);
  io.text("validExchanges", details.valid_exchanges);
  io.i32("priceMagnifier", details.price_magnifier);
  io.i32("underConId", details.under_con_id);
  io.escaped("longName", details.long_name);
  io.text("primaryExchange", message.contract.primary_exchange);
  io.text("contractMonth", details.contract_month);
  io.text("industry", details.industry);
  io.text("category", details.category);
  io.text("subcategory", details.subcategory);
  io.text("timeZoneId", details.time_zone_id);
  io.text("tradingHours", details.trading_hours);
  io.text("liquidHours", details.liquid_hours);
  io.text("evRule", details.ev_rule);
  io.real("evMultiplier", details.ev_multiplier, Unset::empty);
  tag_values(io, "secIdListCount", details.sec_id_list);
  io.opt("aggGroup", details.agg_group, Unset::maximum);
  io.text("underSymbol", details.under_symbol);
  io.text("underSecType", details.under_sec_type);
  io.text("marketRuleIds", details.market_rule_ids);
  io.text("realExpirationDate", details.real_expiration_date);
  io.text("stockType", details.stock_type);
  io.quantity("minSize", details.min_size, Unset::empty);
  io.quantity("sizeIncrement", details.size_increment, Unset::empty);
  io.quantity("suggestedSizeIncrement", details.suggested_size_increment, Unset::empty);
  if (io.version() >= 179 && message.contract.sec_type == "FUND") fund_details(io, details.fund);
  if (io.version() < 186) return;
  io.list("ineligibilityReasonCount", details.ineligibility_reasons, 2,
          [](auto& each, auto& reason) {
            each.text("id", reason.id);
            each.text("description", reason.description);
          });
}

template <class Io, Like<ContractDataEnd> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
}

template <class Io, Like<MarketRule> M>
void describe(Io& io, M& message) {
  io.id("marketRuleId", message.market_rule_id);
  io.list("priceIncrementsCount", message.price_increments, 2, [](auto& each, auto& step) {
    each.real("lowEdge", step.low_edge, Unset::zero);
    each.real("increment", step.increment, Unset::zero);
  });
}

template <class Io, Like<TickPrice> M>
void describe(Io& io, M& message) {
  io.constant("version", 6);
  io.id("reqId", message.req_id);
  io.i32("tickType", message.tick_type);
  io.real("price", message.price, Unset::zero);
  io.quantity("size", message.size, Unset::empty);
  io.i32("attrMask", message.attr_mask);
}

template <class Io, Like<TickSize> M>
void describe(Io& io, M& message) {
  io.constant("version", 6);
  io.id("reqId", message.req_id);
  io.i32("tickType", message.tick_type);
  io.quantity("size", message.size, Unset::empty);
}

template <class Io, Like<TickGeneric> M>
void describe(Io& io, M& message) {
  io.constant("version", 6);
  io.id("reqId", message.req_id);
  io.i32("tickType", message.tick_type);
  io.real("value", message.value, Unset::zero);
}

template <class Io, Like<TickString> M>
void describe(Io& io, M& message) {
  io.constant("version", 6);
  io.id("reqId", message.req_id);
  io.i32("tickType", message.tick_type);
  io.text("value", message.value);
}

template <class Io, Like<TickReqParams> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.real("minTick", message.min_tick, Unset::zero);
  io.text("bboExchange", message.bbo_exchange);
  io.i32("snapshotPermissions", message.snapshot_permissions);
}

template <class Io, Like<TickSnapshotEnd> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
}

template <class Io, Like<MarketDataType> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.i32("marketDataType", message.market_data_type);
}

}  // namespace belay::tws::wire
