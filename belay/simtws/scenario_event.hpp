// SPDX-License-Identifier: Apache-2.0
// ScenarioEvent: something that happens to the simulated TWS by itself, at its time. Plain values,
// filled by a scenario file; which fields an action reads stands behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"
#include "belay/simtws/fault.hpp"

namespace belay::simtws {

struct ScenarioEvent {
  enum class Do : std::uint8_t {
    restart,
    notice,
    price,
    transmit,
    ids,
    outage,
    outage_end,
    manual,
    place,
    cancel,
    person_cancel,
    person_change,
    fill,
    correct,
    bust,
    daily_reset,
    logout,
    login,
    silent,
    stall,
    cut,
    error,
  };
  base::Duration after{};  ///< since the first connection
  Do action = Do::notice;
  std::int32_t code = 0;  ///< notice, outage, outage_end, error
  std::string text;       ///< notice, error
  std::string symbol;     ///< price, manual, place
  base::Decimal bid;      ///< price
  base::Decimal ask;      ///< price

  /// Which client and which order; a manual order is named by its reference.
  std::int32_t client_id = 0;
  std::int32_t order_id = 0;
  std::string order_ref;

  std::string account;                       ///< manual, place; empty: the first
  std::string side;                          ///< manual, place
  std::string order_type = "LMT";            ///< manual, place
  std::string tif = "DAY";                   ///< manual, place
  std::optional<base::Decimal> limit;        ///< manual, place, person_change
  std::optional<base::Decimal> stop;         ///< manual, place, person_change
  base::Decimal quantity;                    ///< manual, place, person_change, fill, correct
  std::optional<base::Decimal> trade_price;  ///< fill, correct

  RestartLoss loss = RestartLoss::nothing;   ///< restart
  ResetAs reset_as = ResetAs::restart;       ///< daily_reset
  Silence silence;                           ///< silent
  base::Duration lasting{};                  ///< stall
  Direction direction = Direction::inbound;  ///< cut
  std::int32_t next_id = 1;                  ///< ids
  std::int32_t nth = 1;                      ///< cut
  std::int32_t byte = 0;                     ///< cut
};

/// As it stands in a scenario: "person_cancel".
std::string_view action_word(ScenarioEvent::Do action);

}  // namespace belay::simtws
