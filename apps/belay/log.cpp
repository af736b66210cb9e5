// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/log.hpp"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <utility>

#include "belay/base/line_text.hpp"

namespace belay::app {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

LogLevel level_of(std::string_view word) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (word == level_names[i]) return static_cast<LogLevel>(i);
  }
  return LogLevel::info;
}

}  // namespace

Log::Log(std::unique_ptr<LogWriter> writer, std::string_view level)
    : writer_(std::move(writer)), threshold_(level_of(level)) {}

void Log::operator()(LogLevel level, std::string_view text, LineKind kind) {
  if (level < threshold_) return;
  try {
    tell_counted();
    const std::string clean = base::line_text(text, line_max);
    if (level == LogLevel::error || limiter_.admit(kind, clean, wall_clock())) write(level, clean);
  } catch (const std::exception&) {
    // No memory for a line: the work goes on without it.
  }
}

void Log::tell_counted() {
  for (const std::string& line : limiter_.counted(wall_clock())) write(LogLevel::warning, line);
}

void Log::write(LogLevel level, std::string_view text) {
  writer_->write(fmt::format("{} {} {}", base::to_rfc3339(wall_clock()),
                             level_names[static_cast<std::size_t>(level)], text));
}

bool Log::set_threshold(std::string_view level) {
  return std::exchange(threshold_, level_of(level)) != threshold_;
}

std::string Log::metrics() const {
  return fmt::format(
      "# HELP belay_log_lines_dropped_total Lines of the log that could not be written, or that "
      "nobody read in time.\n"
      "# TYPE belay_log_lines_dropped_total counter\n"
      "belay_log_lines_dropped_total {}\n"
      "# HELP belay_log_lines_counted_total Lines that were counted in place of written.\n"
      "# TYPE belay_log_lines_counted_total counter\n"
      "belay_log_lines_counted_total {}\n",
      writer_->dropped(), limiter_.left_out());
}

}  // namespace belay::app
