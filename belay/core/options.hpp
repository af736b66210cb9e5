// SPDX-License-Identifier: Apache-2.0
// CoreOptions: every limit of the core, with its default. Context: what the core is told with each
// input.
#pragma once

#include <cstddef>
#include <string_view>

#include "belay/base/time.hpp"
#include "belay/core/ids/id_rules.hpp"
#include "belay/core/link/calendar.hpp"
#include "belay/core/orders/lane.hpp"
#include "belay/core/polls/poll_options.hpp"

namespace belay::core {

struct CoreOptions {
  bool allow_live = false;                ///< let orders of accounts that are not paper leave
  std::size_t queue_max = 10'000;         ///< orders of new risk that may wait for a send slot
  std::size_t queue_max_urgent = 10'000;  ///< the same of each higher lane
  std::size_t queue_max_per_caller = 0;   ///< of one caller, all lanes; 0 is no limit
  /// What has waited longer for its slot is not sent; protection and orders with a valid_until of
  /// their own are exempt.
  base::Duration queue_timeout = std::chrono::seconds(30);
  std::size_t open_orders_max = 0;  ///< per contract, side and account; 0 is no limit
  /// A status ahead of the executions: then ask for them, and again after twice the time.
  base::Duration claim_wait = std::chrono::seconds(1);
  base::Duration claim_wait_max = std::chrono::minutes(5);
  /// A finished order is archived when more than this many are in memory, oldest first, or when
  /// nothing has happened to it for this long.
  std::size_t finished_kept_max = 1'000;
  base::Duration finished_kept = std::chrono::minutes(5);
  std::size_t parked_max = 1'000;    ///< reports that may wait for archived orders
  CalendarOptions calendar = {};     ///< by default the broker is never known to be away
  std::size_t incidents_max = 1000;  ///< open at a time; the oldest give way
  IdOptions ids = {};
  ReconcileOptions reconcile = {};
};

/// What the core is told with each input.
struct Context {
  base::Time now;
  LaneSlots send_slots;           ///< new sends that may start now (pacing)
  std::string_view refuse_new{};  ///< when not empty: why no new risk is taken now
  std::size_t archive_room = 0;   ///< orders that the history can take now; 0: archive none
};

}  // namespace belay::core
