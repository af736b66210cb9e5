// SPDX-License-Identifier: Apache-2.0
// Types of securities: a row each says its word and what an order for it needs. Validation, JSON,
// the command line, the comparison of positions and the broker's border read these rows.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "belay/model/enums.hpp"

namespace belay::model {

enum class SecurityType : std::uint8_t {  // FIX 167
  stock = 1,
  cash = 2,
  future = 3,
  option = 4,
  combination = 5,  ///< several contracts as one
  crypto = 6,
  cfd = 7,
  bond = 8,
  other = 9,   ///< external orders only
  index = 10,  ///< it has prices, and nobody can order it
};

struct SecTypeRow {
  SecurityType value;
  std::string_view name;
  bool orders = true;      ///< an order for it can be asked
  bool dated = false;      ///< a description without a number needs a date
  bool any_price = false;  ///< it trades at zero and below, too
  bool in_lots = true;     ///< fills move a position that the broker counts in the same units
};
inline constexpr std::array sec_type_rows{
    SecTypeRow{.value = SecurityType::stock, .name = "STK"},
    SecTypeRow{.value = SecurityType::cash, .name = "CASH", .in_lots = false},
    SecTypeRow{.value = SecurityType::future, .name = "FUT", .dated = true, .any_price = true},
    SecTypeRow{.value = SecurityType::option, .name = "OPT", .dated = true},
    SecTypeRow{
        .value = SecurityType::combination, .name = "BAG", .any_price = true, .in_lots = false},
    SecTypeRow{.value = SecurityType::crypto, .name = "CRYPTO"},
    SecTypeRow{.value = SecurityType::cfd, .name = "CFD"},
    SecTypeRow{.value = SecurityType::bond, .name = "BOND"},
    SecTypeRow{.value = SecurityType::index, .name = "IND", .orders = false, .in_lots = false},
    SecTypeRow{.value = SecurityType::other, .name = "OTHER", .orders = false, .in_lots = false}};

constexpr const auto& names_of(SecurityType) {
  return sec_type_rows;
}

}  // namespace belay::model
