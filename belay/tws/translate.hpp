// SPDX-License-Identifier: Apache-2.0
// The only file that knows both vocabularies: IB's words of tws/wire and ours of model and core.
// docs/GLOSSARY.md is its table for readers. Pure functions; a value that does not fit ours exactly
// is an error that names the field, never a rounded number.
#pragma once

#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/core/effect.hpp"
#include "belay/core/input.hpp"
#include "belay/model/account.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws {

// ---- ours to IB ----
wire::Contract to_wire(const core::Contract& contract);
wire::PlaceOrder to_wire(const core::PlaceEffect& effect);
/// The same order id and the whole order again: that is a modification (section 7).
wire::PlaceOrder to_wire(const core::ReplaceEffect& effect);
wire::CancelOrder to_wire(const core::CancelEffect& effect);
/// "20261231-21:00:00": UTC, whole seconds.
std::string to_wire_time(base::Time time);

// ---- IB to ours ----
core::BrokerState state_of(std::string_view status, std::string_view why_held);
core::Contract from_wire(const wire::Contract& contract);
/// Needs no number to be exact, so an order that cannot be translated is still known to be open.
core::BrokerNames names_of(const wire::OpenOrder& message);
base::Result<core::BrokerOrder> from_wire(const wire::OpenOrder& message);
base::Result<core::BrokerOrder> from_wire(const wire::CompletedOrder& message);
base::Result<core::BrokerStatus> from_wire(const wire::OrderStatus& message);
base::Result<core::BrokerExecution> from_wire(const wire::ExecDetails& message);
/// Nothing when the report holds no commission yet.
base::Result<core::BrokerCommission> from_wire(const wire::CommissionReport& message);
core::BrokerNotice from_wire(const wire::ErrMsg& message, std::int32_t client_id);
base::Result<core::Position> from_wire(const wire::Position& message);
core::AccountValue from_wire(const wire::AccountSummary& message);
/// Accounts with simulated money begin with D (product.md: live is guarded twice).
std::vector<core::AccountSeen> accounts_seen(const std::vector<std::string>& names);

}  // namespace belay::tws
