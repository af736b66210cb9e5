// SPDX-License-Identifier: Apache-2.0
#include "belay/core/link/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"

namespace belay::core {

using base::Defect;

namespace {
constexpr std::string_view unreachable_kind = "broker_unreachable";
constexpr std::string_view silent_kind = "broker_silent";

void mark_unknown(const Order& candidate, const char* reason, Step& step) {
  if (candidate.unknown || candidate.external) return;
  if (candidate.replace_in_flight()) {
    step.emit(OrderUnknown{candidate.id, "replace", reason});
  } else if (candidate.status == OrdStatus::pending_new) {
    step.emit(OrderUnknown{candidate.id, "place", reason});
  }
}

}  // namespace

void Link::on(const Started& started, Step& step) {
  BELAY_CHECK(state_.down());
  if (!step.book().instance()) step.emit(InstanceCreated{started.instance});
  step.emit(DaemonStarted{started.epoch, started.version});
  const std::vector<OrderId> live(step.book().live().begin(), step.book().live().end());
  for (const OrderId id : live) {
    const Order& candidate = step.order(id);
    const bool resend = candidate.status == OrdStatus::pending_new;
    if (resend && base::defect(Defect::unknown_order_retried)) continue;
    mark_unknown(candidate, "the daemon stopped before the broker's answer was recorded", step);
  }
}

void Link::on(const SessionUp& up, Step& step) {
  state_.session = up.session;
  const bool same_link = std::exchange(state_.degraded, false);
  state_.paper.clear();
  std::vector<std::string> names;
  for (const AccountSeen& account : up.accounts) {
    state_.paper[account.id] = account.paper;
    names.push_back(account.id.value());
  }
  state_.phase = Phase::syncing;
  state_.new_link = !same_link;
  unreachable_.reset();
  step.emit(SessionChanged{"syncing", "connected", std::move(names)});
}

void Link::on(const SessionDown& down, Step& step) {
  state_.degraded = down.degraded;
  if (state_.down()) return;
  state_.phase = Phase::down;
  step.emit(SessionChanged{down.degraded ? "degraded" : "down", down.reason, {}});
  const std::vector<OrderId> live(step.book().live().begin(), step.book().live().end());
  for (const OrderId id : live) {
    mark_unknown(step.order(id), "the link was lost before the broker's answer", step);
  }
}

void Link::on(const Alarm& alarm, Step& step) {
  if (alarm.over) {
    const Book::Incident* open = step.book().find_incident(alarm.subject);
    if (open != nullptr) step.emit(IncidentClosed{open->seq, alarm.text, ""});
    return;
  }
  // A broker that is known to be away is no news; one that stays away after that is.
  const bool away = alarm.kind == unreachable_kind || alarm.kind == silent_kind;
  if (away && state_.calendar.closed != Closed::open) {
    unreachable_ = alarm;
    return;
  }
  step.incident(alarm.kind, {}, alarm.text, alarm.subject);
}

// Since when the lists go back is told by a clock of ours, and so is when an order was made:
// neither proves anything against the broker's clock.
void Link::on(const BrokerClock& clock, Step& step) {
  const base::Duration allowed = step.options().reconcile.policy.clock_difference_max;
  // It was read between the question and now, and then cut to whole seconds.
  const auto agrees = [&](base::Duration taken_off) {
    const bool behind = clock.said + std::chrono::seconds(1) + allowed < clock.asked_at - taken_off;
    return !behind && clock.said - allowed <= step.now() - taken_off;
  };
  // Our time does not go back with this machine's clock, but dates do, once the broker's agrees.
  const base::Duration set_back = std::max(-clock.machine_ahead, base::Duration::zero());
  for (const base::Duration candidate : {base::Duration::zero(), state_.ahead, set_back}) {
    if (!agrees(candidate)) continue;
    state_.ahead = candidate;
    break;
  }
  clock_ahead_ = clock.said - (clock.asked_at - state_.ahead);
  state_.clock_differs = !agrees(state_.ahead);
  if (base::defect(Defect::dates_of_set_back_clock)) state_.ahead = {};
  constexpr std::string_view kind = "clock_differs";
  if (state_.clock_differs) {
    step.incident(
        std::string(kind), {},
        fmt::format("the broker's clock says {}, ours says {}: until they agree no order is "
                    "decided by what the broker does not list; set the clock of this machine",
                    base::to_rfc3339(clock.said), base::to_rfc3339(step.now() - state_.ahead)),
        std::string(kind));
  } else if (const Book::Incident* open = step.book().find_incident(kind)) {
    step.emit(IncidentClosed{open->seq, "the clocks agree", ""});
  }
}

// The window that explained it is over and the broker still away.
void Link::tell_unreachable(Step& step) {
  if (!unreachable_ || state_.ready()) return;
  const Alarm alarm = *std::exchange(unreachable_, std::nullopt);
  step.incident(alarm.kind, {}, alarm.text, alarm.subject);
}

// The syncing is over: what kept us from the broker is settled, everything it has to say was read.
void Link::follow(const Event& event, Step& step) {
  if (!std::holds_alternative<SyncCompleted>(event) || state_.phase != Phase::syncing) return;
  state_.phase = Phase::ready;
  constexpr std::string_view settled[] = {unreachable_kind,  silent_kind,    "client_id_in_use",
                                          "version_refused", "port_changed", "accounts_differ"};
  std::vector<std::uint64_t> over;
  for (const auto& [seq, incident] : step.book().incidents()) {
    const auto* kind = std::find(std::begin(settled), std::end(settled), incident.opened.kind);
    if (kind != std::end(settled)) over.push_back(seq);
  }
  for (const std::uint64_t seq : over) step.emit(IncidentClosed{seq, "the session is ready", ""});
}

void Link::refresh_calendar(base::Time now) {
  const base::Time civil = state_.civil(now);
  if (civil >= state_.calendar.until || civil < state_.calendar.from) {
    state_.calendar = state_.rules.at(civil);
  }
}

void Link::apply_calendar(Step& step) {
  if (!step.book().instance()) return;  // the journal's first fact is whose it is
  const Closed before = std::exchange(closed_before_, state_.calendar.closed);
  if (before != Closed::open && state_.calendar.closed == Closed::open && state_.ready()) {
    // The link lasted through it, as it seems. What was held goes after a settled list.
    state_.phase = Phase::syncing;
    state_.new_link = false;
    step.emit(SessionChanged{"syncing", fmt::format("{} has ended", words(before)), {}});
    step.ask_poll("window", true);
  }
  if (state_.calendar.closed == Closed::open) tell_unreachable(step);
  // A clock that was set back makes no day come twice: dates are compared as text.
  if (state_.calendar.day > step.book().trading_day()) {
    step.emit(TradingDayRolled{state_.calendar.day});
  }
  if (state_.calendar.day_ends && asked_day_ != state_.calendar.day && state_.ready()) {
    asked_day_ = state_.calendar.day;
    step.effect(QueryExecutionsEffect{});
  }
}

}  // namespace belay::core
