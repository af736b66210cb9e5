// SPDX-License-Identifier: Apache-2.0
// Rounds of questions to the broker: when they are wanted, what is done with their end, and who
// waits for it. What a round means is decided in reconcile.cpp; here it is carried out.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/polls/findings.hpp"

namespace belay::core {

void Core::begin_step(const Input& input) {
  rounds_.listing = std::visit(
      [](const auto& in) {
        using In = std::remove_cvref_t<decltype(in)>;
        if constexpr (std::is_same_v<In, SnapshotDone>) {
          return true;
        } else if constexpr (requires { in.listed; }) {
          return in.listed;
        } else {
          return false;
        }
      },
      input);
}

void Core::note_finding(const Event& event) {
  auto finding = finding_of(book_, event);
  if (!finding) return;
  ++rounds_.findings_count;
  ++rounds_.stats.findings_total[finding->kind];
  if (rounds_.findings.size() < options_.reconcile.report_max) {
    rounds_.findings.push_back(std::move(*finding));
  }
}

// What the step's events mean for questions that are open. By index: closing incidents adds some.
void Core::end_step() {
  rounds_.listing = false;
  for (std::size_t i = 0; i < output_.events.size(); ++i) {
    const Event& event = output_.events[i].event;
    if (std::holds_alternative<DaemonStarted>(event)) {
      for (const OrderId id : book_.live()) watch(id);
      for (const auto& [seq, incident] : book_.incidents()) {
        const auto& opened = incident.opened;
        if (!opened.subject.empty()) rounds_.subjects[opened.order].insert(opened.subject);
      }
    } else if (const auto* opened = std::get_if<IncidentOpened>(&event)) {
      if (!opened->subject.empty()) rounds_.subjects[opened->order].insert(opened->subject);
    } else if (const auto* asked = std::get_if<CancelIntended>(&event)) {
      // Its refusal is another one than a person may have closed.
      rounds_.memory.told.erase(fmt::format("cancel_refused/{}", asked->order.value()));
    } else if (const auto* changed = std::get_if<SessionChanged>(&event)) {
      if (changed->phase == "syncing") rounds_.syncing_since = context_.now;
    } else if (std::holds_alternative<TradingDayRolled>(event)) {
      // DAY orders ended, and the broker's lists of the day begin anew. While syncing everything is
      // asked for anyway.
      if (phase_ == Phase::ready) ask_round("day", true);
    }
    for (auto& caller : rounds_.waiting) {
      if (caller.events.size() >= options_.reconcile.report_max) continue;
      caller.events.push_back(event_json(output_.events[i]));
    }
    if (const auto id = order_of(output_.events[i].event)) {
      watch(*id);
      close_incidents(*id);
    }
  }
  if (std::exchange(rounds_.ask_soon, false)) ask_round("probe", false);
}

// An order with a command that has no answer is asked about, ever more rarely, until it has one.
void Core::watch(OrderId id) {
  const Order* now = book_.find(id);  // none: it was archived
  const bool open = now != nullptr && !now->external && !is_terminal(now->status) &&
                    now->status != OrdStatus::created &&
                    (now->status == OrdStatus::pending_new || now->replace_in_flight() ||
                     now->pending_cancel || now->unknown);
  const auto it = rounds_.probes.find(id);
  if (open == (it != rounds_.probes.end())) return;
  if (open) {
    const base::Duration wait = options_.reconcile.probe_after;
    rounds_.probes[id] = {context_.now + wait, wait};
    rounds_.probes_due.insert({context_.now + wait, id});
  } else {
    rounds_.probes_due.erase({it->second.due, id});
    rounds_.probes.erase(it);
  }
}

// Evidence has settled the matter of an incident.
void Core::close_incidents(OrderId id) {
  const auto it = rounds_.subjects.find(id);
  if (it == rounds_.subjects.end() || book_.find(id) == nullptr) return;
  const Order& now = order(id);
  const bool done = is_terminal(now.status);
  std::vector<std::uint64_t> settled;
  std::erase_if(it->second, [this](const std::string& subject) {
    return book_.find_incident(subject) == nullptr;  // closed, or it gave way
  });
  for (const std::string& subject : it->second) {
    const Book::Incident* incident = book_.find_incident(subject);
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
  for (const auto& [seq, incident] : book_.incidents()) {
    if (incident.opened.order == id && !incident.opened.subject.empty()) {
      rounds_.subjects[id].insert(incident.opened.subject);
    }
  }
  for (const std::uint64_t seq : settled) {
    emit(IncidentClosed{seq, fmt::format("the order is {} now", reported_ord_status(order(id))),
                        ""});
  }
}

// ---- when a round is wanted ----

void Core::ask_round(const char* reason, bool full) {
  if (phase_ == Phase::down) return;
  // The same was asked already; what it misses is asked for again in time. While syncing nobody
  // would ask again, and a round that began before says nothing of what is waited for.
  const bool out = phase_ == Phase::ready && rounds_.wish_out > rounds_.served;
  if (out && (rounds_.full_wish_out || !full)) return;
  rounds_.full_wish_out = full;
  rounds_.wish_out = ++rounds_.wishes;
  effect(SnapshotEffect{reason, full, rounds_.wishes, false});
}

void Core::tick_rounds() {
  if (phase_ != Phase::ready) return;
  const base::Time now = context_.now;
  bool probe = false;
  bool full = false;
  while (!rounds_.probes_due.empty() && rounds_.probes_due.begin()->first <= now) {
    const OrderId id = rounds_.probes_due.begin()->second;
    rounds_.probes_due.erase(rounds_.probes_due.begin());
    RoundState::Probe& one = rounds_.probes.at(id);
    one.wait = std::min(2 * one.wait, options_.reconcile.probe_after_max);
    one.due = now + one.wait;
    rounds_.probes_due.insert({one.due, id});
    probe = true;
    full = full || order(id).unknown;
    ++rounds_.stats.probes_total;
  }
  if (probe) ask_round("probe", full);
  if (rounds_.look_again_at <= now) {
    rounds_.look_again_at = base::never;
    ask_round("again", true);
  }
  if (rounds_.interval_at <= now) {
    rounds_.interval_at = now + options_.reconcile.interval;
    ask_round("interval", false);
  }
}

base::Time Core::rounds_deadline() const {
  if (phase_ != Phase::ready) return base::never;
  const base::Time probe =
      rounds_.probes_due.empty() ? base::never : rounds_.probes_due.begin()->first;
  return std::min({probe, rounds_.look_again_at, rounds_.interval_at});
}

void Core::link_lost() {
  auto told = std::move(rounds_.memory.told);
  rounds_.memory = {};
  rounds_.memory.told = std::move(told);
  rounds_.working_though_done.clear();
  rounds_.findings.clear();
  rounds_.findings_count = 0;
  rounds_.look_again_at = rounds_.interval_at = base::never;
  rounds_.served = rounds_.wishes;
  // The next link lists everything again.
  held_rounds_.clear();
  parked_lost_ = false;
  for (const auto& caller : std::exchange(rounds_.waiting, {})) {
    reply(caller.correlation, ReplyCode::not_ready, {},
          "the link to the broker was lost before it had listed everything");
  }
}

// ---- the end of a round ----

// An id that could not be read, and no other name that is known: it may be that of any order of
// ours that nothing was heard of since it was sent.
std::set<OrderId> Core::unaccounted_for(const BrokerNames& names,
                                        const Described* described) const {
  std::set<OrderId> out;
  if (!names.id_unread || !names.tag.empty()) return out;
  for (const OrderId id : book_.live()) {
    const Order& known = order(id);
    const bool ours = !known.external && known.sent() && known.permanent_ids.empty();
    if (ours && (described == nullptr || same_trade(known, *described))) out.insert(id);
  }
  return out;
}

// Whom a report may be about of which only the names are known.
std::set<OrderId> Core::named_in(const BrokerNames& names) const {
  std::set<OrderId> out;
  if (const Match found = match(names); found.exists) out.insert(found.order);
  if (!names.tag.empty()) return out;
  const Order* by_permanent_id = names.permanent_id ? book_.find(*names.permanent_id) : nullptr;
  const Order* by_id = names.broker_id ? book_.find(*names.broker_id) : nullptr;
  for (const Order* named : {by_permanent_id, by_id}) {
    if (named != nullptr) out.insert(named->id);
  }
  return out.empty() ? unaccounted_for(names) : out;
}

RoundFacts Core::facts_of(const SnapshotDone& done) const {
  RoundFacts facts;
  facts.round = done.round;
  facts.settled = done.settled;
  facts.full = done.full;
  facts.syncing = phase_ == Phase::syncing;
  facts.fresh = facts.syncing && rounds_.new_link;
  facts.asked_at = done.asked_at == base::Time() ? context_.now : done.asked_at;
  facts.judged_at = context_.now;
  // The broker's day may end that much sooner than our clock says.
  const base::Time soon = civil(context_.now) + options_.reconcile.policy.clock_difference_max;
  if (const auto since = calendar_.at(soon).lists_from) facts.lists_from = own_time(*since);
  facts.clock_differs = clock_differs_;
  // Everything that was listed was reported before this; it is matched again by name.
  for (const BrokerNames& names : done.open_orders) {
    const Match found = match(names);
    if (found.exists) {
      facts.open.insert(found.order);
    } else {
      facts.unread.merge(unaccounted_for(names));
    }
  }
  for (const BrokerNames& names : done.completed) {
    if (const Match found = match(names); found.exists) facts.completed.insert(found.order);
  }
  for (const UnreadEntry& entry : done.unread) {
    if (base::defect(base::Defect::unread_entry_is_absence)) break;
    facts.unread.merge(named_in(entry.names));
    if (entry.corrects) facts.unread_corrections.merge(named_in(entry.names));
  }
  facts.claimed = claims_.ids();
  for (const auto& [id, collision] : collisions_) facts.contested.insert(id);
  facts.working_though_done = rounds_.working_though_done;
  // A fill whose report was lost would look like a position that nobody can explain.
  facts.positions_listed = done.positions_listed && !parked_lost_;
  for (const Position& position : done.positions) {
    const auto [told, first] =
        facts.positions.try_emplace({position.account, position.contract.con_id}, position);
    if (!first && (!position.quantity || told->second.quantity)) told->second = position;
  }
  return facts;
}

void Core::on(const SnapshotDone& done) {
  if (phase_ == Phase::down) return;
  if (done.dry_run) return rehearse(done);
  finish_round(done);
}

void Core::finish_round(const SnapshotDone& done) {
  rounds_.served = std::max(rounds_.served, done.wish);
  if (done.full && done.settled) settle_collisions(done);
  const RoundFacts facts = facts_of(done);
  Decisions decided = reconcile(book_, facts, rounds_.memory, options_.reconcile.policy);
  rounds_.memory = std::move(decided.memory);
  rounds_.working_though_done.clear();
  for (Event& event : decided.events) {
    if (auto* opened = std::get_if<IncidentOpened>(&event)) {
      incident(std::move(opened->kind), opened->order, std::move(opened->text),
               std::move(opened->subject), std::move(opened->candidates));
    } else {
      emit(std::move(event));
    }
  }
  for (const OrderId id : decided.cancel_again) cancel_again(order(id));
  for (const OrderId id : decided.replace_settled) queue_replace(id);
  claims_.remove_if([this](OrderId id) { return order(id).filled_claim <= order(id).cum_qty; });

  ++rounds_.stats.rounds_total;
  if (done.settled) {
    ++rounds_.stats.settled_total;
    rounds_.stats.last_settled = context_.now;
  }
  rounds_.look_again_at = decided.look_again || parked_lost_
                              ? context_.now + options_.reconcile.policy.recency_guard
                              : base::never;
  const base::Duration interval = options_.reconcile.interval;
  rounds_.interval_at = interval > base::Duration(0) ? context_.now + interval : base::never;

  // A list that was asked for before the syncing began shows an older truth.
  const bool ends_sync =
      phase_ == Phase::syncing && done.full && facts.asked_at >= rounds_.syncing_since;
  if (ends_sync) phase_ = Phase::ready;
  const bool news = rounds_.findings_count > 0 || decided.positions_agreed;
  if (ends_sync || (news && phase_ == Phase::ready)) {
    emit(SyncCompleted{done.open_orders.size(), decided.unknown_orders, done.reason,
                       rounds_.findings_count, decided.positions_agreed});
  }
  if (ends_sync) {
    // Every order was asked about just now.
    rounds_.probes_due.clear();
    for (auto& [id, one] : rounds_.probes) {
      one = {context_.now + options_.reconcile.probe_after, options_.reconcile.probe_after};
      rounds_.probes_due.insert({one.due, id});
    }
  }
  answer_waiting(done, rounds_.findings, {});
  rounds_.findings.clear();
  rounds_.findings_count = 0;
}

// `events` are those of a dry run; else a caller gets what was recorded since it asked.
void Core::answer_waiting(const SnapshotDone& done, const std::vector<Finding>& findings,
                          const std::vector<std::string>& events) {
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
    for (const StampedEvent& event : output_.events) {
      if (done.dry_run || answer.events.size() >= options_.reconcile.report_max) break;
      answer.events.push_back(event_json(event));
    }
    effect(std::move(answer));
  }
  rounds_.waiting.erase(served, rounds_.waiting.end());
}

// What the round would do is done to a copy, and told; this core learns nothing from it.
void Core::rehearse(const SnapshotDone& done) {
  Core copy = *this;
  copy.rounds_.findings.clear();
  copy.rounds_.findings_count = 0;
  // The copy's own caller: its answer holds the findings of the round.
  copy.rounds_.waiting.clear();
  copy.held_rounds_.clear();
  copy.rounds_.waiting.push_back({1, done.wish, false, {}});
  std::vector<std::string> events;
  std::vector<Finding> findings;
  const auto run = [&](const Input& input) {
    const Output out = copy.step(input, {context_.now, 0, context_.refuse_new});
    for (const StampedEvent& event : out.events) {
      if (events.size() < options_.reconcile.report_max) events.push_back(event_json(event));
    }
    for (const Effect& one : out.effects) {
      if (const auto* told = std::get_if<Reply>(&one)) findings = told->findings;
    }
  };
  for (const RoundAnswer& answer : done.withheld) {
    std::visit([&](const auto& report) { run(report); }, answer);
  }
  SnapshotDone real = done;
  real.dry_run = false;
  real.withheld.clear();
  // The history is not asked for a rehearsal: what was archived stays out of it.
  copy.parked_lost_ = copy.parked_lost_ || copy.parked_count_ > 0;
  copy.parked_.clear();
  copy.parked_count_ = 0;
  run(real);
  answer_waiting(done, findings, events);
}

// ---- callers ----

void Core::on(const Reconcile& command) {
  if (phase_ != Phase::ready) {
    return reply(command.correlation, ReplyCode::not_ready, {},
                 "not connected to the broker, or reconciling with it");
  }
  if (rounds_.waiting.size() >= options_.reconcile.waiting_max) {
    return reply(command.correlation, ReplyCode::queue_full, {},
                 fmt::format("{} callers wait for a round already", rounds_.waiting.size()));
  }
  effect(SnapshotEffect{command.dry_run ? "dry run" : "on demand", true, ++rounds_.wishes,
                        command.dry_run});
  if (!command.dry_run) {
    rounds_.wish_out = rounds_.wishes;
    rounds_.full_wish_out = true;
  }
  rounds_.waiting.push_back({command.correlation, rounds_.wishes, command.dry_run, {}});
}

void Core::on(const DecideOrder& command) {
  const auto refuse = [&](ReplyCode code, std::string text) {
    reply(command.correlation, code, command.order, std::move(text));
  };
  const Order* found = command_target(command.correlation, command.order, std::nullopt);
  if (found == nullptr) return;
  if (command.reason.empty() || command.principal.empty()) {
    const char* field = command.reason.empty() ? "reason" : "operator";
    return reply(command.correlation, ReplyCode::invalid, command.order,
                 "a decision needs a reason and who took it", {{field, "expected some text"}});
  }
  if (is_terminal(found->status) || !found->unknown) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("the order is {} and not unknown: there is nothing to decide",
                              reported_ord_status(*found)));
  }
  const std::string decided = fmt::format("decided by {}: {}", command.principal, command.reason);
  if (command.fate == DecideOrder::Fate::canceled) {
    emit(OrderCanceled{command.order, 0, decided});
  } else {
    if (found->status != OrdStatus::pending_new) {
      return refuse(ReplyCode::wrong_state,
                    "the broker acknowledged it once: it can be decided canceled");
    }
    emit(OrderNotAccepted{command.order, decided});
  }
  reply(command.correlation, ReplyCode::accepted, command.order);
}

}  // namespace belay::core
