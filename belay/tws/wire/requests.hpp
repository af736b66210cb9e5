// SPDX-License-Identifier: Apache-2.0
// Messages from client to server in IB's own words, one plain struct each. `msg_id` is the wire id,
// `msg_name` IB's name of the request. The constant version field many requests carry is not kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/order.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

struct StartApi {
  static constexpr std::int32_t msg_id = 71;
  static constexpr std::string_view msg_name = "startApi";
  std::int32_t client_id = 0;
  std::string optional_capabilities;
  friend bool operator==(const StartApi&, const StartApi&) = default;
};

struct ReqIds {
  static constexpr std::int32_t msg_id = 8;
  static constexpr std::string_view msg_name = "reqIds";
  std::int32_t num_ids = 0;
  friend bool operator==(const ReqIds&, const ReqIds&) = default;
};

struct ReqManagedAccts {
  static constexpr std::int32_t msg_id = 17;
  static constexpr std::string_view msg_name = "reqManagedAccts";
  friend bool operator==(const ReqManagedAccts&, const ReqManagedAccts&) = default;
};

struct ReqCurrentTime {
  static constexpr std::int32_t msg_id = 49;
  static constexpr std::string_view msg_name = "reqCurrentTime";
  friend bool operator==(const ReqCurrentTime&, const ReqCurrentTime&) = default;
};

/// Server version 197 and later.
struct ReqCurrentTimeInMillis {
  static constexpr std::int32_t msg_id = 105;
  static constexpr std::string_view msg_name = "reqCurrentTimeInMillis";
  friend bool operator==(const ReqCurrentTimeInMillis&, const ReqCurrentTimeInMillis&) = default;
};

struct SetServerLogLevel {
  static constexpr std::int32_t msg_id = 14;
  static constexpr std::string_view msg_name = "setServerLogLevel";
  std::int32_t log_level = 0;
  friend bool operator==(const SetServerLogLevel&, const SetServerLogLevel&) = default;
};

struct PlaceOrder {
  static constexpr std::int32_t msg_id = 3;
  static constexpr std::string_view msg_name = "placeOrder";
  std::int32_t order_id = 0;
  Contract contract;
  Order order;
  friend bool operator==(const PlaceOrder&, const PlaceOrder&) = default;
};

struct CancelOrder {
  static constexpr std::int32_t msg_id = 4;
  static constexpr std::string_view msg_name = "cancelOrder";
  std::int32_t order_id = 0;
  std::string manual_order_cancel_time;
  std::string ext_operator;
  std::optional<std::int32_t> manual_order_indicator;
  friend bool operator==(const CancelOrder&, const CancelOrder&) = default;
};

struct ReqGlobalCancel {
  static constexpr std::int32_t msg_id = 58;
  static constexpr std::string_view msg_name = "reqGlobalCancel";
  std::string ext_operator;
  std::optional<std::int32_t> manual_order_indicator;
  friend bool operator==(const ReqGlobalCancel&, const ReqGlobalCancel&) = default;
};

struct ReqOpenOrders {
  static constexpr std::int32_t msg_id = 5;
  static constexpr std::string_view msg_name = "reqOpenOrders";
  friend bool operator==(const ReqOpenOrders&, const ReqOpenOrders&) = default;
};

struct ReqAllOpenOrders {
  static constexpr std::int32_t msg_id = 16;
  static constexpr std::string_view msg_name = "reqAllOpenOrders";
  friend bool operator==(const ReqAllOpenOrders&, const ReqAllOpenOrders&) = default;
};

struct ReqAutoOpenOrders {
  static constexpr std::int32_t msg_id = 15;
  static constexpr std::string_view msg_name = "reqAutoOpenOrders";
  bool auto_bind = false;
  friend bool operator==(const ReqAutoOpenOrders&, const ReqAutoOpenOrders&) = default;
};

struct ReqCompletedOrders {
  static constexpr std::int32_t msg_id = 99;
  static constexpr std::string_view msg_name = "reqCompletedOrders";
  bool api_only = false;
  friend bool operator==(const ReqCompletedOrders&, const ReqCompletedOrders&) = default;
};

/// `client_id` 0 is any client; the last two fields exist from server version 200.
struct ReqExecutions {
  static constexpr std::int32_t msg_id = 7;
  static constexpr std::string_view msg_name = "reqExecutions";
  std::int32_t req_id = 0;
  std::int32_t client_id = 0;
  std::string acct_code;
  std::string time;
  std::string symbol;
  std::string sec_type;
  std::string exchange;
  std::string side;
  std::optional<std::int32_t> last_n_days;
  std::vector<std::string> specific_dates;
  friend bool operator==(const ReqExecutions&, const ReqExecutions&) = default;
};

struct ReqPositions {
  static constexpr std::int32_t msg_id = 61;
  static constexpr std::string_view msg_name = "reqPositions";
  friend bool operator==(const ReqPositions&, const ReqPositions&) = default;
};

struct CancelPositions {
  static constexpr std::int32_t msg_id = 64;
  static constexpr std::string_view msg_name = "cancelPositions";
  friend bool operator==(const CancelPositions&, const CancelPositions&) = default;
};

struct ReqAccountSummary {
  static constexpr std::int32_t msg_id = 62;
  static constexpr std::string_view msg_name = "reqAccountSummary";
  std::int32_t req_id = 0;
  std::string group_name;
  std::string tags;
  friend bool operator==(const ReqAccountSummary&, const ReqAccountSummary&) = default;
};

struct CancelAccountSummary {
  static constexpr std::int32_t msg_id = 63;
  static constexpr std::string_view msg_name = "cancelAccountSummary";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelAccountSummary&, const CancelAccountSummary&) = default;
};

struct ReqAccountUpdates {
  static constexpr std::int32_t msg_id = 6;
  static constexpr std::string_view msg_name = "reqAccountUpdates";
  bool subscribe = false;
  std::string acct_code;
  friend bool operator==(const ReqAccountUpdates&, const ReqAccountUpdates&) = default;
};

struct ReqAccountUpdatesMulti {
  static constexpr std::int32_t msg_id = 76;
  static constexpr std::string_view msg_name = "reqAccountUpdatesMulti";
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  bool ledger_and_nlv = false;
  friend bool operator==(const ReqAccountUpdatesMulti&, const ReqAccountUpdatesMulti&) = default;
};

struct CancelAccountUpdatesMulti {
  static constexpr std::int32_t msg_id = 77;
  static constexpr std::string_view msg_name = "cancelAccountUpdatesMulti";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelAccountUpdatesMulti&,
                         const CancelAccountUpdatesMulti&) = default;
};

struct ReqPositionsMulti {
  static constexpr std::int32_t msg_id = 74;
  static constexpr std::string_view msg_name = "reqPositionsMulti";
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  friend bool operator==(const ReqPositionsMulti&, const ReqPositionsMulti&) = default;
};

struct CancelPositionsMulti {
  static constexpr std::int32_t msg_id = 75;
  static constexpr std::string_view msg_name = "cancelPositionsMulti";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelPositionsMulti&, const CancelPositionsMulti&) = default;
};

struct ReqContractDetails {
  static constexpr std::int32_t msg_id = 9;
  static constexpr std::string_view msg_name = "reqContractDetails";
  std::int32_t req_id = 0;
  Contract contract;
  friend bool operator==(const ReqContractDetails&, const ReqContractDetails&) = default;
};

struct ReqMarketRule {
  static constexpr std::int32_t msg_id = 91;
  static constexpr std::string_view msg_name = "reqMarketRule";
  std::int32_t market_rule_id = 0;
  friend bool operator==(const ReqMarketRule&, const ReqMarketRule&) = default;
};

struct ReqMktData {
  static constexpr std::int32_t msg_id = 1;
  static constexpr std::string_view msg_name = "reqMktData";
  std::int32_t req_id = 0;
  Contract contract;
  std::string generic_tick_list;
  bool snapshot = false;
  bool regulatory_snapshot = false;
  std::string mkt_data_options;
  friend bool operator==(const ReqMktData&, const ReqMktData&) = default;
};

struct CancelMktData {
  static constexpr std::int32_t msg_id = 2;
  static constexpr std::string_view msg_name = "cancelMktData";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelMktData&, const CancelMktData&) = default;
};

/// 1 live, 2 frozen, 3 delayed, 4 delayed-frozen.
struct ReqMarketDataType {
  static constexpr std::int32_t msg_id = 59;
  static constexpr std::string_view msg_name = "reqMarketDataType";
  std::int32_t market_data_type = 0;
  friend bool operator==(const ReqMarketDataType&, const ReqMarketDataType&) = default;
};

struct ReqPnl {
  static constexpr std::int32_t msg_id = 92;
  static constexpr std::string_view msg_name = "reqPnL";
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  friend bool operator==(const ReqPnl&, const ReqPnl&) = default;
};

struct CancelPnl {
  static constexpr std::int32_t msg_id = 93;
  static constexpr std::string_view msg_name = "cancelPnL";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelPnl&, const CancelPnl&) = default;
};

struct ReqPnlSingle {
  static constexpr std::int32_t msg_id = 94;
  static constexpr std::string_view msg_name = "reqPnLSingle";
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  std::int32_t con_id = 0;
  friend bool operator==(const ReqPnlSingle&, const ReqPnlSingle&) = default;
};

struct CancelPnlSingle {
  static constexpr std::int32_t msg_id = 95;
  static constexpr std::string_view msg_name = "cancelPnLSingle";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelPnlSingle&, const CancelPnlSingle&) = default;
};

struct ReqUserInfo {
  static constexpr std::int32_t msg_id = 104;
  static constexpr std::string_view msg_name = "reqUserInfo";
  std::int32_t req_id = 0;
  friend bool operator==(const ReqUserInfo&, const ReqUserInfo&) = default;
};

/// A request with an id not listed above; its fields after the id as they came.
struct UnknownRequest {
  static constexpr std::int32_t msg_id = 0;
  static constexpr std::string_view msg_name = "unknown";
  std::int32_t id = 0;
  std::vector<std::string> fields;
  friend bool operator==(const UnknownRequest&, const UnknownRequest&) = default;
};

}  // namespace belay::tws::wire
