// SPDX-License-Identifier: Apache-2.0
#include "bench/figures.hpp"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace belay::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec at{};
  ::clock_gettime(clock, &at);
  return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

// The value that `share` of all do not exceed; 0 without values.
double percentile_us(std::vector<std::int64_t> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = static_cast<std::ptrdiff_t>(share * last);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(at)]) / 1000.0;
}

}  // namespace

std::string to_line(std::string_view mode, const Figures& figures) {
  std::string line = fmt::format("mode={}", mode);
  for (const auto& [key, value] : figures) line += fmt::format(" {}={:.3f}", key, value);
  return line;
}

std::optional<Figures> parse_line(std::string_view line) {
  if (line.substr(0, 5) != "mode=") return std::nullopt;
  Figures out;
  while (!line.empty()) {
    const std::string word(line.substr(0, line.find(' ')));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || word.substr(0, equals) == "mode") continue;
    out[word.substr(0, equals)] = std::strtod(word.c_str() + equals + 1, nullptr);
  }
  return out;
}

std::int64_t clock_ns() {
  return read_clock(CLOCK_MONOTONIC);
}
std::int64_t cpu_ns() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}
std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Meter::Meter(std::size_t orders, std::size_t warm_up)
    : warm_up_(std::min(warm_up, orders / 2)), sent_(orders, 0), latency_(orders, 0) {
  begin();
}

void Meter::begin() {
  began_ = clock_ns();
  began_cpu_ = cpu_ns();
  began_rss_ = resident_bytes();
}

void Meter::acknowledged(std::size_t order) {
  latency_[order] = clock_ns() - sent_[order];
  ++acknowledged_total_;
  if (acknowledged_total_ == warm_up_) begin();
  if (done()) {
    ended_ = clock_ns();
    ended_cpu_ = cpu_ns();
  }
}

void Meter::stage(const std::string& name, std::size_t order) {
  auto& times = stages_[name];
  if (times.empty()) times.resize(sent_.size(), 0);
  times[order] = clock_ns() - sent_[order];
}

Figures Meter::figures() const {
  const std::size_t counted = sent_.size() - warm_up_;
  const auto count = static_cast<double>(counted);
  const auto after_warm_up = [&](const std::vector<std::int64_t>& all) {
    return std::vector<std::int64_t>(all.begin() + static_cast<std::ptrdiff_t>(warm_up_),
                                     all.end());
  };
  Figures out;
  out["orders"] = static_cast<double>(sent_.size());
  out["acked"] = static_cast<double>(acknowledged_total_);
  if (!done()) return out;
  const auto latency = after_warm_up(latency_);
  out["p50_us"] = percentile_us(latency, 0.5);
  out["p99_us"] = percentile_us(latency, 0.99);
  out["p999_us"] = percentile_us(latency, 0.999);
  for (const auto& [name, times] : stages_) {
    out[name + "_p50_us"] = percentile_us(after_warm_up(times), 0.5);
  }
  out["orders_per_s"] = count * 1e9 / static_cast<double>(ended_ - began_);
  out["cpu_us_per_order"] = static_cast<double>(ended_cpu_ - began_cpu_) / 1000.0 / count;
  out["rss_bytes_per_order"] = static_cast<double>(resident_bytes() - began_rss_) / count;
  return out;
}

}  // namespace belay::bench
