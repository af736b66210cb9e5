// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alert_queue.hpp"

#include <algorithm>
#include <utility>

namespace belay::app {

void AlertQueue::push(views::Alert alert, base::Time now) {
  if (waiting_.size() >= options_.max) {
    waiting_.pop_front();
    ++stats_.dropped;
  }
  waiting_.push_back({std::move(alert), 0, now});
}

std::optional<AlertQueue::Attempt> AlertQueue::take(base::Time now) {
  if (running_.size() >= options_.parallel) return std::nullopt;
  const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                [&](const Item& item) { return item.due <= now; });
  if (due == waiting_.end()) return std::nullopt;
  Item item = std::move(*due);
  waiting_.erase(due);
  ++item.attempts;
  Attempt attempt{++last_number_, item.alert};
  running_.emplace(attempt.number, std::move(item));
  return attempt;
}

bool AlertQueue::done(std::uint64_t number, bool delivered, base::Time now) {
  const auto found = running_.find(number);
  if (found == running_.end()) return false;
  Item item = std::move(found->second);
  running_.erase(found);
  if (delivered) {
    ++stats_.delivered;
    return false;
  }
  ++stats_.failed;
  if (item.attempts >= options_.attempts) {
    ++stats_.given_up;
    return true;
  }
  base::Duration pause = options_.retry_first;
  for (unsigned i = 1; i < item.attempts && pause < options_.retry_max; ++i) pause *= 2;
  item.due = now + std::min(pause, options_.retry_max);
  // In its old place: what is older is told first.
  const auto later = std::find_if(waiting_.begin(), waiting_.end(), [&](const Item& other) {
    return other.alert.seq > item.alert.seq;
  });
  waiting_.insert(later, std::move(item));
  return false;
}

base::Time AlertQueue::next() const {
  base::Time next = base::never;
  if (running_.size() >= options_.parallel) return next;
  for (const Item& item : waiting_) next = std::min(next, item.due);
  return next;
}

AlertStats AlertQueue::stats() const {
  AlertStats out = stats_;
  out.waiting = waiting_.size() + running_.size();
  return out;
}

}  // namespace belay::app
