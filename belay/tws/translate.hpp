// SPDX-License-Identifier: Apache-2.0
// From IB's words (tws/wire) to ours (model, core) and back; docs/GLOSSARY.md is the table for
// readers. What a number is worth is decided in border.hpp, what a code means in error_codes.hpp.
// Pure functions; what could not be taken of a message is named beside the report.
#pragma once

#include <string>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/model/account.hpp"
#include "belay/tws/border.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws {

// ---- ours to IB ----
wire::Contract to_wire(const core::Contract& contract);
wire::PlaceOrder to_wire(const core::PlaceEffect& effect);
/// The same order id and the whole order again: that is a modification.
wire::PlaceOrder to_wire(const core::ReplaceEffect& effect);
wire::CancelOrder to_wire(const core::CancelEffect& effect);
/// "20261231-21:00:00": UTC, whole seconds.
std::string to_wire_time(base::Time time);

// ---- IB to ours ----
core::BrokerState state_of(std::string_view status, std::string_view why_held);
core::Contract from_wire(const wire::Contract& contract);
/// Of whatever can be read of an entry: it is there all the same.
core::BrokerNames names_of(const wire::OpenOrder& message);
core::BrokerNames names_of(const wire::CompletedOrder& message);
core::BrokerNames names_of(const wire::ExecDetails& message);
/// Neither an id nor a tag says which order it is about.
bool names_nothing(const core::BrokerNames& names);
/// Whether they tell which order it is, in a session of this client id.
bool tells_whom(const wire::OpenOrder& message, std::int32_t session);
bool tells_whom(const wire::CompletedOrder& message, std::int32_t session);
bool tells_whom(const wire::ExecDetails& message, std::int32_t session);
/// A number is missing that every order of its type has.
bool lacks_terms(const core::OrderSpec& spec);
/// Nothing without a side or a name.
Taken<core::BrokerOrder> from_wire(const wire::OpenOrder& message);
Taken<core::BrokerOrder> from_wire(const wire::CompletedOrder& message);
/// Nothing without a name.
Taken<core::BrokerStatus> from_wire(const wire::OrderStatus& message);
/// Nothing without shares, side and execution id: a fill of an unknown size is not counted.
Taken<core::BrokerExecution> from_wire(const wire::ExecDetails& message);
/// Nothing when the report holds no commission yet.
Taken<core::BrokerCommission> from_wire(const wire::CommissionReport& message);
Taken<core::BrokerBound> from_wire(const wire::OrderBound& message);
core::BrokerNotice from_wire(const wire::ErrMsg& message, std::int32_t client_id);
/// Always a report: a position that cannot be read is there all the same.
Taken<core::Position> from_wire(const wire::Position& message);
/// What the broker is asked for of each account: amounts, and words such as INDIVIDUAL.
std::string account_tags();
/// Always a report: an amount that is no number is not known.
Taken<core::AccountValue> from_wire(const wire::AccountSummary& message);
/// Accounts with simulated money begin with D.
std::vector<core::AccountSeen> accounts_seen(const std::vector<std::string>& names);

}  // namespace belay::tws
