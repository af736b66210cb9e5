// SPDX-License-Identifier: Apache-2.0
// Connection: what the simulated TWS remembers about one socket: how far the handshake got, who the
// client is and what it subscribed to. Plain state; the Server acts on it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/simtws/account_values.hpp"
#include "belay/simtws/book.hpp"
#include "belay/simtws/generic_ticks.hpp"
#include "belay/simtws/link_faults.hpp"
#include "belay/tws/wire/accounts.hpp"
#include "belay/tws/wire/data_reports.hpp"
#include "belay/tws/wire/data_requests.hpp"
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
  base::Time arrived;               ///< when the message in hand reached the server
  std::deque<base::Time> arrivals;  ///< of all messages of the last second
  std::size_t peak = 0;             ///< the most that ever came in a second
  std::deque<base::Time> recent;    ///< when messages of the last second were taken
  std::deque<std::string> waiting;  ///< messages paced in silence
  std::int32_t breaches = 0;

  Cuts cuts;                       ///< counted from its first byte on
  std::size_t in_frame = 0;        ///< bytes of an incoming message that have arrived
  std::optional<Silence> silence;  ///< half-open since
  base::Time reads_after;          ///< what comes before is left unread
  struct Unread {
    base::Time at;
    std::string bytes;
  };
  std::deque<Unread> unread;
  std::size_t unread_size = 0;
  bool hung_up = false;  ///< by the client, while nobody read

  struct Summary {
    std::string tags;
    std::map<std::string, std::vector<AccountValue>> told{};  ///< by account
  };
  struct MarketWatch {
    std::int32_t con_id = 0;
    GenericTicks ticks{};
  };
  /// Bars of reqHistoricalData that are kept up to date.
  struct BarWatch {
    tws::wire::ReqHistoricalData asked;
    std::int32_t con_id = 0;
    tws::wire::Bar told{};
  };
  struct LiveBarWatch {
    std::int32_t con_id = 0;
    std::string what_to_show;
  };
  struct TickWatch {
    std::int32_t con_id = 0;
    std::int32_t type = 0;  ///< 1 Last, 2 AllLast, 3 BidAsk, 4 MidPoint
  };
  struct DepthWatch {
    std::int32_t con_id = 0;
    std::int32_t rows = 0;
    bool is_smart = false;
    bool is_told = false;
  };
  struct PnlWatch {
    std::string account;
    tws::wire::Pnl told;
  };
  struct PnlSingleWatch {
    Book::PositionKey of;
    tws::wire::PnlSingle told;
  };
  bool auto_bind = false;
  bool positions = false;
  std::optional<std::string> account_updates;  ///< the account
  std::vector<AccountValue> account_told;      ///< the rows of accountUpdates told last
  std::map<std::int32_t, PnlWatch> pnl;        ///< by request id
  std::map<std::int32_t, PnlSingleWatch> pnl_single;
  std::map<std::int32_t, Summary> summaries;        ///< by request id
  std::map<std::int32_t, std::string> multi;        ///< positionsMulti: request id -> account
  std::map<std::int32_t, MarketWatch> market_data;  ///< by request id
  std::map<std::int32_t, BarWatch> bars;            ///< these four by request id, too
  std::map<std::int32_t, LiveBarWatch> live_bars;
  std::map<std::int32_t, TickWatch> ticks;
  std::map<std::int32_t, DepthWatch> depth;
  std::int32_t market_data_type = 1;

  bool has_client() const { return phase == Phase::ready; }
  void end_subscriptions() {
    positions = false;
    account_updates.reset();
    summaries.clear();
    pnl.clear();
    pnl_single.clear();
    multi.clear();
    market_data.clear();
    bars.clear();
    live_bars.clear();
    ticks.clear();
    depth.clear();
  }
};

}  // namespace belay::simtws
