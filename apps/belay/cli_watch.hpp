// SPDX-License-Identifier: Apache-2.0
// EventReader: the lines of the event stream, and the event after which it goes on when the stream
// broke off.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace belay::app {

class EventReader {
 public:
  using Printer = std::function<void(const std::string&)>;
  /// Ends after `count` events when given. `print` gets the events, `complain` what is missing.
  EventReader(bool as_json, std::optional<std::uint64_t> count, Printer print, Printer complain);

  /// The first event that is wanted. Without it, and before a line was read, what happens next.
  void begin_at(std::uint64_t event) { last_ = event == 0 ? 0 : event - 1; }
  /// A stream begins.
  void restart() { event_name_.clear(); }
  /// One line of the stream; false when that was the last event that is wanted.
  bool read(std::string_view line);
  /// The event behind which the next stream is to begin: the last that was printed, or the newest
  /// when the first stream began.
  std::optional<std::uint64_t> last() const { return last_; }

 private:
  void take(std::string_view data);

  bool as_json_;
  std::optional<std::uint64_t> count_;
  Printer print_;
  Printer complain_;
  std::optional<std::uint64_t> last_;
  std::uint64_t id_ = 0;
  std::uint64_t seen_ = 0;
  std::string event_name_;
};

}  // namespace belay::app
