// SPDX-License-Identifier: Apache-2.0
#include "belay/core/ids/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"

namespace belay::core {

using base::Defect;

void Monitor::look(Step& step) {
  const base::Duration interval = step.options().ids.monitor_interval;
  if (interval.count() <= 0 || step.now() < at_) return;
  // First of all, so that a look that goes wrong is not looked at again at once.
  at_ = step.now() + interval;
  if (base::defect(Defect::gap_counted_each_minute) && !step.book().ids().gaps().empty()) {
    const IdBook::Gap gap = step.book().ids().gaps().back();
    step.emit(GapRecorded{gap.session, gap.from, gap.to, gap.reason});
  }
  std::vector<std::uint64_t> over;
  for (const auto& [seq, incident] : step.book().incidents()) {
    const OrderId id = incident.opened.order;
    const bool stale = incident.opened.kind == "stale_order";
    if (stale && !step.book().live().contains(id)) over.push_back(seq);
  }
  for (const std::uint64_t seq : over) step.emit(IncidentClosed{seq, "the order is done", ""});
  // Ids grow with time: behind the first young order all are young.
  std::vector<OrderId> old;
  for (const OrderId id : step.book().live()) {
    const Order& candidate = step.order(id);
    if (step.now() - candidate.created_at < step.options().ids.stale_after) break;
    const TimeInForce tif = candidate.spec->terms.time_in_force;
    const bool meant = tif == TimeInForce::good_till_cancel || tif == TimeInForce::good_till_date;
    const bool exempt = candidate.external || (meant && step.options().ids.stale_gtc_exempt);
    if (!exempt && step.book().ids().stale().count(id) == 0) old.push_back(id);
  }
  for (const OrderId id : old) {
    step.incident("stale_order", id,
                  fmt::format("order {} ({} {}) is open since {}", id.value(),
                              name(step.order(id).spec->side), step.order(id).spec->contract.symbol,
                              base::to_rfc3339(step.order(id).created_at)),
                  fmt::format("stale:{}", id.value()));
  }
}

}  // namespace belay::core
