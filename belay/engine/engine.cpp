// SPDX-License-Identifier: Apache-2.0
#include "belay/engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/base/match.hpp"
#include "belay/core/facts/event_encoding.hpp"

namespace belay::engine {

using base::Defect;
using core::CancelEffect;
using core::PlaceEffect;
using core::PlaceFamilyEffect;
using core::QueryExecutionsEffect;
using core::ReplaceEffect;
using core::Reply;

namespace {

/// What an effect asks of the broker as frames, each on a slot of its own. Every type of effect
/// says once what it is: one that is not named here does not compile.
struct Frames {
  std::span<const PlaceEffect> places = {};
  const ReplaceEffect* replace = nullptr;

  unsigned count() const { return static_cast<unsigned>(places.size()) + (replace ? 1 : 0); }
  bool concern(core::OrderId order) const {
    return (replace != nullptr && replace->order == order) ||
           std::any_of(places.begin(), places.end(),
                       [&](const PlaceEffect& each) { return each.order == order; });
  }
  /// Every one of them protects.
  bool pass_halt() const {
    return (replace == nullptr || replace->passes_halt) &&
           std::all_of(places.begin(), places.end(),
                       [](const PlaceEffect& each) { return each.passes_halt; });
  }
};

template <class Effect>
concept ACancel =
    base::is_one_of<Effect, CancelEffect, core::ForeignCancelEffect, core::GlobalCancelEffect>;
template <class Effect>
concept AQuestion =
    base::is_one_of<Effect, QueryExecutionsEffect, core::SnapshotEffect, core::QueryNextIdEffect,
                    core::ContractEffect, core::RecallEffect>;
template <class Effect>
concept AFrame = base::is_one_of<Effect, PlaceEffect, PlaceFamilyEffect, ReplaceEffect>;

Frames frames_of(const core::Effect& effect) {
  return base::match(
      effect,
      [](const PlaceEffect& place) {
        return Frames{{&place, 1}};
      },
      [](const PlaceFamilyEffect& family) { return Frames{family.orders}; },
      [](const ReplaceEffect& replace) {
        return Frames{{}, &replace};
      },
      [](const ACancel auto&) { return Frames{}; }, [](const AQuestion auto&) { return Frames{}; },
      [](const Reply&) { return Frames{}; });
}

/// What a halt, a cancel of its order or a lost link takes back while it waits for its commit.
bool is_frame(const core::Effect& effect) {
  return frames_of(effect).count() > 0;
}

// ---- whether the order still waits for this frame, and not for another or for none ----
bool awaits(const core::Order* order, const PlaceEffect& place) {
  return order != nullptr && order->status == core::OrdStatus::pending_new &&
         order->broker_id == place.broker_id;
}
bool awaits(const core::Order* order, const ReplaceEffect& replace) {
  return order != nullptr && order->replacing == replace.spec->terms;
}

}  // namespace

Engine::Engine(EngineOptions options, Journal& journal, EngineHooks hooks)
    : options_(std::move(options)),
      journal_(journal),
      hooks_(std::move(hooks)),
      core_(options_.core) {}

void Engine::submit(const core::Input& input, base::Time now) {
  if (dead_) return;
  if (std::holds_alternative<core::SessionDown>(input)) link_lost(now);
  if (std::holds_alternative<core::SessionUp>(input)) no_link_ = false;
  step(input, now);
  step_echoes(now);
}

// Withdrawals and refused sends come back as inputs of their own.
void Engine::step_echoes(base::Time now) {
  while (!echoes_.empty()) {
    const core::Input echo = std::move(echoes_.front());
    echoes_.pop_front();
    step(echo, now);
  }
}

// What waits for its commit was decided for the link that is gone, and has not left. It is told so
// before the core could call its order unknown; nothing takes its slot.
void Engine::link_lost(base::Time now) {
  ++link_;
  no_link_ = true;
  if (base::defect(Defect::held_frame_survives_link)) return;
  take_back_if(is_frame, "the link was lost before it left: no byte was handed over");
  step_echoes(now);
}

void Engine::step(const core::Input& input, base::Time now) {
  ++stats_.inputs_total;
  const std::string_view refuse_new =
      stalled(now) ? std::string_view("the journal's disk is stalled") : refuse_new_;
  const std::size_t room = history_ == nullptr ? 0 : history_->room();
  core::LaneSlots slots = broker_->lane_slots(now);
  if (no_link_) slots.take(core::LaneSlots::unlimited);
  core::Output output = core_.step(input, {now, slots, refuse_new, room});
  if (!output.events.empty()) step_ends_.push_back(output.events.back().seq);
  for (auto& event : output.events) gathering_.push_back(std::move(event));
  const std::uint64_t after = core_.book().last_seq();
  for (auto& effect : output.effects) {
    const unsigned frames = frames_of(effect).count();
    for (unsigned i = 0; i < frames; ++i) broker_->reserve();
    const bool early =
        (base::defect(Defect::send_before_durable) && frames > 0) ||
        (base::defect(Defect::reply_before_durable) && std::holds_alternative<Reply>(effect));
    if (early) {
      release({std::move(effect), after, link_}, now);
    } else if (!at_once(effect, now)) {
      held_.push_back({std::move(effect), after, link_});
    }
  }
  follow_gate();
}

// Closes the gate in the step that halts: what waits for its commit is taken back. It opens in
// finish_append.
void Engine::follow_gate() {
  if (gate_.closed() || !core_.book().halted()) return;
  gate_.close(true);
  take_back_if([](const core::Effect& effect) { return !frames_of(effect).pass_halt(); },
               "withdrawn before its commit: new risk is halted");
}

// The frames have not left and will not: their slots are free and the core is told.
void Engine::take_back(const core::Effect& effect, const std::string& proof) {
  for (unsigned i = frames_of(effect).count(); i > 0; --i) broker_->unreserve();
  tell_undone(effect, proof);
}

template <class Which>
void Engine::take_back_if(Which which, const std::string& proof) {
  const auto taken = [&](const Held& held) {
    if (!which(held.effect)) return false;
    take_back(held.effect, proof);
    return true;
  };
  held_.erase(std::remove_if(held_.begin(), held_.end(), taken), held_.end());
}

void Engine::tell_undone(const core::Effect& effect, const std::string& proof) {
  // An order that does not wait for this frame any more follows what the broker said of it.
  const auto undone = [&](const PlaceEffect& place) {
    if (awaits(core_.book().find(place.order), place)) {
      echoes_.push_back(core::SendUndone{place.order, proof});
    } else {
      gate_.forget(place.broker_id);
    }
  };
  const Frames frames = frames_of(effect);
  std::for_each(frames.places.begin(), frames.places.end(), undone);
  const ReplaceEffect* replace = frames.replace;
  if (replace != nullptr && awaits(core_.book().find(replace->order), *replace)) {
    echoes_.push_back(core::ReplaceUndone{replace->order, proof});
  }
}

// A cancel needs no commit before it, whoever's name it carries: it can only lessen what may
// happen, may be asked twice, and what it did is told by the broker. When the order's frame still
// waits for its commit, the frame is withdrawn instead (architecture rule 2). False: no cancel.
bool Engine::at_once(const core::Effect& effect, base::Time now) {
  return base::match(
      effect,
      [&](const CancelEffect& cancel) {
        if (!withdraw(cancel.order)) broker_->cancel(cancel, now);
        return true;
      },
      [&](const core::ForeignCancelEffect& theirs) {
        withdraw(theirs.order);
        broker_->foreign_cancel(theirs, now);
        return true;
      },
      [&](const core::GlobalCancelEffect&) {
        broker_->global_cancel(now);
        return true;
      },
      [](const AFrame auto&) { return false; }, [](const AQuestion auto&) { return false; },
      [](const Reply&) { return false; });
}

// A family is withdrawn whole; a modification that had not left is off, and the cancel goes out.
bool Engine::withdraw(core::OrderId order) {
  bool placed = false;
  const auto is_withdrawn = [&](const core::Effect& effect) {
    const Frames frames = frames_of(effect);
    if (!frames.concern(order)) return false;
    placed = placed || !frames.places.empty();
    return true;
  };
  take_back_if(is_withdrawn, "withdrawn before its commit for a cancel");
  if (placed) ++stats_.withdrawn_total;
  return placed;
}

// Why a frame may not leave although its commit is done; looked at last, right before the writer.
// Much can happen while a disk stalls: the frame leaves only if it still is what the order waits
// for.
std::optional<std::string> Engine::obstacle(const Held& held, base::Time now) const {
  const Frames frames = frames_of(held.effect);
  const bool passes = frames.pass_halt();
  if (gate_.closed() && !passes) return "halted before it left: no byte was handed over";
  if (base::defect(Defect::held_frame_survives_link)) return std::nullopt;
  if (held.link != link_) return "the link was lost before it left: no byte was handed over";
  const bool away = core_.calendar().closed != core::Closed::open &&
                    !base::defect(Defect::risk_sent_in_reset_window);
  if (away && !passes) {
    return "not sent before the broker went away: its commit took too long";
  }
  const auto in_time = [&](const PlaceEffect& each) {
    return !each.spec->valid_until || *each.spec->valid_until > core_.civil(now);
  };
  const auto wanted = [&](const auto& frame) {
    const core::Order* order = core_.book().find(frame.order);
    return awaits(order, frame) && !order->pending_cancel &&
           (frames.replace != nullptr || !order->unknown);
  };
  const auto& places = frames.places;
  const bool gone = frames.replace != nullptr ? !wanted(*frames.replace)
                                              : !std::all_of(places.begin(), places.end(), wanted);
  const bool late = !std::all_of(places.begin(), places.end(), in_time);
  if (gone) return "its order does not wait for it any more: no byte was handed over";
  if (late) return "not sent before its valid_until: its commit took too long";
  return std::nullopt;
}

void Engine::release_frames(const core::Effect& effect, base::Time now) {
  const auto* family = std::get_if<PlaceFamilyEffect>(&effect);
  if (base::defect(Defect::family_torn) && family != nullptr && family->orders.size() > 1) {
    held_.push_back(
        {PlaceFamilyEffect{{family->orders.begin() + 1, family->orders.end()}}, 0, link_});
    hand_over(PlaceFamilyEffect{{family->orders.front()}}, now);
    return;
  }
  const bool sent = hand_over(effect, now);
  if (base::defect(Defect::frame_written_twice) && std::holds_alternative<PlaceEffect>(effect)) {
    broker_->reserve();
    hand_over(effect, now);
  }
  if (sent) stats_.sends_total += frames_of(effect).count();
  if (const auto why = gate_.take_alarm()) {
    // What became of this order is not known here, so nothing is said of it; no new risk leaves
    // until a person has looked.
    ++stats_.writer_refusals_total;
    echoes_.push_back(core::Alarm{"writer_check", *why});
    echoes_.push_back(core::Halt{0, "belay", "writer check: " + *why});
    gate_.close(true);
  } else if (!sent) {
    const bool cannot = family != nullptr && !broker_->capabilities().native_brackets;
    tell_undone(effect, cannot ? "this broker takes no families: no byte was handed over"
                               : "not connected: no byte was handed over");
  }
}

bool Engine::hand_over(const core::Effect& effect, base::Time now) {
  if (const auto* family = std::get_if<PlaceFamilyEffect>(&effect)) {
    return gate_.place_family(*family, now);
  }
  const Frames frames = frames_of(effect);
  if (frames.replace != nullptr) return gate_.replace(*frames.replace, now);
  return gate_.place(frames.places.front(), now);
}

// Every effect but a cancel, which left at once, passes here.
void Engine::release(const Held& held, base::Time now) {
  base::match(
      held.effect,
      [&](const AFrame auto&) {
        if (const auto why = obstacle(held, now)) return take_back(held.effect, *why);
        release_frames(held.effect, now);
      },
      [&](const QueryExecutionsEffect&) { broker_->query_executions(now); },
      [&](const core::SnapshotEffect& lists) { broker_->snapshot(lists, now); },
      [&](const core::QueryNextIdEffect&) { broker_->query_next_id(now); },
      [&](const core::ContractEffect& asked) { broker_->ask_contract(asked.con_id, now); },
      [&](const core::RecallEffect& recall) { ask_history(recall.order); },
      [&](const Reply& reply) { hooks_.reply(reply); },
      [](const ACancel auto&) { BELAY_CHECK(false); });
}

void Engine::ask_history(core::OrderId order) {
  if (history_ == nullptr) {
    echoes_.push_back(core::ArchivedOrder{order, std::nullopt, "there is no history"});
    return;
  }
  HistoryQuery query;
  query.order = order.value();
  history_->ask(recall_ticket | order.value(), std::move(query));
}

void Engine::release_durable(base::Time now) {
  while (!held_.empty() && held_.front().after_seq <= durable_seq_) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    release(held, now);
  }
  step_echoes(now);
}

void Engine::turn(base::Time now) {
  // An adapter without a thread of its own answers within append(): loop until nothing moves.
  for (;;) {
    if (dead_) return;
    if (in_flight_) {
      const auto completion = journal_.poll();
      if (!completion) return;
      finish_append(*completion, now);
      if (dead_) return;
    }
    release_durable(now);
    if (gathering_.empty()) {
      journal_.idle();
      if (options_.snapshot_every != 0 &&
          durable_seq_ - stats_.snapshot_seq >= options_.snapshot_every) {
        save_snapshot();
      }
      return;
    }
    start_append(now);
  }
}

void Engine::start_append(base::Time now) {
  // The events of one step are durable together or not at all.
  const std::uint64_t first = gathering_.front().seq;
  std::size_t count = 0;
  while (!step_ends_.empty()) {
    const std::size_t with_step = step_ends_.front() - first + 1;
    if (count > 0 && with_step > options_.batch_max) break;
    count = with_step;
    step_ends_.pop_front();
  }
  std::vector<JournalRecord> batch;
  batch.reserve(count);
  appending_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    core::StampedEvent& event = gathering_.front();
    batch.push_back({event.seq, epoch_, event.time, core::type_of(event.event), core::event_version,
                     core::encode(event.event)});
    appending_.push_back(std::move(event));
    gathering_.pop_front();
  }
  const std::uint64_t expected = batch.front().seq;
  append_started_ = now;
  in_flight_ = true;
  ticket_ = journal_.append(epoch_, expected, std::move(batch));
}

void Engine::finish_append(const AppendCompletion& completion, base::Time now) {
  BELAY_CHECK(completion.ticket == ticket_);
  in_flight_ = false;
  if (completion.outcome != AppendOutcome::durable) {
    // Unknown, not undone: what the disk holds now is for the next start to read.
    return die(completion.outcome == AppendOutcome::stale
                   ? "another writer appended to the journal: " + completion.detail
                   : "the journal cannot be written: " + completion.detail);
  }
  stats_.last_commit = now - append_started_;
  ++stats_.commits_total;
  stats_.events_total += appending_.size();
  durable_seq_ = appending_.back().seq;
  const std::vector<core::StampedEvent> published = std::move(appending_);
  appending_.clear();
  for (const auto& event : published) {
    hooks_.publish(event);
    tell_writer(event.event);
  }
}

// What the last gate before the socket goes by, each once it is durable.
void Engine::tell_writer(const core::Event& event) {
  if (const auto* intent = std::get_if<core::SendIntended>(&event)) {
    gate_.intended(intent->broker_id);
  } else if (const auto* withdrawn = std::get_if<core::SendWithdrawn>(&event)) {
    const core::Order* order = core_.book().find(withdrawn->order);
    if (order != nullptr && order->broker_id) gate_.forget(*order->broker_id);
  } else if (std::holds_alternative<core::Resumed>(event) && !core_.book().halted()) {
    gate_.close(false);
  }
}

void Engine::die(const std::string& why) {
  dead_ = true;
  held_.clear();
  echoes_.clear();
  hooks_.fatal(why);
}

base::Time Engine::next_deadline(base::Time now) const {
  base::Time next = core_.next_deadline();
  if (core_.outbox().waiting() > 0 && core_.ready()) {
    next = std::min(next, broker_->next_slot(now));
  }
  return next;
}

bool Engine::stalled(base::Time now) const {
  return in_flight_ && now - append_started_ > options_.journal_stall;
}

}  // namespace belay::engine
