// SPDX-License-Identifier: Apache-2.0
// Data and look-ups from server to client in IB's own words, one plain struct each: bars, ticks,
// depth, option chains, symbols, scanners.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/market.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

/// `date` is a date, a date with a time, or Unix seconds, as was asked. Volume, WAP and count are
/// -1 where nothing is traded.
struct Bar {
  std::string date;
  Real open;
  Real high;
  Real low;
  Real close;
  Real volume;
  Real wap;
  std::int32_t count = 0;
  friend bool operator==(const Bar&, const Bar&) = default;
};

/// Before server version 196 it also tells where it begins and ends.
struct HistoricalData {
  static constexpr std::int32_t msg_id = 17;
  static constexpr std::string_view msg_name = "historicalData";
  std::int32_t req_id = 0;
  std::string start_date;
  std::string end_date;
  std::vector<Bar> bars;
  friend bool operator==(const HistoricalData&, const HistoricalData&) = default;
};

/// Server version 196 and later.
struct HistoricalDataEnd {
  static constexpr std::int32_t msg_id = 108;
  static constexpr std::string_view msg_name = "historicalDataEnd";
  std::int32_t req_id = 0;
  std::string start_date;
  std::string end_date;
  friend bool operator==(const HistoricalDataEnd&, const HistoricalDataEnd&) = default;
};

struct HistoricalDataUpdate {
  static constexpr std::int32_t msg_id = 90;
  static constexpr std::string_view msg_name = "historicalDataUpdate";
  std::int32_t req_id = 0;
  Bar bar;
  friend bool operator==(const HistoricalDataUpdate&, const HistoricalDataUpdate&) = default;
};

struct HistoricalSession {
  std::string start;
  std::string end;
  std::string ref_date;
  friend bool operator==(const HistoricalSession&, const HistoricalSession&) = default;
};

struct HistoricalSchedule {
  static constexpr std::int32_t msg_id = 106;
  static constexpr std::string_view msg_name = "historicalSchedule";
  std::int32_t req_id = 0;
  std::string start_date;
  std::string end_date;
  std::string time_zone;
  std::vector<HistoricalSession> sessions;
  friend bool operator==(const HistoricalSchedule&, const HistoricalSchedule&) = default;
};

struct HeadTimestamp {
  static constexpr std::int32_t msg_id = 88;
  static constexpr std::string_view msg_name = "headTimestamp";
  std::int32_t req_id = 0;
  std::string head_timestamp;
  friend bool operator==(const HeadTimestamp&, const HeadTimestamp&) = default;
};

/// Times of ticks are Unix seconds.
struct MidTick {
  std::int64_t time = 0;
  Real price;
  Real size;
  friend bool operator==(const MidTick&, const MidTick&) = default;
};
struct HistoricalTicks {
  static constexpr std::int32_t msg_id = 96;
  static constexpr std::string_view msg_name = "historicalTicks";
  std::int32_t req_id = 0;
  std::vector<MidTick> ticks;
  bool done = false;
  friend bool operator==(const HistoricalTicks&, const HistoricalTicks&) = default;
};

struct BidAskTick {
  std::int64_t time = 0;
  std::int32_t mask = 0;
  Real bid;
  Real ask;
  Real bid_size;
  Real ask_size;
  friend bool operator==(const BidAskTick&, const BidAskTick&) = default;
};
struct HistoricalTicksBidAsk {
  static constexpr std::int32_t msg_id = 97;
  static constexpr std::string_view msg_name = "historicalTicksBidAsk";
  std::int32_t req_id = 0;
  std::vector<BidAskTick> ticks;
  bool done = false;
  friend bool operator==(const HistoricalTicksBidAsk&, const HistoricalTicksBidAsk&) = default;
};

struct LastTick {
  std::int64_t time = 0;
  std::int32_t mask = 0;
  Real price;
  Real size;
  std::string exchange;
  std::string special_conditions;
  friend bool operator==(const LastTick&, const LastTick&) = default;
};
struct HistoricalTicksLast {
  static constexpr std::int32_t msg_id = 98;
  static constexpr std::string_view msg_name = "historicalTicksLast";
  std::int32_t req_id = 0;
  std::vector<LastTick> ticks;
  bool done = false;
  friend bool operator==(const HistoricalTicksLast&, const HistoricalTicksLast&) = default;
};

/// `tick_type`: 1 Last, 2 AllLast (both fill `last`), 3 BidAsk (`bid_ask`), else MidPoint
/// (`mid_point`). The time stands in `time` alone.
struct TickByTick {
  static constexpr std::int32_t msg_id = 99;
  static constexpr std::string_view msg_name = "tickByTick";
  std::int32_t req_id = 0;
  std::int32_t tick_type = 0;
  std::int64_t time = 0;
  LastTick last;
  BidAskTick bid_ask;
  Real mid_point;
  friend bool operator==(const TickByTick&, const TickByTick&) = default;
};

/// `time` is the begin of the five seconds, in Unix seconds.
struct RealTimeBar {
  static constexpr std::int32_t msg_id = 50;
  static constexpr std::string_view msg_name = "realtimeBar";
  std::int32_t req_id = 0;
  std::int64_t time = 0;
  Real open;
  Real high;
  Real low;
  Real close;
  Real volume;
  Real wap;
  std::int32_t count = 0;
  friend bool operator==(const RealTimeBar&, const RealTimeBar&) = default;
};

/// `operation`: 0 insert, 1 update, 2 delete; `side`: 0 ask, 1 bid.
struct MarketDepth {
  static constexpr std::int32_t msg_id = 12;
  static constexpr std::string_view msg_name = "updateMktDepth";
  std::int32_t req_id = 0;
  std::int32_t position = 0;
  std::int32_t operation = 0;
  std::int32_t side = 0;
  Real price;
  Real size;
  friend bool operator==(const MarketDepth&, const MarketDepth&) = default;
};

struct MarketDepthL2 {
  static constexpr std::int32_t msg_id = 13;
  static constexpr std::string_view msg_name = "updateMktDepthL2";
  std::int32_t req_id = 0;
  std::int32_t position = 0;
  std::string market_maker;
  std::int32_t operation = 0;
  std::int32_t side = 0;
  Real price;
  Real size;
  bool is_smart_depth = false;
  friend bool operator==(const MarketDepthL2&, const MarketDepthL2&) = default;
};

struct DepthExchange {
  std::string exchange;
  std::string sec_type;
  std::string listing_exch;
  std::string service_data_type;
  std::optional<std::int32_t> agg_group;
  friend bool operator==(const DepthExchange&, const DepthExchange&) = default;
};
struct MktDepthExchanges {
  static constexpr std::int32_t msg_id = 80;
  static constexpr std::string_view msg_name = "mktDepthExchanges";
  std::vector<DepthExchange> exchanges;
  friend bool operator==(const MktDepthExchanges&, const MktDepthExchanges&) = default;
};

struct HistogramEntry {
  Real price;
  Real size;
  friend bool operator==(const HistogramEntry&, const HistogramEntry&) = default;
};
struct HistogramData {
  static constexpr std::int32_t msg_id = 89;
  static constexpr std::string_view msg_name = "histogramData";
  std::int32_t req_id = 0;
  std::vector<HistogramEntry> entries;
  friend bool operator==(const HistogramData&, const HistogramData&) = default;
};

/// One for each exchange and trading class.
struct SecDefOptParams {
  static constexpr std::int32_t msg_id = 75;
  static constexpr std::string_view msg_name = "securityDefinitionOptionParameter";
  std::int32_t req_id = 0;
  std::string exchange;
  std::int32_t underlying_con_id = 0;
  std::string trading_class;
  std::string multiplier;
  std::vector<std::string> expirations;
  std::vector<Real> strikes;
  friend bool operator==(const SecDefOptParams&, const SecDefOptParams&) = default;
};

struct SecDefOptParamsEnd {
  static constexpr std::int32_t msg_id = 76;
  static constexpr std::string_view msg_name = "securityDefinitionOptionParameterEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const SecDefOptParamsEnd&, const SecDefOptParamsEnd&) = default;
};

struct SymbolSample {
  std::int32_t con_id = 0;
  std::string symbol;
  std::string sec_type;
  std::string primary_exchange;
  std::string currency;
  std::vector<std::string> derivative_sec_types;
  std::string description;  // 176
  std::string issuer_id;    // 176
  friend bool operator==(const SymbolSample&, const SymbolSample&) = default;
};
struct SymbolSamples {
  static constexpr std::int32_t msg_id = 79;
  static constexpr std::string_view msg_name = "symbolSamples";
  std::int32_t req_id = 0;
  std::vector<SymbolSample> samples;
  friend bool operator==(const SymbolSamples&, const SymbolSamples&) = default;
};

struct ScannerRow {
  std::int32_t rank = 0;
  Contract contract;
  std::string market_name;
  std::string distance;
  std::string benchmark;
  std::string projection;
  std::string legs;
  friend bool operator==(const ScannerRow&, const ScannerRow&) = default;
};
struct ScannerData {
  static constexpr std::int32_t msg_id = 20;
  static constexpr std::string_view msg_name = "scannerData";
  std::int32_t req_id = 0;
  std::vector<ScannerRow> rows;
  friend bool operator==(const ScannerData&, const ScannerData&) = default;
};

struct ScannerParameters {
  static constexpr std::int32_t msg_id = 19;
  static constexpr std::string_view msg_name = "scannerParameters";
  std::string xml;
  friend bool operator==(const ScannerParameters&, const ScannerParameters&) = default;
};

struct NewsProvider {
  std::string code;
  std::string name;
  friend bool operator==(const NewsProvider&, const NewsProvider&) = default;
};
struct NewsProviders {
  static constexpr std::int32_t msg_id = 85;
  static constexpr std::string_view msg_name = "newsProviders";
  std::vector<NewsProvider> providers;
  friend bool operator==(const NewsProviders&, const NewsProviders&) = default;
};

struct SmartComponent {
  std::int32_t bit_number = 0;
  std::string exchange;
  std::string letter;
  friend bool operator==(const SmartComponent&, const SmartComponent&) = default;
};
struct SmartComponents {
  static constexpr std::int32_t msg_id = 82;
  static constexpr std::string_view msg_name = "smartComponents";
  std::int32_t req_id = 0;
  std::vector<SmartComponent> components;
  friend bool operator==(const SmartComponents&, const SmartComponents&) = default;
};

struct FamilyCode {
  std::string account;
  std::string code;
  friend bool operator==(const FamilyCode&, const FamilyCode&) = default;
};
struct FamilyCodes {
  static constexpr std::int32_t msg_id = 78;
  static constexpr std::string_view msg_name = "familyCodes";
  std::vector<FamilyCode> codes;
  friend bool operator==(const FamilyCodes&, const FamilyCodes&) = default;
};

struct SoftDollarTierRow {
  std::string name;
  std::string value;
  std::string display_name;
  friend bool operator==(const SoftDollarTierRow&, const SoftDollarTierRow&) = default;
};
struct SoftDollarTiers {
  static constexpr std::int32_t msg_id = 77;
  static constexpr std::string_view msg_name = "softDollarTiers";
  std::int32_t req_id = 0;
  std::vector<SoftDollarTierRow> tiers;
  friend bool operator==(const SoftDollarTiers&, const SoftDollarTiers&) = default;
};

/// The answer to reqContractDetails for a bond: other fields than contractData.
struct BondContractData {
  static constexpr std::int32_t msg_id = 18;
  static constexpr std::string_view msg_name = "bondContractData";
  std::int32_t req_id = 0;
  Contract contract;
  ContractDetails details;
  std::string cusip;
  Real coupon;
  std::string maturity;
  std::string issue_date;
  std::string ratings;
  std::string bond_type;
  std::string coupon_type;
  bool convertible = false;
  bool callable = false;
  bool putable = false;
  std::string desc_append;
  std::string next_option_date;
  std::string next_option_type;
  bool next_option_partial = false;
  std::string notes;
  friend bool operator==(const BondContractData&, const BondContractData&) = default;
};

}  // namespace belay::tws::wire
