// SPDX-License-Identifier: Apache-2.0
// A whole Order to bytes and back: what the history keeps of an archived order, what OrderRecalled
// carries, and what snapshots are made of. Bytes of older versions decode for ever.
#pragma once

#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core {

std::string encode_order(const Order& order);
/// Error: damaged bytes. Never throws on any input.
base::Result<Order> decode_order(std::string_view bytes);

}  // namespace belay::core
