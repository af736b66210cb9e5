// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/fills.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "belay/base/defects.hpp"
#include "belay/core/evidence/copies.hpp"
#include "belay/core/evidence/legs.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/evidence/sightings.hpp"
#include "belay/core/facts/disputed_fills.hpp"
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

Execution filled_with(const BrokerExecution& report) {
  Execution fill = report.execution;
  if (!fill.permanent_id) fill.permanent_id = report.names.permanent_id;
  fill.account = report.account;
  fill.cum_qty = report.cum_qty;
  return fill;
}

// The broker's running sum did not rise: it does not count this fill beside the other (decision
// 0025). Should it be one all the same, its totals say more than the executions, and that is told.
const Execution* repeated_by(const Order& known, const Execution& fill) {
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

// A correction may bring another commission; that of the fill before it is over then.
void join_commission(const BrokerCommission& report, const Order& holder, Step& step) {
  const Execution* known = step.book().execution_of(holder, report.execution.base);
  if (known == nullptr) return;
  if (known->commission == report.commission && known->commission_currency == report.currency) {
    return;
  }
  if (known->commission && report.execution.revision < known->commission_revision) return;
  step.emit(CommissionReported{holder.id, report.execution, report.commission, report.currency,
                               report.realized_pnl});
}

}  // namespace

void Fills::on(const BrokerExecution& report, Reports& reports, Step& step) {
  const ExecId& exec_id = report.execution.id;
  const Order* holder = step.book().find_execution(exec_id.base);
  const Order* owner = tagged_order(report.names, step);
  if (owner != nullptr && step.book().execution_of(*owner, exec_id.base) != nullptr) holder = owner;
  if (holder != nullptr && owner != nullptr && owner != holder && !holder->external) {
    // A reset broker gave an old execution id to a fill of another order: a fill all the same.
    // Only two of our own tags say so; other names can be mixed up without a second fill.
    step.incident("execution_id_reused", owner->id,
                  fmt::format("execution id {} of order {} came again for order {}",
                              to_string(exec_id), holder->id.value(), owner->id.value()));
    holder = nullptr;
  }
  if (holder != nullptr) return take_again(*holder, report, step);
  raise_floor(report.names, step);
  const Described described{report.contract, report.execution.side};
  Match found = match(report.names, &described, step);
  if (found.exists && step.book().execution_of(step.order(found.order), exec_id.base) != nullptr) {
    return take_again(step.order(found.order), report, step);
  }
  if (!found.exists) {
    if (!unaccounted_for(report.names, &described, step).empty()) return;
    reports.note_lost_tag(report.names, step);
    note_id_clash(report.names, step);
    OrderSpec spec;
    spec.account = report.account;
    spec.contract = report.contract;
    spec.side = report.execution.side;
    spec.ord_type = OrdType::other;
    spec.terms.order_qty = report.execution.last_qty;
    spec.terms.time_in_force = TimeInForce::other;
    found.order = adopt(report.names, spec, "", step);
  }
  learn_names(found.order, report.names, step);
  take_new(found.order, report, step);
  if (!found.exists) reports.tell_early_end(report.names, step);
}

// An execution that is known already: the same again, a correction, or a bust.
void Fills::take_again(const Order& holder, const BrokerExecution& report, Step& step) {
  const ExecId& exec_id = report.execution.id;
  if (base::defect(Defect::fill_counted_twice)) {
    step.emit(ExecutionReported{holder.id, report.execution, report.contract.con_id});
    return;
  }
  const Execution& known = *step.book().execution_of(holder, exec_id.base);
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
      step.incident(
          "execution_differs", holder.id,
          fmt::format("execution {} came twice with different content", to_string(exec_id)));
    }
  }
  // Of those that tell one fill one counts while it stands: the one that was told first.
  if (known.repeats || incoming != known) {
    const Execution* same = repeated_by(holder, incoming);
    incoming.repeats = same != nullptr;
    if (incoming.repeats && !known.repeats) {
      step.incident("execution_repeated", holder.id, repeat_text(holder.id, incoming, *same),
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
    const bool counted = !step.book().execution_of(step.order(id), fill.id.base)->repeats;
    const Quantity rest = counted || !counts_now ? Quantity() : supersede_inferred(id, real, step);
    step.emit(ExecutionCorrected{id, fill});
    infer_remainder(id, rest, step);
    const Book::Incident* open = step.book().find_incident(about_repeat(fill));
    if (open != nullptr && !fill.repeats) {
      step.emit(
          IncidentClosed{open->seq, "what it repeated was taken back or told differently", ""});
    }
  };
  correct(std::move(incoming));
  // Another may have told the same fill as this one did until now.
  const Execution* twin = was.repeats ? nullptr : twin_of(step.order(id), was);
  if (twin != nullptr && repeated_by(step.order(id), *twin) == nullptr) {
    Execution fill = *twin;
    fill.repeats = false;
    correct(std::move(fill));
  }
  note_overfill(id, was_over, step);
}

void Fills::take_new(OrderId id, const BrokerExecution& report, Step& step) {
  sort_by_contract(id, report, step);
  const Order& before = step.order(id);
  Execution fill = filled_with(report);
  if (is_leg(before, report.contract, fill.side)) {
    fill.leg_con_id = report.contract.con_id;
    step.emit(ExecutionReported{id, std::move(fill), report.contract.con_id});
    return join_early_commission(id, report.execution.id, step);
  }
  if (base::defect(Defect::late_fill_dropped) && before.status == OrdStatus::canceled) return;
  if (const Execution* same = repeated_by(before, fill)) {
    fill.repeats = true;
    step.incident("execution_repeated", id, repeat_text(id, fill, *same), about_repeat(fill),
                  repeat_candidates());
    step.emit(ExecutionReported{id, std::move(fill), report.contract.con_id});
    return join_early_commission(id, report.execution.id, step);
  }
  const Quantity filled = before.cum_qty + fill.last_qty;
  if (proves_change(before, filled)) {
    step.emit(ReplaceAccepted{id});
  }
  const Quantity rest = supersede_inferred(id, report, step);
  note_if_anomalous(id, Trigger::fill_partial, "reports a fill of it", step);
  const bool was_over = step.order(id).overfilled;
  ExecutionReported told{id, std::move(fill), report.contract.con_id};
  // One that came before its time may turn out to stand behind another without a price.
  const bool in_turn = report.cum_qty.is_zero() || report.cum_qty == filled;
  if (report.avg_px && (!told.execution.last_px || !in_turn || !is_priced(step.order(id)))) {
    told.cum_qty = report.cum_qty;
    told.avg_px = report.avg_px;
  }
  step.emit(std::move(told));
  infer_remainder(id, rest, step);
  note_overfill(id, was_over, step);
  const Order& after = step.order(id);
  if (may_have_grown(after)) step.ask_soon();  // the lists tell whether it is done
  join_early_commission(id, report.execution.id, step);
}

void Fills::join_early_commission(OrderId id, const ExecId& exec_id, Step& step) {
  const auto early = early_commissions_.find(exec_id.base);
  if (early == early_commissions_.end()) return;
  const BrokerCommission commission = early->second;
  early_commissions_.erase(early);
  join_commission(commission, step.order(id), step);
}

void Fills::on(const BrokerCommission& report, Step& step) {
  if (const Order* holder = step.book().find_execution(report.execution.base)) {
    return join_commission(report, *holder, step);
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

// The broker says that more is filled than executions tell.
void Fills::watch_claim(OrderId id, Step& step) {
  const Order* known = step.book().find(id);  // none: it was archived
  if (known != nullptr && known->filled_claim > known->cum_qty) {
    claims_.add(id, step.now(), step.options().claim_wait);
  } else {
    claims_.remove(id);
  }
}

void Fills::follow(const Event& event, Step& step) {
  if (std::holds_alternative<DaemonStarted>(event)) {
    for (const auto& [id, known] : step.book().in_memory()) {
      if (known.filled_claim > known.cum_qty) watch_claim(id, step);
    }
  } else if (const auto id = order_of(event)) {
    watch_claim(*id, step);
  }
}

void Fills::ask_again(Step& step) {
  const bool due = claims_.put_off(step.now(), step.options().claim_wait_max);
  if (due && step.link().ready()) step.effect(QueryExecutionsEffect{});
}

}  // namespace belay::core
