// SPDX-License-Identifier: Apache-2.0
// Which orders the broker has shown as open under our ids since the syncing began. An order is
// modified by placing it again under its id, so the broker takes a modification of what it does not
// have for a new order: what it has not shown is not modified.
#include <fmt/format.h>

#include "belay/core/core.hpp"

namespace belay::core {

using Kind = Outbox::Kind;

void Core::note_shown(const BrokerOrder& report) {
  const bool ended = report.state == BrokerState::canceled ||
                     report.state == BrokerState::rejected || report.state == BrokerState::filled;
  if (!ended) show(report.names);
}

void Core::note_shown(const SnapshotDone& round) {
  if (round.dry_run || phase_ == Phase::down) return;
  for (const BrokerNames& names : round.open_orders) show(names);
}

// A copy under another id does not say that there is one under ours.
void Core::show(const BrokerNames& names) {
  const Match found = match(names);
  if (!found.exists) return;
  const Order& shown = order(found.order);
  if (shown.external || !shown.broker_id || names.broker_id != shown.broker_id) return;
  if (!shown_.insert(shown.id).second) return;
  const Outbox::Item* waiting = outbox_.find(shown.id, Kind::replace);
  if (waiting != nullptr && waiting->parked && !is_blocked(*waiting)) {
    outbox_.unpark(waiting->number, context_.now, send_until(*waiting, waiting->lane));
  }
}

bool Core::is_shown(const Order& target) const {
  return shown_.contains(target.id);
}

// Why a modification of a sent order would not be about that order; nothing when it would. One that
// is itself without an answer holds up the next, which waits for what became of it.
std::optional<std::string> Core::replace_doubt(const Order& target) const {
  const bool unsure = target.unknown && !target.replace_in_flight();
  const bool unanswered = target.status == OrdStatus::pending_new && !target.unknown;
  if (!unsure && (unanswered || is_shown(target))) return std::nullopt;
  return fmt::format(
      "{}, and the broker would take a modification of an order that it does not have for a new "
      "one: `belay reconcile` asks it now; when it lists the order, ask again; when its end is "
      "known from elsewhere, say so with `belay decide {}` and place another",
      unsure ? "what became of the order is unknown"
             : "the broker has not listed the order since the connection was made",
      target.id.value());
}

}  // namespace belay::core
