// SPDX-License-Identifier: Apache-2.0
// Streams: GET /api/v1/events, durable facts as server-sent events, at least once, resumable by
// sequence number. Facts are unnamed events with `id:` = seq; `heartbeat` and `gap` are named and
// carry no id. A stream is a position in the view's latest events, filled as its reader drains: a
// slow reader costs a bounded buffer, and is cut when its position is no longer kept.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "belay/api/front.hpp"
#include "belay/api/options.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

class Streams {
 public:
  /// All outlive this. `unsent`: bytes that the peer has not taken yet.
  Streams(const ServiceOptions& options, const views::LiveView& view, Front& front,
          std::function<std::size_t(ConnectionId)> unsent)
      : options_(options), view_(view), front_(front), unsent_(std::move(unsent)) {}

  void open(const Exchange& exchange);
  void closed(ConnectionId connection) { streams_.erase(connection); }
  /// Moves on each that has something to be told, beginning behind the one that was last.
  void turn(base::Time now);
  /// Goes on where there was more for them than one turn gives; false: there was not.
  bool work(base::Time now) { return std::exchange(more_, false) && (turn(now), true); }
  bool has_more() const { return more_; }
  base::Time next_deadline() const;
  std::size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    std::uint64_t next_seq = 1;
    base::Time heartbeat_at;
  };
  std::size_t pump(ConnectionId connection, Stream& stream, base::Time now);

  const ServiceOptions& options_;
  const views::LiveView& view_;
  Front& front_;
  std::function<std::size_t(ConnectionId)> unsent_;
  std::map<ConnectionId, Stream> streams_;
  ConnectionId last_pumped_ = 0;
  bool more_ = false;
};

}  // namespace belay::api
