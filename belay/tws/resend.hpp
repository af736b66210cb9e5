// SPDX-License-Identifier: Apache-2.0
// The request that changes an order which we did not place: the whole order again, as the broker
// shows it, with the wanted changes. What an openOrder message does not tell cannot be sent again,
// so orders of the kinds that have such parts are refused with the reason, never sent without them.
#pragma once

#include "belay/base/result.hpp"
#include "belay/core/input.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws {

/// `parent_open`: the order's parent is still open; a parent that is gone may not be named again.
base::Result<wire::PlaceOrder> changed(const wire::OpenOrder& shown, const core::TermsPatch& patch,
                                       bool parent_open);
/// The terms in which the broker's answer to such a request is recognised.
bool same_terms(const wire::Order& left, const wire::Order& right);

}  // namespace belay::tws
