// SPDX-License-Identifier: Apache-2.0
// The field walks of look-ups from the server: option chains, symbols, scanners, exchanges, bonds;
// versions 176 to 200. Included by the server codec only.
#pragma once

#include "belay/tws/wire/data_reports.hpp"
#include "belay/tws/wire/describe_contract.hpp"

namespace belay::tws::wire {

template <class Io, Like<MktDepthExchanges> M>
void describe(Io& io, M& message) {
  io.list("count", message.exchanges, 5, [](auto& each, auto& one) {
    each.text("exchange", one.exchange);
    each.text("secType", one.sec_type);
    each.text("listingExch", one.listing_exch);
    each.text("serviceDataType", one.service_data_type);
    each.opt("aggGroup", one.agg_group, Unset::maximum);
  });
}

template <class Io, Like<HistogramData> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("count", message.entries, 2, [](auto& each, auto& one) {
    each.real("price", one.price, Unset::zero);
    each.quantity("size", one.size, Unset::empty);
  });
}

template <class Io, Like<SecDefOptParams> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("exchange", message.exchange);
  io.i32("underlyingConId", message.underlying_con_id);
  io.text("tradingClass", message.trading_class);
  io.text("multiplier", message.multiplier);
  io.list("expirationsCount", message.expirations, 1,
          [](auto& each, auto& date) { each.text("expiration", date); });
  io.list("strikesCount", message.strikes, 1,
          [](auto& each, auto& strike) { each.real("strike", strike, Unset::zero); });
}

template <class Io, Like<SecDefOptParamsEnd> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
}

template <class Io, Like<SymbolSamples> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("count", message.samples, 8, [](auto& each, auto& one) {
    each.i32("conId", one.con_id);
    each.text("symbol", one.symbol);
    each.text("secType", one.sec_type);
    each.text("primaryExchange", one.primary_exchange);
    each.text("currency", one.currency);
    each.list("derivativeSecTypesCount", one.derivative_sec_types, 1,
              [](auto& inner, auto& word) { inner.text("derivativeSecType", word); });
    each.text("description", one.description);
    each.text("issuerId", one.issuer_id);
  });
}

template <class Io, Like<ScannerData> M>
void describe(Io& io, M& message) {
  io.constant("version", 3);
  io.id("reqId", message.req_id);
  io.list("count", message.rows, 15, [](auto& each, auto& row) {
    each.i32("rank", row.rank);
    each.i32("conId", row.contract.con_id);
    each.text("symbol", row.contract.symbol);
    each.text("secType", row.contract.sec_type);
    each.text("lastTradeDateOrContractMonth", row.contract.last_trade_date_or_contract_month);
    each.real_nz("strike", row.contract.strike, Unset::zero);
    each.right("right", row.contract.right, "");
    each.text("exchange", row.contract.exchange);
    each.text("currency", row.contract.currency);
    each.text("localSymbol", row.contract.local_symbol);
    each.text("marketName", row.market_name);
    each.text("tradingClass", row.contract.trading_class);
    each.text("distance", row.distance);
    each.text("benchmark", row.benchmark);
    each.text("projection", row.projection);
    each.text("legsStr", row.legs);
  });
}

template <class Io, Like<ScannerParameters> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.text("xml", message.xml);
}

template <class Io, Like<NewsProviders> M>
void describe(Io& io, M& message) {
  io.list("count", message.providers, 2, [](auto& each, auto& one) {
    each.text("code", one.code);
    each.text("name", one.name);
  });
}

template <class Io, Like<SmartComponents> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("count", message.components, 3, [](auto& each, auto& one) {
    each.i32("bitNumber", one.bit_number);
    each.text("exchange", one.exchange);
    each.text("exchangeLetter", one.letter);
  });
}

template <class Io, Like<FamilyCodes> M>
void describe(Io& io, M& message) {
  io.list("count", message.codes, 2, [](auto& each, auto& one) {
    each.text("accountID", one.account);
    each.text("familyCodeStr", one.code);
  });
}

template <class Io, Like<SoftDollarTiers> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("count", message.tiers, 3, [](auto& each, auto& one) {
    each.text("name", one.name);
    each.text("value", one.value);
    each.text("displayName", one.display_name);
  });
}

template <class Io, Like<BondContractData> M>
void bond_identity(Io& io, M& message) {
  auto& contract = message.contract;
  io.text("symbol", contract.symbol);
  io.text("secType", contract.sec_type);
  io.text("cusip", message.cusip);
  io.real("coupon", message.coupon, Unset::zero);
  io.text("maturity", message.maturity);
  io.text("issueDate", message.issue_date);
  io.text("ratings", message.ratings);
  io.text("bondType", message.bond_type);
  io.text("couponType", message.coupon_type);
  io.flag("convertible", message.convertible);
  io.flag("callable", message.callable);
  io.flag("putable", message.putable);
  io.text("descAppend", message.desc_append);
  io.text("exchange", contract.exchange);
  io.text("currency", contract.currency);
  io.text("marketName", message.details.market_name);
  io.text("tradingClass", contract.trading_class);
  io.i32("conId", contract.con_id);
}

template <class Io, Like<BondContractData> M>
void describe(Io& io, M& message) {
  auto& details = message.details;
  io.id("reqId", message.req_id);
  bond_identity(io, message);
  io.real("minTick", details.min_tick, Unset::zero);
  io.text("orderTypes", details.order_types);
  io.text("validExchanges", details.valid_exchanges);
  io.text("nextOptionDate", message.next_option_date);
  io.text("nextOptionType", message.next_option_type);
  io.flag("nextOptionPartial", message.next_option_partial);
  io.text("notes", message.notes);
  io.escaped("longName", details.long_name);
  if (io.version() >= 188) {
    io.text("timeZoneId", details.time_zone_id);
    io.text("tradingHours", details.trading_hours);
    io.text("liquidHours", details.liquid_hours);
  }
  io.text("evRule", details.ev_rule);
  io.real("evMultiplier", details.ev_multiplier, Unset::empty);
  tag_values(io, "secIdListCount", details.sec_id_list);
  io.opt("aggGroup", details.agg_group, Unset::maximum);
  io.text("marketRuleIds", details.market_rule_ids);
  io.quantity("minSize", details.min_size, Unset::empty);
  io.quantity("sizeIncrement", details.size_increment, Unset::empty);
  io.quantity("suggestedSizeIncrement", details.suggested_size_increment, Unset::empty);
}

}  // namespace belay::tws::wire
