// SPDX-License-Identifier: Apache-2.0
// Log: what the daemon says of itself, one line for each event, "time level text". No text can end
// its line, and a line has at most `line_max` bytes. Logging never waits, throws or ends the daemon
// (log_writer.hpp). When there are too many lines they are counted instead of written
// (log_limiter.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apps/belay/log_limiter.hpp"
#include "apps/belay/log_writer.hpp"

namespace belay::app {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

class Log {
 public:
  static constexpr std::size_t line_max = 4096;
  /// `level` is a word of the setting LOG_LEVEL.
  Log(std::unique_ptr<LogWriter> writer, std::string_view level);

  /// What is below the threshold is left out. Errors are always written.
  void operator()(LogLevel level, std::string_view text, LineKind kind = LineKind::ordinary);
  /// Writes what was counted. To be called once a second.
  void tell_counted();

  /// True when the level changed.
  bool set_threshold(std::string_view level);
  base::Status<> reopen() { return writer_->reopen(); }
  /// Waits until the lines are written, for a moment at most: before the end of the process.
  void flush() { writer_->flush(std::chrono::milliseconds(250)); }
  /// Lines for /metrics.
  std::string metrics() const;

 private:
  void write(LogLevel level, std::string_view text);

  std::unique_ptr<LogWriter> writer_;
  LogLevel threshold_ = LogLevel::info;
  LogLimiter limiter_;
};

}  // namespace belay::app
