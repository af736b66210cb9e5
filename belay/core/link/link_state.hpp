// SPDX-License-Identifier: Apache-2.0
// LinkState: what every machine may read of the broker session: its phase, its number, its
// accounts, and what the broker's calendar and the clocks say. Link alone writes it. None of it is
// history: it is made anew at Started and with each session.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "belay/core/link/calendar.hpp"
#include "belay/model/ids.hpp"

namespace belay::core {

using namespace belay::model;

enum class Phase : std::uint8_t { down, syncing, ready };

struct LinkState {
  Phase phase = Phase::down;
  bool degraded = false;      ///< the link holds and the broker behind it is away: cancels still go
  bool new_link = false;      ///< the syncing began with the link: nothing was sent on it before
  std::int32_t session = -1;  ///< none yet
  std::map<AccountId, bool> paper = {};  ///< account -> simulated money
  Calendar rules = {};                   ///< of the broker's windows and days
  Calendar::State calendar = {           ///< what they say now
      .from = {},
      .until = base::Time(),
      .opens = {},
      .day = {},
      .lists_from = {}};
  bool clock_differs = false;  ///< from the broker's: what a day is, is not known
  base::Duration ahead{};      ///< of the world's clocks; zero or more

  bool ready() const { return phase == Phase::ready; }
  bool down() const { return phase == Phase::down; }
  /// A window holds back what does not protect.
  bool calendar_holds() const;
  /// What the world's clocks show at a moment of ours. Our time never goes back: when it was ahead
  /// and this machine's clock was set back, dates are taken from here.
  base::Time civil(base::Time now) const { return now - ahead; }
  /// When a civil time comes, by ours.
  base::Time own_time(base::Time civil_time) const {
    return civil_time == base::never ? civil_time : civil_time + ahead;
  }
  std::string closed_text() const;
};

}  // namespace belay::core
