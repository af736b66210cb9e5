// SPDX-License-Identifier: Apache-2.0
// What happens to orders without a message of a client: a person at the screen, the broker itself,
// a gateway that forgot, and what tests bring about by hand.
#include <algorithm>

#include "belay/simtws/exchange.hpp"
#include "belay/simtws/reports.hpp"

namespace belay::simtws {

using base::Decimal;
using base::Time;

std::optional<PermId> Exchange::place_manual(const tws::wire::Contract& contract,
                                             const tws::wire::Order& asked, Time now) {
  SimOrder order;
  order.asked = asked;
  if (admit(order, {0, contract, asked}, now)) return std::nullopt;
  order.perm_id = next_perm_id(order.account);
  const PermId perm_id = book_.add(std::move(order)).perm_id;
  release(*book_.find(perm_id), now);
  run_due(now);
  return perm_id;
}

std::optional<PermId> Exchange::duplicate(OrderKey key, Time now) {
  const SimOrder* first = book_.find(key);
  if (first == nullptr || !first->is_live() || !first->acknowledged) return std::nullopt;
  const PermId perm_id = add_copy(*first, now);
  run_due(now);
  return perm_id;
}

void Exchange::bind_manual(Time now) {
  for (const PermId id : book_.unbound()) {
    SimOrder& order = *book_.find(id);
    book_.bind(order, next_bound_--);
    say(0, tws::wire::OrderBound{order.perm_id, 0, order.key.second});
    if (!options_.bind_resubmits || !order.acknowledged) continue;
    // Its place in the exchange's queue is lost, its perm id is not.
    order.status = Status::pre_submitted;
    order.waits = true;
    pair(order);
    later(after_delay(options_.fill_delay, now), {Step::activate, id});
  }
  run_due(now);
}

bool Exchange::person_cancel(PermId perm_id, Time now) {
  SimOrder* order = book_.find(perm_id);
  if (order == nullptr || !order->is_live()) return false;
  begin_cancel(*order, cancel_task(*order, order->key.first), now);
  run_due(now);
  return true;
}

bool Exchange::person_change(PermId perm_id, const PersonChange& change, Time now) {
  SimOrder* order = book_.find(perm_id);
  if (order == nullptr || !order->is_live() || !order->acknowledged) return false;
  tws::wire::Order asked = order->asked;
  using tws::wire::Real;
  asked.parent_id = 0;
  if (change.limit) asked.lmt_price = Real::from_decimal(*change.limit);
  if (change.stop) asked.aux_price = Real::from_decimal(*change.stop);
  if (change.quantity) asked.total_quantity = Real::from_decimal(*change.quantity);
  SimOrder next;
  if (changed_terms(*order, asked, now, next)) return false;
  next.asked.parent_id = order->asked.parent_id;
  *order = std::move(next);
  pair(*order);
  later(after_delay(options_.fill_delay, now), {Step::match, perm_id});
  run_due(now);
  return true;
}

bool Exchange::fill_by_hand(PermId perm_id, Decimal shares, std::optional<Decimal> price,
                            Time now) {
  SimOrder* order = book_.find(perm_id);
  const bool works = order != nullptr && order->is_live() && order->acknowledged;
  if (!works || shares <= Decimal{} || shares > order->remaining()) return false;
  if (!price) price = price_now(*order);
  if (!price) price = order->limit.is_zero() ? market_.quote(order->con_id)->bid : order->limit;
  fill(*order, shares, *price, now);
  watch_.watch(*order);
  run_due(now);
  return true;
}

void Exchange::forget_unacknowledged(bool burn_ids) {
  for (auto it = tasks_.begin(); it != tasks_.end();) {
    const Task& task = it->second;
    if (!task.is_asked) {
      ++it;
      continue;
    }
    if (SimOrder* order = book_.find(task.perm_id); order != nullptr && order->is_live()) {
      order->cancel_asked = false;
      if (order->status == Status::pending_cancel) order->status = working_status(*order);
      out_.push_back({order->key.first, Note{"lost_at_restart", order->key.second}});
    }
    it = tasks_.erase(it);
  }
  std::set<PermId> lost;
  for (const PermId id : book_.live()) {
    const SimOrder& order = *book_.find(id);
    const bool is_new = order.key.second > 0 && !order.acknowledged;
    if (is_new || lost.count(order.parent) != 0) lost.insert(id);
  }
  // The newest first: each gives back the id that was next before it.
  std::vector<SimOrder*> orders;
  for (const PermId id : lost) orders.push_back(book_.find(id));
  std::sort(orders.begin(), orders.end(), [](auto* a, auto* b) { return a->key > b->key; });
  for (SimOrder* order : orders) {
    const auto [client, order_id] = order->key;
    out_.push_back({client, Note{"lost_at_restart", order_id}});
    if (!burn_ids && next_order_id(client) == order_id + 1) {
      set_next_order_id(client, order->id_before);
    }
    watch_.forget(order->perm_id);
    book_.erase(*order);
  }
}

void Exchange::expire_day_orders(Time at, Time now) {
  const std::vector<PermId> all(book_.live().begin(), book_.live().end());
  for (const PermId id : all) {
    SimOrder* order = book_.find(id);
    if (order == nullptr || !order->is_live() || order->tif != Tif::day) continue;
    cancelled(*order, order->key.first, "Cancelled by System:\n", at, now);
  }
  run_due(now);
}

bool Exchange::late_fill(OrderKey key, Decimal shares, Time now) {
  SimOrder* order = book_.find(key);
  if (order == nullptr || order->status != Status::cancelled) return false;
  if (shares >= order->remaining()) return false;
  const Decimal price =
      order->kind == Kind::limit ? order->limit : market_.quote(order->con_id)->bid;
  fill(*order, shares, price, now);
  return true;
}

bool Exchange::correct(std::string_view exec_id, Decimal shares, Decimal price, Time now) {
  const SimExecution* old = book_.find_execution(exec_id);
  if (old == nullptr) return false;
  const Instrument* instrument = market_.find(old->con_id);
  const Decimal shares_before = old->shares;
  const SimExecution* next = book_.correct(exec_id, shares, price, *instrument);
  if (next == nullptr) return false;
  const ClientId client = next->key.first;
  SimOrder* order = book_.find(next->perm_id);
  const bool shows = order != nullptr && order->is_live() && next->shares != shares_before;
  say(client, exec_details(*next, -1, venue(next->con_id)));
  if (shows) pair(*order);
  if (next->is_paid()) {
    say(client, commission_report(*next));
    out_.push_back({client, PositionChanged{next->account, next->con_id}});
  }
  run_due(now);
  return true;
}

}  // namespace belay::simtws
