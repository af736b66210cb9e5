// SPDX-License-Identifier: Apache-2.0
// Contract definitions and market data from server to client in IB's own words, one plain struct
// each. History, ticks and look-ups are in data_reports.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

struct PriceIncrement {
  Real low_edge;
  Real increment;
  friend bool operator==(const PriceIncrement&, const PriceIncrement&) = default;
};

struct IneligibilityReason {
  std::string id;
  std::string description;
  friend bool operator==(const IneligibilityReason&, const IneligibilityReason&) = default;
};

/// Present for FUND from server version 179.
struct FundDetails {
  std::string name;
  std::string family;
  std::string type;
  std::string front_load;
  std::string back_load;
  std::string back_load_time_interval;
  std::string management_fee;
  bool closed = false;
  bool closed_for_new_investors = false;
  bool closed_for_new_money = false;
  std::string notify_amount;
  std::string minimum_initial_purchase;
  std::string subsequent_minimum_purchase;
  std::string blue_sky_states;
  std::string blue_sky_territories;
  std::string distribution_policy_indicator;
  std::string asset_type;
  friend bool operator==(const FundDetails&, const FundDetails&) = default;
};

/// `contract.last_trade_date_or_contract_month` holds the date as written: it may be followed by a
/// time and a zone, separated by blanks or '-'.
struct ContractDetails {
  std::string last_trade_date;  // 182
  std::string market_name;
  Real min_tick;
  std::string order_types;
  std::string valid_exchanges;
  std::int32_t price_magnifier = 0;
  std::int32_t under_con_id = 0;
  std::string long_name;
  std::string contract_month;
  std::string industry;
  std::string category;
  std::string subcategory;
  std::string time_zone_id;
  std::string trading_hours;
  std::string liquid_hours;
  std::string ev_rule;
  Real ev_multiplier;
  std::vector<TagValue> sec_id_list;
  std::optional<std::int32_t> agg_group;
  std::string under_symbol;
  std::string under_sec_type;
  std::string market_rule_ids;  // parallel to valid_exchanges
  std::string real_expiration_date;
  std::string stock_type;
  Real min_size;
  Real size_increment;
  Real suggested_size_increment;
  FundDetails fund;
  std::vector<IneligibilityReason> ineligibility_reasons;  // 186
  friend bool operator==(const ContractDetails&, const ContractDetails&) = default;
};

struct ContractData {
  static constexpr std::int32_t msg_id = 10;
  static constexpr std::string_view msg_name = "contractData";
  std::int32_t req_id = 0;
  Contract contract;
  ContractDetails details;
  friend bool operator==(const ContractData&, const ContractData&) = default;
};

struct ContractDataEnd {
  static constexpr std::int32_t msg_id = 52;
  static constexpr std::string_view msg_name = "contractDataEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const ContractDataEnd&, const ContractDataEnd&) = default;
};

struct MarketRule {
  static constexpr std::int32_t msg_id = 93;
  static constexpr std::string_view msg_name = "marketRule";
  std::int32_t market_rule_id = 0;
  std::vector<PriceIncrement> price_increments;
  friend bool operator==(const MarketRule&, const MarketRule&) = default;
};

/// `attr_mask`: 1 canAutoExecute, 2 pastLimit, 4 preOpen.
struct TickPrice {
  static constexpr std::int32_t msg_id = 1;
  static constexpr std::string_view msg_name = "tickPrice";
  std::int32_t req_id = 0;
  std::int32_t tick_type = 0;
  Real price;
  Real size;
  std::int32_t attr_mask = 0;
  friend bool operator==(const TickPrice&, const TickPrice&) = default;
};

struct TickSize {
  static constexpr std::int32_t msg_id = 2;
  static constexpr std::string_view msg_name = "tickSize";
  std::int32_t req_id = 0;
  std::int32_t tick_type = 0;
  Real size;
  friend bool operator==(const TickSize&, const TickSize&) = default;
};

struct TickGeneric {
  static constexpr std::int32_t msg_id = 45;
  static constexpr std::string_view msg_name = "tickGeneric";
  std::int32_t req_id = 0;
  std::int32_t tick_type = 0;
  Real value;
  friend bool operator==(const TickGeneric&, const TickGeneric&) = default;
};

struct TickString {
  static constexpr std::int32_t msg_id = 46;
  static constexpr std::string_view msg_name = "tickString";
  std::int32_t req_id = 0;
  std::int32_t tick_type = 0;
  std::string value;
  friend bool operator==(const TickString&, const TickString&) = default;
};

struct TickReqParams {
  static constexpr std::int32_t msg_id = 81;
  static constexpr std::string_view msg_name = "tickReqParams";
  std::int32_t req_id = 0;
  Real min_tick;
  std::string bbo_exchange;
  std::int32_t snapshot_permissions = 0;
  friend bool operator==(const TickReqParams&, const TickReqParams&) = default;
};

struct TickSnapshotEnd {
  static constexpr std::int32_t msg_id = 57;
  static constexpr std::string_view msg_name = "tickSnapshotEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const TickSnapshotEnd&, const TickSnapshotEnd&) = default;
};

struct MarketDataType {
  static constexpr std::int32_t msg_id = 58;
  static constexpr std::string_view msg_name = "marketDataType";
  std::int32_t req_id = 0;
  std::int32_t market_data_type = 0;
  friend bool operator==(const MarketDataType&, const MarketDataType&) = default;
};

}  // namespace belay::tws::wire
