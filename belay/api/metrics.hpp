// SPDX-License-Identifier: Apache-2.0
// The text exposition of /metrics: counters and gauges read from the engine and the view at the
// moment of asking. It keeps no numbers of its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "belay/api/callers.hpp"
#include "belay/api/id_budget.hpp"
#include "belay/engine/engine.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

struct MetricsInput {
  const engine::Engine& engine;
  const views::LiveView& view;
  bool ready = false;
  const std::map<unsigned, std::uint64_t>& answers_by_status;
  const Callers& callers;
  const IdBudget& id_budget;
  std::size_t long_reads = 0;
  std::size_t rows_bytes = 0;
  std::size_t streams = 0;
  std::size_t waiting = 0;
  std::uint64_t id_reuse_attempts = 0;
  std::size_t history_reads = 0;
  const engine::History* history = nullptr;
  std::uint64_t foreign_requests = 0;
  base::Time now = {};
  std::string version;
};
std::string metrics_text(const MetricsInput& input);

}  // namespace belay::api
