// SPDX-License-Identifier: Apache-2.0
// What a request to cancel many orders says, and how one order of the answer looks: the same words
// in the daemon and in safe mode.
#pragma once

#include <string>
#include <string_view>

#include "belay/api/fields.hpp"
#include "belay/api/http_message.hpp"
#include "belay/api/problem.hpp"
#include "belay/base/json_writer.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::api {

struct CancelWish {
  core::CancelMany command;
  std::string scope;  ///< the word
  FieldErrors errors;
};
/// Reads scope, account, dry_run and foreign.
CancelWish read_cancel_wish(const HttpRequest& request);
/// The refusal of a request without a scope.
Problem cancel_scope_needed();

/// `name` is what the order is called in paths; without an order only that and the outcome.
void write_cancel_item(base::JsonWriter& json, std::string_view name, const core::Order* order,
                       std::string_view outcome, std::string_view text);

}  // namespace belay::api
