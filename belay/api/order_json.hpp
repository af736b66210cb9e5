// SPDX-License-Identifier: Apache-2.0
// How orders, executions, positions and account values look to callers. Prices and quantities are
// strings, what is not given is null, and one function maps our states to the status words that
// TWS and S4 use.
#pragma once

#include <string>
#include <string_view>

#include "belay/base/json_writer.hpp"
#include "belay/core/facts/order.hpp"
#include "belay/model/account.hpp"

namespace belay::api {

/// PendingSubmit, PreSubmitted, Submitted, PartiallyFilled, Filled, PendingCancel, Cancelled,
/// Inactive.
std::string_view status_word(const core::Order& order);
/// What is known of what became of the request: pending, acknowledged, unknown, rejected, not_sent.
std::string_view outcome_word(const core::Order& order);
/// The broker has shown the order, or it is done.
bool is_acknowledged(const core::Order& order);
/// The broker says that more is filled than executions have told: numbers of it are unknown.
bool awaits_fills(const core::Order& order);
/// ... and that is all that was ordered: the order is over when the fills are told.
bool filled_by_claim(const core::Order& order);
/// An order of ours that ended without having worked: refused, or canceled before it was taken.
bool ended_untaken(const core::Order& order);
/// It has been told why the order is as it is. The broker's reason may follow its status word.
bool has_reason(const core::Order& order);
/// IOC and FOK: an end with nothing filled is an end as ordered.
bool ends_at_once(const core::Order& order);
/// An order of ours that is over and never had a broker id: no byte of it has left.
bool ended_unsent(const core::Order& order);

/// The value of ETag and If-Match.
std::string etag(const core::Order& order);

/// `told`: the number that the broker gave for a contract that was named without one; 0: none yet.
void write_contract(base::JsonWriter& json, const model::Contract& contract, std::int64_t told = 0);
/// `lane`: in which an order waits for a send slot; empty: it does not.
/// `name` stands in place of the order id when an order has no id of ours.
void write_order(base::JsonWriter& json, const core::Order& order, std::string_view lane = {},
                 std::string_view name = {});
void write_execution(base::JsonWriter& json, const core::Order& order,
                     const model::Execution& execution);
void write_position(base::JsonWriter& json, const model::Position& position);
void write_account_value(base::JsonWriter& json, const model::AccountValue& value);

std::string order_json(const core::Order& order, std::string_view lane = {},
                       std::string_view name = {});

}  // namespace belay::api
