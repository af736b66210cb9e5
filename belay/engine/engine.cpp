// SPDX-License-Identifier: Apache-2.0
#include "belay/engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/event_encoding.hpp"

namespace belay::engine {

using base::Defect;
using core::CancelEffect;
using core::PlaceEffect;
using core::PlaceFamilyEffect;
using core::QueryExecutionsEffect;
using core::ReplaceEffect;
using core::Reply;

namespace {

/// How many messages to the broker, each on a slot of its own, an effect is.
unsigned frames_of(const core::Effect& effect) {
  if (const auto* family = std::get_if<PlaceFamilyEffect>(&effect)) {
    return static_cast<unsigned>(family->orders.size());
  }
  const bool one =
      std::holds_alternative<PlaceEffect>(effect) || std::holds_alternative<ReplaceEffect>(effect);
  return one ? 1 : 0;
}

bool concerns(const core::Effect& effect, core::OrderId order) {
  if (const auto* place = std::get_if<PlaceEffect>(&effect)) return place->order == order;
  if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) return replace->order == order;
  const auto* family = std::get_if<PlaceFamilyEffect>(&effect);
  return family != nullptr && std::any_of(family->orders.begin(), family->orders.end(),
                                          [&](const PlaceEffect& e) { return e.order == order; });
}

bool passes_halt(const core::Effect& effect) {
  if (const auto* place = std::get_if<PlaceEffect>(&effect)) return place->passes_halt;
  if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) return replace->passes_halt;
  const auto* family = std::get_if<PlaceFamilyEffect>(&effect);
  return family == nullptr || std::all_of(family->orders.begin(), family->orders.end(),
                                          [](const PlaceEffect& e) { return e.passes_halt; });
}

}  // namespace

Engine::Engine(EngineOptions options, Journal& journal, EngineHooks hooks)
    : options_(std::move(options)),
      journal_(journal),
      hooks_(std::move(hooks)),
      core_(options_.core) {}

void Engine::submit(const core::Input& input, base::Time now) {
  if (dead_) return;
  step(input, now);
  // Withdrawals and refused sends come back as inputs of their own.
  while (!echoes_.empty()) {
    const core::Input echo = std::move(echoes_.front());
    echoes_.pop_front();
    step(echo, now);
  }
}

void Engine::step(const core::Input& input, base::Time now) {
  ++stats_.inputs_total;
  const std::string_view refuse_new =
      stalled(now) ? std::string_view("the journal's disk is stalled") : refuse_new_;
  const std::size_t room = history_ == nullptr ? 0 : history_->room();
  core::Output output = core_.step(input, {now, broker_->lane_slots(now), refuse_new, room});
  if (!output.events.empty()) step_ends_.push_back(output.events.back().seq);
  for (auto& event : output.events) gathering_.push_back(std::move(event));
  const std::uint64_t after = core_.book().last_seq();
  for (auto& effect : output.effects) {
    const unsigned frames = frames_of(effect);
    for (unsigned i = 0; i < frames; ++i) broker_->reserve();
    const bool early =
        (base::defect(Defect::send_before_durable) && frames > 0) ||
        (base::defect(Defect::reply_before_durable) && std::holds_alternative<Reply>(effect));
    if (early) {
      release(effect, now);
    } else if (const auto* cancel = std::get_if<CancelEffect>(&effect)) {
      at_once(*cancel, now);
    } else if (std::holds_alternative<core::GlobalCancelEffect>(effect)) {
      broker_->global_cancel(now);  // no disk delays it; own frames that wait are withdrawn before
    } else {
      held_.push_back({std::move(effect), after});
    }
  }
  follow_gate();
}

// Closes the gate in the step that halts: what waits for its commit is taken back. It opens in
// finish_append.
void Engine::follow_gate() {
  if (gate_closed_ || !core_.book().halted()) return;
  set_gate(true);
  std::deque<Held> kept;
  for (Held& held : held_) {
    if (frames_of(held.effect) > 0 && !passes_halt(held.effect)) {
      take_back(held.effect, "withdrawn before its commit: new risk is halted");
    } else {
      kept.push_back(std::move(held));
    }
  }
  held_ = std::move(kept);
}

void Engine::set_gate(bool closed) {
  gate_closed_ = closed;
  broker_->close_gate(closed);
}

// The frames have not left and will not: their slots are free and the core is told.
void Engine::take_back(const core::Effect& effect, const std::string& proof) {
  for (unsigned i = frames_of(effect); i > 0; --i) broker_->unreserve();
  tell_undone(effect, proof);
}

void Engine::tell_undone(const core::Effect& effect, const std::string& proof) {
  if (const auto* place = std::get_if<PlaceEffect>(&effect)) {
    echoes_.push_back(core::SendUndone{place->order, proof});
  } else if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) {
    echoes_.push_back(core::ReplaceUndone{replace->order, proof});
  } else if (const auto* family = std::get_if<PlaceFamilyEffect>(&effect)) {
    for (const PlaceEffect& each : family->orders) {
      echoes_.push_back(core::SendUndone{each.order, proof});
    }
  }
}

// A cancel needs no commit before it when the order is out already; when the order's frame still
// waits for its commit, the frame is withdrawn instead (architecture rule 2).
void Engine::at_once(const CancelEffect& effect, base::Time now) {
  if (!withdraw(effect.order, now)) broker_->cancel(effect, now);
}

// A family is withdrawn whole; a modification that had not left is off, and the cancel goes out.
bool Engine::withdraw(core::OrderId order, base::Time) {
  bool placed = false;
  const auto is_withdrawn = [&](const Held& held) {
    if (!concerns(held.effect, order)) return false;
    const bool replace = std::holds_alternative<ReplaceEffect>(held.effect);
    placed = placed || !replace;
    take_back(held.effect,
              replace ? "withdrawn for a cancel" : "withdrawn before its commit for a cancel");
    return true;
  };
  held_.erase(std::remove_if(held_.begin(), held_.end(), is_withdrawn), held_.end());
  if (placed) ++stats_.withdrawn_total;
  return placed;
}

// Every frame but a cancel passes here, and the gate is looked at once more.
void Engine::release_frames(const core::Effect& effect, base::Time now) {
  if (gate_closed_ && !passes_halt(effect)) {
    return take_back(effect, "halted before it left: no byte was handed over");
  }
  const auto* family = std::get_if<PlaceFamilyEffect>(&effect);
  if (base::defect(Defect::family_torn) && family != nullptr && family->orders.size() > 1) {
    held_.push_back({PlaceFamilyEffect{{family->orders.begin() + 1, family->orders.end()}}, 0});
    hand_over(PlaceFamilyEffect{{family->orders.front()}}, now);
    return;
  }
  const bool sent = hand_over(effect, now);
  if (base::defect(Defect::frame_written_twice) && std::holds_alternative<PlaceEffect>(effect)) {
    broker_->reserve();
    hand_over(effect, now);
  }
  if (sent) stats_.sends_total += frames_of(effect);
  if (const auto why = broker_->take_writer_alarm()) {
    // What became of this order is not known here, so nothing is said of it; no new risk leaves
    // until a person has looked.
    ++stats_.writer_refusals_total;
    echoes_.push_back(core::Alarm{"writer_check", *why});
    echoes_.push_back(core::Halt{0, "belay", "writer check: " + *why});
    set_gate(true);
  } else if (!sent) {
    tell_undone(effect, "not connected: no byte was handed over");
  }
}

bool Engine::hand_over(const core::Effect& effect, base::Time now) {
  if (const auto* place = std::get_if<PlaceEffect>(&effect)) return broker_->place(*place, now);
  if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) {
    return broker_->replace(*replace, now);
  }
  return broker_->place_family(std::get<PlaceFamilyEffect>(effect), now);
}

void Engine::release(const core::Effect& effect, base::Time now) {
  if (frames_of(effect) > 0) {
    release_frames(effect, now);
  } else if (const auto* cancel = std::get_if<CancelEffect>(&effect)) {
    broker_->cancel(*cancel, now);
  } else if (std::holds_alternative<QueryExecutionsEffect>(effect)) {
    broker_->query_executions(now);
  } else if (const auto* lists = std::get_if<core::SnapshotEffect>(&effect)) {
    broker_->snapshot(*lists, now);
  } else if (const auto* foreign = std::get_if<core::ForeignCancelEffect>(&effect)) {
    broker_->foreign_cancel(*foreign, now);
  } else if (const auto* change = std::get_if<core::ForeignReplaceEffect>(&effect)) {
    broker_->foreign_replace(*change, now);
  } else if (std::holds_alternative<core::QueryNextIdEffect>(effect)) {
    broker_->query_next_id(now);
  } else if (const auto* recall = std::get_if<core::RecallEffect>(&effect)) {
    if (history_ == nullptr) {
      echoes_.push_back(core::ArchivedOrder{recall->order, std::nullopt, "there is no history"});
    } else {
      HistoryQuery query;
      query.order = recall->order.value();
      history_->ask(recall_ticket | recall->order.value(), std::move(query));
    }
  } else if (const auto* reply = std::get_if<Reply>(&effect)) {
    hooks_.reply(*reply);
  }
}

void Engine::release_durable(base::Time now) {
  while (!held_.empty() && held_.front().after_seq <= durable_seq_) {
    const core::Effect effect = std::move(held_.front().effect);
    held_.pop_front();
    release(effect, now);
  }
  while (!echoes_.empty()) {
    const core::Input echo = std::move(echoes_.front());
    echoes_.pop_front();
    step(echo, now);
  }
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
    broker_->intended(intent->broker_id);
  } else if (const auto* withdrawn = std::get_if<core::SendWithdrawn>(&event)) {
    const core::Order* order = core_.book().find(withdrawn->order);
    if (order != nullptr && order->broker_id) broker_->forget_intent(*order->broker_id);
  } else if (std::holds_alternative<core::Resumed>(event) && !core_.book().halted()) {
    set_gate(false);
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
