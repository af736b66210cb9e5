// SPDX-License-Identifier: Apache-2.0
// Start, loss and return of the broker session. Whatever had no answer when a link or a process was
// lost is unknown, and stays so until evidence.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

namespace {
constexpr std::string_view unreachable_kind = "broker_unreachable";
constexpr std::string_view silent_kind = "broker_silent";
}  // namespace

void Core::mark_unknown(const Order& candidate, const char* reason) {
  if (candidate.unknown || candidate.external) return;
  if (candidate.replace_in_flight()) {
    emit(OrderUnknown{candidate.id, "replace", reason});
  } else if (candidate.status == OrdStatus::pending_new) {
    emit(OrderUnknown{candidate.id, "place", reason});
  }
}

void Core::on(const Started& started) {
  BELAY_CHECK(phase_ == Phase::down);
  if (!book_.instance()) emit(InstanceCreated{started.instance});
  emit(DaemonStarted{started.epoch, started.version});
  heal_marks();
  const std::vector<OrderId> live(book_.live().begin(), book_.live().end());
  for (const OrderId id : live) {
    const Order& candidate = order(id);
    if (candidate.external) continue;
    if (candidate.status == OrdStatus::created) {
      queue_waiting(id);
    } else if (candidate.desired_terms && !candidate.replace_in_flight()) {
      emit(ReplaceRefused{id, 0, "not sent before a restart"});
    }
    if (base::defect(Defect::unknown_order_retried) && candidate.status == OrdStatus::pending_new) {
      queue_place({id});
      continue;
    }
    mark_unknown(candidate, "the daemon stopped before the broker's answer was recorded");
  }
  for (const auto& [id, known] : book_.in_memory()) {
    if (known.filled_claim > known.cum_qty) watch_claim(id);
  }
  if (!base::defect(Defect::unknown_order_retried)) deny_unsent("not sent before a restart");
}

void Core::on(const SessionUp& up) {
  session_ = up.session;
  const bool same_link = std::exchange(degraded_, false);
  paper_.clear();
  std::vector<std::string> names;
  for (const AccountSeen& account : up.accounts) {
    paper_[account.id] = account.paper;
    names.push_back(account.id.value());
  }
  phase_ = Phase::syncing;
  rounds_.new_link = !same_link;
  shown_.clear();
  unreachable_.reset();
  emit(SessionChanged{"syncing", "connected", std::move(names)});
  // On a link that held the number is that of its beginning, and orders went out since.
  constexpr std::string_view id_unknown = "next_id_unknown";
  if (const auto* open = book_.find_incident(id_unknown); open != nullptr && up.next_number != 0) {
    emit(IncidentClosed{open->seq, "the broker told its next order id", ""});
  }
  const bool untold = up.next_number == 0 && !base::defect(Defect::untold_next_id_is_one);
  if (untold) {
    // Any id could be another order's: what needs one waits (is_blocked).
    if (book_.id_mark(session_) == 0) {
      incident(std::string(id_unknown), {},
               fmt::format("the broker does not tell its next order id, and this journal knows "
                           "none of client {}: new orders wait until it does, cancels go; restart "
                           "the gateway",
                           session_),
               std::string(id_unknown));
    }
    refuse_lost_ranges();
  } else if (same_link) {
    lift_floor(up.next_number, "the broker's next id is higher");
  } else {
    check_next_number(up.next_number);
  }
}

void Core::on(const SessionDown& down) {
  degraded_ = down.degraded;
  if (phase_ == Phase::down) return;
  phase_ = Phase::down;
  collisions_.clear();  // their orders are unknown, and what the next session lists decides
  reset_.reset();
  emit(SessionChanged{down.degraded ? "degraded" : "down", down.reason, {}});
  link_lost();
  const std::vector<OrderId> live(book_.live().begin(), book_.live().end());
  for (const OrderId id : live) {
    mark_unknown(order(id), "the link was lost before the broker's answer");
  }
  deny_unsent("not sent: the link to the broker was lost");
}

void Core::on(const SendUndone& undone) {
  if (book_.is_archived(undone.order)) return;
  const Order& candidate = order(undone.order);
  if (candidate.status != OrdStatus::pending_new) return;
  emit(SendWithdrawn{undone.order, undone.proof});
}

void Core::on(const ReplaceUndone& undone) {
  if (book_.is_archived(undone.order) || !order(undone.order).replace_in_flight()) return;
  emit(ReplaceRefused{undone.order, 0, undone.proof});
  queue_replace(undone.order);  // a later wish outlives it
}

void Core::on(const Alarm& alarm) {
  if (alarm.over) {
    const Book::Incident* open = book_.find_incident(alarm.subject);
    if (open != nullptr) emit(IncidentClosed{open->seq, alarm.text, ""});
    return;
  }
  // A broker that is known to be away is no news; one that stays away after that is.
  const bool away = alarm.kind == unreachable_kind || alarm.kind == silent_kind;
  if (away && calendar_state_.closed != Closed::open) {
    unreachable_ = alarm;
    return;
  }
  incident(alarm.kind, {}, alarm.text, alarm.subject);
}

// Since when the lists go back is told by a clock of ours, and so is when an order was made:
// neither proves anything against the broker's clock.
void Core::on(const BrokerClock& clock) {
  const base::Duration allowed = options_.reconcile.policy.clock_difference_max;
  // It was read between the question and now, and then cut to whole seconds.
  const auto agrees = [&](base::Duration taken_off) {
    const bool behind = clock.said + std::chrono::seconds(1) + allowed < clock.asked_at - taken_off;
    return !behind && clock.said - allowed <= context_.now - taken_off;
  };
  // Our time does not go back with this machine's clock, but dates do, once the broker's agrees.
  const base::Duration set_back = std::max(-clock.machine_ahead, base::Duration::zero());
  for (const base::Duration candidate : {base::Duration::zero(), ahead_, set_back}) {
    if (!agrees(candidate)) continue;
    ahead_ = candidate;
    break;
  }
  rounds_.stats.clock_ahead = clock.said - (clock.asked_at - ahead_);
  clock_differs_ = !agrees(ahead_);
  if (base::defect(Defect::dates_of_set_back_clock)) ahead_ = {};
  constexpr std::string_view kind = "clock_differs";
  if (clock_differs_) {
    incident(std::string(kind), {},
             fmt::format("the broker's clock says {}, ours says {}: until they agree no order is "
                         "decided by what the broker does not list; set the clock of this machine",
                         base::to_rfc3339(clock.said), base::to_rfc3339(context_.now - ahead_)),
             std::string(kind));
  } else if (const Book::Incident* open = book_.find_incident(kind)) {
    emit(IncidentClosed{open->seq, "the clocks agree", ""});
  }
}

// The window that explained it is over and the broker still away.
void Core::tell_unreachable() {
  if (!unreachable_ || phase_ == Phase::ready) return;
  const Alarm alarm = *std::exchange(unreachable_, std::nullopt);
  incident(alarm.kind, {}, alarm.text, alarm.subject);
}

// What kept us from the broker is settled: everything it has to say was read.
void Core::note_ready() {
  constexpr std::string_view settled[] = {unreachable_kind,  silent_kind,    "client_id_in_use",
                                          "version_refused", "port_changed", "accounts_differ"};
  std::vector<std::uint64_t> over;
  for (const auto& [seq, incident] : book_.incidents()) {
    const auto* kind = std::find(std::begin(settled), std::end(settled), incident.opened.kind);
    if (kind != std::end(settled)) over.push_back(seq);
  }
  for (const std::uint64_t seq : over) emit(IncidentClosed{seq, "the session is ready", ""});
}

void Core::on(const Tick&) {
  monitor_ids();
  const bool ask = claims_.put_off(context_.now, options_.claim_wait_max);
  if (ask && phase_ == Phase::ready) effect(QueryExecutionsEffect{});
  tick_rounds();
  deny_late();
}

void Core::send_cancel(const Order& target) {
  // A broker that is away behind a link that holds may take it late or lose it: that harms nothing,
  // and the next settled list repeats it.
  if (!target.broker_id || (phase_ == Phase::down && !degraded_)) return;
  // Under another session's number this session would cancel another order.
  if (is_elsewhere(target)) return;
  effect(CancelEffect{target.id, *target.broker_id});
  // Copies that the broker made under ids of their own.
  for (const Incarnation& copy : target.incarnations) {
    if (copy.done || !copy.broker_id || copy.broker_id->session != session_) continue;
    effect(CancelEffect{target.id, *copy.broker_id});
  }
}

}  // namespace belay::core
