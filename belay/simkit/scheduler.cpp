// SPDX-License-Identifier: Apache-2.0
#include "belay/simkit/scheduler.hpp"

#include <algorithm>

namespace belay::simkit {

Scheduler::Id Scheduler::at(base::Time when, std::function<void()> work) {
  const Id id{std::max(when, now_), ++made_};
  work_.emplace(id, std::move(work));
  return id;
}

bool Scheduler::step() {
  if (work_.empty()) return false;
  auto node = work_.extract(work_.begin());
  now_ = node.key().first;
  node.mapped()();
  return true;
}

void Scheduler::run_until(base::Time end) {
  while (!work_.empty() && work_.begin()->first.first <= end) step();
  now_ = std::max(now_, end);
}

}  // namespace belay::simkit
