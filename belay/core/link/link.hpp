// SPDX-License-Identifier: Apache-2.0
// Link: start, loss and return of the broker session, the broker's calendar at work, and the
// clocks. Before and while the broker is known to be away no new risk leaves; when it is back
// everything is asked before anything goes. Whatever had no answer when a link or a process was
// lost is unknown, and stays so until evidence.
#pragma once

#include <optional>
#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

class Link {
 public:
  explicit Link(const CalendarOptions& calendar) { state_.rules = Calendar(calendar); }
  const LinkState& state() const { return state_; }
  /// The broker's clock minus our civil time, to about a second, as last told.
  std::optional<base::Duration> clock_ahead() const { return clock_ahead_; }

  /// What the calendar says now; also after a clock that was set back. First in each step.
  void refresh_calendar(base::Time now);
  void on(const Started& started, Step& step);
  void on(const SessionUp& up, Step& step);
  void on(const SessionDown& down, Step& step);
  void on(const Alarm& alarm, Step& step);
  void on(const BrokerClock& clock, Step& step);
  void follow(const Event& event, Step& step);
  /// What a window or a new trading day means, once all is followed.
  void apply_calendar(Step& step);

 private:
  void tell_unreachable(Step& step);

  LinkState state_;
  std::optional<Alarm> unreachable_;     // held back while a window explains it
  Closed closed_before_ = Closed::open;  // as of the last step
  std::string asked_day_;                // whose executions were asked for before its end
  std::optional<base::Duration> clock_ahead_;
};

}  // namespace belay::core
