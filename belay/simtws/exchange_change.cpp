// SPDX-License-Identifier: Apache-2.0
// Modifications and cancels of orders, and what they say.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/exchange.hpp"
#include "belay/simtws/reports.hpp"

namespace belay::simtws {

using base::Decimal;
using base::Time;

void Exchange::change(SimOrder& order, const tws::wire::PlaceOrder& message, Time now) {
  const ClientId client = order.key.first;
  if (!order.is_live()) {
    if (order.status == Status::inactive) {
      // Recorded: its reason once more, and no openOrder.
      refuse(client, message.order_id, {201, order.completed_status}, now);
    } else if (order.status != Status::filled) {
      refuse(client, message.order_id, {103, "Duplicate order id"}, now);
    } else if (options_.modify_filled_error) {
      refuse(client, message.order_id, {104, "Cannot modify a filled order."}, now);
    }
    return;
  }
  const auto found = market_.resolve(message.contract);
  const bool same = found.size() == 1 && found.front()->con_id == order.con_id;
  if (!same) {
    refuse(client, message.order_id, {105, "Order being modified does not match original order."},
           now);
    return;
  }
  Task task{Step::change, order.perm_id};
  task.change = std::make_unique<tws::wire::Order>(message.order);
  task.is_asked = true;
  later(order.held ? now : after_delay(options_.ack_delay, now), std::move(task));
}

std::optional<Refusal> Exchange::changed_terms(const SimOrder& order, const tws::wire::Order& asked,
                                               Time now, SimOrder& next) {
  if (auto bad = check_change(order, asked)) return bad;
  const SimOrder* parent = order.parent == 0 ? nullptr : book_.find(order.parent);
  if (asked.parent_id != 0 && (parent == nullptr || !parent->is_live())) {
    return Refusal{135, fmt::format("Can't find order with id ={}", asked.parent_id)};
  }
  next = order;
  if (auto bad = read_terms(asked, *market_.find(order.con_id), now, next)) return bad;
  next.asked = asked;
  if (next.asked.oca_group.empty()) {
    next.asked.oca_group = order.asked.oca_group;
    next.asked.oca_type = order.asked.oca_type;
  }
  if (order.trails() && next.trails() && next.stop.is_zero()) next.stop = order.stop;
  if (next.kind != order.kind) next.elected = false;
  ++next.changes;
  return std::nullopt;
}

void Exchange::apply_change(SimOrder& order, const tws::wire::Order& asked, Time now) {
  const auto [client, order_id] = order.key;
  if (!order.is_live()) {
    const bool filled = order.status == Status::filled;
    if (!filled || options_.modify_filled_error) {
      refuse(client, order_id,
             filled ? Refusal{104, "Cannot modify a filled order."}
                    : Refusal{161, not_cancellable_text(order.perm_id)},
             now);
    }
    return;
  }
  SimOrder next;
  if (const auto bad = changed_terms(order, asked, now, next)) {
    return refuse(client, order_id, *bad, now);
  }
  if (order.acknowledged && !order.held) {
    if (const auto why = beyond_band(next)) return refuse_change(order, next, *why, now);
  }
  order = std::move(next);
  if (order.held) {
    if (asked.transmit && !order.refused) release_family(order, now);
    return;
  }
  if (order.good_till != base::never) {
    later(order.good_till, {Step::expire, order.perm_id});
  }
  if (!order.acknowledged) return;  // its acknowledgement will show the new words
  if (row_of(order.kind).pegged) peg(order);
  if (!order.has_trigger() && order.status == Status::pre_submitted && !order.waits &&
      !order.child_held) {
    order.status = Status::submitted;
  }
  pair(order);
  later(after_delay(options_.fill_delay, now), {Step::match, order.perm_id});
}

// Recorded: the new words as if they worked, the old ones again, and the order is gone.
void Exchange::refuse_change(SimOrder& order, const SimOrder& next, const std::string& why,
                             Time now) {
  const tws::wire::Order asked = order.asked;
  const Decimal limit = order.limit;
  order.asked = next.asked;
  order.limit = next.limit;
  order.status = Status::pre_submitted;
  pair(order);
  order.status = Status::pending_cancel;
  status(order);
  order.status = Status::submitted;
  status(order);
  order.asked = asked;
  order.limit = limit;
  order.status = Status::pre_submitted;
  pair(order);
  order.status = Status::cancelled;
  order.completed_status = "Cancelled by System:\n" + why;
  finish(order, now);
  say_cancelled(order, order.key.first, why, now);
  refuse(order.key.first, order.key.second,
         {201, "Order rejected - reason:Order has been cancelled already, too late to replace"},
         now);
}

// What the real one did in rare outages (nautilus_trader#4564): the order that the modification
// should have changed works on, and a new one has its words.
void Exchange::change_into_twin(ClientId client, const tws::wire::PlaceOrder& message, Time now) {
  const SimOrder* first = addressed({client, message.order_id});
  if (first == nullptr || !first->is_live() || !first->acknowledged) {
    return place(client, message, now);
  }
  SimOrder next;
  if (const auto bad = changed_terms(*first, message.order, now, next)) {
    return refuse(client, message.order_id, *bad, now);
  }
  add_copy(std::move(next), now);
  run_due(now);
}

PermId Exchange::add_copy(SimOrder copy, Time now) {
  const PermId perm_id = next_perm_id(copy.account);
  copy.perm_id = perm_id;
  copy.filled = Decimal{};
  copy.notional = 0;
  copy.parts_begun = false;
  if (copy.status == Status::pending_cancel) copy.status = working_status(copy);
  pair(book_.add(std::move(copy)));
  later(after_delay(options_.fill_delay, now), {Step::match, perm_id});
  return perm_id;
}

Status Exchange::working_status(const SimOrder& order) {
  const bool waits = order.child_held || order.waits || (order.has_trigger() && !order.elected);
  return waits ? Status::pre_submitted : Status::submitted;
}

SimOrder* Exchange::addressed(OrderKey key) {
  SimOrder* out = book_.find(key);
  if (!options_.newest_copy_only) return out;
  for (const PermId id : book_.copies(key)) {
    if (SimOrder* copy = book_.find(id); copy->is_live()) out = copy;
  }
  return out;
}

// The live copies of the order that the id reaches, or the one that is not live any more.
std::vector<PermId> Exchange::cancel_targets(ClientId client, OrderId order_id) {
  std::vector<PermId> copies = book_.copies({client, order_id});
  if (copies.empty() && options_.cross_client_cancel && order_id != 0) {
    PermId newest = 0;
    for (const OrderKey& key : book_.keys_with(order_id)) {
      const SimOrder* other = book_.find(key);
      if (!other->is_live() || other->perm_id < newest) continue;
      newest = other->perm_id;
      copies = book_.copies(key);
    }
  }
  std::vector<PermId> live;
  for (const PermId id : copies) {
    if (book_.find(id)->is_live()) live.push_back(id);
  }
  if (live.empty()) return copies;
  return options_.newest_copy_only ? std::vector<PermId>{live.back()} : live;
}

void Exchange::cancel(ClientId client, OrderId order_id, Time now) {
  const std::vector<PermId> targets = cancel_targets(client, order_id);
  const SimOrder* first = targets.empty() ? nullptr : book_.find(targets.front());
  if (first == nullptr) {
    refuse(client, order_id,
           {10147, fmt::format("OrderId {} that needs to be cancelled is not found.", order_id)},
           now);
  } else if (first->is_live()) {
    for (const PermId id : targets) {
      SimOrder& order = *book_.find(id);
      Task task = cancel_task(order, client);
      task.is_asked = true;
      order.cancel_asked = true;
      begin_cancel(order, std::move(task), now);
    }
  } else {
    refuse(client, order_id,
           {10148, fmt::format("OrderId {} that needs to be cancelled cannot be cancelled, state: "
                               "{}.",
                               order_id, name(first->status))},
           now);
  }
  run_due(now);
}

Exchange::Task Exchange::cancel_task(const SimOrder& order, ClientId by) const {
  Task task{Step::cancel, order.perm_id};
  task.by = by;
  return task;
}

void Exchange::begin_cancel(SimOrder& order, Task task, Time now) {
  if (order.acknowledged && !order.confirmed) {
    order.cancel_by = task.by;
    return;
  }
  if (options_.pending_cancel && order.acknowledged) {
    order.status = Status::pending_cancel;
    status(order, task.by);
  }
  later(after_delay(options_.ack_delay, now), std::move(task));
}

void Exchange::finish_cancel(SimOrder& order, ClientId by, Time now, bool with_parent) {
  if (order.held) {
    if (with_parent) return discard(order, now);
    order.discarded = true;
  } else if (!order.acknowledged || !order.confirmed) {
    // Recorded before the exchange knew it: the pair of the cancel first.
    order.status = Status::pending_cancel;
    ++order.changes;
    pair(order);
  }
  cancelled(order, by, with_parent ? "Cancelled by System:\n" : "Cancelled by Trader", now, now);
}

// Recorded: the untransmitted child of an untransmitted parent ends in silence.
void Exchange::discard(SimOrder& order, Time now) {
  order.discarded = true;
  order.status = Status::cancelled;
  order.completed_status = "Cancelled by System:\n";
  finish(order, now);
}

void Exchange::say_cancelled(const SimOrder& order, ClientId by, std::string_view reason,
                             Time now) {
  const auto error = [&](ClientId client) {
    say(client, error_message(order.key.second, 202,
                              fmt::format("Order Canceled - reason:{}", reason), now));
  };
  if (options_.cancel_error_first) error(order.key.first);
  status(order, by);
  if (!options_.cancel_error_first) error(order.key.first);
  if (by != order.key.first) error(by);
}

void Exchange::cancelled(SimOrder& order, ClientId by, std::string_view why, Time at, Time now) {
  const PermId perm_id = order.perm_id;
  order.status = Status::cancelled;
  order.completed_status = why;
  finish(order, at);
  say_cancelled(order, by, order.discarded ? "Order was discarded." : "", now);
  if (order.discarded) {
    refuse(by, order.key.second, {161, not_cancellable_text(perm_id)}, now);
  }
  // Cancelling the parent cancels its children; cancelling a child leaves the rest.
  for (const PermId id : book_.live_children(perm_id)) {
    SimOrder& child = *book_.find(id);
    Task task = cancel_task(child, child.key.first);
    task.with_parent = true;
    begin_cancel(child, std::move(task), now);
  }
}

void Exchange::finish(SimOrder& order, Time now) {
  book_.finish(order, now);
  watch_.forget(order.perm_id);
}

// Recorded: what has just ended, or is just being cancelled, is an error; what was discarded is one
// each time.
void Exchange::global_cancel(ClientId client, Time now) {
  constexpr base::Duration remembered = std::chrono::seconds(10);
  for (const auto& [id, order] : book_.orders()) {
    if (order.key.first != client || order.is_live() || order.key.second == 0) continue;
    const bool may_work = order.status == Status::filled || order.status == Status::cancelled;
    if (!order.discarded && (!may_work || order.finished_at + remembered < now)) continue;
    refuse(client, order.key.second, {161, not_cancellable_text(id)}, now);
  }
  const std::vector<PermId> all(book_.live().begin(), book_.live().end());
  for (const PermId id : all) {
    SimOrder& order = *book_.find(id);
    const SimOrder* parent = order.parent == 0 ? nullptr : book_.find(order.parent);
    if (parent != nullptr && parent->is_live()) continue;  // ends with it
    if (order.cancel_asked) {
      refuse(client, order.key.second, {161, not_cancellable_text(id)}, now);
      continue;
    }
    Task task = cancel_task(order, order.key.first);
    task.is_asked = true;
    begin_cancel(order, std::move(task), now);
  }
  run_due(now);
}

}  // namespace belay::simtws
