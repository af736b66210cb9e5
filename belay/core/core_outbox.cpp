// SPDX-License-Identifier: Apache-2.0
// The queue of what waits to be sent. Ids are given when a send slot is, so they increase on the
// wire by construction, and what still waits at a crash is known to be unsent.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

// Orders that wait to be sent and may not wait for another session end here, with the reason.
void Core::deny_unsent(const char* reason) {
  std::deque<Queued> kept;
  for (const Queued& queued : outbox_) {
    const Order& waiting = order(queued.order);
    if (is_terminal(waiting.status)) continue;
    if (queued.replace) {
      if (waiting.desired_terms && !waiting.replace_in_flight()) {
        emit(ReplaceRefused{waiting.id, 0, reason});
      }
    } else if (waiting.spec.valid_until && *waiting.spec.valid_until > context_.now) {
      kept.push_back(queued);
    } else {
      emit(OrderDenied{waiting.id, reason});
    }
  }
  outbox_ = std::move(kept);
}

void Core::queue_replace(OrderId id) {
  const Order& target = order(id);
  if (!target.desired_terms || target.replace_in_flight() || is_terminal(target.status)) return;
  const bool queued = std::any_of(outbox_.begin(), outbox_.end(),
                                  [&](const Queued& q) { return q.replace && q.order == id; });
  if (!queued) outbox_.push_back({id, true});
}

// True when the order's time to be sent has passed; it is denied then.
bool Core::deny_if_late(OrderId id) {
  const auto& valid_until = order(id).spec.valid_until;
  if (!valid_until || *valid_until > context_.now) return false;
  emit(OrderDenied{id, "not sent before its valid_until"});
  return true;
}

// True when the order went out (or may never go); false when it has to wait for something else.
bool Core::send_place(OrderId id) {
  const Order& waiting = order(id);
  const bool resend =
      base::defect(Defect::unknown_order_retried) && waiting.status == OrdStatus::pending_new;
  if (waiting.status != OrdStatus::created && !resend) return true;
  if (deny_if_late(id)) return true;
  if (const auto refusal = risk_refusal(waiting.spec)) {
    // It was accepted while no session could tell; now one does.
    emit(OrderDenied{id, refusal->detail});
    return true;
  }
  if (!waiting.spec.broker_number && blocks_hold()) return false;
  const auto number = take_number(id);
  if (!number) {
    emit(OrderDenied{id, number.error().detail});
    return true;
  }
  const BrokerOrderId broker_id{session_, *number};
  emit(SendIntended{id, broker_id});
  effect(PlaceEffect{id, broker_id, order_tag(*book_.instance(), id), order(id).spec});
  return true;
}

bool Core::send_replace(OrderId id) {
  const Order& waiting = order(id);
  if (!waiting.desired_terms || waiting.replace_in_flight() || is_terminal(waiting.status)) {
    return true;
  }
  // Before the acknowledgement the broker would take it for a second new order; after a cancel it
  // has no sense unless the cancel fails.
  if (waiting.status == OrdStatus::pending_new || waiting.pending_cancel) return false;
  if (is_elsewhere(waiting)) {
    emit(ReplaceRefused{id, 0, refusal_of_owner(waiting, "change")});
    return true;
  }
  OrderSpec spec = waiting.spec;
  spec.terms = *waiting.desired_terms;
  emit(ReplaceIntended{id});
  effect(ReplaceEffect{id, *waiting.broker_id, order_tag(*book_.instance(), id), std::move(spec)});
  return true;
}

// Sends what waits, first come first served, as far as the pacing allows. Ids are given here, so
// they increase on the wire by construction, and what still waits at a crash is known unsent.
void Core::drain_outbox() {
  if (phase_ != Phase::ready || calendar_holds()) return;
  unsigned slots = context_.send_slots;
  std::deque<Queued> blocked;
  while (slots > 0 && !outbox_.empty()) {
    const Queued next = outbox_.front();
    outbox_.pop_front();
    const std::size_t effects_before = output_.effects.size();
    const bool settled = next.replace ? send_replace(next.order) : send_place(next.order);
    if (!settled) blocked.push_back(next);
    slots -= static_cast<unsigned>(output_.effects.size() - effects_before);
  }
  outbox_.insert(outbox_.begin(), blocked.begin(), blocked.end());
}

}  // namespace belay::core
