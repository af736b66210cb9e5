// SPDX-License-Identifier: Apache-2.0
// Fills: each execution counts once, at its last revision, with the order that it belongs to.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

bool Core::holds(const Order& owner, const ExecId& exec_id) const {
  return book_.execution_of(owner, exec_id.base) != nullptr;
}

void Core::note_overfill(OrderId id, bool was_over) {
  const Order& now = order(id);
  if (!now.overfilled || was_over) return;
  incident("overfill", id,
           fmt::format("order {} is filled {} of {}", id.value(), to_string(now.cum_qty),
                       to_string(now.spec.terms.order_qty)));
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
  if (holder != nullptr) return take_again(*holder, report);
  raise_floor(report.names);
  const Described described{report.contract, report.execution.side};
  Match found = match(report.names, &described);
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
  take_new(found.order, report);
  if (!found.exists) tell_early_end(report.names);
}

Execution Core::filled_with(const BrokerExecution& report) {
  Execution fill = report.execution;
  if (!fill.permanent_id) fill.permanent_id = report.names.permanent_id;
  fill.account = report.account;
  fill.cum_qty = report.cum_qty;
  return fill;
}

// An execution that is known already: the same again, a correction, or a bust.
void Core::take_again(const Order& holder, const BrokerExecution& report) {
  const ExecId& exec_id = report.execution.id;
  if (base::defect(Defect::fill_counted_twice)) {
    emit(ExecutionReported{holder.id, report.execution, report.contract.con_id});
    return;
  }
  const Execution& known = *book_.execution_of(holder, exec_id.base);
  Execution incoming = filled_with(report);
  incoming.commission = known.commission;
  incoming.commission_currency = known.commission_currency;
  incoming.commission_revision = known.commission_revision;
  incoming.leg_con_id = known.leg_con_id;
  incoming.repeats = known.repeats;
  incoming.permanent_id =
      report.execution.permanent_id ? report.execution.permanent_id : known.permanent_id;
  const bool older = exec_id.revision < known.id.revision;
  if ((older && !base::defect(Defect::older_revision_wins)) || incoming == known) return;
  if (exec_id.revision == known.id.revision) {
    // The zone of the time may differ between a live report and a later list, and older journals
    // did not keep everything.
    incoming.transact_time = known.transact_time;
    incoming.cum_qty = known.cum_qty;
    if (known.account.value().empty()) incoming.account = known.account;
    // A price that one of the reports does not tell contradicts nothing.
    if (!incoming.last_px) incoming.last_px = known.last_px;
    if (incoming == known) return;
    Execution priced = known;
    if (!priced.last_px) priced.last_px = incoming.last_px;
    priced.account = incoming.account;
    if (incoming != priced) {
      incident("execution_differs", holder.id,
               fmt::format("execution {} came twice with different content", to_string(exec_id)));
    }
  }
  const OrderId id = holder.id;
  const bool was_over = holder.overfilled;
  emit(ExecutionCorrected{id, std::move(incoming)});
  fit_quantity(id);
  note_overfill(id, was_over);
  watch_claim(id);
}

void Core::take_new(OrderId id, const BrokerExecution& report) {
  sort_by_contract(id, report);
  const Order& before = order(id);
  Execution fill = filled_with(report);
  if (is_leg(before, report.contract, fill.side)) {
    fill.leg_con_id = report.contract.con_id;
    emit(ExecutionReported{id, std::move(fill), report.contract.con_id});
    return join_early_commission(id, report.execution.id);
  }
  if (base::defect(Defect::late_fill_dropped) && before.status == OrdStatus::canceled) return;
  if (const Execution* same = repeated_by(before, fill)) {
    fill.repeats = true;
    incident("execution_repeated", id,
             fmt::format("execution {} tells the same fill of order {} as {}: it is not counted",
                         to_string(fill.id), id.value(), to_string(same->id)),
             fmt::format("execution_repeated/{}", fill.id.base),
             {"the broker gave one fill two execution ids",
              "two fills of one size and price in one moment: then its totals will say more"});
    emit(ExecutionReported{id, std::move(fill), report.contract.con_id});
    return join_early_commission(id, report.execution.id);
  }
  const Quantity filled = before.cum_qty + fill.last_qty;
  // An external order that we know from its fills alone is as large as they are.
  if (before.known_from_fills() && filled > before.spec.terms.order_qty) {
    OrderTerms grown = before.spec.terms;
    grown.order_qty = filled;
    emit(OrderRestated{id, grown});
  }
  // More than the old quantity and no more than the new one: the modification arrived.
  if (before.replacing && filled > before.spec.terms.order_qty &&
      filled <= before.replacing->order_qty) {
    emit(ReplaceAccepted{id});
    queue_replace(id);
  }
  const Quantity rest = make_way(id, report);
  note_if_anomalous(id, Trigger::fill_partial, "reports a fill of it");
  const bool was_over = order(id).overfilled;
  ExecutionReported told{id, std::move(fill), report.contract.con_id};
  if (report.avg_px && (!told.execution.last_px || !is_priced(order(id)))) {
    told.cum_qty = report.cum_qty;
    told.avg_px = report.avg_px;
  }
  emit(std::move(told));
  infer_rest(id, rest);
  note_overfill(id, was_over);
  end_open_ended(id);
  const Order& after = order(id);
  if (after.filled_claim <= after.cum_qty) claims_.remove(after.id);
  join_early_commission(id, report.execution.id);
}

// The broker's running sum did not rise: it does not count this fill beside the other (decision
// 0025). Should it be one all the same, its totals say more than the executions, and that is told.
const Execution* Core::repeated_by(const Order& known, const Execution& fill) {
  if (fill.cum_qty.is_zero() || fill.busted || fill.last_qty.is_zero()) return nullptr;
  // They come together: among the latest it is, or nowhere.
  constexpr std::ptrdiff_t latest = 64;
  const auto end = known.executions.rbegin() +
                   std::min(latest, static_cast<std::ptrdiff_t>(known.executions.size()));
  for (auto it = known.executions.rbegin(); it != end; ++it) {
    const bool same = it->cum_qty == fill.cum_qty && it->last_qty == fill.last_qty &&
                      it->last_px == fill.last_px && it->side == fill.side &&
                      it->account == fill.account && it->permanent_id == fill.permanent_id &&
                      !it->busted && !it->inferred && !it->repeats && it->leg_con_id == 0;
    if (same) return &*it;
  }
  return nullptr;
}

// Corrections change how large an order is of which nothing else is known.
void Core::fit_quantity(OrderId id) {
  const Order& known = order(id);
  if (!known.known_from_fills() || known.spec.terms.order_qty == known.cum_qty) return;
  OrderTerms fitted = known.spec.terms;
  fitted.order_qty = known.cum_qty;
  emit(OrderRestated{id, fitted});
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
  const auto early = early_commissions_.find(exec_id.base);
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
  if (base::defect(Defect::early_commission_lost)) return;
  constexpr std::size_t early_max = 10'000;
  if (early_commissions_.size() >= early_max) early_commissions_.erase(early_commissions_.begin());
  const auto [early, is_new] = early_commissions_.try_emplace(report.execution.base, report);
  if (!is_new && early->second.execution.revision <= report.execution.revision) {
    early->second = report;
  }
}

// A correction may bring another commission; that of the fill before it is over then.
void Core::join_commission(const BrokerCommission& report, const Order& holder) {
  const Execution* known = book_.execution_of(holder, report.execution.base);
  if (known == nullptr) return;
  if (known->commission == report.commission && known->commission_currency == report.currency) {
    return;
  }
  if (known->commission && report.execution.revision < known->commission_revision) return;
  emit(CommissionReported{holder.id, report.execution, report.commission, report.currency,
                          report.realized_pnl});
}

}  // namespace belay::core
