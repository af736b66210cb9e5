// SPDX-License-Identifier: Apache-2.0
// The words a live gateway writes into an order nobody asked anything special of. A simulated
// server applies them before it reports an order, so that clients see what they would really see.
// Taken from recorded openOrder messages of version 200.
#pragma once

#include <string>
#include <string_view>

#include "belay/tws/wire/order.hpp"

namespace belay::tws::wire {

/// Fills only what is not given.
inline void apply_gateway_words(Order& order) {
  const auto fill = [](std::string& field, std::string_view word) {
    if (field.empty()) field = word;
  };
  fill(order.delta_neutral_order_type, "None");
  fill(order.delta_neutral_open_close, "?");
  fill(order.adjusted_order_type, "None");
  fill(order.clearing_intent, "IB");
  order.dont_use_auto_price_for_hedge = true;
  if (order.oca_type == 0) order.oca_type = 3;
  if (!order.use_price_mgmt_algo) order.use_price_mgmt_algo = false;
}

}  // namespace belay::tws::wire
