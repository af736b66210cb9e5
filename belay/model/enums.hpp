// SPDX-License-Identifier: Apache-2.0
// The closed sets of trading, with FIX names and tags. Each has name() and parse(); a test makes
// the round trip over all values. The numbers are part of the journal's format and never change.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace belay::model {

enum class Side : std::uint8_t { buy = 1, sell = 2 };  // FIX 54
enum class OrdType : std::uint8_t {                    // FIX 40
  market = 1,
  limit = 2,
  stop = 3,
  stop_limit = 4,
  trailing_stop = 5,
  other = 9,  ///< an external order of a type that we show but do not place
};
enum class TimeInForce : std::uint8_t {  // FIX 59
  day = 1,
  good_till_cancel = 2,
  immediate_or_cancel = 3,
  fill_or_kill = 4,
  good_till_date = 5,
  other = 9,  ///< external orders only
};
enum class SecurityType : std::uint8_t {  // FIX 167
  stock = 1,
  cash = 2,
  future = 3,
  option = 4,
  combination = 5,  ///< several contracts as one; external orders only
  other = 9,        ///< external orders only
};
/// FIX 39. `created`, `denied` and `not_accepted` are ours: accepted and waiting to be sent; never
/// sent; sent, and proven never to have arrived.
enum class OrdStatus : std::uint8_t {
  created = 1,
  denied = 2,
  pending_new = 3,       // A
  new_ = 4,              // 0
  partially_filled = 5,  // 1
  filled = 6,            // 2
  canceled = 7,          // 4
  rejected = 8,          // 8
  expired = 9,           // C
  held = 10,             // 9, suspended
  not_accepted = 11,
};

template <class Enum>
struct EnumName {
  Enum value;
  std::string_view name;
};

inline constexpr std::array side_names{EnumName<Side>{Side::buy, "BUY"},
                                       EnumName<Side>{Side::sell, "SELL"}};
inline constexpr std::array ord_type_names{EnumName<OrdType>{OrdType::market, "MKT"},
                                           EnumName<OrdType>{OrdType::limit, "LMT"},
                                           EnumName<OrdType>{OrdType::stop, "STP"},
                                           EnumName<OrdType>{OrdType::stop_limit, "STP LMT"},
                                           EnumName<OrdType>{OrdType::trailing_stop, "TRAIL"},
                                           EnumName<OrdType>{OrdType::other, "OTHER"}};
inline constexpr std::array time_in_force_names{
    EnumName<TimeInForce>{TimeInForce::day, "DAY"},
    EnumName<TimeInForce>{TimeInForce::good_till_cancel, "GTC"},
    EnumName<TimeInForce>{TimeInForce::immediate_or_cancel, "IOC"},
    EnumName<TimeInForce>{TimeInForce::fill_or_kill, "FOK"},
    EnumName<TimeInForce>{TimeInForce::good_till_date, "GTD"},
    EnumName<TimeInForce>{TimeInForce::other, "OTHER"}};
inline constexpr std::array security_type_names{
    EnumName<SecurityType>{SecurityType::stock, "STK"},
    EnumName<SecurityType>{SecurityType::cash, "CASH"},
    EnumName<SecurityType>{SecurityType::future, "FUT"},
    EnumName<SecurityType>{SecurityType::option, "OPT"},
    EnumName<SecurityType>{SecurityType::combination, "BAG"},
    EnumName<SecurityType>{SecurityType::other, "OTHER"}};
inline constexpr std::array ord_status_names{
    EnumName<OrdStatus>{OrdStatus::created, "Created"},
    EnumName<OrdStatus>{OrdStatus::denied, "Denied"},
    EnumName<OrdStatus>{OrdStatus::pending_new, "PendingNew"},
    EnumName<OrdStatus>{OrdStatus::new_, "New"},
    EnumName<OrdStatus>{OrdStatus::partially_filled, "PartiallyFilled"},
    EnumName<OrdStatus>{OrdStatus::filled, "Filled"},
    EnumName<OrdStatus>{OrdStatus::canceled, "Canceled"},
    EnumName<OrdStatus>{OrdStatus::rejected, "Rejected"},
    EnumName<OrdStatus>{OrdStatus::expired, "Expired"},
    EnumName<OrdStatus>{OrdStatus::held, "Held"},
    EnumName<OrdStatus>{OrdStatus::not_accepted, "NotAccepted"}};

constexpr const auto& names_of(Side) {
  return side_names;
}
constexpr const auto& names_of(OrdType) {
  return ord_type_names;
}
constexpr const auto& names_of(TimeInForce) {
  return time_in_force_names;
}
constexpr const auto& names_of(SecurityType) {
  return security_type_names;
}
constexpr const auto& names_of(OrdStatus) {
  return ord_status_names;
}

template <class Enum>
constexpr std::string_view name(Enum value) {
  for (const auto& entry : names_of(value)) {
    if (entry.value == value) return entry.name;
  }
  return "";
}
template <class Enum>
constexpr std::optional<Enum> parse(std::string_view text) {
  for (const auto& entry : names_of(Enum{})) {
    if (entry.name == text) return entry.value;
  }
  return std::nullopt;
}
/// The member with this number, for decoding; nothing when there is none.
template <class Enum>
constexpr std::optional<Enum> from_number(std::uint64_t number) {
  for (const auto& entry : names_of(Enum{})) {
    if (static_cast<std::uint64_t>(entry.value) == number) return entry.value;
  }
  return std::nullopt;
}

constexpr bool is_terminal(OrdStatus status) {
  return status == OrdStatus::denied || status == OrdStatus::filled ||
         status == OrdStatus::canceled || status == OrdStatus::rejected ||
         status == OrdStatus::expired || status == OrdStatus::not_accepted;
}

}  // namespace belay::model
