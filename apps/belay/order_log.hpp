// SPDX-License-Identifier: Apache-2.0
// The log's lines of an order's life: one for each durable step of an order of ours, in plain
// words, with the order id, the client order id and the correlation id of the request behind it.
#pragma once

#include <string>
#include <vector>

#include "belay/api/correlations.hpp"
#include "belay/core/book.hpp"
#include "belay/core/event.hpp"

namespace belay::app {

/// The lines of an event that was applied to `book`: none for most events, two for what
/// completes an order, one else.
std::vector<std::string> order_lines(const core::Event& event, const core::Book& book,
                                     const api::Correlations& correlations);

}  // namespace belay::app
