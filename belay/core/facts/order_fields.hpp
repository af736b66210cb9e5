// SPDX-License-Identifier: Apache-2.0
// Field numbers of a whole Order, for the history and for snapshots (order_encoding.hpp). The rules
// of event_fields.hpp hold: numbers ascend and are never reused, absent fields are defaults. A
// field added to Order belongs here.
#pragma once

#include "belay/core/facts/event_fields.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core::fields {

/// An execution with what joined it later, which no event about the execution itself holds.
struct KeptExecution {
  Execution execution;
};
/// 128 bits as two halves.
struct KeptNotional {
  std::int64_t high = 0;
  std::uint64_t low = 0;
};

template <class Io>
void describe(Io& io, KeptExecution& e) {
  io(1, "execution", e.execution);
  io(2, "commission", e.execution.commission);
  io(3, "commission_currency", e.execution.commission_currency);
  io(4, "commission_revision", e.execution.commission_revision);
}
template <class Io>
void describe(Io& io, Incarnation& i) {
  io(1, "permanent_id", i.permanent_id);
  io(2, "raw_status", i.raw_status);
  io(3, "done", i.done);
  io(4, "filled_claim", i.filled_claim);
  io(5, "broker_id", i.broker_id);
}
template <class Io>
void describe(Io& io, KeptNotional& n) {
  io(1, "high", n.high);
  io(2, "low", n.low);
}

template <class Io>
void describe(Io& io, ToldPrices& t) {
  io(1, "of", t.of);
  io(2, "average", t.average);
  io(3, "last", t.last);
}

/// An order and the parts of it that travel in another shape.
struct KeptOrder {
  Order order;
  KeptNotional notional;
  std::vector<KeptExecution> executions;
};
template <class Io>
void describe(Io& io, KeptOrder& k) {
  Order& o = k.order;
  io(1, "id", o.id);
  io(2, "cl_ord_id", o.cl_ord_id);
  io(3, "spec", o.spec);
  io(4, "principal", o.principal);
  io(5, "status", o.status);
  io(6, "pending_cancel", o.pending_cancel);
  io(7, "unknown", o.unknown);
  io(8, "external", o.external);
  io(9, "overfilled", o.overfilled);
  io(10, "counted_open", o.counted_open);
  io(11, "desired_terms", o.desired_terms);
  io(12, "replacing", o.replacing);
  io(13, "broker_id", o.broker_id);
  io(14, "con_id", o.con_id);
  io(15, "permanent_ids", o.permanent_ids);
  io(16, "cum_qty", o.cum_qty);
  io(17, "notional", k.notional);
  io(18, "executions", k.executions);
  io(19, "raw_status", o.raw_status);
  io(20, "raw_ord_type", o.raw_ord_type);
  io(21, "why_held", o.why_held);
  io(22, "tag", o.tag);
  io(23, "filled_claim", o.filled_claim);
  io(24, "code", o.code);
  io(25, "text", o.text);
  io(26, "refusal", o.refusal);
  io(27, "version", o.version);
  io(28, "seq", o.seq);
  io(29, "created_at", o.created_at);
  io(30, "updated_at", o.updated_at);
  io(31, "incarnations", o.incarnations);
  io(34, "family", o.family);
  io(35, "told", o.told);
  io(36, "worked", o.worked);
  io(37, "broker_text", o.broker_text);
  io(38, "cancel_asked", o.cancel_asked);
  io(39, "refused", o.refused);
}

}  // namespace belay::core::fields
