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
using core::QueryExecutionsEffect;
using core::ReplaceEffect;
using core::Reply;

namespace {
bool takes_slot(const core::Effect& effect) {
  return std::holds_alternative<PlaceEffect>(effect) ||
         std::holds_alternative<ReplaceEffect>(effect);
}
}  // namespace

Engine::Engine(EngineOptions options, Journal& journal, EngineHooks hooks)
    : options_(std::move(options)),
      journal_(journal),
      hooks_(std::move(hooks)),
      core_(options_.core) {}

base::Status<> Engine::start(core::InstanceId instance, base::Time now) {
  BELAY_CHECK(broker_ != nullptr);
  std::optional<base::Error> damage;
  const auto replayed = journal_.replay([&](const JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    if (!event) {
      damage = base::Error{"journal", fmt::format("row {}: {}", record.seq, event.error().detail)};
      return false;
    }
    const core::StampedEvent stamped{record.seq, record.time, std::move(*event)};
    core_.restore(stamped);
    hooks_.publish(stamped);
    return true;
  });
  if (!replayed) return base::Failure<base::Error>{replayed.error()};
  if (damage) return base::Failure<base::Error>{*damage};
  durable_seq_ = journal_.last_seq();
  BELAY_CHECK(core_.book().last_seq() == durable_seq_);
  epoch_ = journal_.last_epoch() + 1;
  submit(core::Started{epoch_, instance, options_.version}, now);
  return base::ok();
}

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
  core::Output output = core_.step(input, {now, broker_->send_slots(now), refuse_new});
  for (auto& event : output.events) gathering_.push_back(std::move(event));
  const std::uint64_t after = core_.book().last_seq();
  for (auto& effect : output.effects) {
    if (takes_slot(effect)) broker_->reserve();
    const bool early =
        (base::defect(Defect::send_before_durable) && takes_slot(effect)) ||
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
}

// A cancel needs no commit before it when the order is out already; when the order's frame still
// waits for its commit, the frame is withdrawn instead (architecture rule 2).
void Engine::at_once(const CancelEffect& effect, base::Time now) {
  if (!withdraw(effect.order, now)) broker_->cancel(effect, now);
}

bool Engine::withdraw(core::OrderId order, base::Time) {
  bool placed = false;
  const auto concerns = [&](const Held& held) {
    const auto* place = std::get_if<PlaceEffect>(&held.effect);
    const auto* replace = std::get_if<ReplaceEffect>(&held.effect);
    if (place != nullptr && place->order == order) placed = true;
    return (place != nullptr && place->order == order) ||
           (replace != nullptr && replace->order == order);
  };
  const auto first = std::remove_if(held_.begin(), held_.end(), concerns);
  const auto count = held_.end() - first;
  held_.erase(first, held_.end());
  for (auto i = count; i > 0; --i) broker_->unreserve();
  if (!placed) {
    // A modification that had not left is off; the cancel itself still goes out.
    if (count > 0) echoes_.push_back(core::ReplaceUndone{order, "withdrawn for a cancel"});
    return false;
  }
  ++stats_.withdrawn_total;
  echoes_.push_back(core::SendUndone{order, "withdrawn before its commit for a cancel"});
  return true;
}

void Engine::release(const core::Effect& effect, base::Time now) {
  if (const auto* place = std::get_if<PlaceEffect>(&effect)) {
    if (broker_->place(*place, now)) {
      ++stats_.sends_total;
    } else {
      echoes_.push_back(core::SendUndone{place->order, "not connected: no byte was handed over"});
    }
  } else if (const auto* replace = std::get_if<ReplaceEffect>(&effect)) {
    if (broker_->replace(*replace, now)) {
      ++stats_.sends_total;
    } else {
      echoes_.push_back(
          core::ReplaceUndone{replace->order, "not connected: no byte was handed over"});
    }
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
      if (!in_flight_) journal_.idle();
      return;
    }
    start_append(now);
  }
}

void Engine::start_append(base::Time now) {
  const std::size_t count = std::min(gathering_.size(), options_.batch_max);
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
  for (const auto& event : published) hooks_.publish(event);
}

void Engine::die(const std::string& why) {
  dead_ = true;
  held_.clear();
  echoes_.clear();
  hooks_.fatal(why);
}

base::Time Engine::next_deadline(base::Time now) const {
  base::Time next = core_.next_deadline();
  if (core_.queued() > 0 && core_.ready()) next = std::min(next, broker_->next_slot(now));
  return next;
}

bool Engine::stalled(base::Time now) const {
  return in_flight_ && now - append_started_ > options_.journal_stall;
}

}  // namespace belay::engine
