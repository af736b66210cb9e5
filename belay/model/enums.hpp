// SPDX-License-Identifier: Apache-2.0
// The closed sets of trading, with FIX names and tags. Each has name() and parse(); a test makes
// the round trip over all values. The numbers are part of the journal's format and never change.
// Order types and times in force are in ord_types.hpp, security types in sec_types.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace belay::model {

enum class Side : std::uint8_t { buy = 1, sell = 2 };  // FIX 54
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

/// What the tables say of a value; the last row's when there is none.
template <class Enum>
constexpr const auto& row_of(Enum value) {
  const auto& rows = names_of(value);
  for (const auto& row : rows) {
    if (row.value == value) return row;
  }
  return rows.back();
}

/// Words joined to one text that lives as long as the program.
struct WordList {
  std::array<char, 256> text{};
  std::size_t size = 0;
  constexpr void add(std::string_view more) {
    for (const char c : more) text[size++] = c;
  }
  constexpr std::string_view view() const { return {text.data(), size}; }
};
/// "one of DAY, GTC": what a caller may ask for.
template <class Enum>
constexpr WordList choice_of() {
  WordList out;
  out.add("one of ");
  bool first = true;
  for (const auto& row : names_of(Enum{})) {
    if constexpr (requires { row.orders; }) {
      if (!row.orders) continue;
    }
    if (row.name == "OTHER") continue;
    if (!first) out.add(", ");
    out.add(row.name);
    first = false;
  }
  return out;
}
template <class Enum>
inline constexpr WordList choice = choice_of<Enum>();

constexpr bool is_terminal(OrdStatus status) {
  return status == OrdStatus::denied || status == OrdStatus::filled ||
         status == OrdStatus::canceled || status == OrdStatus::rejected ||
         status == OrdStatus::expired || status == OrdStatus::not_accepted;
}

}  // namespace belay::model
