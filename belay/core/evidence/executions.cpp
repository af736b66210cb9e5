// SPDX-License-Identifier: Apache-2.0
// Fills: each execution counts once, at its last revision, with the order that it belongs to.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/facts/fill_sums.hpp"

namespace belay::core {

using base::Defect;

namespace {

// The running sum of a correction is of its own moment, not of the fill's: it tells no repeat.
bool can_repeat(const Execution& e) {
  return e.id.revision <= 1 && !e.cum_qty.is_zero() && !e.last_qty.is_zero() && !e.busted &&
         !e.inferred && e.leg_con_id == 0;
}

// All that the broker says of both agrees, and two fills cannot leave one running sum.
bool tell_one_fill(const Execution& a, const Execution& b) {
  return a.cum_qty == b.cum_qty && a.last_qty == b.last_qty && a.last_px == b.last_px &&
         a.side == b.side && a.account == b.account && a.permanent_id == b.permanent_id &&
         a.id.base != b.id.base && can_repeat(a) && can_repeat(b);
}

// One that is not counted because it tells the same fill as `fill`.
const Execution* twin_of(const Order& known, const Execution& fill) {
  const auto& all = known.executions;
  const auto twin = std::find_if(all.begin(), all.end(), [&](const Execution& e) {
    return e.repeats && tell_one_fill(e, fill);
  });
  return twin == all.end() ? nullptr : &*twin;
}
std::string about_repeat(const Execution& fill) {
  return fmt::format("execution_repeated/{}", fill.id.base);
}
std::string repeat_text(OrderId id, const Execution& fill, const Execution& same) {
  return fmt::format("execution {} tells the same fill of order {} as {}: it is not counted",
                     to_string(fill.id), id.value(), to_string(same.id));
}
std::vector<std::string> repeat_candidates() {
  return {"the broker gave one fill two execution ids",
          "two fills of one size and price in one moment: then its totals will say more"};
}

// What a report of a known execution does not tell stays as it is known.
void keep_known(const Execution& known, Execution& incoming) {
  incoming.commission = known.commission;
  incoming.commission_currency = known.commission_currency;
  incoming.commission_revision = known.commission_revision;
  incoming.leg_con_id = known.leg_con_id;
  incoming.repeats = known.repeats;
}

}  // namespace

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
    if (!unaccounted_for(report.names, &described).empty()) return;
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
  keep_known(known, incoming);
  incoming.permanent_id =
      report.execution.permanent_id ? report.execution.permanent_id : known.permanent_id;
  const bool older = exec_id.revision < known.id.revision;
  if (older && !base::defect(Defect::older_revision_wins)) return;
  if (exec_id.revision == known.id.revision) {
    // The zone of the time may differ between a live report and a later list, and older journals
    // did not keep everything.
    incoming.transact_time = known.transact_time;
    incoming.cum_qty = known.cum_qty;
    if (known.account.value().empty()) incoming.account = known.account;
    // A price that one of the reports does not tell contradicts nothing.
    if (!incoming.last_px) incoming.last_px = known.last_px;
    Execution priced = known;
    if (!priced.last_px) priced.last_px = incoming.last_px;
    priced.account = incoming.account;
    if (incoming != priced) {
      incident("execution_differs", holder.id,
               fmt::format("execution {} came twice with different content", to_string(exec_id)));
    }
  }
  // Of those that tell one fill one counts while it stands: the one that was told first.
  if (known.repeats || incoming != known) {
    const Execution* same = repeated_by(holder, incoming);
    incoming.repeats = same != nullptr;
    if (incoming.repeats && !known.repeats) {
      incident("execution_repeated", holder.id, repeat_text(holder.id, incoming, *same),
               about_repeat(incoming), repeat_candidates());
    }
  }
  if (incoming == known) return;
  const OrderId id = holder.id;
  const bool was_over = holder.overfilled;
  const Execution was = known;
  const auto correct = [&](Execution fill) {
    const bool counts_now = !fill.repeats && !fill.busted;
    BrokerExecution real;
    real.execution = fill;
    real.cum_qty = fill.cum_qty;
    const bool counted = !book_.execution_of(order(id), fill.id.base)->repeats;
    const Quantity rest = counted || !counts_now ? Quantity() : make_way(id, real);
    emit(ExecutionCorrected{id, fill});
    infer_rest(id, rest);
    const Book::Incident* open = book_.find_incident(about_repeat(fill));
    if (open != nullptr && !fill.repeats) {
      emit(IncidentClosed{open->seq, "what it repeated was taken back or told differently", ""});
    }
  };
  correct(std::move(incoming));
  // Another may have told the same fill as this one did until now.
  const Execution* twin = was.repeats ? nullptr : twin_of(order(id), was);
  if (twin != nullptr && repeated_by(order(id), *twin) == nullptr) {
    Execution fill = *twin;
    fill.repeats = false;
    correct(std::move(fill));
  }
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
    incident("execution_repeated", id, repeat_text(id, fill, *same), about_repeat(fill),
             repeat_candidates());
    emit(ExecutionReported{id, std::move(fill), report.contract.con_id});
    return join_early_commission(id, report.execution.id);
  }
  const Quantity filled = before.cum_qty + fill.last_qty;
  if (proves_change(before, filled)) {
    emit(ReplaceAccepted{id});
    queue_replace(id);
  }
  const Quantity rest = make_way(id, report);
  note_if_anomalous(id, Trigger::fill_partial, "reports a fill of it");
  const bool was_over = order(id).overfilled;
  ExecutionReported told{id, std::move(fill), report.contract.con_id};
  // One that came before its time may turn out to stand behind another without a price.
  const bool in_turn = report.cum_qty.is_zero() || report.cum_qty == filled;
  if (report.avg_px && (!told.execution.last_px || !in_turn || !is_priced(order(id)))) {
    told.cum_qty = report.cum_qty;
    told.avg_px = report.avg_px;
  }
  emit(std::move(told));
  infer_rest(id, rest);
  note_overfill(id, was_over);
  const Order& after = order(id);
  if (after.filled_claim <= after.cum_qty) claims_.remove(after.id);
  if (may_have_grown(after)) rounds_.ask_soon = true;  // the lists tell whether it is done
  join_early_commission(id, report.execution.id);
}

// The broker's running sum did not rise: it does not count this fill beside the other (decision
// 0025). Should it be one all the same, its totals say more than the executions, and that is told.
const Execution* Core::repeated_by(const Order& known, const Execution& fill) {
  // While the sums rise a repeat is among the latest or nowhere.
  const auto count = static_cast<std::ptrdiff_t>(known.executions.size());
  constexpr std::ptrdiff_t latest = 64;
  const std::ptrdiff_t reach = fill.cum_qty > known.cum_qty ? std::min(latest, count) : count;
  const auto end = known.executions.rbegin() + reach;
  const auto same = std::find_if(known.executions.rbegin(), end, [&](const Execution& e) {
    return !e.repeats && tell_one_fill(e, fill);
  });
  return same == end ? nullptr : &*same;
}

// An order for an amount of money has no quantity to reach until the broker calls it filled: then
// it is as large as that.
void Core::end_open_ended(OrderId id) {
  const Order& known = order(id);
  const bool open_ended =
      known.external && known.spec.terms.order_qty.is_zero() && !known.known_from_fills();
  if (!open_ended || known.filled_claim.is_zero()) return;
  OrderTerms terms = known.spec.terms;
  terms.order_qty = known.filled_claim;
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
