// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/facts/owner.hpp"
#include "belay/core/ids/ids.hpp"
#include "belay/core/link/shown.hpp"
#include "belay/core/orders/controls.hpp"
#include "belay/core/orders/other_clients.hpp"

namespace belay::core {

using base::Defect;
using Kind = Outbox::Kind;

namespace {
bool moves_position(const Event& event) {
  return std::holds_alternative<ExecutionReported>(event) ||
         std::holds_alternative<ExecutionCorrected>(event) ||
         std::holds_alternative<ExecutionInferred>(event) ||
         std::holds_alternative<ExecutionSuperseded>(event);
}

// What the callers themselves set.
base::Time own_deadline(const Outbox::Item& item, const Step& step) {
  base::Time until = base::never;
  if (item.kind == Kind::replace) return until;
  for (const OrderId id : item.orders) {
    if (const auto& own = step.order(id).spec->valid_until)
      until = std::min(until, step.link().own_time(*own));
  }
  return until;
}

// A caller's valid_until is the limit it asked for; without one the general limit holds, from which
// protection is exempt: sent late it is better than not at all.
base::Time send_until(const Outbox::Item& item, Lane lane, const Step& step) {
  const base::Time until = own_deadline(item, step);
  if (until != base::never || lane == Lane::protective) return until;
  return step.now() + step.options().queue_timeout;
}

// What was accepted while no session was ready was not counted; what else waits is not open yet.
std::optional<std::string> limit_refusal(const Outbox::Item& item, const Step& step) {
  if (step.options().open_orders_max == 0) return std::nullopt;
  for (const OrderId id : item.orders) {
    const std::vector<OrderId>* same = step.book().open_in(step.order(id).spec);
    if (same == nullptr) continue;
    std::size_t open = 0;
    for (const OrderId other : *same) {
      if (other == id) continue;
      const bool goes_before = other < id && std::find(item.orders.begin(), item.orders.end(),
                                                       other) != item.orders.end();
      if (goes_before || step.order(other).status != OrdStatus::created) ++open;
      if (open >= step.options().open_orders_max) return limit_text(open);
    }
  }
  return std::nullopt;
}

// Why the whole item may not go, now that its turn has come.
std::optional<std::string> place_refusal(const Outbox::Item& item, const Step& step) {
  if (step.book().halted() && item.lane != Lane::protective) return halt_text(step);
  const unsigned most = step.context().send_slots.capacity(item.lane);
  if (item.cost() > most) {
    return fmt::format(
        "its {} messages never fit into the {} that the rate limit lets out at once "
        "(TWS_MESSAGE_RATE_LIMIT)",
        item.cost(), most);
  }
  for (const OrderId id : item.orders) {
    // It was accepted while no session could tell; now one does.
    if (const auto refusal = risk_refusal(step.order(id).spec, step)) return refusal->detail;
  }
  return limit_refusal(item, step);
}

// Why the ids that an item needs cannot all be had, found out before the first is taken.
std::optional<std::string> ids_refusal(const Outbox::Item& item, const Step& step) {
  std::int64_t mark = step.book().id_mark(step.link().session);
  std::int64_t sent = 0;  // the highest that this item takes
  for (const OrderId id : item.orders) {
    const OrderSpec& spec = step.order(id).spec;
    if (spec.broker_number) {
      if (const auto error = broken_import(spec, step.order(id).principal, step))
        return error->detail;
      if (*spec.broker_number <= sent) return "its family has passed the id of its own choice";
      sent = *spec.broker_number;
      continue;
    }
    const auto number = next_number(step.options().ids, mark, spec.purpose);
    if (!number) {
      return fmt::format("the broker's order ids are used up for {} (RANGE_EXHAUSTED)",
                         purpose_label(spec.purpose));
    }
    mark = sent = *number;
  }
  return std::nullopt;
}

// Before the acknowledgement, or while the broker does not show the order, it would take a
// modification for a second new order; after a cancel it has no sense unless the cancel fails.
bool is_blocked(const Outbox::Item& item, const Step& step) {
  // A block of ids that is kept for a caller is not passed while it is young, but by protection.
  if (item.kind == Kind::place) {
    if (step.book().find_incident("next_id_unknown") != nullptr) return true;
    const bool own_id = step.order(item.orders.front()).spec->broker_number.has_value();
    return item.lane != Lane::protective && !own_id && blocks_hold(step);
  }
  const Order& target = step.order(item.orders.front());
  return target.status == OrdStatus::pending_new || target.pending_cancel ||
         target.replace_in_flight() || target.unknown || !step.shown().contains(target.id);
}

}  // namespace

// A family waits in the lane of its least urgent member.
void Sender::queue_place(std::vector<OrderId> orders, Step& step) {
  Outbox::Item item;
  item.lane = Lane::protective;
  item.queued_at = step.now();
  for (const OrderId id : orders) {
    const Order& waiting = step.order(id);
    item.principal = waiting.principal;
    item.lane = std::max(item.lane, lane_of(step.book(), waiting.spec, id));
  }
  item.orders = std::move(orders);
  item.deadline = send_until(item, item.lane, step);
  outbox_.add(std::move(item));
}

// A family is queued with its last member, when all of it is accounted for.
void Sender::queue_family(OrderId id, Step& step) {
  if (step.order(id).status != OrdStatus::created) return;
  const OrderId family = step.order(id).family;
  if (family.value() == 0) return queue_place({id}, step);
  std::vector<OrderId> members;  // taken in one step: their ids follow each other
  for (std::uint64_t at = family.value(); at <= step.book().orders_total(); ++at) {
    const Order* member = step.book().find(OrderId(at));
    if (member == nullptr) continue;
    if (member->family != family) break;
    if (member->status == OrdStatus::created) members.push_back(member->id);
  }
  if (members.back() == id) queue_place(std::move(members), step);
}

// After a start only what its caller lets wait for another session is sent.
void Sender::queue_all(Step& step) {
  const bool resend = base::defect(Defect::unknown_order_retried);
  const std::vector<OrderId> live(step.book().live().begin(), step.book().live().end());
  for (const OrderId id : live) {
    const Order& candidate = step.order(id);
    if (candidate.external) continue;
    if (candidate.status == OrdStatus::created) {
      queue_family(id, step);
    } else if (candidate.desired_terms && !candidate.replace_in_flight()) {
      step.emit(ReplaceRefused{id, 0, "not sent before a restart"});
    } else if (resend && candidate.status == OrdStatus::pending_new) {
      queue_place({id}, step);
    }
  }
  if (!resend) deny_unsent("not sent before a restart", false, step);
}

// One modification at a time; a later wish while it waits takes its place.
void Sender::queue_replace(OrderId id, Step& step) {
  const Order* known = step.book().find(id);
  if (known == nullptr || !known->desired_terms || known->replace_in_flight()) return;
  const Order& target = *known;
  if (is_terminal(target.status)) return;
  const Lane lane = lane_of_replace(step.book(), target, *target.desired_terms);
  if (step.link().calendar_holds() && lane != Lane::protective) {
    // It waited for the answer to another one, and the window began meanwhile.
    step.emit(ReplaceRefused{id, 0, fmt::format("not sent: {}", step.link().closed_text())});
    return;
  }
  if (const Outbox::Item* queued = outbox_.find(id, Kind::replace)) {
    return outbox_.move(queued->number, lane, send_until(*queued, lane, step));
  }
  Outbox::Item item;
  item.orders = {id};
  item.kind = Kind::replace;
  item.lane = lane;
  item.principal = target.principal;
  item.queued_at = step.now();
  item.deadline = send_until(item, lane, step);
  outbox_.add(std::move(item));
}

// The item has left the queue and does not go.
void Sender::deny(const Outbox::Item& item, const std::string& reason, Step& step) {
  for (const OrderId id : item.orders) {
    const Order& waiting = step.order(id);
    if (item.kind == Kind::place) {
      if (waiting.status == OrdStatus::created) step.emit(OrderDenied{id, reason});
    } else if (waiting.desired_terms && !waiting.replace_in_flight()) {
      // The words stand beside the order: they must not be read as being about it.
      step.emit(ReplaceRefused{id, 0,
                               reason.rfind("not sent", 0) == 0
                                   ? fmt::format("the modification was {}", reason)
                                   : fmt::format("the modification was not sent: {}", reason)});
    }
  }
}

// Orders that wait to be sent and may not wait for another session end here, with the reason.
void Sender::deny_unsent(const char* reason, bool spare_protection, Step& step) {
  const auto may_not_wait = [&](const Outbox::Item& item) {
    if (spare_protection && item.lane == Lane::protective) return false;
    if (item.kind == Kind::replace) return true;
    return std::any_of(item.orders.begin(), item.orders.end(), [&](OrderId id) {
      const auto& valid_until = step.order(id).spec->valid_until;
      return !valid_until || *valid_until <= step.link().civil(step.now());
    });
  };
  for (const Outbox::Item& item : outbox_.take_if(may_not_wait)) deny(item, reason, step);
}

void Sender::deny_late(Step& step) {
  for (const Outbox::Item& item : outbox_.take_due(step.now())) {
    const bool own_time = item.kind == Kind::place &&
                          std::any_of(item.orders.begin(), item.orders.end(), [&](OrderId id) {
                            return step.order(id).spec->valid_until.has_value();
                          });
    const auto waited = (step.now() - item.queued_at) / std::chrono::seconds(1);
    deny(item,
         own_time ? "not sent before its valid_until"
                  : fmt::format("not sent: it waited {} s for a send slot "
                                "(RATE_LIMIT_TIMEOUT)",
                                waited),
         step);
  }
}

// An order that ended leaves the queue, one that was waited for lets its modification go on, and a
// fill may make a stop a protective one.
void Sender::follow_order(OrderId id, bool moves, Step& step) {
  const Order* changed = step.book().find(id);
  if (changed == nullptr) return;
  // Whatever made it more than accepted (a cancel, a broker that shows it already) ends its wait,
  // and a family goes whole or not at all.
  const bool resend =
      base::defect(Defect::unknown_order_retried) && changed->status == OrdStatus::pending_new;
  const Outbox::Item* place = outbox_.find(id, Kind::place);
  if (place != nullptr && changed->status != OrdStatus::created && !resend) {
    deny(outbox_.take(place->number), "not sent: an order of its family was canceled", step);
  }
  if (const Outbox::Item* replace = outbox_.find(id, Kind::replace)) {
    if (is_terminal(changed->status) || !changed->desired_terms) {
      outbox_.take(replace->number);
    } else if (replace->parked && !is_blocked(*replace, step)) {
      outbox_.unpark(replace->number, step.now(), send_until(*replace, replace->lane, step));
    }
  }
  if (moves) follow_position(changed->spec, step);
}

void Sender::follow(const Event& event, Step& step) {
  const auto id = order_of(event);
  if (id && !outbox_.empty()) follow_order(*id, moves_position(event), step);
  if (std::holds_alternative<DaemonStarted>(event)) return queue_all(step);
  if (std::holds_alternative<OrderAccepted>(event)) return queue_family(*id, step);
  if (std::holds_alternative<SendRefused>(event)) return queue_place({*id}, step);
  if (std::holds_alternative<ReplaceRequested>(event) ||
      std::holds_alternative<ReplaceAccepted>(event) ||
      std::holds_alternative<ReplaceRefused>(event) ||
      std::holds_alternative<CancelRefused>(event)) {
    return queue_replace(*id, step);
  }
  if (std::holds_alternative<Halted>(event)) return deny_new_risk(step);
  if (const auto* changed = std::get_if<SessionChanged>(&event)) {
    if (changed->phase != "syncing") {
      deny_unsent("not sent: the link to the broker was lost", false, step);
    }
  }
}

void Sender::follow_position(const OrderSpec& moved, Step& step) {
  for (const Side side : {Side::buy, Side::sell}) {
    OrderSpec probe = moved;
    probe.side = side;
    LaneJudge judge(step.book(), probe);
    const std::size_t urgent = outbox_.size(Lane::protective) + outbox_.size(Lane::reducing);
    if (judge.used_up() && urgent == 0) continue;  // nothing to raise and nothing to lower
    for (const OrderId id : judge.open()) {
      const Order& open = step.order(id);
      if (open.pending_cancel) continue;
      const Lane lane = judge.next(open.spec->ord_type, open_quantity(open));
      const Outbox::Item* item = outbox_.find(id, Kind::place);
      if (item != nullptr && item->orders.size() == 1) {
        outbox_.move(item->number, lane, send_until(*item, lane, step));
      }
    }
  }
}

// A family whose ids run out in the middle has sent nothing: its frames leave together or not.
void Sender::send_place(const Outbox::Item& item, Step& step) {
  if (const auto refusal = ids_refusal(item, step)) return deny(item, *refusal, step);
  PlaceFamilyEffect family;
  for (const OrderId id : item.orders) {
    const auto number = take_number(id, step);
    BELAY_CHECK(number.has_value());  // ids_refusal has taken them all in thought
    const BrokerOrderId broker_id{step.link().session, *number};
    step.emit(SendIntended{id, broker_id});
    family.orders.push_back({id, broker_id, order_tag(*step.book().instance(), id),
                             step.order(id).spec, item.lane == Lane::protective});
  }
  if (family.orders.size() == 1) {
    step.effect(std::move(family.orders.front()));
  } else {
    step.effect(std::move(family));
  }
}

void Sender::send_replace(const Outbox::Item& item, Step& step) {
  const OrderId id = item.orders.front();
  const Order& target = step.order(id);
  if (is_elsewhere(step.book(), step.link().session, target)) {
    step.emit(ReplaceRefused{id, 0, why_not_changed(target, step)});
    return;
  }
  OrderSpec spec = target.spec;
  spec.terms = *target.desired_terms;
  const bool passes = item.lane == Lane::protective || only_lessens(target.spec, spec.terms);
  step.emit(ReplaceIntended{id});
  step.effect(ReplaceEffect{id, *target.broker_id, order_tag(*step.book().instance(), id),
                            std::move(spec), passes});
}

void Sender::release_behind_block(Step& step) {
  for (const OrderId id : std::exchange(behind_block_, {})) {
    const Outbox::Item* item = outbox_.find(id, Kind::place);
    if (item == nullptr || !item->parked) continue;
    outbox_.unpark(item->number, step.now(), send_until(*item, item->lane, step));
  }
}

// Sends what waits, as far as the pacing allows.
// What the broker could be asked about a modification of is known from now on.
void Sender::shown(OrderId id, Step& step) {
  const Outbox::Item* waiting = outbox_.find(id, Kind::replace);
  if (waiting != nullptr && waiting->parked && !is_blocked(*waiting, step)) {
    outbox_.unpark(waiting->number, step.now(), send_until(*waiting, waiting->lane, step));
  }
}

bool Sender::names(OrderId id) const {
  return outbox_.find(id, Kind::place) != nullptr || outbox_.find(id, Kind::replace) != nullptr;
}

// A window has begun: what waits and does not protect would wait in vain.
void Sender::follow_window(Step& step) {
  const bool before = std::exchange(window_, step.link().calendar_holds());
  if (before || !window_) return;
  deny_unsent(step.link().calendar.closed == Closed::daily_reset
                  ? "not sent before the broker's daily reset"
                  : "not sent before the broker's weekly log-in",
              true, step);
}

void Sender::drain(Step& step) {
  follow_window(step);
  if (step.link().phase != Phase::ready) return;
  const bool no_id = step.book().find_incident("next_id_unknown") != nullptr;
  if (!behind_block_.empty() && !no_id && !blocks_hold(step)) release_behind_block(step);
  if (outbox_.next_deadline() <= step.now()) deny_late(step);
  LaneSlots& slots = step.slots();
  if (step.link().calendar_holds()) slots = slots.only(Lane::protective);
  while (const Outbox::Item* next = outbox_.next(slots)) {
    if (is_blocked(*next, step)) {
      if (next->kind == Kind::place) behind_block_.push_back(next->orders.front());
      outbox_.park(next->number, own_deadline(*next, step));
      continue;
    }
    if (next->kind == Kind::replace) {
      const Outbox::Item item = outbox_.take_sent(next->number);
      slots.take(item.cost());
      send_replace(item, step);
    } else if (const auto refusal = place_refusal(*next, step)) {
      deny(outbox_.take(next->number), *refusal, step);
    } else {
      const Outbox::Item item = outbox_.take_sent(next->number);
      slots.take(item.cost());
      send_place(item, step);
    }
  }
}

void Sender::on(const SendUndone& undone, Step& step) {
  if (step.book().is_archived(undone.order)) return;
  const Order& candidate = step.order(undone.order);
  if (candidate.status != OrdStatus::pending_new) return;
  step.emit(SendWithdrawn{undone.order, undone.proof});
}

void Sender::on(const ReplaceUndone& undone, Step& step) {
  if (step.book().is_archived(undone.order) || !step.order(undone.order).replace_in_flight())
    return;
  step.emit(ReplaceRefused{undone.order, 0, undone.proof});
}

// A closed gate holds back what it would not let pass.
void Sender::deny_new_risk(Step& step) {
  const auto stopped = [&](const Outbox::Item& item) {
    if (item.lane == Lane::protective) return false;
    if (item.kind == Kind::place) return true;
    const Order& target = step.order(item.orders.front());
    return !target.desired_terms || !only_lessens(target.spec, *target.desired_terms);
  };
  for (const Outbox::Item& item : outbox_.take_if(stopped)) deny(item, halt_text(step), step);
}

}  // namespace belay::core
