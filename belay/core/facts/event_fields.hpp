// SPDX-License-Identifier: Apache-2.0
// Field numbers and names of every event: one list, visited by the encoder, the decoder and the
// JSON printer (event_encoding.cpp). Numbers ascend within a struct and are never reused.
#pragma once

#include "belay/core/facts/event.hpp"
#include "belay/model/order_terms.hpp"

namespace belay::core::fields {

template <class Io>
void describe(Io& io, ComboLeg& leg) {
  io(1, "con_id", leg.con_id);
  io(2, "ratio", leg.ratio);
  io(3, "side", leg.side);
  io(4, "exchange", leg.exchange);
}
template <class Io>
void describe(Io& io, Contract& c) {
  io(1, "con_id", c.con_id);
  io(2, "symbol", c.symbol);
  io(3, "sec_type", c.sec_type);
  io(4, "exchange", c.exchange);
  io(5, "primary_exchange", c.primary_exchange);
  io(6, "currency", c.currency);
  io(7, "last_trade_date", c.last_trade_date);
  io(8, "strike", c.strike);
  io(9, "right", c.right);
  io(10, "multiplier", c.multiplier);
  io(11, "local_symbol", c.local_symbol);
  io(12, "trading_class", c.trading_class);
  io(13, "raw_sec_type", c.raw_sec_type);
  io(14, "legs", c.legs);
}
template <class Io>
void describe(Io& io, OrderTerms& t) {
  for_each_term([&](const auto& term) { io(term.number, term.name, t.*term.member); });
}
template <class Io>
void describe(Io& io, OrderSpec& s) {
  io(1, "account", s.account);
  io(2, "contract", s.contract);
  io(3, "side", s.side);
  io(4, "ord_type", s.ord_type);
  io(5, "terms", s.terms);
  io(6, "purpose", s.purpose);
  io(7, "valid_until", s.valid_until);
  io(8, "broker_number", s.broker_number);
}
template <class Io>
void describe(Io& io, BrokerOrderId& id) {
  io(1, "session", id.session);
  io(2, "number", id.number);
}
template <class Io>
void describe(Io& io, ExecId& id) {
  io(1, "base", id.base);
  io(2, "revision", id.revision);
}
template <class Io>
void describe(Io& io, Execution& e) {
  io(1, "exec_id", e.id);
  io(2, "last_qty", e.last_qty);
  io(3, "last_px", e.last_px);
  io(4, "side", e.side);
  io(5, "transact_time", e.transact_time);
  io(6, "exchange", e.exchange);
  io(7, "busted", e.busted);
  io(8, "inferred", e.inferred);
  io(9, "permanent_id", e.permanent_id);
  io(10, "leg_con_id", e.leg_con_id);
  io(11, "account", e.account);
  io(12, "cum_qty", e.cum_qty);
  io(13, "repeats", e.repeats);
}

template <class Io>
void describe(Io& io, InstanceCreated& e) {
  io(1, "instance", e.instance);
}
template <class Io>
void describe(Io& io, DaemonStarted& e) {
  io(1, "epoch", e.epoch);
  io(2, "version", e.version);
}
template <class Io>
void describe(Io& io, OrderAccepted& e) {
  io(1, "order", e.order);
  io(2, "cl_ord_id", e.cl_ord_id);
  io(3, "spec", e.spec);
  io(4, "principal", e.principal);
  io(5, "family", e.family);
}
template <class Io>
void describe(Io& io, OrderRefused& e) {
  io(1, "order", e.order);
  io(2, "cl_ord_id", e.cl_ord_id);
  io(3, "spec", e.spec);
  io(4, "principal", e.principal);
  io(5, "code", e.code);
  io(6, "text", e.text);
}
template <class Io>
void describe(Io& io, SendIntended& e) {
  io(1, "order", e.order);
  io(2, "broker_id", e.broker_id);
}
template <class Io>
void describe(Io& io, SendWithdrawn& e) {
  io(1, "order", e.order);
  io(2, "proof", e.proof);
}
template <class Io>
void describe(Io& io, OrderDenied& e) {
  io(1, "order", e.order);
  io(2, "reason", e.reason);
}
template <class Io>
void describe(Io& io, BrokerAcknowledged& e) {
  io(1, "order", e.order);
  io(2, "permanent_id", e.permanent_id);
  io(3, "raw_status", e.raw_status);
  io(4, "con_id", e.con_id);
}
template <class Io>
void describe(Io& io, ContractIdentified& e) {
  io(1, "order", e.order);
  io(2, "contract", e.contract);
}
template <class Io>
void describe(Io& io, BrokerStatusChanged& e) {
  io(1, "order", e.order);
  io(2, "raw_status", e.raw_status);
  io(3, "why_held", e.why_held);
  io(4, "filled_claim", e.filled_claim);
  io(5, "avg_px", e.avg_px);
  io(6, "last_px", e.last_px);
}
template <class Io>
void describe(Io& io, BrokerNoted& e) {
  io(1, "order", e.order);
  io(2, "code", e.code);
  io(3, "text", e.text);
  io(4, "unlisted", e.unlisted);
  io(5, "refusal", e.refusal);
}
template <class Io>
void describe(Io& io, ReplaceRequested& e) {
  io(1, "order", e.order);
  io(2, "terms", e.terms);
  io(3, "principal", e.principal);
}
template <class Io>
void describe(Io& io, ReplaceIntended& e) {
  io(1, "order", e.order);
}
template <class Io>
void describe(Io& io, ReplaceAccepted& e) {
  io(1, "order", e.order);
}
template <class Io>
void describe(Io& io, ReplaceRefused& e) {
  io(1, "order", e.order);
  io(2, "code", e.code);
  io(3, "text", e.text);
}
template <class Io>
void describe(Io& io, OrderRestated& e) {
  io(1, "order", e.order);
  io(2, "terms", e.terms);
  std::optional<OrdType> other_type;
  if (e.ord_type != OrdType::other) other_type = e.ord_type;
  io(3, "ord_type", other_type);
  e.ord_type = other_type.value_or(OrdType::other);
  io(4, "raw_ord_type", e.raw_ord_type);
}
template <class Io>
void describe(Io& io, CancelIntended& e) {
  io(1, "order", e.order);
  io(2, "principal", e.principal);
}
template <class Io>
void describe(Io& io, CancelRefused& e) {
  io(1, "order", e.order);
  io(2, "code", e.code);
  io(3, "text", e.text);
}
template <class Io>
void describe(Io& io, OrderCanceled& e) {
  io(1, "order", e.order);
  io(2, "code", e.code);
  io(3, "text", e.text);
}
template <class Io>
void describe(Io& io, OrderRejected& e) {
  io(1, "order", e.order);
  io(2, "code", e.code);
  io(3, "text", e.text);
}
template <class Io>
void describe(Io& io, OrderExpired& e) {
  io(1, "order", e.order);
  io(2, "text", e.text);
}
template <class Io>
void describe(Io& io, OrderHeld& e) {
  io(1, "order", e.order);
  io(2, "why", e.why);
}
template <class Io>
void describe(Io& io, ExecutionReported& e) {
  io(1, "order", e.order);
  io(2, "execution", e.execution);
  io(3, "con_id", e.con_id);
  io(4, "cum_qty", e.cum_qty);
  io(5, "avg_px", e.avg_px);
}
template <class Io>
void describe(Io& io, ExecutionCorrected& e) {
  io(1, "order", e.order);
  io(2, "execution", e.execution);
}
template <class Io>
void describe(Io& io, CommissionReported& e) {
  io(1, "order", e.order);
  io(2, "execution", e.execution);
  io(3, "commission", e.commission);
  io(4, "currency", e.currency);
  io(5, "realized_pnl", e.realized_pnl);
}
template <class Io>
void describe(Io& io, OrderUnknown& e) {
  io(1, "order", e.order);
  io(2, "command", e.command);
  io(3, "reason", e.reason);
}
template <class Io>
void describe(Io& io, ExternalOrderSeen& e) {
  io(1, "order", e.order);
  io(2, "broker_id", e.broker_id);
  io(3, "permanent_id", e.permanent_id);
  io(4, "spec", e.spec);
  io(5, "raw_ord_type", e.raw_ord_type);
  io(6, "tag", e.tag);
}
template <class Io>
void describe(Io& io, IncarnationAdded& e) {
  io(1, "order", e.order);
  io(2, "permanent_id", e.permanent_id);
  io(3, "broker_id", e.broker_id);
}
template <class Io>
void describe(Io& io, FloorRaised& e) {
  io(1, "session", e.session);
  io(2, "from", e.from);
  io(3, "to", e.to);
  io(4, "reason", e.reason);
}
template <class Io>
void describe(Io& io, SessionChanged& e) {
  io(1, "phase", e.phase);
  io(2, "reason", e.reason);
  io(3, "accounts", e.accounts);
}
template <class Io>
void describe(Io& io, SyncCompleted& e) {
  io(1, "open_orders", e.open_orders);
  io(2, "unknown_orders", e.unknown_orders);
  io(3, "reason", e.reason);
  io(4, "findings", e.findings);
  io(5, "positions_agreed", e.positions_agreed);
}
template <class Io>
void describe(Io& io, IncidentOpened& e) {
  io(1, "kind", e.kind);
  io(2, "order", e.order);
  io(3, "text", e.text);
  io(4, "subject", e.subject);
  io(5, "candidates", e.candidates);
}
template <class Io>
void describe(Io& io, GapRecorded& e) {
  io(1, "session", e.session);
  io(2, "from", e.from);
  io(3, "to", e.to);
  io(4, "reason", e.reason);
}
template <class Io>
void describe(Io& io, IdBlockReserved& e) {
  io(1, "session", e.session);
  io(2, "from", e.from);
  io(3, "to", e.to);
  io(4, "purpose", e.purpose);
  io(5, "principal", e.principal);
}
template <class Io>
void describe(Io& io, IncidentClosed& e) {
  io(1, "incident", e.incident);
  io(2, "reason", e.reason);
  io(3, "principal", e.principal);
}
template <class Io>
void describe(Io& io, OrderNotAccepted& e) {
  io(1, "order", e.order);
  io(2, "proof", e.proof);
}
template <class Io>
void describe(Io& io, ExecutionInferred& e) {
  io(1, "order", e.order);
  io(2, "execution", e.execution);
  io(3, "evidence", e.evidence);
}
template <class Io>
void describe(Io& io, ExecutionSuperseded& e) {
  io(1, "order", e.order);
  io(2, "inferred", e.inferred);
  io(3, "by", e.by);
}
template <class Io>
void describe(Io& io, Halted& e) {
  io(1, "reason", e.reason);
  io(2, "principal", e.principal);
}
template <class Io>
void describe(Io& io, Resumed& e) {
  io(1, "reason", e.reason);
  io(2, "principal", e.principal);
}
template <class Io>
void describe(Io& io, TradingDayRolled& e) {
  io(1, "day", e.day);
}
template <class Io>
void describe(Io& io, IdsReset& e) {
  io(1, "session", e.session);
  io(2, "next", e.next);
  io(3, "principal", e.principal);
  io(4, "reason", e.reason);
  io(5, "failures", e.failures);
}
template <class Io>
void describe(Io& io, PositionAdjusted& e) {
  io(1, "account", e.account);
  io(2, "contract", e.contract);
  io(3, "from", e.from);
  io(4, "to", e.to);
  io(5, "reason", e.reason);
}
template <class Io>
void describe(Io& io, OrderArchived& e) {
  io(1, "order", e.order);
}
template <class Io>
void describe(Io& io, OrderRecalled& e) {
  io(1, "order", e.order);
  io(2, "state", e.state);
}
template <class Io>
void describe(Io& io, BrokerIdBound& e) {
  io(1, "order", e.order);
  io(2, "broker_id", e.broker_id);
}
template <class Io>
void describe(Io& io, ForeignRequest& e) {
  io(1, "order", e.order);
  io(2, "owner", e.owner);
  io(3, "action", e.action);
  io(4, "outcome", e.outcome);
  io(5, "principal", e.principal);
}
template <class Io>
void describe(Io& io, IncarnationChanged& e) {
  io(1, "order", e.order);
  io(2, "permanent_id", e.permanent_id);
  io(3, "raw_status", e.raw_status);
  io(4, "done", e.done);
  io(5, "filled_claim", e.filled_claim);
}
template <class Io>
void describe(Io& io, SendRefused& e) {
  io(1, "order", e.order);
  io(2, "broker_id", e.broker_id);
  io(3, "proof", e.proof);
}
template <class Io>
void describe(Io& io, IdsResetBegun& e) {
  io(1, "session", e.session);
  io(2, "principal", e.principal);
  io(3, "reason", e.reason);
}

template <class Io>
void describe(Io& io, MarkHealed& e) {
  io(1, "session", e.session);
  io(2, "from", e.from);
  io(3, "to", e.to);
  io(4, "reason", e.reason);
}

}  // namespace belay::core::fields
