// SPDX-License-Identifier: Apache-2.0
// LogWriter: lines on their way to a file, pipe or terminal that may be slow, full or gone. write()
// never waits, never throws and never ends the process: a separate thread does the waiting. A line
// that finds no room, or cannot be written, is dropped and counted, and the log says so when it can
// be written again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::app {

/// The machine's own clock.
base::Time wall_clock();

class LogWriter {
 public:
  struct Options {
    int fd = 2;             ///< stays the caller's
    std::string path = {};  ///< not empty: this file instead of `fd`, appended to, 0600
    std::size_t bytes_max = std::size_t{1} << 20U;  ///< of lines that wait
  };
  /// Error: the file cannot be opened. It must be an ordinary one: no link, no pipe.
  static base::Result<std::unique_ptr<LogWriter>> open(const Options& options);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  /// Does not wait, and gives up what is not written: call flush() before it.
  ~LogWriter();

  /// A line without its end.
  void write(std::string_view line) noexcept;
  /// The file is opened again by its name, because it was moved away. Error: it cannot be, and the
  /// old one is written to as before.
  base::Status<> reopen();
  /// Waits until everything is written, at most so long. False: something still waits.
  bool flush(std::chrono::milliseconds most);
  std::uint64_t dropped() const;  ///< lines, since the start

 private:
  struct State;
  explicit LogWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}
  static void run(const std::shared_ptr<State>& state);
  static bool put(State& state, std::string_view bytes);
  static void put_line(State& state, std::string_view line);

  std::shared_ptr<State> state_;  // the thread's too, which may outlive us in a write
};

}  // namespace belay::app
