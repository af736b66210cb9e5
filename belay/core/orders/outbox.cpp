// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/outbox.hpp"

#include <algorithm>

#include "belay/base/check.hpp"

namespace belay::core {

void Outbox::add(Item item) {
  BELAY_CHECK(!item.orders.empty());
  item.number = ++last_number_;
  for (const OrderId order : item.orders) {
    BELAY_CHECK(by_order_.emplace(std::pair(order, item.kind), item.number).second);
  }
  if (item.kind == Kind::place) placed_by_[item.principal] += item.orders.size();
  const Item& kept = items_.emplace(item.number, std::move(item)).first->second;
  enter(kept);
}

// Puts the item into its lane and its deadline into the calendar.
void Outbox::enter(const Item& item) {
  if (item.deadline != base::never) deadlines_.emplace(item.deadline, item.number);
  LaneQueue& lane = lanes_[index(item.lane)];
  lane.size += item.orders.size();
  const auto [at, is_new] = lane.callers.try_emplace(item.principal);
  at->second.items.emplace(item.kind, item.number);
  // Who comes anew stands behind everybody whose turn it is: otherwise a caller who sends one order
  // at a time would always be first.
  if (is_new) set_turn(lane, item.principal, at->second, lane.turn + 1);
}

void Outbox::leave(const Item& item) {
  deadlines_.erase({item.deadline, item.number});
  LaneQueue& lane = lanes_[index(item.lane)];
  lane.size -= item.orders.size();
  const auto caller = lane.callers.find(item.principal);
  caller->second.items.erase({item.kind, item.number});
  if (!caller->second.items.empty()) return;
  lane.turns.erase({caller->second.turn, caller->second.stamp, caller->first});
  lane.callers.erase(caller);
}

void Outbox::set_turn(LaneQueue& lane, const std::string& principal, Caller& caller,
                      std::uint64_t turn) {
  lane.turns.erase({caller.turn, caller.stamp, principal});
  caller.turn = turn;
  caller.stamp = ++last_stamp_;
  lane.turns.emplace(turn, caller.stamp, principal);
}

const Outbox::Item* Outbox::find(OrderId order, Kind kind) const {
  const auto it = by_order_.find({order, kind});
  return it == by_order_.end() ? nullptr : &items_.at(it->second);
}

const Outbox::Item* Outbox::next(const LaneSlots& slots) const {
  for (const Lane lane : all_lanes) {
    const LaneQueue& queue = lanes_[index(lane)];
    if (queue.turns.empty()) continue;
    const Caller& caller = queue.callers.at(std::get<2>(*queue.turns.begin()));
    const Item& first = items_.at(caller.items.begin()->second);
    const bool fits = first.cost() <= slots.free(lane);
    const bool never_fits = first.cost() > slots.capacity(lane);
    return fits || never_fits ? &first : nullptr;
  }
  return nullptr;
}

Outbox::Item Outbox::take_sent(Number number) {
  const Item& item = items_.at(number);
  LaneQueue& lane = lanes_[index(item.lane)];
  Caller& caller = lane.callers.at(item.principal);
  lane.turn = std::max(lane.turn, caller.turn);
  set_turn(lane, item.principal, caller, caller.turn + item.cost());
  return take(number);
}

Outbox::Item Outbox::take(Number number) {
  const Item& item = items_.at(number);
  if (item.parked) {
    deadlines_.erase({item.deadline, number});
    parked_ -= item.orders.size();
  } else {
    leave(item);
  }
  return remove(number);
}

Outbox::Item Outbox::remove(Number number) {
  const auto it = items_.find(number);
  Item out = std::move(it->second);
  items_.erase(it);
  for (const OrderId order : out.orders) by_order_.erase({order, out.kind});
  if (out.kind == Kind::place) {
    const auto count = placed_by_.find(out.principal);
    count->second -= out.orders.size();
    if (count->second == 0) placed_by_.erase(count);
  }
  return out;
}

void Outbox::park(Number number, base::Time deadline) {
  Item& item = items_.at(number);
  if (item.parked) return;
  leave(item);
  item.deadline = deadline;
  if (deadline != base::never) deadlines_.emplace(deadline, number);
  item.parked = true;
  parked_ += item.orders.size();
}

void Outbox::unpark(Number number, base::Time now, base::Time deadline) {
  Item& item = items_.at(number);
  if (!item.parked) return;
  deadlines_.erase({item.deadline, number});
  parked_ -= item.orders.size();
  item.parked = false;
  item.queued_at = now;
  item.deadline = deadline;
  enter(item);
}

void Outbox::move(Number number, Lane lane, base::Time deadline) {
  Item& item = items_.at(number);
  if (item.lane == lane) return;
  if (item.parked) {  // its deadline is given anew when it comes back
    item.lane = lane;
    return;
  }
  leave(item);
  item.lane = lane;
  item.deadline = deadline;
  enter(item);
}

base::Time Outbox::next_deadline() const {
  return deadlines_.empty() ? base::never : deadlines_.begin()->first;
}

std::vector<Outbox::Item> Outbox::take_due(base::Time now) {
  std::vector<Item> out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    out.push_back(take(deadlines_.begin()->second));
  }
  return out;
}

std::vector<Outbox::Item> Outbox::take_if(const std::function<bool(const Item&)>& wanted) {
  std::vector<Number> numbers;
  for (const auto& [number, item] : items_) {
    if (wanted(item)) numbers.push_back(number);
  }
  std::vector<Item> out;
  out.reserve(numbers.size());
  for (const Number number : numbers) out.push_back(take(number));
  return out;
}

std::size_t Outbox::of_caller(const std::string& principal) const {
  const auto it = placed_by_.find(principal);
  return it == placed_by_.end() ? 0 : it->second;
}

base::Time Outbox::oldest(Lane lane) const {
  base::Time oldest = base::never;
  for (const auto& [principal, caller] : lanes_[index(lane)].callers) {
    // Each kind is in the order of its numbers, so the two firsts are the oldest.
    const auto place = caller.items.lower_bound({Kind::place, 0});
    for (const auto first : {caller.items.begin(), place}) {
      if (first != caller.items.end()) {
        oldest = std::min(oldest, items_.at(first->second).queued_at);
      }
    }
  }
  return oldest;
}

}  // namespace belay::core
