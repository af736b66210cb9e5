// SPDX-License-Identifier: Apache-2.0
// One order, several faces at the broker: copies that it made by itself, ids that two orders claim,
// fills that were inferred before their executions came.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

// What a report says of one copy. False: the order itself does not follow, because another copy
// lives on or because nobody knows which copy is meant.
bool Core::follow_copy(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                       const std::string& raw_status, std::optional<Quantity>& filled) {
  const Order& known = order(id);
  if (known.incarnations.size() < 2 || base::defect(Defect::twin_ends_order)) return true;
  const bool ends = state == BrokerState::canceled || state == BrokerState::rejected ||
                    state == BrokerState::filled;
  if (!copy) {
    // What it says is filled is of one copy, and less than what is known of all is no news.
    if (filled) filled = std::max(*filled, known.filled_claim);
    if (!ends) return true;
    rounds_.ask_soon = true;
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
    emit(IncarnationChanged{id, *copy, raw_status, done, claim});
  }
  // The order's claim is that of its copies together.
  Quantity sum;
  for (const Incarnation& each : order(id).incarnations) sum = sum + each.filled_claim;
  filled = sum;
  if (!ends) return true;
  if (!order(id).copy_works()) return true;
  if (order(id).pending_cancel) {
    incident("copy_survives", id,
             fmt::format("a copy of order {} is done and another still works: the cancel is "
                         "repeated",
                         id.value()),
             fmt::format("copy_survives/{}", id.value()),
             {"the broker applied the cancel to one copy only",
              "the copies have different order ids at the broker"});
    send_cancel(order(id));
  }
  return false;
}

// An id of ours under another tag: the tag decides, nothing is merged (semantics c.4 step 5).
void Core::note_id_clash(const BrokerNames& names) {
  if (!names.carries_tag || !names.broker_id || names.broker_id->number <= 0) return;
  const Order* ours = book_.find(*names.broker_id);
  if (ours == nullptr || ours->external) return;
  // About no order: ours is not touched by it.
  incident(
      "id_collision", OrderId(),
      fmt::format("the broker shows id {}:{} of order {} on an order with the tag '{}'",
                  names.broker_id->session, names.broker_id->number, ours->id.value(), names.tag),
      fmt::format("id_collision/{}/{}/{}", names.broker_id->session, names.broker_id->number,
                  names.permanent_id ? names.permanent_id->value() : 0),
      {"the broker's ids were reset and given out again", "another program uses our client id",
       "this data directory is an older copy"});
}

// Drops inferred fills that the real execution tells now, and returns what of them it leaves
// untold. Not counting twice matters more than the order of the story: they go first.
Quantity Core::make_way(OrderId id, const BrokerExecution& real) {
  if (base::defect(Defect::inferred_fill_kept)) return {};
  const Order& known = order(id);
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
    emit(ExecutionSuperseded{id, stand_in, real.execution.id});
  }
  return inferred - overlap;
}

void Core::infer_rest(OrderId id, Quantity rest) {
  if (rest.is_zero()) return;
  emit(ExecutionInferred{id, infer_execution(order(id), order(id).cum_qty, rest),
                         "what is left of an inferred fill after a part of it was told"});
}

}  // namespace belay::core
