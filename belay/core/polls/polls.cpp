// SPDX-License-Identifier: Apache-2.0
#include "belay/core/polls/polls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/facts/order_machine.hpp"
#include "belay/core/polls/findings.hpp"

namespace belay::core {

// What an event means for questions that are open.
void Polls::follow(const StampedEvent& stamped, Step& step) {
  const Event& event = stamped.event;
  if (std::holds_alternative<DaemonStarted>(event)) {
    for (const OrderId id : step.book().live()) watch(id, step);
    for (const auto& [seq, incident] : step.book().incidents()) {
      const auto& opened = incident.opened;
      if (!opened.subject.empty()) rounds_.subjects[opened.order].insert(opened.subject);
    }
  } else if (const auto* opened = std::get_if<IncidentOpened>(&event)) {
    if (!opened->subject.empty()) rounds_.subjects[opened->order].insert(opened->subject);
  } else if (const auto* asked = std::get_if<CancelIntended>(&event)) {
    // Its refusal is another one than a person may have closed.
    rounds_.memory.told.erase(fmt::format("cancel_refused/{}", asked->order.value()));
  } else if (const auto* changed = std::get_if<SessionChanged>(&event)) {
    if (changed->phase == "syncing") {
      rounds_.syncing_since = step.now();
    } else {
      link_lost(step);
    }
  } else if (std::holds_alternative<TradingDayRolled>(event)) {
    // DAY orders ended, and the broker's lists of the day begin anew. While syncing everything is
    // asked for anyway.
    if (step.link().ready()) step.ask_poll("day", true);
  }
  for (auto& caller : rounds_.waiting) {
    if (caller.events.size() >= step.options().reconcile.report_max) continue;
    caller.events.push_back(event_json(stamped));
  }
  if (const auto id = order_of(event)) {
    watch(*id, step);
    close_incidents(*id, step);
  }
}

void Polls::review(Step& step) {
  for (const PollWish& wish : step.take_wishes()) ask(wish.reason, wish.full, step);
  if (step.take_look_again()) {
    const base::Duration guard = step.options().reconcile.policy.recency_guard;
    rounds_.look_again_at = std::min(rounds_.look_again_at, step.now() + guard);
  }
  if (step.take_ask_soon()) ask("probe", false, step);
}

// An order with a command that has no answer is asked about, ever more rarely, until it has one.
void Polls::watch(OrderId id, Step& step) {
  const Order* now = step.book().find(id);  // none: it was archived
  const bool open = now != nullptr && !now->external && !is_terminal(now->status) &&
                    now->status != OrdStatus::created &&
                    (now->status == OrdStatus::pending_new || now->replace_in_flight() ||
                     now->pending_cancel || now->unknown);
  const auto it = rounds_.probes.find(id);
  if (open == (it != rounds_.probes.end())) return;
  if (open) {
    const base::Duration wait = step.options().reconcile.probe_after;
    rounds_.probes[id] = {step.now() + wait, wait};
    rounds_.probes_due.insert({step.now() + wait, id});
  } else {
    rounds_.probes_due.erase({it->second.due, id});
    rounds_.probes.erase(it);
  }
}

// Evidence has settled the matter of an incident.
void Polls::close_incidents(OrderId id, Step& step) {
  const auto it = rounds_.subjects.find(id);
  if (it == rounds_.subjects.end() || step.book().find(id) == nullptr) return;
  const Order& now = step.order(id);
  const bool done = is_terminal(now.status);
  std::vector<std::uint64_t> settled;
  std::erase_if(it->second, [&](const std::string& subject) {
    return step.book().find_incident(subject) == nullptr;  // closed, or it gave way
  });
  for (const std::string& subject : it->second) {
    const Book::Incident* incident = step.book().find_incident(subject);
    const std::string& kind = incident->opened.kind;
    const bool over =
        (kind == "order_vanished" || kind == "order_unresolved") ? !now.unknown
        : (kind == "second_copy" || kind == "copy_survives")     ? done && !now.copy_works()
        : kind == "cancel_refused"                               ? done || now.pending_cancel
                                   : kind == "fills_disputed" && now.filled_claim <= now.cum_qty;
    if (over) settled.push_back(incident->seq);
  }
  if (settled.empty()) return;
  rounds_.subjects.erase(it);
  for (const auto& [seq, incident] : step.book().incidents()) {
    if (incident.opened.order == id && !incident.opened.subject.empty()) {
      rounds_.subjects[id].insert(incident.opened.subject);
    }
  }
  for (const std::uint64_t seq : settled) {
    step.emit(IncidentClosed{
        seq, fmt::format("the order is {} now", reported_ord_status(step.order(id))), ""});
  }
}

// ---- when a round is wanted ----

void Polls::ask(const std::string& reason, bool full, Step& step) {
  if (step.link().down()) return;
  // The same was asked already; what it misses is asked for again in time. While syncing nobody
  // would ask again, and a round that began before says nothing of what is waited for.
  const bool out = step.link().ready() && rounds_.wish_out > rounds_.served;
  if (out && (rounds_.full_wish_out || !full)) return;
  rounds_.full_wish_out = full;
  rounds_.wish_out = ++rounds_.wishes;
  step.effect(SnapshotEffect{reason, full, rounds_.wishes, false});
}

void Polls::tick(Step& step) {
  if (!step.link().ready()) return;
  const base::Time now = step.now();
  bool probe = false;
  bool full = false;
  while (!rounds_.probes_due.empty() && rounds_.probes_due.begin()->first <= now) {
    const OrderId id = rounds_.probes_due.begin()->second;
    rounds_.probes_due.erase(rounds_.probes_due.begin());
    RoundState::Probe& one = rounds_.probes.at(id);
    one.wait = std::min(2 * one.wait, step.options().reconcile.probe_after_max);
    one.due = now + one.wait;
    rounds_.probes_due.insert({one.due, id});
    probe = true;
    full = full || step.order(id).unknown;
    ++rounds_.stats.probes_total;
  }
  if (probe) ask("probe", full, step);
  if (rounds_.look_again_at <= now) {
    rounds_.look_again_at = base::never;
    ask("again", true, step);
  }
  if (rounds_.interval_at <= now) {
    rounds_.interval_at = now + step.options().reconcile.interval;
    ask("interval", false, step);
  }
}

base::Time Polls::next_deadline(const LinkState& link) const {
  if (!link.ready()) return base::never;
  const base::Time probe =
      rounds_.probes_due.empty() ? base::never : rounds_.probes_due.begin()->first;
  return std::min({probe, rounds_.look_again_at, rounds_.interval_at});
}

void Polls::link_lost(Step& step) {
  auto told = std::move(rounds_.memory.told);
  rounds_.memory = {};
  rounds_.memory.told = std::move(told);
  findings_.forget();
  rounds_.look_again_at = rounds_.interval_at = base::never;
  rounds_.served = rounds_.wishes;
  for (const auto& caller : std::exchange(rounds_.waiting, {})) {
    step.reply(caller.correlation, ReplyCode::not_ready, {},
               "the link to the broker was lost before it had listed everything");
  }
}

// ---- the end of a round ----

RoundFacts Polls::facts_of(const SnapshotDone& done, const Evidence& evidence,
                           const Step& step) const {
  RoundFacts facts;
  facts.round = done.round;
  facts.settled = done.settled;
  facts.full = done.full;
  facts.syncing = step.link().phase == Phase::syncing;
  facts.fresh = facts.syncing && step.link().new_link;
  facts.asked_at = done.asked_at == base::Time() ? step.now() : done.asked_at;
  facts.judged_at = step.now();
  // The broker's day may end that much sooner than our clock says.
  const base::Time soon =
      step.link().civil(step.now()) + step.options().reconcile.policy.clock_difference_max;
  if (const auto since = step.link().rules.at(soon).lists_from)
    facts.lists_from = step.link().own_time(*since);
  facts.clock_differs = step.link().clock_differs;
  // Everything that was listed was reported before this; it is matched again by name.
  for (const BrokerNames& names : done.open_orders) {
    const Match found = match(names, nullptr, step);
    if (found.exists) {
      facts.open.insert(found.order);
    } else {
      facts.unread.merge(unaccounted_for(names, nullptr, step));
    }
  }
  for (const BrokerNames& names : done.completed) {
    if (const Match found = match(names, nullptr, step); found.exists)
      facts.completed.insert(found.order);
  }
  for (const UnreadEntry& entry : done.unread) {
    if (base::defect(base::Defect::unread_entry_is_absence)) break;
    facts.unread.merge(named_in(entry.names, step));
    if (entry.corrects) facts.unread_corrections.merge(named_in(entry.names, step));
  }
  facts.claimed = evidence.fills.claimed();
  facts.contested = evidence.collisions.ids();
  facts.working_though_done = evidence.reports.take_working_though_done();
  // A fill whose report was lost would look like a position that nobody can explain.
  facts.positions_listed = done.positions_listed && !evidence.reports_lost;
  for (const Position& position : done.positions) {
    const auto [told, first] =
        facts.positions.try_emplace({position.account, position.contract.con_id}, position);
    if (!first && (!position.quantity || told->second.quantity)) told->second = position;
  }
  return facts;
}

void Polls::on(const SnapshotDone& done, const Evidence& evidence, Step& step) {
  if (step.link().down()) return;
  rounds_.served = std::max(rounds_.served, done.wish);
  if (done.full && done.settled) evidence.collisions.settle(done, step);
  const RoundFacts facts = facts_of(done, evidence, step);
  Decisions decided =
      reconcile(step.book(), facts, rounds_.memory, step.options().reconcile.policy);
  rounds_.memory = std::move(decided.memory);
  for (Event& event : decided.events) {
    if (auto* opened = std::get_if<IncidentOpened>(&event)) {
      step.incident(std::move(opened->kind), opened->order, std::move(opened->text),
                    std::move(opened->subject), std::move(opened->candidates));
    } else {
      step.emit(std::move(event));
    }
  }
  for (const OrderId id : decided.cancel_again) evidence.others.cancel_again(step.order(id), step);

  ++rounds_.stats.rounds_total;
  if (done.settled) {
    ++rounds_.stats.settled_total;
    rounds_.stats.last_settled = step.now();
  }
  rounds_.look_again_at = decided.look_again || evidence.reports_lost
                              ? step.now() + step.options().reconcile.policy.recency_guard
                              : base::never;
  const base::Duration interval = step.options().reconcile.interval;
  rounds_.interval_at = interval > base::Duration(0) ? step.now() + interval : base::never;

  // A list that was asked for before the syncing began shows an older truth.
  const bool ends_sync =
      step.link().phase == Phase::syncing && done.full && facts.asked_at >= rounds_.syncing_since;
  const bool news = findings_.count > 0 || decided.positions_agreed;
  if (ends_sync || (news && step.link().ready())) {
    step.emit(SyncCompleted{done.open_orders.size(), decided.unknown_orders, done.reason,
                            findings_.count, decided.positions_agreed});
  }
  if (ends_sync) {
    // Every order was asked about just now.
    rounds_.probes_due.clear();
    for (auto& [id, one] : rounds_.probes) {
      one = {step.now() + step.options().reconcile.probe_after,
             step.options().reconcile.probe_after};
      rounds_.probes_due.insert({one.due, id});
    }
  }
  answer_waiting(done, findings_.named, {}, step);
  findings_.forget();
}

// `events` are those of a dry run; else a caller gets what was recorded since it asked.
void Polls::answer_waiting(const SnapshotDone& done, const std::vector<Finding>& findings,
                           const std::vector<std::string>& events, Step& step) {
  const auto served = std::stable_partition(
      rounds_.waiting.begin(), rounds_.waiting.end(), [&](const RoundState::Waiting& caller) {
        return caller.dry_run != done.dry_run || caller.wish > done.wish;
      });
  for (auto it = served; it != rounds_.waiting.end(); ++it) {
    Reply answer{it->correlation, ReplyCode::accepted, {}, done.reason, {}};
    answer.round = done.round;
    answer.settled = done.settled;
    answer.findings = findings;
    answer.events = done.dry_run ? events : std::move(it->events);
    for (const StampedEvent& event : step.events()) {
      if (done.dry_run || answer.events.size() >= step.options().reconcile.report_max) break;
      answer.events.push_back(event_json(event));
    }
    step.effect(std::move(answer));
  }
  rounds_.waiting.erase(served, rounds_.waiting.end());
}

// ---- callers ----

void Polls::on(const Reconcile& command, Step& step) {
  if (!step.link().ready()) {
    return step.reply(command.correlation, ReplyCode::not_ready, {},
                      "not connected to the broker, or reconciling with it");
  }
  if (rounds_.waiting.size() >= step.options().reconcile.waiting_max) {
    return step.reply(command.correlation, ReplyCode::queue_full, {},
                      fmt::format("{} callers wait for a round already", rounds_.waiting.size()));
  }
  step.effect(SnapshotEffect{command.dry_run ? "dry run" : "on demand", true, ++rounds_.wishes,
                             command.dry_run});
  if (!command.dry_run) {
    rounds_.wish_out = rounds_.wishes;
    rounds_.full_wish_out = true;
  }
  rounds_.waiting.push_back({command.correlation, rounds_.wishes, command.dry_run, {}});
}

// ---- rehearsals ----

void Polls::begin_rehearsal(std::uint64_t wish) {
  findings_.forget();
  rounds_.waiting.clear();
  rounds_.waiting.push_back({1, wish, false, {}});
}

ReconcileStats Polls::stats() const {
  ReconcileStats out = rounds_.stats;
  out.findings_total = findings_.totals;
  return out;
}

}  // namespace belay::core
