// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/lanes.hpp"

#include <algorithm>

#include "belay/base/defects.hpp"

namespace belay::broker {

using base::Defect;

namespace {

// As good as none.
constexpr unsigned no_limit = 1'000'000'000;

LaneLimits with_room(LaneLimits limits) {
  unsigned& most = limits.messages_a_second;
  if (most == 0) most = no_limit;
  limits.cancel_reserve = std::min(limits.cancel_reserve, most / 2);
  const unsigned rest = most - limits.cancel_reserve;
  limits.protective_reserve = std::min(limits.protective_reserve, rest / 4);
  limits.reducing_reserve = std::min(limits.reducing_reserve, rest / 4);
  return limits;
}

}  // namespace

Lanes::Lanes(LaneLimits limits)
    : limits_(with_room(limits)),
      unlimited_(limits.messages_a_second == 0),
      pacer_(limits_.messages_a_second),
      query_pacer_(capacity().entry, std::chrono::seconds(2)) {}

OrderSlots Lanes::slots(base::Time now, const Waiting& waiting) const {
  unsigned free = pacer_.available(now);
  const auto keep = [&free](std::size_t slots) {
    free = free > slots ? free - static_cast<unsigned>(slots) : 0;
    return free;
  };
  if (base::defect(Defect::cancel_waits_behind_entries)) return {free, free, free};
  OrderSlots out;
  out.protective = keep(limits_.cancel_reserve + waiting.cancels);
  out.reducing = keep(limits_.protective_reserve);
  // A query that waits and whose share is not used up gets the next slot.
  const std::size_t queries = std::min<std::size_t>(waiting.queries, query_pacer_.available(now));
  out.entry = keep(limits_.reducing_reserve + queries);
  return out;
}

OrderSlots Lanes::capacity() const {
  OrderSlots out;
  out.protective = limits_.messages_a_second - limits_.cancel_reserve;
  out.reducing = out.protective - limits_.protective_reserve;
  out.entry = out.reducing - limits_.reducing_reserve;
  return out;
}

bool Lanes::cancel_may_go(base::Time now) const {
  // Planted: a cancel goes only when the entries leave half of the limit free.
  const bool waits = base::defect(Defect::cancel_waits_behind_entries) &&
                     pacer_.available(now) < pacer_.limit() / 2;
  return !waits && pacer_.available(now) > 0;
}

bool Lanes::query_may_go(base::Time now, const Waiting& waiting) const {
  const std::size_t kept =
      limits_.cancel_reserve + limits_.protective_reserve + limits_.reducing_reserve;
  return pacer_.available(now) > kept + waiting.cancels && query_pacer_.available(now) > 0;
}

base::Time Lanes::next_waiting(base::Time now, const Waiting& waiting) const {
  base::Time next = base::never;
  // A slot that has become free is due now: the next change is always ahead.
  const base::Time slot = pacer_.next_change(now);
  if (waiting.cancels > 0) next = pacer_.available(now) > 0 ? now : slot;
  if (waiting.queries == 0) return next;
  if (query_may_go(now, waiting)) return now;
  next = std::min(next, slot);
  if (query_pacer_.available(now) == 0) next = std::min(next, query_pacer_.next_change(now));
  return next;
}

}  // namespace belay::broker
