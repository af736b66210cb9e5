// SPDX-License-Identifier: Apache-2.0
#include "belay/core/order_encoding.hpp"

#include <utility>

#include "belay/core/order_fields.hpp"
// The codec finds the field walks by argument-dependent lookup.
#include "belay/core/field_codec.hpp"

namespace belay::core {

using fields::KeptExecution;
using fields::KeptOrder;

std::string encode_order(const Order& order) {
  KeptOrder kept{order, {}, {}};
  kept.notional.high = static_cast<std::int64_t>(order.notional.units >> 64U);
  kept.notional.low = static_cast<std::uint64_t>(order.notional.units);
  for (Execution& execution : kept.order.executions) {
    kept.executions.push_back(KeptExecution{std::move(execution)});
  }
  fields::Encoder encoder;
  describe(encoder, kept);
  return encoder.out.take();
}

base::Result<Order> decode_order(std::string_view bytes) {
  KeptOrder kept;
  fields::Decoder decoder(bytes);
  describe(decoder, kept);
  if (!decoder.good() || kept.order.id.value() == 0) {
    return base::fail("order", "damaged bytes of an order");
  }
  Order& order = kept.order;
  order.notional.units = (Int128{kept.notional.high} << 64U) | Int128{kept.notional.low};
  for (KeptExecution& execution : kept.executions) {
    order.executions.push_back(std::move(execution.execution));
  }
  return std::move(order);
}

}  // namespace belay::core
