// SPDX-License-Identifier: Apache-2.0
// The contract and its parts in IB's own words, as plain values. Which of the fields a message
// carries, and in which order, is the business of its field walk (describe_*.hpp). No meaning is
// given to anything here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

struct ComboLeg {
  std::int32_t con_id = 0;
  std::int32_t ratio = 0;
  std::string action;
  std::string exchange;
  std::int32_t open_close = 0;
  std::int32_t short_sale_slot = 0;
  std::string designated_location;
  std::int32_t exempt_code = -1;
  friend bool operator==(const ComboLeg&, const ComboLeg&) = default;
};

struct DeltaNeutralContract {
  std::int32_t con_id = 0;
  Real delta;
  Real price;
  friend bool operator==(const DeltaNeutralContract&, const DeltaNeutralContract&) = default;
};

struct TagValue {
  std::string tag;
  std::string value;
  friend bool operator==(const TagValue&, const TagValue&) = default;
};

struct Contract {
  std::int32_t con_id = 0;
  std::string symbol;
  std::string sec_type;
  std::string last_trade_date_or_contract_month;
  Real strike;        // a strike of zero is "not given": clients write "", 0 and 0.0 alike
  std::string right;  // "C", "P", or empty; the gateway's "?" and "0" for none read as empty
  std::string multiplier;
  std::string exchange;
  std::string primary_exchange;
  std::string currency;
  std::string local_symbol;
  std::string trading_class;
  bool include_expired = false;
  std::string sec_id_type;
  std::string sec_id;
  std::string issuer_id;
  std::string combo_legs_descrip;
  std::vector<ComboLeg> combo_legs;
  std::optional<DeltaNeutralContract> delta_neutral_contract;
  friend bool operator==(const Contract&, const Contract&) = default;
};

}  // namespace belay::tws::wire
