// SPDX-License-Identifier: Apache-2.0
// Account messages from server to client in IB's own words, one plain struct each. Positions and
// profit as IB states them; nothing is added up here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

struct Position {
  static constexpr std::int32_t msg_id = 61;
  static constexpr std::string_view msg_name = "position";
  std::string account;
  Contract contract;
  Real position;
  Real avg_cost;
  friend bool operator==(const Position&, const Position&) = default;
};

struct PositionEnd {
  static constexpr std::int32_t msg_id = 62;
  static constexpr std::string_view msg_name = "positionEnd";
  friend bool operator==(const PositionEnd&, const PositionEnd&) = default;
};

struct PositionMulti {
  static constexpr std::int32_t msg_id = 71;
  static constexpr std::string_view msg_name = "positionMulti";
  std::int32_t req_id = 0;
  std::string account;
  Contract contract;
  Real position;
  Real avg_cost;
  std::string model_code;
  friend bool operator==(const PositionMulti&, const PositionMulti&) = default;
};

struct PositionMultiEnd {
  static constexpr std::int32_t msg_id = 72;
  static constexpr std::string_view msg_name = "positionMultiEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const PositionMultiEnd&, const PositionMultiEnd&) = default;
};

struct AccountSummary {
  static constexpr std::int32_t msg_id = 63;
  static constexpr std::string_view msg_name = "accountSummary";
  std::int32_t req_id = 0;
  std::string account;
  std::string tag;
  std::string value;
  std::string currency;
  friend bool operator==(const AccountSummary&, const AccountSummary&) = default;
};

struct AccountSummaryEnd {
  static constexpr std::int32_t msg_id = 64;
  static constexpr std::string_view msg_name = "accountSummaryEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const AccountSummaryEnd&, const AccountSummaryEnd&) = default;
};

struct AcctValue {
  static constexpr std::int32_t msg_id = 6;
  static constexpr std::string_view msg_name = "acctValue";
  std::string key;
  std::string value;
  std::string currency;
  std::string account_name;
  friend bool operator==(const AcctValue&, const AcctValue&) = default;
};

struct PortfolioValue {
  static constexpr std::int32_t msg_id = 7;
  static constexpr std::string_view msg_name = "portfolioValue";
  Contract contract;
  Real position;
  Real market_price;
  Real market_value;
  Real average_cost;
  Real unrealized_pnl;
  Real realized_pnl;
  std::string account_name;
  friend bool operator==(const PortfolioValue&, const PortfolioValue&) = default;
};

struct AcctUpdateTime {
  static constexpr std::int32_t msg_id = 8;
  static constexpr std::string_view msg_name = "acctUpdateTime";
  std::string time_stamp;
  friend bool operator==(const AcctUpdateTime&, const AcctUpdateTime&) = default;
};

struct AcctDownloadEnd {
  static constexpr std::int32_t msg_id = 54;
  static constexpr std::string_view msg_name = "acctDownloadEnd";
  std::string account_name;
  friend bool operator==(const AcctDownloadEnd&, const AcctDownloadEnd&) = default;
};

struct AccountUpdateMulti {
  static constexpr std::int32_t msg_id = 73;
  static constexpr std::string_view msg_name = "accountUpdateMulti";
  std::int32_t req_id = 0;
  std::string account;
  std::string model_code;
  std::string key;
  std::string value;
  std::string currency;
  friend bool operator==(const AccountUpdateMulti&, const AccountUpdateMulti&) = default;
};

struct AccountUpdateMultiEnd {
  static constexpr std::int32_t msg_id = 74;
  static constexpr std::string_view msg_name = "accountUpdateMultiEnd";
  std::int32_t req_id = 0;
  friend bool operator==(const AccountUpdateMultiEnd&, const AccountUpdateMultiEnd&) = default;
};

struct Pnl {
  static constexpr std::int32_t msg_id = 94;
  static constexpr std::string_view msg_name = "pnl";
  std::int32_t req_id = 0;
  Real daily_pnl;
  Real unrealized_pnl;
  Real realized_pnl;
  friend bool operator==(const Pnl&, const Pnl&) = default;
};

struct PnlSingle {
  static constexpr std::int32_t msg_id = 95;
  static constexpr std::string_view msg_name = "pnlSingle";
  std::int32_t req_id = 0;
  Real pos;
  Real daily_pnl;
  Real unrealized_pnl;
  Real realized_pnl;
  Real value;
  friend bool operator==(const PnlSingle&, const PnlSingle&) = default;
};

struct UserInfo {
  static constexpr std::int32_t msg_id = 107;
  static constexpr std::string_view msg_name = "userInfo";
  std::int32_t req_id = 0;
  std::string white_branding_id;
  friend bool operator==(const UserInfo&, const UserInfo&) = default;
};

}  // namespace belay::tws::wire
