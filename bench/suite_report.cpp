// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "belay/base/json_writer.hpp"
#include "bench/client_options.hpp"
#include "bench/suite.hpp"

namespace belay::bench {
namespace {

std::vector<double> column(const Rounds& rounds, std::string_view mode, const std::string& key) {
  std::vector<double> out;
  const auto found = rounds.find(std::string(mode));
  if (found == rounds.end()) return out;
  for (const Figures& figures : found->second) {
    if (const auto value = figures.find(key); value != figures.end()) out.push_back(value->second);
  }
  return out;
}

std::string range_of(const std::vector<double>& values) {
  if (values.empty()) return "-";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{:.1f}..{:.1f}", *low, *high);
}

void print_latency(const Rounds& rounds) {
  fmt::print("\n1 outstanding, client and gateway on one core (us, medians of rounds)\n");
  fmt::print("{:<20}{:>9}{:>9}{:>9}  {:<16}{:>9}{:>10}{:>10}\n", "mode", "p50", "p99", "p99.9",
             "p50 min..max", "seen p50", "accepted", "CPU/order");
  for (const std::string_view mode : all_modes) {
    const auto p50 = column(rounds, mode, "p50_us");
    const auto figure = [&](const char* key) {
      const auto values = column(rounds, mode, key);
      return values.empty() ? std::string("-") : fmt::format("{:.1f}", median(values));
    };
    fmt::print("{:<20}{:>9}{:>9}{:>9}  {:<16}{:>9}{:>10}{:>10}\n", mode, figure("p50_us"),
               figure("p99_us"), figure("p999_us"), range_of(p50), figure("seen_p50_us"),
               figure("accepted_p50_us"), figure("cpu_us_per_order"));
  }
}

void print_throughput(const Rounds& rounds) {
  fmt::print("\n1000 outstanding, all cores (medians of rounds)\n");
  fmt::print("{:<20}{:>11}  {:<22}{:>11}{:>11}{:>12}\n", "mode", "orders/s", "min..max", "p50 us",
             "CPU/order", "RSS/order");
  for (const std::string_view mode : all_modes) {
    const auto rate = column(rounds, mode, "orders_per_s");
    if (rate.empty()) continue;
    const auto [low, high] = std::minmax_element(rate.begin(), rate.end());
    fmt::print("{:<20}{:>11.0f}  {:<22}{:>11.1f}{:>11.2f}{:>12.0f}\n", mode, median(rate),
               fmt::format("{:.0f}..{:.0f}", *low, *high), median(column(rounds, mode, "p50_us")),
               median(column(rounds, mode, "cpu_us_per_order")),
               median(column(rounds, mode, "rss_bytes_per_order")));
  }
}

struct Ratio {
  const char* ours;
  const char* our_figure;
  const char* floor;
  const char* floor_figure;
  const char* what;
};

// Which figures stand for the same promise. `seen` is when the core knows the answer, as in the
// floor; a published answer is durable, so its floor syncs the answer too.
constexpr Ratio latency_ratios[] = {
    {"belay-memory", "p50_us", "bare", "p50_us", "p50, published"},
    {"belay-memory", "p99_us", "bare", "p99_us", "p99, published"},
    {"belay-durable", "seen_p50_us", "bare-fdatasync", "p50_us", "p50, answer seen"},
    {"belay-durable", "p50_us", "bare-fdatasync", "p50_us", "p50, published"},
    {"belay-durable", "p50_us", "bare-fdatasync-ack", "p50_us", "p50, published"},
    {"belay-durable-spin", "seen_p50_us", "bare-fdatasync", "p50_us", "p50, answer seen"},
    {"belay-durable-spin", "p50_us", "bare-fdatasync-ack", "p50_us", "p50, published"},
    {"belay-inline", "seen_p50_us", "bare-fdatasync", "p50_us", "p50, answer seen"},
    {"belay-inline", "p50_us", "bare-fdatasync-ack", "p50_us", "p50, published"},
};
constexpr Ratio throughput_ratios[] = {
    {"belay-memory", "orders_per_s", "bare", "orders_per_s", "orders/s"},
    {"belay-durable", "orders_per_s", "bare-fdatasync", "orders_per_s", "orders/s"},
    {"belay-durable", "orders_per_s", "bare-fdatasync-ack", "orders_per_s", "orders/s"},
};

// Compared round by round: what disturbed one side of a round probably disturbed the other.
void print_ratio(const Rounds& rounds, const Ratio& ratio) {
  const auto ours = column(rounds, ratio.ours, ratio.our_figure);
  const auto floor = column(rounds, ratio.floor, ratio.floor_figure);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(ours.size(), floor.size()); ++i) {
    ratios.push_back(ours[i] / floor[i]);
  }
  if (ratios.empty()) return;
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  fmt::print("{:<20}/ {:<20}{:<20}{:>9.3f}   {:.3f}..{:.3f}\n", ratio.ours, ratio.floor, ratio.what,
             median(ratios), *low, *high);
}

void print_ratios(const SuiteResult& result) {
  fmt::print("ratios within each round (median, min..max)\n");
  for (const Ratio& ratio : latency_ratios) print_ratio(result.latency, ratio);
  for (const Ratio& ratio : throughput_ratios) print_ratio(result.throughput, ratio);
}

void print_in_process(const Rounds& rounds) {
  fmt::print("\nwithout sockets (the better of two)\n");
  for (const auto& [what, all] : rounds) {
    const auto time_of = [](const Figures& f) {
      for (const char* key : {"belay_us_per_message", "start_ms", "rss_bytes_per_live_order"}) {
        if (const auto found = f.find(key); found != f.end()) return found->second;
      }
      return 0.0;
    };
    const auto best = std::min_element(
        all.begin(), all.end(),
        [&](const Figures& a, const Figures& b) { return time_of(a) < time_of(b); });
    if (best != all.end()) fmt::print("{}\n", to_line(what, *best));
  }
}

void write_rounds(base::JsonWriter& json, const char* name, const Rounds& rounds) {
  json.key(name).begin_object();
  for (const auto& [mode, all] : rounds) {
    json.key(mode).begin_array();
    for (const Figures& figures : all) {
      json.begin_object();
      for (const auto& [key, value] : figures) json.field(key, fmt::format("{:.3f}", value));
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

void print_report(const SuiteResult& result, const SuiteOptions& options) {
  fmt::print("{} rounds, {} cores, loopback TCP; figures count beside their floor only\n\n",
             options.rounds, std::thread::hardware_concurrency());
  print_ratios(result);
  print_latency(result.latency);
  print_throughput(result.throughput);
  print_in_process(result.in_process);
}

std::string to_json(const SuiteResult& result) {
  base::JsonWriter json;
  json.begin_object();
  json.field("cores", static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  write_rounds(json, "latency", result.latency);
  write_rounds(json, "throughput", result.throughput);
  write_rounds(json, "in_process", result.in_process);
  json.end_object();
  return json.take();
}

}  // namespace belay::bench
