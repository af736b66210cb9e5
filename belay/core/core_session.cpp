// SPDX-License-Identifier: Apache-2.0
// Start, loss and return of the broker session. Whatever had no answer when a link or a process was
// lost is unknown, and stays so until evidence.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

void Core::mark_unknown(const Order& candidate, const char* reason) {
  if (candidate.unknown || candidate.external) return;
  if (candidate.replace_in_flight()) {
    emit(OrderUnknown{candidate.id, "replace", reason});
  } else if (candidate.status == OrdStatus::pending_new) {
    emit(OrderUnknown{candidate.id, "place", reason});
  }
}

void Core::on(const Started& started) {
  BELAY_CHECK(phase_ == Phase::down);
  if (!book_.instance()) emit(InstanceCreated{started.instance});
  emit(DaemonStarted{started.epoch, started.version});
  const std::vector<OrderId> live(book_.live().begin(), book_.live().end());
  for (const OrderId id : live) {
    const Order& candidate = order(id);
    if (candidate.external) continue;
    if (candidate.status == OrdStatus::created) {
      outbox_.push_back({id, false});
    } else if (candidate.desired_terms && !candidate.replace_in_flight()) {
      emit(ReplaceRefused{id, 0, "not sent before a restart"});
    }
    if (base::defect(Defect::unknown_order_retried) && candidate.status == OrdStatus::pending_new) {
      outbox_.push_back({id, false});
      continue;
    }
    mark_unknown(candidate, "the daemon stopped before the broker's answer was recorded");
  }
  if (!base::defect(Defect::unknown_order_retried)) deny_unsent("not sent before a restart");
}

void Core::on(const SessionUp& up) {
  session_ = up.session;
  paper_.clear();
  std::vector<std::string> names;
  for (const AccountSeen& account : up.accounts) {
    paper_[account.id] = account.paper;
    names.push_back(account.id.value());
  }
  phase_ = Phase::syncing;
  emit(SessionChanged{"syncing", "connected", std::move(names)});
  // Ids never go back, whatever the broker says (semantics c.1).
  const std::int64_t next = book_.id_mark(session_) + 1;
  if (up.next_number > next) {
    emit(FloorRaised{session_, next, up.next_number, "the broker's next id is higher"});
  } else if (up.next_number < next) {
    incident("next_id_lower", {},
             fmt::format("the broker's next id is {}, ours is {}: its ids were rolled back; ours "
                         "are not",
                         up.next_number, next));
    if (base::defect(Defect::id_reused_after_rollback)) {
      emit(FloorRaised{session_, next, up.next_number, "planted"});
    }
  }
}

void Core::on(const SessionDown& down) {
  if (phase_ == Phase::down) return;
  phase_ = Phase::down;
  emit(SessionChanged{"down", down.reason, {}});
  link_lost();
  const std::vector<OrderId> live(book_.live().begin(), book_.live().end());
  for (const OrderId id : live) {
    mark_unknown(order(id), "the link was lost before the broker's answer");
  }
  deny_unsent("not sent: the link to the broker was lost");
}

void Core::on(const SendUndone& undone) {
  const Order& candidate = order(undone.order);
  if (candidate.status != OrdStatus::pending_new) return;
  emit(SendWithdrawn{undone.order, undone.proof});
}

void Core::on(const ReplaceUndone& undone) {
  if (!order(undone.order).replace_in_flight()) return;
  emit(ReplaceRefused{undone.order, 0, undone.proof});
  queue_replace(undone.order);  // a later wish outlives it
}

void Core::on(const Alarm& alarm) {
  incident(alarm.kind, {}, alarm.text);
}

void Core::on(const Tick&) {
  bool ask = false;
  for (auto& [id, claim] : claims_) {
    if (context_.now - claim.since < claim.wait) continue;
    // Executions of earlier days may never be told again: ask ever more rarely.
    claim.since = context_.now;
    claim.wait = std::min(2 * claim.wait, options_.claim_wait_max);
    ask = true;
  }
  if (ask && phase_ == Phase::ready) effect(QueryExecutionsEffect{});
  tick_rounds();
  std::deque<Queued> kept;
  for (const Queued& queued : outbox_) {
    // What was canceled while it waited must not keep its deadline.
    if (is_terminal(order(queued.order).status)) continue;
    if (queued.replace || !deny_if_late(queued.order)) kept.push_back(queued);
  }
  outbox_ = std::move(kept);
}

void Core::send_cancel(const Order& target) {
  if (!target.broker_id || phase_ == Phase::down) return;
  effect(CancelEffect{target.id, *target.broker_id});
}

}  // namespace belay::core
