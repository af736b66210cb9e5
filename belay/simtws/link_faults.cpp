// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/link_faults.hpp"

#include <algorithm>

namespace belay::simtws {

std::optional<std::size_t> Cuts::due(Direction direction) const {
  std::optional<std::size_t> out;
  for (const Cut& cut : waiting_) {
    if (cut.direction == direction && cut.nth <= 1)
      out = std::min(out.value_or(cut.byte), cut.byte);
  }
  return out;
}

void Cuts::count(Direction direction) {
  std::vector<Cut> left;
  for (Cut cut : waiting_) {
    if (cut.direction == direction && cut.nth-- <= 1) continue;
    left.push_back(cut);
  }
  waiting_ = std::move(left);
}

bool LinkFaults::is_lost(Direction direction, ClientId client) {
  const auto it = lost_.find({direction, client});
  if (it == lost_.end()) return false;
  std::multiset<std::int32_t> next;
  for (const std::int32_t nth : it->second) {
    if (nth > 1) next.insert(nth - 1);
  }
  const bool hit = next.size() != it->second.size();
  if (next.empty()) {
    lost_.erase(it);
  } else {
    it->second = std::move(next);
  }
  return hit;
}

std::optional<std::size_t> LinkFaults::cut_due(Direction direction, ClientId client) const {
  const auto it = cuts_.find(client);
  return it == cuts_.end() ? std::nullopt : it->second.due(direction);
}

void LinkFaults::count(Direction direction, ClientId client) {
  if (const auto it = cuts_.find(client); it != cuts_.end()) it->second.count(direction);
}

}  // namespace belay::simtws
