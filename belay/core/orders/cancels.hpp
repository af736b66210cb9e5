// SPDX-License-Identifier: Apache-2.0
// Cancels: a cancel that is wanted is a fact of its order, and is asked for again whenever a
// settled list shows the order open, until its end is proven or the broker has refused it.
#pragma once

#include <string>
#include <string_view>

#include "belay/core/step.hpp"

namespace belay::core {

/// Records the wish, unless it is recorded, and asks the broker.
void want_cancel(const Order& target, const std::string& principal, Step& step);
/// Asks the broker, under our own name and of each copy, when it can be reached.
void send_cancel(const Order& target, Step& step);

}  // namespace belay::core
