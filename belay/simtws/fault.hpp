// SPDX-License-Identifier: Apache-2.0
// The words for what can go wrong between a client and the simulated TWS, and for what a person at
// its screen may change. Plain values, shared by the functions of the Server and the scenario file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "belay/base/decimal.hpp"

namespace belay::simtws {

/// As the server sees it.
enum class Direction : std::uint8_t { inbound, outbound };

/// The n-th message (1: the next) breaks off: `byte` bytes of its frame arrive, the length prefix
/// counted, then the connection closes. A message that is no longer than that arrives whole, and
/// nothing comes after it. With the first message of a connection the bytes "API\0" count too.
struct Cut {
  Direction direction = Direction::inbound;
  std::int32_t nth = 1;
  std::size_t byte = 0;
};

/// A half-open link: nothing more is heard from the server, not even that it closes.
struct Silence {
  bool processes = false;   ///< what the client sends still takes effect
  bool hears_close = true;  ///< false: the client id stays in use when the client hangs up
};

/// What a restarted gateway has forgotten.
enum class RestartLoss : std::uint8_t {
  nothing,
  /// Placements, modifications and cancels that were not answered yet never came.
  unacknowledged,
  /// The same, but the order ids of those placements stay used.
  unacknowledged_ids_burnt,
};

/// How clients live through the daily reset.
enum class ResetAs : std::uint8_t {
  restart,  ///< every connection closes
  outage,   ///< 1100; end_outage() ends it
};

/// What is given is changed.
struct PersonChange {
  std::optional<base::Decimal> limit;
  std::optional<base::Decimal> stop;
  std::optional<base::Decimal> quantity;
};

}  // namespace belay::simtws
