// SPDX-License-Identifier: Apache-2.0
// Connection: what the simulated TWS remembers about one socket: how far the handshake got, who the
// client is and what it subscribed to. Plain state; the Server acts on it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "belay/base/time.hpp"
#include "belay/simtws/book.hpp"
#include "belay/tws/wire/frame.hpp"

namespace belay::simtws {

/// The host's number of a socket; never used twice.
using ConnId = std::uint64_t;

struct Connection {
  enum class Phase : std::uint8_t { greeting, start_api, ready };

  ConnId id = 0;
  Phase phase = Phase::greeting;
  tws::wire::FrameReader frames{tws::wire::FrameReader::Start::api_prefix, 1U << 20U};
  int version = 0;
  ClientId client = 0;
  bool is_closed = false;

  bool asks_pacing = false;
  std::deque<base::Time> recent;    ///< when messages of the last second were taken
  std::deque<std::string> waiting;  ///< messages paced in silence
  std::int32_t breaches = 0;

  struct Summary {
    std::string tags;
  };
  bool auto_bind = false;
  bool positions = false;
  std::optional<std::string> account_updates;        ///< the account
  std::map<std::int32_t, Summary> summaries;         ///< by request id
  std::map<std::int32_t, std::string> multi;         ///< positionsMulti: request id -> account
  std::map<std::int32_t, std::int32_t> market_data;  ///< request id -> con_id
  std::int32_t market_data_type = 1;

  bool has_client() const { return phase == Phase::ready; }
};

}  // namespace belay::simtws
