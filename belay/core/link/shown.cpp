// SPDX-License-Identifier: Apache-2.0
#include "belay/core/link/shown.hpp"

namespace belay::core {

void Shown::follow(const Event& event) {
  if (const auto* changed = std::get_if<SessionChanged>(&event)) {
    if (changed->phase == "syncing") shown_.clear();
  } else if (const auto* sent = std::get_if<SendIntended>(&event)) {
    shown_.insert(sent->order);
  } else if (const auto* archived = std::get_if<OrderArchived>(&event)) {
    shown_.erase(archived->order);
  }
}

}  // namespace belay::core
