// SPDX-License-Identifier: Apache-2.0
// The desk: what callers ask of orders. Each command is answered once, by a Reply in the same step;
// the broker's answer is a later fact.
#pragma once

#include <optional>
#include <string>

#include "belay/core/orders/contracts.hpp"
#include "belay/core/orders/other_clients.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

void on(const PlaceOrder& command, Contracts& contracts, Step& step);
/// Several orders that belong together are taken as one: accepted, queued, sent and withdrawn as a
/// whole. What they mean to each other is not known here.
void on(const PlaceFamily& command, Step& step);
void on(const ReplaceOrder& command, Step& step);
void on(const CancelOrder& command, OtherClients& others, Step& step);
/// Our own orders, those of an account, or everything. Each order is listed with what was done
/// about it, a dry run does nothing, and asking twice does no harm.
void on(const CancelMany& command, OtherClients& others, Step& step);
void on(const DecideOrder& command, Step& step);

/// The account of the order: given, or the only one there is. Nothing: the refusal was answered.
std::optional<AccountId> resolve_account(const PlaceOrder& command, Step& step);
/// A key for an order that came without one. A caller may have used the same words as its own key,
/// which must keep its meaning for ever.
ClOrdId make_key(const AccountId& account, OrderId id, const Step& step);
/// Why a modification to these terms cannot be sent: the broker has the order as something that an
/// order from here cannot be, and would take the modification for the whole of it.
std::optional<std::string> unspoken(const Order& known, const OrderTerms& wanted);

}  // namespace belay::core
