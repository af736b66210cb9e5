// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/copies.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/facts/inferred_fills.hpp"
#include "belay/core/orders/cancels.hpp"

namespace belay::core {

using base::Defect;

// What a report says of one copy. False: the order itself does not follow, because another copy
// lives on or because nobody knows which copy is meant.
bool follow_copy(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                 const std::string& raw_status, std::optional<Quantity>& filled, Step& step) {
  const Order& known = step.order(id);
  if (known.incarnations.size() < 2 || base::defect(Defect::twin_ends_order)) return true;
  const bool ends = state == BrokerState::canceled || state == BrokerState::rejected ||
                    state == BrokerState::filled;
  if (!copy) {
    // What it says is filled is of one copy, and less than what is known of all is no news.
    if (filled) filled = std::max(*filled, known.filled_claim);
    if (!ends) return true;
    step.ask_soon();
    return false;
  }
  const auto one =
      std::find_if(known.incarnations.begin(), known.incarnations.end(),
                   [&](const Incarnation& known_copy) { return known_copy.permanent_id == *copy; });
  if (one == known.incarnations.end()) return true;
  const bool works = state == BrokerState::working || state == BrokerState::canceling ||
                     state == BrokerState::held;
  const bool done = ends || (one->done && !works);
  const Quantity claim = filled.value_or(one->filled_claim);
  if (one->raw_status != raw_status || one->done != done || one->filled_claim != claim) {
    step.emit(IncarnationChanged{id, *copy, raw_status, done, claim});
  }
  // The order's claim is that of its copies together.
  Quantity sum;
  for (const Incarnation& each : step.order(id).incarnations) sum = sum + each.filled_claim;
  filled = sum;
  if (!ends) return true;
  if (!step.order(id).copy_works()) return true;
  if (step.order(id).pending_cancel) {
    step.incident("copy_survives", id,
                  fmt::format("a copy of order {} is done and another still works: the cancel is "
                              "repeated",
                              id.value()),
                  fmt::format("copy_survives/{}", id.value()),
                  {"the broker applied the cancel to one copy only",
                   "the copies have different order ids at the broker"});
    send_cancel(step.order(id), step);
  }
  return false;
}

// Drops inferred fills that the real execution tells now, and returns what of them it leaves
// untold. Not counting twice matters more than the order of the story: they go first.
Quantity supersede_inferred(OrderId id, const BrokerExecution& real, Step& step) {
  if (base::defect(Defect::inferred_fill_kept)) return {};
  const Order& known = step.order(id);
  if (known.inferred == 0) return {};
  Quantity inferred;
  std::vector<ExecId> stand_ins;
  for (const Execution& e : known.executions) {
    if (!e.inferred) continue;
    inferred = inferred + e.last_qty;
    stand_ins.push_back(e.id);
  }
  if (stand_ins.empty()) return {};
  const Quantity size = real.execution.last_qty;
  // How much of it lies within what is counted already. Without the broker's running sum, a claim
  // that is ahead of us by this fill says that it is a new one.
  Quantity overlap = std::min(size, inferred);
  if (!real.cum_qty.is_zero()) {
    overlap = std::min(overlap, known.cum_qty - (real.cum_qty - size));
  } else if (known.filled_claim >= known.cum_qty + size) {
    overlap = Quantity();
  }
  if (overlap.is_zero()) return {};
  for (const ExecId& stand_in : stand_ins) {
    step.emit(ExecutionSuperseded{id, stand_in, real.execution.id});
  }
  return inferred - overlap;
}

void infer_remainder(OrderId id, Quantity rest, Step& step) {
  if (rest.is_zero()) return;
  step.emit(ExecutionInferred{id, infer_execution(step.order(id), step.order(id).cum_qty, rest),
                              "what is left of an inferred fill after a part of it was told"});
}

}  // namespace belay::core
