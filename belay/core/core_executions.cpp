// SPDX-License-Identifier: Apache-2.0
// Fills: each execution counts once, at its last revision, with the order that it belongs to.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

bool Core::holds(const Order& owner, const ExecId& exec_id) {
  return std::any_of(owner.executions.begin(), owner.executions.end(),
                     [&](const Execution& e) { return e.id.base == exec_id.base; });
}

void Core::note_overfill(OrderId id, bool was_over) {
  const Order& now = order(id);
  if (!now.overfilled || was_over) return;
  incident("overfill", id,
           fmt::format("order {} is filled {} of {}", id.value(), to_string(now.cum_qty),
                       to_string(now.spec.terms.order_qty)));
}

// A combination fills as a whole; its legs move what they are, each on its own side.
bool Core::is_leg(const Order& known, const Contract& filled) {
  return known.spec.contract.sec_type == SecurityType::other && filled.con_id != 0 &&
         filled.sec_type != SecurityType::other && filled.con_id != known.con_id;
}
void Core::take_leg(const Order& combination, const BrokerExecution& report) {
  Execution leg = report.execution;
  if (!leg.permanent_id) leg.permanent_id = report.names.permanent_id;
  leg.leg_con_id = report.contract.con_id;
  emit(ExecutionReported{combination.id, std::move(leg), report.contract.con_id});
  join_early_commission(combination.id, report.execution.id);
}

void Core::on(const BrokerExecution& report) {
  const ExecId& exec_id = report.execution.id;
  const Order* holder = book_.find_execution(exec_id.base);
  const Order* owner = tagged_order(report.names);
  if (owner != nullptr && holds(*owner, exec_id)) holder = owner;
  if (holder != nullptr && owner != nullptr && owner != holder && !holder->external) {
    // A reset broker gave an old execution id to a fill of another order: a fill all the same.
    // Only two of our own tags say so; other names can be mixed up without a second fill.
    incident("execution_id_reused", owner->id,
             fmt::format("execution id {} of order {} came again for order {}", to_string(exec_id),
                         holder->id.value(), owner->id.value()));
    holder = nullptr;
  }
  if (holder != nullptr) {
    if (base::defect(Defect::fill_counted_twice)) {
      emit(ExecutionReported{holder->id, report.execution, report.contract.con_id});
      return;
    }
    const auto known = std::find_if(holder->executions.begin(), holder->executions.end(),
                                    [&](const Execution& e) { return e.id.base == exec_id.base; });
    Execution incoming = report.execution;
    incoming.commission = known->commission;
    incoming.commission_currency = known->commission_currency;
    incoming.leg_con_id = known->leg_con_id;
    if (!incoming.permanent_id) incoming.permanent_id = known->permanent_id;
    if (exec_id.revision < known->id.revision || incoming == *known) return;
    if (exec_id.revision == known->id.revision) {
      // The zone of the time may differ between a live report and a later list.
      incoming.transact_time = known->transact_time;
      // A price that one of the reports does not tell contradicts nothing.
      if (!incoming.last_px) incoming.last_px = known->last_px;
      if (incoming == *known) return;
      Execution priced = *known;
      if (!priced.last_px) priced.last_px = incoming.last_px;
      if (incoming != priced) {
        incident("execution_differs", holder->id,
                 fmt::format("execution {} came twice with different content", to_string(exec_id)));
      }
    }
    const bool was_over = holder->overfilled;
    Execution corrected = report.execution;
    if (!corrected.permanent_id) corrected.permanent_id = known->permanent_id;
    corrected.leg_con_id = known->leg_con_id;
    if (exec_id.revision == known->id.revision) corrected.last_px = incoming.last_px;
    emit(ExecutionCorrected{holder->id, std::move(corrected)});
    note_overfill(holder->id, was_over);
    watch_claim(holder->id);
    return;
  }
  raise_floor(report.names);
  Match found = match(report.names);
  if (!found.exists) {
    note_lost_tag(report.names);
    note_id_clash(report.names);
    OrderSpec spec;
    spec.account = report.account;
    spec.contract = report.contract;
    spec.side = report.execution.side;
    spec.ord_type = OrdType::other;
    spec.terms.order_qty = report.execution.last_qty;
    spec.terms.time_in_force = TimeInForce::other;
    found.order = adopt(report.names, spec, "");
  }
  learn_names(found.order, report.names);
  const Order& before = order(found.order);
  if (is_leg(before, report.contract)) return take_leg(before, report);
  if (base::defect(Defect::late_fill_dropped) && before.status == OrdStatus::canceled) return;
  // An external order that we know from its fills alone is as large as they are.
  const bool described = !before.raw_ord_type.empty() && before.spec.terms.order_qty.is_zero();
  if (before.external && before.spec.ord_type == OrdType::other && !described &&
      before.cum_qty + report.execution.last_qty > before.spec.terms.order_qty) {
    OrderTerms grown = before.spec.terms;
    grown.order_qty = before.cum_qty + report.execution.last_qty;
    emit(OrderRestated{found.order, grown});
  }
  // More than the old quantity and no more than the new one: the modification arrived.
  const Quantity filled = before.cum_qty + report.execution.last_qty;
  if (before.replacing && filled > before.spec.terms.order_qty &&
      filled <= before.replacing->order_qty) {
    emit(ReplaceAccepted{found.order});
    queue_replace(found.order);
  }
  const Quantity rest = make_way(found.order, report);
  note_if_anomalous(found.order, Trigger::fill_partial, "reports a fill of it");
  const bool was_over = order(found.order).overfilled;
  Execution fill = report.execution;
  if (!fill.permanent_id) fill.permanent_id = report.names.permanent_id;
  ExecutionReported told{found.order, std::move(fill), report.contract.con_id};
  if (report.avg_px && (!told.execution.last_px || !is_priced(order(found.order)))) {
    told.cum_qty = report.cum_qty;
    told.avg_px = report.avg_px;
  }
  emit(std::move(told));
  infer_rest(found.order, rest);
  note_overfill(found.order, was_over);
  end_open_ended(found.order);
  const Order& after = order(found.order);
  if (after.filled_claim <= after.cum_qty) claims_.remove(after.id);
  join_early_commission(found.order, exec_id);
}

// An order for an amount of money has no quantity to reach: it is filled when the broker says so
// and all that it counts is told.
void Core::end_open_ended(OrderId id) {
  const Order& known = order(id);
  const bool open_ended = known.external && known.spec.terms.order_qty.is_zero();
  const bool told = !known.cum_qty.is_zero() && known.cum_qty == known.filled_claim;
  if (!open_ended || !told || known.raw_status != "Filled") return;
  OrderTerms terms = known.spec.terms;
  terms.order_qty = known.cum_qty;
  emit(OrderRestated{id, terms});
}

void Core::join_early_commission(OrderId id, const ExecId& exec_id) {
  const auto early = early_commissions_.find(exec_id);
  if (early == early_commissions_.end()) return;
  const BrokerCommission commission = early->second;
  early_commissions_.erase(early);
  join_commission(commission, order(id));
}

void Core::on(const BrokerCommission& report) {
  if (const Order* holder = book_.find_execution(report.execution.base)) {
    return join_commission(report, *holder);
  }
  // Commissions of executions that never come must not pile up for ever.
  constexpr std::size_t early_max = 10'000;
  if (early_commissions_.size() >= early_max) early_commissions_.erase(early_commissions_.begin());
  early_commissions_.insert_or_assign(report.execution, report);
}

void Core::join_commission(const BrokerCommission& report, const Order& holder) {
  for (const Execution& e : holder.executions) {
    if (e.id.base != report.execution.base) continue;
    if (e.commission == report.commission && e.commission_currency == report.currency) return;
  }
  emit(CommissionReported{holder.id, report.execution, report.commission, report.currency,
                          report.realized_pnl});
}

}  // namespace belay::core
