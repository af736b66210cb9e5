// SPDX-License-Identifier: Apache-2.0
// Plan: everything a run draws from its seed before it begins. Swarm testing: each seed turns a
// random subset of the faults off, so that rare combinations and undisturbed runs both happen.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "belay/base/time.hpp"

namespace belay::simulation {

struct Plan {
  std::uint64_t seed = 1;
  int bots = 2;
  int orders_per_bot = 12;
  base::Duration busy{};    ///< the time over which the bots place their orders
  bool power_loss = false;  ///< crashes lose unsynced sectors (else only the process dies)
  int crashes = 0;
  int broker_cuts = 0;    ///< the link between daemon and TWS is cut
  int api_cuts = 0;       ///< a caller's connection is cut
  int broker_stalls = 0;  ///< nothing arrives for a while
  unsigned journal_stall_percent = 0;
  bool id_rollback = false;  ///< nextValidId goes back at one reconnect
  bool duplicate_statuses = false;
  bool corrections = false;           ///< some executions are corrected
  bool late_fills = false;            ///< some canceled orders are filled a little all the same
  bool storm = false;                 ///< all orders at once, then a cancel
  unsigned no_ack_percent = 0;        ///< orders that the broker takes without a word
  unsigned unlisted_percent = 0;      ///< orders about which the broker says something unheard of
  int outages = 0;                    ///< 1100, later 1101 or 1102
  int gateway_restarts = 0;           ///< every connection breaks; the book stays
  int byte_cuts = 0;                  ///< a message, either way, breaks off at some byte
  int half_open = 0;                  ///< the link takes everything and gives nothing for a minute
  int slow_readers = 0;               ///< one direction of the link stands still for a while
  int lost_messages = 0;              ///< one message, either way, never arrives and nobody is told
  int duplicates = 0;                 ///< the broker makes a second copy of an order
  int busts = 0;                      ///< executions are taken back
  int manual_orders = 0;              ///< a person places orders by hand
  base::Duration disk_stall{};        ///< of a commit that stalls
  bool clock_jumps = false;           ///< the machine's clock is another at each start
  bool outage_delays = false;         ///< what is sent in an outage comes later, instead of never
  bool twins = false;                 ///< a modification in an outage makes a second order
  unsigned late_reports_percent = 0;  ///< reports of an outage that come after it
  int forgetful_restarts = 0;         ///< ... and what had no answer yet never came
  bool ids_burnt = false;             ///< the ids of what was forgotten stay used
  bool replay_executions = false;     ///< the day's executions, unasked, at each connect
  bool all_revisions = false;         ///< lists show what was corrected, too
  int lost_ends = 0;                  ///< end markers that never come
  int other_clients = 0;              ///< orders of another client
  int person_acts = 0;                ///< a person cancels or changes what is live
  int day_resets = 0;                 ///< the broker's day ends: DAY orders too, and its lists
  base::Duration window_after{};      ///< the daily window begins so long after the story
  base::Duration reset_after{};       ///< ... and the day ends at the broker so long after that
  unsigned modify_percent = 20;
  unsigned cancel_percent = 25;

  // The sweep: one fault at one exact place (0: none).
  std::uint64_t crash_at_commit = 0;  ///< of all commits, counted from 1
  base::Duration crash_delay{};       ///< after that commit began
  std::uint64_t cut_at_message = 0;   ///< of all writes on the broker's link, both ways, from 1

  static Plan draw(std::uint64_t seed);
  /// The same with 200 orders and longer.
  static Plan draw_large(std::uint64_t seed);
  /// A few orders that fill in parts, are modified and canceled, and no other fault: the story
  /// that the sweep breaks at every place.
  static Plan one_life();
  /// The words by which the judge explains incidents.
  std::set<std::string> fault_words() const;
  /// For people: the faults in one line.
  std::string describe() const;
};

}  // namespace belay::simulation
