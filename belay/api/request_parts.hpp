// SPDX-License-Identifier: Apache-2.0
// What several requests have in common: a body, an order that {id} names, a version, a flag, an
// account. Each of these answers for itself when the request is wrong.
#pragma once

#include <optional>
#include <string_view>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/json.hpp"

namespace belay::api {

/// Nothing, and answered: there is no JSON body.
std::optional<Json> body_json(const Exchange& exchange);

/// Reads a member of a body: a whole number, or one line of text.
template <auto member, class T>
bool read_into(const Json& value, T& out, FieldErrors&) {
  if constexpr (std::is_same_v<decltype(out.*member), std::string&>) {
    if (!is_line(value, text_max)) return false;
    out.*member = value.text();
    return true;
  } else {
    if (!value.is_number() && !value.is_string()) return false;
    const auto number = whole_number<std::int64_t>(value.text());
    if (number) out.*member = *number;
    return number.has_value();
  }
}

/// Nothing, and answered: there is no such body.
template <class T, std::size_t N>
std::optional<T> read_body(const Exchange& exchange, const Field<T> (&table)[N],
                           std::string outcome = "not_sent") {
  const auto json = body_json(exchange);
  if (!json) return std::nullopt;
  T out;
  FieldErrors errors;
  if (!json->is_object()) errors.push_back({"body", "expected a JSON object"});
  read_fields<T>(*json, table, "", out, errors);
  if (errors.empty()) return out;
  respond(exchange, blame(std::move(errors), std::move(outcome)));
  return std::nullopt;
}

/// true or false; not given: false. Nothing, and answered: it is neither.
std::optional<bool> read_flag(const Exchange& exchange, std::string_view name,
                              std::string outcome = "not_sent");

/// The order that {id} names. nullptr: it was answered, or will be when the history has. Not to be
/// kept when a command is given.
const core::Order* find_order(Api& api, Exchange& exchange);
/// The same where `account` goes with a client order id alone.
const core::Order* resolve(Api& api, Exchange& exchange);
/// True, and answered: the order is archived and cannot be changed.
bool refuse_archived(const Api& api, const Exchange& exchange, const core::Order& order,
                     std::optional<std::uint64_t> version, std::string_view what);

/// The version in If-Match. False, and answered: it is no version of ours.
bool read_if_match(const Exchange& exchange, std::optional<std::uint64_t>& version);

/// No `account`, or one of the session's; `or_of_orders`: or that of an order in memory or of a
/// fill of one.
bool knows_account(const Api& api, const Exchange& exchange, bool or_of_orders);
/// False, and answered, when it is not known.
bool check_account(const Api& api, const Exchange& exchange, bool or_of_orders = false);

}  // namespace belay::api
