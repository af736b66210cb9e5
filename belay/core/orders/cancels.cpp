// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/cancels.hpp"

#include "belay/core/facts/owner.hpp"

namespace belay::core {

void want_cancel(const Order& target, const std::string& principal, Step& step) {
  if (!target.pending_cancel) step.emit(CancelIntended{target.id, principal});
  // Repeating a cancel is harmless; refusing one is not.
  if (!is_terminal(target.status)) send_cancel(target, step);
}

void send_cancel(const Order& target, Step& step) {
  // A broker that is away behind a link that holds may take it late or lose it: that harms nothing,
  // and the next settled list repeats it.
  if (!target.broker_id || (step.link().phase == Phase::down && !step.link().degraded)) return;
  // Under another session's number this session would cancel another order.
  if (is_elsewhere(step.book(), step.link().session, target)) return;
  step.effect(CancelEffect{target.id, *target.broker_id});
  // Copies that the broker made under ids of their own.
  for (const Incarnation& copy : target.incarnations) {
    if (copy.done || !copy.broker_id || copy.broker_id->session != step.link().session) continue;
    step.effect(CancelEffect{target.id, *copy.broker_id});
  }
}

}  // namespace belay::core
