// SPDX-License-Identifier: Apache-2.0
// What is measured and how it travels: latencies, processor time and memory of this process, and
// one line of key=value figures between the measuring process and the one that compares. It judges
// nothing; figures mean something only beside a floor of the same run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belay::bench {

using Figures = std::map<std::string, double>;

/// "mode=bare orders=200 p50_us=14.900"; the mode first, then by key.
std::string to_line(std::string_view mode, const Figures& figures);
/// The inverse, without the mode. Nothing when the line is not one.
std::optional<Figures> parse_line(std::string_view line);

/// Nanoseconds of a clock that only goes forward.
std::int64_t clock_ns();
/// Processor time of all threads of this process.
std::int64_t cpu_ns();
std::int64_t resident_bytes();

double median(std::vector<double> values);

/// The latency of each order of a closed loop, and what the process used meanwhile. The first
/// `warm_up` orders are not counted.
class Meter {
 public:
  Meter(std::size_t orders, std::size_t warm_up);

  void sent(std::size_t order) { sent_[order] = clock_ns(); }
  /// The broker's answer for this order is known to the client.
  void acknowledged(std::size_t order);
  /// A stage on the way, such as "accepted": reported as <stage>_p50_us.
  void stage(const std::string& name, std::size_t order);
  std::size_t acknowledged_total() const { return acknowledged_total_; }
  bool done() const { return acknowledged_total_ == sent_.size(); }

  /// After done(), or at the deadline.
  Figures figures() const;

 private:
  void begin();

  std::size_t warm_up_;
  std::vector<std::int64_t> sent_;
  std::vector<std::int64_t> latency_;
  std::map<std::string, std::vector<std::int64_t>> stages_;
  std::size_t acknowledged_total_ = 0;
  std::int64_t began_ = 0;
  std::int64_t began_cpu_ = 0;
  std::int64_t began_rss_ = 0;
  std::int64_t ended_ = 0;
  std::int64_t ended_cpu_ = 0;
};

}  // namespace belay::bench
