// SPDX-License-Identifier: Apache-2.0
// Reading back what is durable: a snapshot and the journal behind it, or the whole journal. The
// result is the same; a test compares them at many points.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/engine/engine.hpp"

namespace belay::engine {

// The rules of apply() can change without a field: a snapshot is of one version of the program.
std::uint64_t Engine::snapshot_format() const {
  return base::hash128(fmt::format("{} {}", core::Book::format(), options_.version)).low;
}

// The history of another journal, or of this one before it was set back, is none.
base::Status<> Engine::begin_history(core::InstanceId instance) {
  const auto read = journal_.replay([&](const JournalRecord& record) {
    const auto event = core::decode(record.type, record.version, record.payload);
    const auto* created = event ? std::get_if<core::InstanceCreated>(&*event) : nullptr;
    if (created != nullptr) instance = created->instance;
    return false;
  });
  if (!read) return read;
  return history_->begin(instance.value(), journal_.last_seq());
}

// The seq up to which a snapshot was taken over; 0 when none fits.
std::uint64_t Engine::load_snapshot() {
  if (snapshots_ == nullptr) return 0;
  for (std::size_t nth = 0;; ++nth) {
    const auto snapshot = snapshots_->load(nth);
    if (!snapshot) return 0;
    if (snapshot->format != snapshot_format() || snapshot->seq > journal_.last_seq()) continue;
    if (journal_.check_at(snapshot->seq) != snapshot->check) continue;
    auto book = core::Book::decode(snapshot->state);
    if (!book || book->last_seq() != snapshot->seq) continue;
    const bool archived_are_there =
        book->archived() == 0 ||
        (history_ != nullptr && history_->last_seq() >= book->last_archived_seq());
    if (!archived_are_there) continue;
    core_.load(std::move(*book));
    stats_.snapshot_seq = snapshot->seq;
    return snapshot->seq;
  }
}

namespace {

bool is_send(const core::Event& event) {
  return std::holds_alternative<core::SendIntended>(event) ||
         std::holds_alternative<core::ReplaceIntended>(event) ||
         std::holds_alternative<core::CancelIntended>(event);
}

}  // namespace

// One event that is not in the book yet.
void Engine::restore(core::StampedEvent event) {
  if (event.seq == journal_.last_seq() && stats_.snapshot_seq != 0 &&
      base::defect(base::Defect::snapshot_skips_event)) {
    event.event = core::SyncCompleted{};
  }
  if (const auto* archived = std::get_if<core::OrderArchived>(&event.event)) {
    if (const core::Order* order = core_.book().find(archived->order)) {
      hooks_.archived(*order, event.seq);
    }
  }
  ++stats_.replayed_total;
  core_.restore(event);
}

base::Status<> Engine::start(core::InstanceId instance, base::Time now, core::Book* readers) {
  BELAY_CHECK(broker_ != nullptr);
  if (history_ != nullptr) {
    if (auto begun = begin_history(instance); !begun) return begun;
  }
  const std::uint64_t loaded = load_snapshot();
  const std::uint64_t last = journal_.last_seq();
  const std::uint64_t kept_from = last > options_.events_kept ? last - options_.events_kept + 1 : 1;
  std::optional<base::Error> damage;
  const auto visit = [&](const JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    if (!event) {
      damage = base::Error{"journal", fmt::format("row {}: {}", record.seq, event.error().detail)};
      return false;
    }
    core::StampedEvent stamped{record.seq, record.time, std::move(*event)};
    if (is_send(stamped.event)) {
      if (sends_before_.size() >= sends_remembered) sends_before_.pop_front();
      sends_before_.push_back(record.time);
    }
    if (record.seq >= kept_from) hooks_.remember(stamped);
    if (record.seq > loaded) restore(std::move(stamped));
    return true;
  };
  const auto replayed = loaded == 0 ? journal_.replay(visit)
                                    : journal_.replay_from(std::min(kept_from, loaded + 1), visit);
  if (!replayed) return base::Failure<base::Error>{replayed.error()};
  if (damage) return base::Failure<base::Error>{*damage};
  // A clock that was set back meanwhile makes them look later than they are.
  for (base::Time& at : sends_before_) at = std::min(at, now);
  durable_seq_ = journal_.last_seq();
  BELAY_CHECK(core_.book().last_seq() == durable_seq_);
  if (readers != nullptr) core_.show_in(*readers);
  epoch_ = journal_.last_epoch() + 1;
  follow_gate();
  submit(core::Started{epoch_, instance, options_.version}, now);
  return base::ok();
}

void Engine::save_snapshot() {
  if (snapshots_ == nullptr || dead_ || !quiet() || snapshots_->busy()) return;
  const auto check = journal_.last_check();
  if (!check || durable_seq_ == stats_.snapshot_seq || durable_seq_ == 0) return;
  stats_.snapshot_seq = durable_seq_;
  snapshots_->save({durable_seq_, snapshot_format(), *check, core_.book().encode()});
}

}  // namespace belay::engine
