// SPDX-License-Identifier: Apache-2.0
// An order as a row of the history: its bytes, and the columns that callers search by.
#pragma once

#include "belay/core/facts/order.hpp"
#include "belay/engine/history_port.hpp"

namespace belay::api {

/// `seq` is that of the event that archived it.
engine::HistoryRow history_row(const core::Order& order, std::uint64_t seq);

}  // namespace belay::api
