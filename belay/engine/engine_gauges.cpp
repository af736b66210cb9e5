// SPDX-License-Identifier: Apache-2.0
#include "belay/engine/engine_gauges.hpp"

#include "belay/core/orders/lane.hpp"

namespace belay::engine {

views::Conditions EngineGauges::conditions(base::Time now) const {
  return {.dead = engine_.dead(),
          .stalled = engine_.stalled(now),
          .ready = engine_.core().ready(),
          .gate_closed = engine_.gate_closed(),
          .refusing_new = engine_.refusing_new(),
          .calendar = engine_.core().calendar()};
}

views::Counters EngineGauges::counters(base::Time now) const {
  const core::Outbox& outbox = engine_.core().outbox();
  const broker::Pacing pacing = engine_.pacing(now);
  const EngineStats& stats = engine_.stats();
  std::vector<views::Counters::Queue> queues;
  for (const core::Lane lane : core::all_lanes) {
    queues.push_back({name(lane), outbox.size(lane), outbox.oldest(lane)});
  }
  queues.push_back({"cancel", pacing.cancels_waiting});
  queues.push_back({"query", pacing.queries_waiting});
  return {.queues = std::move(queues),
          .queued = engine_.core().queued(),
          .recalls_waiting = engine_.core().parked(),
          .archive_kept_bytes = engine_.core().book().kept_bytes(),
          .pacing_limit = pacing.limit,
          .pacing_used = pacing.used,
          .pacing_reserved = pacing.reserved,
          .inputs_total = stats.inputs_total,
          .commits_total = stats.commits_total,
          .events_total = stats.events_total,
          .sends_total = stats.sends_total,
          .withdrawn_total = stats.withdrawn_total,
          .writer_refusals_total = stats.writer_refusals_total,
          .replayed_total = stats.replayed_total,
          .snapshot_seq = stats.snapshot_seq,
          .last_commit = stats.last_commit,
          .polls = engine_.core().reconcile_stats()};
}

base::Duration EngineGauges::ahead() const {
  return engine_.core().ahead();
}

bool EngineGauges::protects(const core::OrderSpec& spec) const {
  return core::lane_of(engine_.core().book(), spec) == core::Lane::protective;
}

std::string_view EngineGauges::lane_of(core::OrderId order) const {
  const auto* item = engine_.core().outbox().find(order, core::Outbox::Kind::place);
  return item == nullptr ? std::string_view() : name(item->lane);
}

std::optional<core::OrderId> EngineGauges::order_of(const core::AccountId& account,
                                                    const core::ClOrdId& key) const {
  const auto* use = engine_.core().book().find_key(core::key_hash(account, key));
  return use == nullptr ? std::nullopt : std::optional(use->order);
}

const core::IdOptions& EngineGauges::ids() const {
  return engine_.core().options().ids;
}

}  // namespace belay::engine
