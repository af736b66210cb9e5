// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/border.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "belay/base/defects.hpp"
#include "belay/base/zone.hpp"
#include "belay/core/ids/id_rules.hpp"

namespace belay::tws {

using core::Decimal;
using wire::Real;

void Border::leave_out(const char* field, std::string value) {
  left_out_.push_back({field, std::move(value)});
}

std::optional<Decimal> Border::number(const Real& value, const char* field) {
  if (!value.is_finite()) return std::nullopt;
  auto out = base::defect(base::Defect::broker_doubles_taken_exactly) ? value.to_decimal()
                                                                      : value.rounded();
  if (!out) leave_out(field, value.to_string());
  if (out && *out == Decimal::from_int(INT32_MAX)) return std::nullopt;  // "no number"
  return out;
}

std::optional<core::Price> Border::price(const Real& value, const char* field) {
  const auto out = number(value, field);
  return out ? std::optional(core::Price(*out)) : std::nullopt;
}

std::optional<core::Price> Border::price_if_used(const Real& value, const char* field) {
  auto out = price(value, field);
  if (out && out->value().is_zero()) out.reset();
  return out;
}

std::optional<core::Quantity> Border::quantity(const Real& value, const char* field) {
  const auto out = number(value, field);
  if (!out) return std::nullopt;
  auto quantity = core::Quantity::make(*out);
  if (!quantity) leave_out(field, value.to_string());
  return quantity;
}

std::string Border::amount(const std::string& text, const char* field) {
  const auto value = Real::parse(text);
  if (value && !value->is_finite()) return "";
  if (value && value->to_decimal() == Decimal::from_int(INT32_MAX)) return "";
  // Up to 18 digits before the point: some currencies count in thousands of billions.
  if (value && value->exponent() <= 0) return text;
  leave_out(field, text);
  return "";
}

std::optional<core::PermanentId> Border::permanent_id(std::int64_t value) {
  constexpr std::int64_t unset = std::numeric_limits<std::int64_t>::max();
  if (value == 0 || value == -1 || value == unset || value == INT32_MAX) return std::nullopt;
  if (value < 0) {
    leave_out("permId", std::to_string(value));
    return std::nullopt;
  }
  return core::PermanentId(value);
}

std::optional<core::BrokerOrderId> Border::broker_id(std::int32_t client, std::int32_t number) {
  if (number == 0 || is_unset(number) || is_unset(client) || client < 0) return std::nullopt;
  if (number > core::broker_number_max) {
    leave_out("orderId", std::to_string(number));
    return std::nullopt;
  }
  return core::BrokerOrderId{client, number};
}

namespace {

// The broker's names of zones, beside those that everybody knows.
std::string_view zone_name(std::string_view word) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"US/Eastern", "America/New_York"},
      {"EST", "America/New_York"},
      {"EST5EDT", "America/New_York"},
      {"US/Central", "America/Chicago"},
      {"CST", "America/Chicago"},
      {"MET", "Europe/Berlin"},
      {"GB-Eire", "Europe/London"},
      {"Hongkong", "Asia/Hong_Kong"},
      {"JST", "Asia/Tokyo"},
      {"Japan", "Asia/Tokyo"}};
  for (const auto& [theirs, ours] : names) {
    if (word == theirs) return ours;
  }
  return word;
}

}  // namespace

bool is_unset(std::int32_t value) {
  return value == std::numeric_limits<std::int32_t>::max();
}

std::int64_t next_id_of(std::int32_t told) {
  return told > 0 && told <= core::broker_number_max + 1 ? told : 0;
}

std::optional<base::Time> time_of(std::string_view text) {
  constexpr std::size_t length = std::string_view("20261231 21:00:00").size();
  if (text.size() < length || (text[8] != ' ' && text[8] != '-')) return std::nullopt;
  if (text[11] != ':' || text[14] != ':') return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t size) {
    int value = 0;
    const char* begin = text.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + size, value);
    return error == std::errc() && end == begin + size ? value : -1;
  };
  const auto local = base::from_civil(
      {part(0, 4), part(4, 2), part(6, 2), part(9, 2), part(12, 2), part(15, 2), 0});
  if (!local) return std::nullopt;
  const std::string_view zone = text.substr(length);
  if (text[8] == '-' && zone.empty()) return local;
  if (zone == " UTC" || zone == " GMT") return local;
  if (zone.empty() || zone.front() != ' ') return std::nullopt;
  const auto known = base::Zone::find(zone_name(zone.substr(1)));
  return known ? std::optional(known->earliest(*local)) : std::nullopt;
}

}  // namespace belay::tws
