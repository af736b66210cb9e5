// SPDX-License-Identifier: Apache-2.0
#include "bench/table.hpp"

#include <algorithm>

namespace belay::bench {
namespace {

using enum Row::Asked;

// Which figures stand for the same promise. `seen` is when the core knows the broker's answer, as
// in bare-fdatasync; a published answer is durable, so its floor syncs the answer too.
// clang-format off
constexpr Row rows[] = {
    {"memory-p50", "published, in memory, p50", "us",
     {"latency/belay-memory", "p50_us"}, {"latency/bare", "p50_us"}, of_ratio, 2.0, 1.3},
    {"durable-p50", "published, durable, p50", "us",
     {"latency/belay-durable", "p50_us"}, {"latency/bare-fdatasync-ack", "p50_us"},
     of_ratio, 1.15, 1.05},
    {"memory-cpu", "CPU of an order, in memory, 1000 out", "us",
     {"throughput/belay-memory", "cpu_us_per_order"}, {"throughput/bare", "cpu_us_per_order"},
     of_value, 6, 2.5},
    {"durable-rate", "orders/s, durable, 1000 out", "1/s",
     {"throughput/belay-durable", "orders_per_s"},
     {"throughput/bare-fdatasync-ack", "orders_per_s"}, of_ratio, 0.25, 0.5},
    {"inbound-cpu", "CPU of an inbound message / decoding", "us",
     {"inbound", "belay_us_per_message"}, {"inbound", "decode_us_per_message"},
     of_value, 1.5, 0.5},
    {"live-bytes", "resident memory of a live order", "B",
     {"memory", "rss_bytes_per_live_order"}, {}, of_value, 700, 512},
    {"start-journal", "start from the journal / reading it", "ms",
     {"million", "start_without_snapshot_ms"}, {"million", "journal_read_ms"},
     of_value, 5000, 1000},
    {"start-snapshot", "start from a snapshot / reading it", "ms",
     {"million", "start_with_snapshot_ms"}, {"million", "snapshot_read_ms"}, of_value, 500, 250},
    {"snapshot-stop", "longest stop of the loop for a snapshot", "ms",
     {"million", "snapshot_stop_ms"}, {}, of_value, 5, 1},
    {"reconcile", "CPU of reconciling / bare reader", "ms",
     {"reconcile", "memory_news_cpu_ms"}, {"reconcile", "memory_news_bare_ms"}, of_ratio, 6, 3},
    {"rest-p50", "REST, 1 connection, p50", "us",
     {"rest-1/belay", "p50_us"}, {"rest-1/floor", "p50_us"}, of_ratio, 1.5, 1.15},
    {"rest-cpu", "REST, 1 connection, CPU of an order", "us",
     {"rest-1/belay", "cpu_us_per_order"}, {"rest-1/floor", "cpu_us_per_order"},
     of_ratio, 2.0, 1.3},
    {"rest-rate", "REST, 32 connections, orders/s", "1/s",
     {"rest-32/belay", "orders_per_s"}, {"rest-32/floor", "orders_per_s"}, of_ratio, 0.4, 0.6},
    {"rest-p99", "REST, 32 connections, p99", "us",
     {"rest-32/belay", "p99_us"}, {"rest-32/floor", "p99_us"}, of_value, 3000, 1000},

    {"memory-p99", "published, in memory, p99", "us",
     {"latency/belay-memory", "p99_us"}, {"latency/bare", "p99_us"}},
    {"durable-seen", "answer seen, durable, p50", "us",
     {"latency/belay-durable", "seen_p50_us"}, {"latency/bare-fdatasync", "p50_us"}},
    {"spin-p50", "published, spinning, p50", "us",
     {"latency/belay-durable-spin", "p50_us"}, {"latency/bare-fdatasync-ack", "p50_us"}},
    {"spin-seen", "answer seen, spinning, p50", "us",
     {"latency/belay-durable-spin", "seen_p50_us"}, {"latency/bare-fdatasync", "p50_us"}},
    {"inline-p50", "published, the loop commits, p50", "us",
     {"latency/belay-inline", "p50_us"}, {"latency/bare-fdatasync-ack", "p50_us"}},
    {"inline-seen", "answer seen, the loop commits, p50", "us",
     {"latency/belay-inline", "seen_p50_us"}, {"latency/bare-fdatasync", "p50_us"}},
    {"memory-rate", "orders/s, in memory, 1000 out", "1/s",
     {"throughput/belay-memory", "orders_per_s"}, {"throughput/bare", "orders_per_s"}},
    {"inbound-split", "CPU of an inbound message / splitting", "us",
     {"inbound", "belay_us_per_message"}, {"inbound", "split_us_per_message"}},
    {"reconcile-durable", "CPU of reconciling, durable", "ms",
     {"reconcile", "durable_news_cpu_ms"}, {"reconcile", "durable_news_bare_ms"}},
    {"replay", "start with 100,000 live orders / reading", "ms",
     {"replay", "start_ms"}, {"replay", "read_only_ms"}},
    {"rest-32-cpu", "REST, 32 connections, CPU of an order", "us",
     {"rest-32/belay", "cpu_us_per_order"}, {"rest-32/floor", "cpu_us_per_order"}},
};
// clang-format on

std::vector<double> column(const Steps& steps, const Source& source) {
  std::vector<double> out;
  const auto found = steps.find(std::string(source.step));
  if (found == steps.end()) return out;
  for (const Figures& figures : found->second) {
    const auto value = figures.find(std::string(source.figure));
    if (value != figures.end()) out.push_back(value->second);
  }
  return out;
}

}  // namespace

std::span<const Row> all_rows() {
  return rows;
}

std::vector<Measured> measured_rows(const Steps& steps) {
  std::vector<Measured> out;
  for (const Row& row : rows) {
    const auto ours = column(steps, row.ours);
    const auto floor = column(steps, row.floor);
    const bool without_floor = !row.floor.step.empty() && floor.empty();
    if (ours.empty() || without_floor) continue;
    double others = 0;
    for (const Source& side : {row.ours, row.floor}) {
      for (const double used : column(steps, {side.step, "used_by_others"})) {
        others = std::max(others, used);
      }
    }
    Measured one{.row = &row,
                 .rounds = ours.size(),
                 .ours = median(ours),
                 .floor = median(floor),
                 .others = others,
                 .ratios = {}};
    for (std::size_t i = 0; i < std::min(ours.size(), floor.size()); ++i) {
      one.ratios.push_back(ours[i] / floor[i]);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace belay::bench
