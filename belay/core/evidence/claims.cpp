// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/claims.hpp"

#include <algorithm>
#include <vector>

namespace belay::core {

void Claims::add(OrderId id, base::Time now, base::Duration wait) {
  const auto [at, is_new] = claims_.try_emplace(id, Claim{now + wait, wait});
  if (is_new) by_due_.emplace(at->second.due, id);
}

void Claims::remove(OrderId id) {
  const auto at = claims_.find(id);
  if (at == claims_.end()) return;
  by_due_.erase({at->second.due, id});
  claims_.erase(at);
}

void Claims::remove_if(const std::function<bool(OrderId)>& settled) {
  for (const OrderId id : ids()) {
    if (settled(id)) remove(id);
  }
}

std::set<OrderId> Claims::ids() const {
  std::set<OrderId> out;
  for (const auto& [id, claim] : claims_) out.insert(out.end(), id);
  return out;
}

bool Claims::put_off(base::Time now, base::Duration wait_max) {
  std::vector<OrderId> due;
  for (const auto& [at, id] : by_due_) {
    if (at > now) break;
    due.push_back(id);
  }
  for (const OrderId id : due) {
    const base::Duration wait = std::min(2 * claims_.at(id).wait, wait_max);
    remove(id);
    add(id, now, wait);
  }
  return !due.empty();
}

}  // namespace belay::core
