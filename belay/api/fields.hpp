// SPDX-License-Identifier: Apache-2.0
// Fields: one description of a request type gives its parser, its messages and (later) its schema.
// A table of Field<T> says for each member its name, what is expected and how it is read; unknown
// members are refused by name. Nothing here knows HTTP.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/json.hpp"
#include "belay/base/decimal.hpp"
#include "belay/base/line_text.hpp"
#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::api {

using FieldErrors = std::vector<base::Error>;

template <class T>
struct Field {
  std::string_view name;
  std::string_view expected;  ///< completes "expected ..."
  /// False when the value is not as expected. Nested objects add their own errors and return true.
  bool (*read)(const Json& value, T& out, FieldErrors& errors);
  bool required = false;
};

/// Reads the members of `json` into `out`. A null member counts as not given.
template <class T>
void read_fields(const Json& json, std::span<const Field<T>> table, std::string_view prefix, T& out,
                 FieldErrors& errors) {
  for (const auto& [name, value] : json.members()) {
    const Field<T>* field = nullptr;
    for (const auto& each : table) {
      if (each.name == name) field = &each;
    }
    if (field == nullptr) {
      std::string known;
      for (const auto& each : table) known += (known.empty() ? "" : ", ") + std::string(each.name);
      errors.push_back({fmt::format("{}{}", prefix, name.substr(0, 64)),
                        fmt::format("unknown field; expected one of {}", known)});
    } else if (!value.is_null() && !field->read(value, out, errors)) {
      errors.push_back(
          {fmt::format("{}{}", prefix, name), fmt::format("expected {}", field->expected)});
    }
  }
  for (const auto& each : table) {
    const Json* value = each.required ? json.find(each.name) : nullptr;
    if (each.required && (value == nullptr || value->is_null())) {
      errors.push_back(
          {fmt::format("{}{}", prefix, each.name), fmt::format("expected {}", each.expected)});
    }
  }
}

/// `text` as a number of this type, all of it.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A JSON number or a string that holds one, read from its text.
inline std::optional<base::Decimal> decimal_of(const Json& value) {
  if (!value.is_number() && !value.is_string()) return std::nullopt;
  return base::Decimal::parse(value.text());
}
inline std::optional<base::Time> time_of(const Json& value) {
  return value.is_string() ? base::parse_rfc3339(value.text()) : std::nullopt;
}

/// Bytes of a text that a person gives.
inline constexpr std::size_t text_max = 200;

/// A text that a person gives and people read later, in logs and on terminals too: one line of 1 to
/// `max` bytes without control characters or marks that turn the direction of writing.
inline bool is_line(const Json& value, std::size_t max) {
  return value.is_string() && !value.text().empty() && value.text().size() <= max &&
         base::line_text(value.text(), max) == value.text();
}

}  // namespace belay::api
