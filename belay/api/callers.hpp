// SPDX-License-Identifier: Apache-2.0
// Callers: the connections of everybody who asks, one HttpSession each, and what all of them may
// hold together. It decides who is heard, who is read from and who gives way; what a request means
// is its owner's business. No I/O and no clock: bytes and times come in, bytes leave through hooks.
//
// Invariants: 1. a newcomer always gets in: when there are too many connections, the one that will
// be missed least goes; 2. while a caller has not taken its answer no further request of it is
// parsed; 3. what all callers hold together stays below its bound, and a caller that takes nothing
// for too long is cut; 4. no call costs more because more connections are idle, except one that
// finds a limit reached.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/api/http_session.hpp"

namespace belay::api {

using ConnectionId = std::uint64_t;

struct CallerLimits {
  HttpLimits http;
  std::size_t connections_max = 1024;
  /// Bytes of all callers together: unsent answers and requests that are not done. From half of it
  /// on no long answer is begun.
  std::size_t buffers_max = 64 * 1024 * 1024;
  /// How long a caller may leave all of its unsent bytes where they are; a second while others
  /// need the room.
  base::Duration stall_max = std::chrono::seconds(10);
};

struct ServiceHooks {
  std::function<void(ConnectionId, std::string_view bytes)> send;
  /// Of a long answer, which is not copied for it. Nothing: it is given to send() in one.
  std::function<void(ConnectionId, const std::vector<SharedText>&)> send_pieces = {};
  /// Close after what was sent has been delivered, or at once when `cut`.
  std::function<void(ConnectionId, bool cut)> finish;
  /// Bytes given to send() that the peer has not taken yet.
  std::function<std::size_t(ConnectionId)> unsent;
  /// Whether more bytes of this peer are wanted now.
  std::function<void(ConnectionId, bool wanted)> reading = [](ConnectionId, bool) {};
  /// Of callers that gave way, for people; at most one line a minute.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  /// What a named person has done and no event tells, for the log.
  std::function<void(const std::string&)> record = [](const std::string&) {};
  /// More lines for /metrics, from what lives around the service.
  std::function<std::string()> more_metrics = [] { return std::string(); };
  /// The file that halts new risk for as long as it is there; empty: there is none.
  std::function<std::string()> halt_file = [] { return std::string(); };
};

/// What a caller waits for; the one with less to lose gives way first.
enum class Worth : std::uint8_t { idle, unread, stream, read, command };

// size: the bounds of all connections together hold only where one hand counts every byte.
class Callers {
 public:
  /// `hooks` outlive this. `gone` is told of every connection that ends here.
  Callers(
      const CallerLimits& limits, const ServiceHooks& hooks,
      std::function<void(ConnectionId)> gone = [](ConnectionId) {});

  /// Correlation ids begin with `name` when a request brings none.
  ConnectionId open(base::Time now, std::string_view name);
  void receive(ConnectionId connection, std::string_view bytes, base::Time now);
  /// The next request of this caller; nothing while it leaves its answer unread or waits for a long
  /// one.
  std::optional<HttpSession::Incoming> next(ConnectionId connection, base::Time now);
  /// A long answer to this caller is being made; until it is given no request follows.
  void begin_read(ConnectionId connection);
  void respond(ConnectionId connection, HttpSession::Number number, HttpResponse response,
               base::Time now);
  /// nullptr when the caller has left.
  HttpSession* find(ConnectionId connection);
  /// Gives the session's output to the peer, and ends a session that is finished.
  void flush(ConnectionId connection, base::Time now);
  /// The peer has ended its direction: it is answered what it asked before.
  void input_ended(ConnectionId connection, base::Time now);
  /// The peer is gone; finish() is not called for it any more.
  void closed(ConnectionId connection);
  /// All of its bytes have been taken.
  void drained(ConnectionId connection, base::Time now);
  /// Ends what is late: requests that do not come to their end, callers that take nothing.
  void turn(base::Time now);
  base::Time next_deadline() const;

  /// So much waits to be sent that no long answer may be begun.
  bool is_crowded() const { return unsent_bytes_ >= limits_.buffers_max / 2; }
  std::size_t size() const { return callers_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t evicted_total() const { return evicted_total_; }
  std::uint64_t stalled_total() const { return stalled_total_; }
  const CallerLimits& limits() const { return limits_; }

 private:
  struct Caller {
    explicit Caller(HttpSession its) : session(std::move(its)) {}
    base::Time moved_at() const { return std::max(useful_at, progress_at); }
    HttpSession session;
    base::Time useful_at;               // the latest whole request, or the accept
    base::Time progress_at;             // when it was last seen to take bytes
    std::size_t unsent = 0;             // when last looked at
    std::size_t counted = 0;            // its part of bytes_
    base::Time deadline = base::never;  // its entry in deadlines_
    bool paused = false;
    bool long_read = false;
  };
  using Map = std::map<ConnectionId, Caller>;

  void settle(ConnectionId connection, Caller& caller, base::Time now);
  void send(ConnectionId connection, const std::vector<SharedText>& pieces);
  void look(base::Time now);
  void make_room(base::Time now);
  Map::iterator longest_still(bool unsent_only);
  Worth worth(const Caller& caller) const;
  void evict_one(base::Time now);
  void end(ConnectionId connection, bool cut);
  void tell(base::Time now);

  CallerLimits limits_;
  const ServiceHooks& hooks_;
  std::function<void(ConnectionId)> gone_;
  Map callers_;
  std::set<std::pair<base::Time, ConnectionId>> deadlines_;
  std::set<ConnectionId> sending_;  // those with unsent bytes
  base::Time look_at_ = base::never;
  std::size_t bytes_ = 0;
  std::size_t unsent_bytes_ = 0;  // of these
  ConnectionId last_ = 0;
  std::uint64_t evicted_total_ = 0;
  std::uint64_t stalled_total_ = 0;
  std::uint64_t told_total_ = 0;
  base::Time told_at_;
};

}  // namespace belay::api
