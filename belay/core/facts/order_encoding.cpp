// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/order_encoding.hpp"

#include <utility>

#include "belay/core/facts/order_fields.hpp"
// The codec finds the field walks by argument-dependent lookup.
#include "belay/core/facts/field_codec.hpp"

namespace belay::core {

using fields::KeptExecution;
using fields::KeptOrder;

namespace {

// A member that is added to Order stops the compiler here: it belongs to KeptOrder's walk too.
void know_all_members(const Order& order) {
  [[maybe_unused]] const auto& [id, cl_ord_id, spec, principal, status, pending_cancel, unknown,
                                external, overfilled, counted_open, desired_terms, replacing,
                                broker_id, con_id, permanent_ids, incarnations, cum_qty, notional,
                                executions, raw_status, raw_ord_type, why_held, tag, filled_claim,
                                code, text, refusal, version, seq, created_at, updated_at, family,
                                told, worked, cancel_asked, refused, broker_text, inferred,
                                unpriced] = order;
  if (order.incarnations.empty()) return;
  [[maybe_unused]] const auto& [permanent_id, word, done, claim, copy_id] =
      order.incarnations.front();
}

}  // namespace

std::string encode_order(const Order& order) {
  know_all_members(order);
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
    const Execution& e = execution.execution;
    if (e.inferred) ++order.inferred;
    if (!e.busted && !e.repeats && e.leg_con_id == 0 && !e.last_px) ++order.unpriced;
    order.executions.push_back(std::move(execution.execution));
  }
  return std::move(order);
}

}  // namespace belay::core
