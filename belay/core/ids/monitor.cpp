// SPDX-License-Identifier: Apache-2.0
// The monitor: at an interval it looks for orders that are open too long, and closes what it said
// when they end. It counts nothing again that was counted when it happened.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

void Core::monitor_ids() {
  const base::Duration interval = options_.ids.monitor_interval;
  if (interval.count() <= 0 || context_.now < monitor_at_) return;
  // First of all, so that a look that goes wrong is not looked at again at once.
  monitor_at_ = context_.now + interval;
  if (base::defect(Defect::gap_counted_each_minute) && !book_.ids().gaps().empty()) {
    const IdBook::Gap gap = book_.ids().gaps().back();
    emit(GapRecorded{gap.session, gap.from, gap.to, gap.reason});
  }
  std::vector<std::uint64_t> over;
  for (const auto& [seq, incident] : book_.incidents()) {
    const OrderId id = incident.opened.order;
    const bool stale = incident.opened.kind == "stale_order";
    if (stale && book_.live().count(id) == 0) over.push_back(seq);
  }
  for (const std::uint64_t seq : over) emit(IncidentClosed{seq, "the order is done", ""});
  // Ids grow with time: behind the first young order all are young.
  std::vector<OrderId> old;
  for (const OrderId id : book_.live()) {
    const Order& candidate = order(id);
    if (context_.now - candidate.created_at < options_.ids.stale_after) break;
    const TimeInForce tif = candidate.spec.terms.time_in_force;
    const bool meant = tif == TimeInForce::good_till_cancel || tif == TimeInForce::good_till_date;
    const bool exempt = candidate.external || (meant && options_.ids.stale_gtc_exempt);
    if (!exempt && book_.ids().stale().count(id) == 0) old.push_back(id);
  }
  for (const OrderId id : old) {
    incident("stale_order", id,
             fmt::format("order {} ({} {}) is open since {}", id.value(), name(order(id).spec.side),
                         order(id).spec.contract.symbol, base::to_rfc3339(order(id).created_at)),
             fmt::format("stale:{}", id.value()));
  }
}

// When ids want a Tick: for the monitor, a reset that waits, an order that waits for a block.
base::Time Core::ids_deadline() const {
  base::Time next = base::never;
  if (options_.ids.monitor_interval.count() > 0) next = monitor_at_;
  if (reset_ && book_.ids().reset()) next = std::min(next, reset_->deadline);
  if (!outbox_.empty() && options_.ids.block_hold.count() > 0) {
    for (const auto& [first, block] : book_.ids().blocks()) {
      const base::Time end = block.at + options_.ids.block_hold;
      if (first.session == session_ && end > context_.now) next = std::min(next, end);
    }
  }
  return next;
}

}  // namespace belay::core
