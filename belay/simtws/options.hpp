// SPDX-License-Identifier: Apache-2.0
// Options: how the simulated TWS is set up: the switches that a user of the real one finds in its
// settings, and the habits in which real servers differ. Plain values with the defaults of the
// demo; the scenario file and the command line fill them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/simtws/rule.hpp"
#include "belay/simtws/scenario_event.hpp"

namespace belay::simtws {

/// Both ends included; a delay is drawn for each message.
struct DelayRange {
  base::Duration low{};
  base::Duration high{};
};

struct Options {
  enum class Pacing : std::uint8_t {
    off,
    error,  ///< error 100; the third breach closes the connection
    pace,   ///< messages wait their turn in silence, as with the connect option +PACEAPI
  };
  /// What becomes of a message that a client sends while the broker is out of reach.
  enum class InOutage : std::uint8_t {
    lost,     ///< nobody ever hears of it, its order id stays free
    delayed,  ///< taken when the outage ends
  };
  /// How the refusal by the risk check is told (201).
  enum class RejectOrder : std::uint8_t {
    error_first,     ///< E, O S (Inactive)
    status_first,    ///< O S (Inactive), E
    then_cancelled,  ///< S (Inactive), S (Cancelled), E
  };

  int max_server_version = 200;  ///< 176..200
  std::vector<std::string> accounts = {"DU1234567"};
  std::uint64_t seed = 1;
  /// Unix seconds of the start. Permanent and execution ids begin there, so that a broker that was
  /// started anew does not give old ids to new orders; 0 lets them follow from the seed alone.
  std::int64_t started_at = 0;
  std::vector<Rule> rules;
  std::vector<ScenarioEvent> events;

  bool download_open_orders = true;   ///< this client's live orders, unasked, when it connects
  bool duplicate_status = false;      ///< every openOrder + orderStatus pair twice
  bool pending_cancel = false;        ///< of an acknowledged order: PendingCancel before Cancelled
  bool cancel_error_first = false;    ///< error 202 before orderStatus Cancelled
  bool cross_client_cancel = false;   ///< a client may cancel another client's order by its id
  bool extra_trailing_field = false;  ///< execDetails and commissionReport end with one field more
  bool filled_status = true;          ///< false: no orderStatus after the last fill
  bool modify_filled_error = true;    ///< false: a modification of a filled order has no answer
  bool close_without_326 = false;     ///< a client id in use: close and say nothing
  bool respect_hours = false;         ///< US stocks trade 09:30 to 16:00 New York only
  bool price_band = true;             ///< limits 2.94 % through the market are cancelled with 202
  bool older_words = false;         ///< the text of that 202 as gateways wrote it until April 2026
  bool live_market_data = true;     ///< false: only delayed data is subscribed
  bool instant_fill_status = true;  ///< false: of an order that fills at once only X and C are told
  RejectOrder reject_order = RejectOrder::error_first;
  bool newest_copy_only = false;  ///< an order id with several live copies: reaches the newest only
  bool bind_resubmits = false;    ///< a manual order goes to the exchange anew when it is bound

  /// Names of end markers ("execDetailsEnd") that are not sent, and how often; 0 is always.
  std::set<std::string> lose_end_of;
  std::int32_t lose_end_times = 0;

  InOutage outage_requests = InOutage::lost;
  InOutage outage_orders = InOutage::lost;
  /// A modification sent in an outage works as a second order when it ends; the first lives on.
  bool twin_on_outage_modify = false;
  /// Of the reports made in an outage, so many in a hundred come late, after 1102 only.
  unsigned late_reports_percent = 0;

  bool replay_executions = false;  ///< the day's executions of a client, unasked, as it connects
  bool all_revisions = false;      ///< reqExecutions lists what was corrected, too
  /// Days of which executions and finished orders are listed, today included; 0 is all.
  std::int32_t days_listed = 1;
  std::int32_t day_begins_minute = 0;  ///< of a broker's day, after midnight in New York
  bool expired_listed = true;  ///< orders that the daily reset ends are listed as of the new day

  Pacing pacing = Pacing::off;
  std::int32_t pacing_per_second = 50;
  DelayRange ack_delay;
  DelayRange fill_delay;
  DelayRange commission_delay;  ///< from a fill to its commission
  /// After it the first pair of a stop, and of an order that waits for the opening, comes again.
  base::Duration retell_after = std::chrono::milliseconds(250);
  base::Duration market_step{};       ///< between moves of the market; zero is a market at rest
  std::int32_t open_orders_max = 20;  ///< per account, contract and side
  std::int32_t clients_max = 32;
  std::optional<std::int32_t> master_client_id;  ///< also receives what all other clients do
  std::int32_t first_order_id = 1;
  std::size_t history_max = 50'000;  ///< finished orders, and executions, that are remembered
};

}  // namespace belay::simtws
