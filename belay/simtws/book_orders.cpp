// SPDX-License-Identifier: Apache-2.0
// The orders of the book and the indexes by which they are found: every question about an order, a
// family, a side or a key is answered without looking at all of them.
#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/simtws/book.hpp"

namespace belay::simtws {

SimOrder& Book::add(SimOrder order) {
  const PermId perm_id = order.perm_id;
  const auto [it, added] = orders_.emplace(perm_id, std::move(order));
  BELAY_CHECK(added);
  SimOrder& out = it->second;
  live_.insert(perm_id);
  if (!out.held) sides_[side_of(out)].insert(perm_id);
  if (out.parent != 0) children_[out.parent].insert(perm_id);
  if (out.key.second == 0) {
    unbound_.insert(perm_id);
    return out;
  }
  const auto [key, is_new] = keys_.try_emplace(out.key, perm_id);
  if (is_new) return out;
  const auto others = copies(out.key);
  const bool any_lives = std::any_of(others.begin(), others.end(),
                                     [&](PermId id) { return orders_.at(id).is_live(); });
  if (any_lives) {
    auto& all = copies_[out.key];
    if (all.empty()) all.push_back(key->second);
    all.push_back(perm_id);
  } else {
    copies_.erase(out.key);
    key->second = perm_id;
  }
  return out;
}

void Book::bind(SimOrder& order, OrderId order_id) {
  order.key.second = order_id;
  keys_[order.key] = order.perm_id;
  unbound_.erase(order.perm_id);
}

void Book::release(SimOrder& order) {
  order.held = false;
  if (live_.count(order.perm_id) != 0) sides_[side_of(order)].insert(order.perm_id);
}

SimOrder* Book::find(PermId perm_id) {
  const auto it = orders_.find(perm_id);
  return it == orders_.end() ? nullptr : &it->second;
}

const SimOrder* Book::find(PermId perm_id) const {
  const auto it = orders_.find(perm_id);
  return it == orders_.end() ? nullptr : &it->second;
}

SimOrder* Book::find(OrderKey key) {
  const auto it = keys_.find(key);
  if (it == keys_.end()) return nullptr;
  if (const auto several = copies_.find(key); several != copies_.end()) {
    for (const PermId id : several->second) {
      if (SimOrder* order = find(id); order != nullptr && order->is_live()) return order;
    }
  }
  return find(it->second);
}

std::vector<PermId> Book::copies(OrderKey key) const {
  if (const auto several = copies_.find(key); several != copies_.end()) return several->second;
  const auto it = keys_.find(key);
  return it == keys_.end() ? std::vector<PermId>() : std::vector<PermId>{it->second};
}

std::vector<OrderKey> Book::keys_with(OrderId order_id) const {
  // From client to client; no client is looked at in whole.
  std::vector<OrderKey> out;
  for (auto it = keys_.begin(); it != keys_.end();) {
    const ClientId client = it->first.first;
    if (keys_.count({client, order_id}) != 0) out.emplace_back(client, order_id);
    it = keys_.upper_bound({client, INT32_MAX});
  }
  return out;
}

std::int32_t Book::live_count(const SimOrder& like) const {
  const auto it = sides_.find(side_of(like));
  return it == sides_.end() ? 0 : static_cast<std::int32_t>(it->second.size());
}

std::vector<PermId> Book::live_children(PermId parent) const {
  const auto it = children_.find(parent);
  if (it == children_.end()) return {};
  return {it->second.begin(), it->second.end()};
}

void Book::leave_live(SimOrder& order) {
  live_.erase(order.perm_id);
  unbound_.erase(order.perm_id);
  if (const auto side = sides_.find(side_of(order)); side != sides_.end()) {
    side->second.erase(order.perm_id);
    if (side->second.empty()) sides_.erase(side);
  }
  if (const auto family = children_.find(order.parent); family != children_.end()) {
    family->second.erase(order.perm_id);
    if (family->second.empty()) children_.erase(family);
  }
}

void Book::drop_key(const SimOrder& order) {
  const auto several = copies_.find(order.key);
  if (several != copies_.end()) {
    auto& all = several->second;
    all.erase(std::remove(all.begin(), all.end(), order.perm_id), all.end());
    keys_[order.key] = all.front();
    if (all.size() == 1) copies_.erase(several);
    return;
  }
  const auto key = keys_.find(order.key);
  if (key != keys_.end() && key->second == order.perm_id) keys_.erase(key);
}

void Book::finish(SimOrder& order, base::Time now) {
  if (live_.count(order.perm_id) == 0) return;
  leave_live(order);
  order.finished_at = now;
  finished_.push_back(order.perm_id);
  if (finished_.size() <= history_max_) return;
  const auto old = orders_.find(finished_.front());
  finished_.pop_front();
  drop_key(old->second);
  orders_.erase(old);
}

void Book::erase(SimOrder& order) {
  leave_live(order);
  drop_key(order);
  orders_.erase(order.perm_id);
}

}  // namespace belay::simtws
