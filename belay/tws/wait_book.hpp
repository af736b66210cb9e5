// SPDX-License-Identifier: Apache-2.0
// WaitBook: since when Belay has been waiting for each thing of wait_table.hpp, and which waits
// have become incidents. Pure bookkeeping. A wait that is tried again is the same wait. A new one
// begins only after its end, or, when it was not late, after the loss of the link. Waits for what
// no link can do without outlast a lost link, and only the time in which the question was open
// counts.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/asks/input.hpp"
#include "belay/tws/wait_table.hpp"

namespace belay::tws {

class WaitBook {
 public:
  /// It is waited for from now on, or has been already. `note` is what it is about, for people.
  void begin(Awaited what, base::Time now, std::string note = "");
  /// What the broker said of it; it may be waited for still.
  void said(Awaited what, std::string words);
  /// The broker said that it will not come: an incident at once, for as long as nothing else comes.
  void refused(Awaited what, std::string words, base::Time now);
  /// The incident of the link as a whole is open for another reason.
  void told_already();
  /// It came, or nothing is waited for any more.
  void end(Awaited what);
  /// Whoever waited has given up: what is late stays so, and what no link can do without; the rest
  /// is forgotten.
  void link_lost(base::Time now);

  bool waits(Awaited what) const { return at(what).open; }
  /// Something may still become late: a clock that leaps would make it so.
  bool any_pending() const;
  /// True when what waiting() tells has changed since the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  /// Incidents that have begun or ended since the last call.
  std::vector<core::Alarm> alarms(base::Time now);
  base::Time next_deadline() const;
  /// The oldest first.
  std::vector<model::Waiting> waiting() const;

 private:
  struct Wait {
    bool open = false;
    bool asked = false;  // on the link of now: only then can it become late
    bool told = false;   // as an incident
    bool before = true;  // an incident of it may be open since an earlier life of this program
    base::Time since;
    base::Time until = base::never;
    base::Duration left{};  // of the time until then, when the link was lost
    std::string note;
    std::string words;
  };
  const Wait& at(Awaited what) const { return waits_.at(static_cast<std::size_t>(what)); }
  Wait& at(Awaited what) { return waits_.at(static_cast<std::size_t>(what)); }

  std::array<Wait, awaited_count> waits_;
  std::vector<core::Alarm> over_;
  bool changed_ = false;
};

}  // namespace belay::tws
