// SPDX-License-Identifier: Apache-2.0
// What waits to be sent, as far as orders are concerned: which lane, until when, and what becomes
// of it. Ids are given when a send slot is, so they increase on the wire by construction, and what
// still waits at a crash is known to be unsent.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

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
}  // namespace

// A family waits in the lane of its least urgent member.
void Core::queue_place(std::vector<OrderId> orders) {
  Outbox::Item item;
  item.lane = Lane::protective;
  item.queued_at = context_.now;
  for (const OrderId id : orders) {
    const Order& waiting = order(id);
    item.principal = waiting.principal;
    item.lane = std::max(item.lane, lane_of(book_, waiting.spec, id));
  }
  item.orders = std::move(orders);
  item.deadline = send_until(item, item.lane);
  outbox_.add(std::move(item));
}

// A family that a start finds is queued with its last member, when all of it is accounted for.
void Core::queue_waiting(OrderId id) {
  const OrderId family = order(id).family;
  if (family.value() == 0) return queue_place({id});
  std::vector<OrderId> members;  // taken in one step: their ids follow each other
  for (std::uint64_t at = family.value(); at <= book_.orders_total(); ++at) {
    const Order* member = book_.find(OrderId(at));
    if (member == nullptr) continue;
    if (member->family != family) break;
    if (member->status == OrdStatus::created) members.push_back(member->id);
  }
  if (members.back() == id) queue_place(std::move(members));
}

// What the callers themselves set.
base::Time Core::own_deadline(const Outbox::Item& item) const {
  base::Time until = base::never;
  if (item.kind == Kind::replace) return until;
  for (const OrderId id : item.orders) {
    if (const auto& own = order(id).spec.valid_until) until = std::min(until, own_time(*own));
  }
  return until;
}
// A caller's valid_until is the limit it asked for; without one the general limit holds, from which
// protection is exempt: sent late it is better than not at all.
base::Time Core::send_until(const Outbox::Item& item, Lane lane) const {
  const base::Time until = own_deadline(item);
  if (until != base::never || lane == Lane::protective) return until;
  return context_.now + options_.queue_timeout;
}

// One modification at a time; a later wish while it waits takes its place.
void Core::queue_replace(OrderId id) {
  const Order& target = order(id);
  if (!target.desired_terms || target.replace_in_flight() || is_terminal(target.status)) return;
  const Lane lane = lane_of_replace(book_, target, *target.desired_terms);
  if (calendar_holds() && lane != Lane::protective) {
    // It waited for the answer to another one, and the window began meanwhile.
    emit(ReplaceRefused{id, 0, fmt::format("not sent: {}", closed_text())});
    return;
  }
  if (const Outbox::Item* queued = outbox_.find(id, Kind::replace)) {
    return outbox_.move(queued->number, lane, send_until(*queued, lane));
  }
  Outbox::Item item;
  item.orders = {id};
  item.kind = Kind::replace;
  item.lane = lane;
  item.principal = target.principal;
  item.queued_at = context_.now;
  item.deadline = send_until(item, lane);
  outbox_.add(std::move(item));
}

// The item has left the queue and does not go.
void Core::deny(const Outbox::Item& item, const std::string& reason) {
  for (const OrderId id : item.orders) {
    const Order& waiting = order(id);
    if (item.kind == Kind::place) {
      if (waiting.status == OrdStatus::created) emit(OrderDenied{id, reason});
    } else if (waiting.desired_terms && !waiting.replace_in_flight()) {
      // The words stand beside the order: they must not be read as being about it.
      emit(ReplaceRefused{id, 0,
                          reason.rfind("not sent", 0) == 0
                              ? fmt::format("the modification was {}", reason)
                              : fmt::format("the modification was not sent: {}", reason)});
    }
  }
}

// Orders that wait to be sent and may not wait for another session end here, with the reason.
void Core::deny_unsent(const char* reason, bool spare_protection) {
  const auto may_not_wait = [this, spare_protection](const Outbox::Item& item) {
    if (spare_protection && item.lane == Lane::protective) return false;
    if (item.kind == Kind::replace) return true;
    return std::any_of(item.orders.begin(), item.orders.end(), [this](OrderId id) {
      const auto& valid_until = order(id).spec.valid_until;
      return !valid_until || *valid_until <= civil(context_.now);
    });
  };
  for (const Outbox::Item& item : outbox_.take_if(may_not_wait)) deny(item, reason);
}

void Core::deny_late() {
  for (const Outbox::Item& item : outbox_.take_due(context_.now)) {
    const bool own_time = item.kind == Kind::place &&
                          std::any_of(item.orders.begin(), item.orders.end(), [this](OrderId id) {
                            return order(id).spec.valid_until.has_value();
                          });
    const auto waited = (context_.now - item.queued_at) / std::chrono::seconds(1);
    deny(item, own_time ? "not sent before its valid_until"
                        : fmt::format("not sent: it waited {} s for a send slot "
                                      "(RATE_LIMIT_TIMEOUT)",
                                      waited));
  }
}

// What the events of this step mean for what waits: an order that ended leaves the queue, one that
// was waited for lets its modification go on, and a fill may make a stop a protective one.
void Core::follow_events() {
  if (outbox_.empty()) return;
  for (std::size_t i = 0; i < output_.events.size(); ++i) {
    const auto id = order_of(output_.events[i].event);
    const bool moves = moves_position(output_.events[i].event);  // denying below adds events
    const Order* changed = id ? book_.find(*id) : nullptr;
    if (changed == nullptr) continue;
    // Whatever made it more than accepted (a cancel, a broker that shows it already) ends its wait,
    // and a family goes whole or not at all.
    const bool resend =
        base::defect(Defect::unknown_order_retried) && changed->status == OrdStatus::pending_new;
    const Outbox::Item* place = outbox_.find(*id, Kind::place);
    if (place != nullptr && changed->status != OrdStatus::created && !resend) {
      deny(outbox_.take(place->number), "not sent: an order of its family was canceled");
    }
    if (const Outbox::Item* replace = outbox_.find(*id, Kind::replace)) {
      if (is_terminal(changed->status) || !changed->desired_terms) {
        outbox_.take(replace->number);
      } else if (replace->parked && !is_blocked(*replace)) {
        outbox_.unpark(replace->number, context_.now, send_until(*replace, replace->lane));
      }
    }
    if (moves) follow_position(changed->spec);
  }
}

void Core::follow_position(const OrderSpec& moved) {
  for (const Side side : {Side::buy, Side::sell}) {
    OrderSpec probe = moved;
    probe.side = side;
    LaneJudge judge(book_, probe);
    const std::size_t urgent = outbox_.size(Lane::protective) + outbox_.size(Lane::reducing);
    if (judge.used_up() && urgent == 0) continue;  // nothing to raise and nothing to lower
    for (const OrderId id : judge.open()) {
      const Order& open = order(id);
      if (open.pending_cancel) continue;
      const Lane lane = judge.next(open.spec.ord_type, open_quantity(open));
      const Outbox::Item* item = outbox_.find(id, Kind::place);
      if (item != nullptr && item->orders.size() == 1) {
        outbox_.move(item->number, lane, send_until(*item, lane));
      }
    }
  }
}

// Why the whole item may not go, now that its turn has come.
std::optional<std::string> Core::place_refusal(const Outbox::Item& item) const {
  if (book_.halted() && item.lane != Lane::protective) return halt_text();
  const unsigned most = context_.send_slots.capacity(item.lane);
  if (item.cost() > most) {
    return fmt::format(
        "its {} messages never fit into the {} that the rate limit lets out at once "
        "(TWS_MESSAGE_RATE_LIMIT)",
        item.cost(), most);
  }
  for (const OrderId id : item.orders) {
    // It was accepted while no session could tell; now one does.
    if (const auto refusal = risk_refusal(order(id).spec)) return refusal->detail;
  }
  return limit_refusal(item);
}

// What was accepted while no session was ready was not counted; what else waits is not open yet.
std::optional<std::string> Core::limit_refusal(const Outbox::Item& item) const {
  if (options_.open_orders_max == 0) return std::nullopt;
  for (const OrderId id : item.orders) {
    const std::vector<OrderId>* same = book_.open_in(order(id).spec);
    if (same == nullptr) continue;
    std::size_t open = 0;
    for (const OrderId other : *same) {
      if (other == id) continue;
      const bool goes_before = other < id && std::find(item.orders.begin(), item.orders.end(),
                                                       other) != item.orders.end();
      if (goes_before || order(other).status != OrdStatus::created) ++open;
      if (open >= options_.open_orders_max) return limit_text(open);
    }
  }
  return std::nullopt;
}

// A family whose ids run out in the middle has sent nothing: its frames leave together or not.
void Core::send_place(const Outbox::Item& item) {
  if (const auto refusal = ids_refusal(item)) return deny(item, *refusal);
  PlaceFamilyEffect family;
  for (const OrderId id : item.orders) {
    const auto number = take_number(id);
    BELAY_CHECK(number.has_value());  // ids_refusal has taken them all in thought
    const BrokerOrderId broker_id{session_, *number};
    emit(SendIntended{id, broker_id});
    shown_.insert(id);
    family.orders.push_back({id, broker_id, order_tag(*book_.instance(), id), order(id).spec,
                             item.lane == Lane::protective});
  }
  if (family.orders.size() == 1) {
    effect(std::move(family.orders.front()));
  } else {
    effect(std::move(family));
  }
}

// Before the acknowledgement, or while the broker does not show the order, it would take a
// modification for a second new order; after a cancel it has no sense unless the cancel fails.
bool Core::is_blocked(const Outbox::Item& item) const {
  // A block of ids that is kept for a caller is not passed while it is young, but by protection.
  if (item.kind == Kind::place) {
    if (book_.find_incident("next_id_unknown") != nullptr) return true;
    const bool own_id = order(item.orders.front()).spec.broker_number.has_value();
    return item.lane != Lane::protective && !own_id && blocks_hold();
  }
  const Order& target = order(item.orders.front());
  return target.status == OrdStatus::pending_new || target.pending_cancel ||
         target.replace_in_flight() || target.unknown || !is_shown(target);
}

void Core::send_replace(const Outbox::Item& item) {
  const OrderId id = item.orders.front();
  const Order& target = order(id);
  if (is_elsewhere(target)) {
    emit(ReplaceRefused{id, 0, why_not_changed(target)});
    return;
  }
  OrderSpec spec = target.spec;
  spec.terms = *target.desired_terms;
  const bool passes = item.lane == Lane::protective || only_lessens(target.spec, spec.terms);
  emit(ReplaceIntended{id});
  effect(ReplaceEffect{id, *target.broker_id, order_tag(*book_.instance(), id), std::move(spec),
                       passes});
}

// Why the ids that an item needs cannot all be had, found out before the first is taken.
std::optional<std::string> Core::ids_refusal(const Outbox::Item& item) const {
  std::int64_t mark = book_.id_mark(session_);
  std::int64_t sent = 0;  // the highest that this item takes
  for (const OrderId id : item.orders) {
    const OrderSpec& spec = order(id).spec;
    if (spec.broker_number) {
      if (const auto error = broken_import(spec, order(id).principal)) return error->detail;
      if (*spec.broker_number <= sent) return "its family has passed the id of its own choice";
      sent = *spec.broker_number;
      continue;
    }
    const auto number = next_number(options_.ids, mark, spec.purpose);
    if (!number) {
      return fmt::format("the broker's order ids are used up for {} (RANGE_EXHAUSTED)",
                         purpose_label(spec.purpose));
    }
    mark = sent = *number;
  }
  return std::nullopt;
}

void Core::release_behind_block() {
  for (const OrderId id : std::exchange(behind_block_, {})) {
    const Outbox::Item* item = outbox_.find(id, Kind::place);
    if (item == nullptr || !item->parked) continue;
    outbox_.unpark(item->number, context_.now, send_until(*item, item->lane));
  }
}

// Sends what waits, as far as the pacing allows.
void Core::drain_outbox() {
  if (phase_ != Phase::ready) return;
  const bool no_id = book_.find_incident("next_id_unknown") != nullptr;
  if (!behind_block_.empty() && !no_id && !blocks_hold()) release_behind_block();
  if (outbox_.next_deadline() <= context_.now) deny_late();
  LaneSlots slots = context_.send_slots;
  if (calendar_holds()) slots = slots.only(Lane::protective);
  while (const Outbox::Item* next = outbox_.next(slots)) {
    if (is_blocked(*next)) {
      if (next->kind == Kind::place) behind_block_.push_back(next->orders.front());
      outbox_.park(next->number, own_deadline(*next));
      continue;
    }
    if (next->kind == Kind::replace) {
      const Outbox::Item item = outbox_.take_sent(next->number);
      slots.take(item.cost());
      send_replace(item);
    } else if (const auto refusal = place_refusal(*next)) {
      deny(outbox_.take(next->number), *refusal);
    } else {
      const Outbox::Item item = outbox_.take_sent(next->number);
      slots.take(item.cost());
      send_place(item);
    }
  }
}

}  // namespace belay::core
