// SPDX-License-Identifier: Apache-2.0
// Order, execution and session messages from server to client in IB's own words, one plain struct
// each. `msg_id` is the wire id, `msg_name` IB's name. The constant version field is not kept.
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

/// `side` is BOT or SLD; `time` is kept as written (several formats exist).
struct Execution {
  std::string exec_id;
  std::string time;
  std::string acct_number;
  std::string exchange;
  std::string side;
  Real shares;
  Real price;
  std::int64_t perm_id = 0;
  std::int32_t client_id = 0;
  std::int32_t liquidation = 0;
  Real cum_qty;
  Real avg_price;
  std::string order_ref;
  std::string ev_rule;
  Real ev_multiplier;
  std::string model_code;
  std::int32_t last_liquidity = 0;
  bool pending_price_revision = false;  // 178
  std::string submitter;                // 198
  friend bool operator==(const Execution&, const Execution&) = default;
};

struct NextValidId {
  static constexpr std::int32_t msg_id = 9;
  static constexpr std::string_view msg_name = "nextValidId";
  std::int32_t order_id = 0;
  friend bool operator==(const NextValidId&, const NextValidId&) = default;
};

/// Comma separated.
struct ManagedAccts {
  static constexpr std::int32_t msg_id = 15;
  static constexpr std::string_view msg_name = "managedAccounts";
  std::string accounts_list;
  friend bool operator==(const ManagedAccts&, const ManagedAccts&) = default;
};

/// Unix seconds.
struct CurrentTime {
  static constexpr std::int32_t msg_id = 49;
  static constexpr std::string_view msg_name = "currentTime";
  std::int64_t time = 0;
  friend bool operator==(const CurrentTime&, const CurrentTime&) = default;
};

struct CurrentTimeInMillis {
  static constexpr std::int32_t msg_id = 109;
  static constexpr std::string_view msg_name = "currentTimeInMillis";
  std::int64_t time_in_millis = 0;
  friend bool operator==(const CurrentTimeInMillis&, const CurrentTimeInMillis&) = default;
};

/// `id` is the order id for order errors, the request id for requests, -1 for the system.
/// `error_time` is Unix milliseconds, 0 below server version 194.
struct ErrMsg {
  static constexpr std::int32_t msg_id = 4;
  static constexpr std::string_view msg_name = "errMsg";
  std::int32_t id = 0;
  std::int32_t error_code = 0;
  std::string error_string;
  std::string advanced_order_reject_json;
  std::int64_t error_time = 0;
  friend bool operator==(const ErrMsg&, const ErrMsg&) = default;
};

struct OrderStatus {
  static constexpr std::int32_t msg_id = 3;
  static constexpr std::string_view msg_name = "orderStatus";
  std::int32_t order_id = 0;
  std::string status;
  Real filled;
  Real remaining;
  Real avg_fill_price;
  std::int64_t perm_id = 0;
  std::int32_t parent_id = 0;
  Real last_fill_price;
  std::int32_t client_id = 0;
  std::string why_held;
  Real mkt_cap_price;
  friend bool operator==(const OrderStatus&, const OrderStatus&) = default;
};

struct OpenOrder {
  static constexpr std::int32_t msg_id = 5;
  static constexpr std::string_view msg_name = "openOrder";
  std::int32_t order_id = 0;
  Contract contract;
  Order order;
  OrderState order_state;
  friend bool operator==(const OpenOrder&, const OpenOrder&) = default;
};

struct OpenOrderEnd {
  static constexpr std::int32_t msg_id = 53;
  static constexpr std::string_view msg_name = "openOrderEnd";
  friend bool operator==(const OpenOrderEnd&, const OpenOrderEnd&) = default;
};

/// It names no order id: `order.perm_id` is all there is.
struct CompletedOrder {
  static constexpr std::int32_t msg_id = 101;
  static constexpr std::string_view msg_name = "completedOrder";
  Contract contract;
  Order order;
  OrderState order_state;
  friend bool operator==(const CompletedOrder&, const CompletedOrder&) = default;
};

struct CompletedOrdersEnd {
  static constexpr std::int32_t msg_id = 102;
  static constexpr std::string_view msg_name = "completedOrdersEnd";
  friend bool operator==(const CompletedOrdersEnd&, const CompletedOrdersEnd&) = default;
};

/// `req_id` is -1 when unsolicited.
struct ExecDetails {
  static constexpr std::int32_t msg_id = 11;
  static constexpr std::string_view msg_name = "execDetails";
  std::int32_t req_id = 0;
  std::int32_t order_id = 0;
  Contract contract;
  Execution execution;
  friend bool operator==(const ExecDetails&, const ExecDetails&) = default;
};

struct ExecDetailsEnd {
  static constexpr std::int32_t msg_id = 55;
  static constexpr std::string_view msg_name = "execDetailsEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const ExecDetailsEnd&, const ExecDetailsEnd&) = default;
};

struct CommissionReport {
  static constexpr std::int32_t msg_id = 59;
  static constexpr std::string_view msg_name = "commissionReport";
  std::string exec_id;
  Real commission;
  std::string currency;
  Real realized_pnl;
  Real yield;
  std::string yield_redemption_date;
  friend bool operator==(const CommissionReport&, const CommissionReport&) = default;
};

struct OrderBound {
  static constexpr std::int32_t msg_id = 100;
  static constexpr std::string_view msg_name = "orderBound";
  std::int64_t perm_id = 0;
  std::int32_t client_id = 0;
  std::int32_t order_id = 0;
  friend bool operator==(const OrderBound&, const OrderBound&) = default;
};

/// A message with an id that no struct describes (bondContractData, 18, among them); its fields
/// after the id as they came.
struct UnknownMessage {
  static constexpr std::int32_t msg_id = 0;
  static constexpr std::string_view msg_name = "unknown";
  std::int32_t id = 0;
  std::vector<std::string> fields;
  friend bool operator==(const UnknownMessage&, const UnknownMessage&) = default;
};

}  // namespace belay::tws::wire
