// SPDX-License-Identifier: Apache-2.0
// Net: a seeded network of byte streams in virtual time. Bytes keep their order and arrive in
// chunks cut anywhere, after a latency; a connection can be cut so that what is under way is lost
// (a random part of it still arrives), stalled, or refused. It knows no protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "belay/base/prng.hpp"
#include "belay/base/time.hpp"
#include "belay/simkit/scheduler.hpp"

namespace belay::simkit {

struct NetOptions {
  base::Duration latency_min = std::chrono::microseconds(20);
  base::Duration latency_max = std::chrono::milliseconds(2);
  unsigned split_percent = 30;  ///< chance that a write arrives in two chunks
};

/// One end of a connection, as its owner sees it. `on_closed` is called once, unless the owner
/// closed this end itself.
struct StreamEnd {
  std::function<void(std::string_view)> on_bytes;
  std::function<void(const std::string& reason)> on_closed;
};

class Net {
 public:
  /// `id * 2` and `id * 2 + 1` are the two ends of connection `id`.
  using End = std::uint64_t;
  static constexpr End no_end = 0;

  Net(Scheduler& scheduler, std::uint64_t seed, NetOptions options = {})
      : scheduler_(scheduler), random_(seed), options_(options) {}

  /// `accept` is given the server's end and returns its handlers.
  void listen(const std::string& name, std::function<StreamEnd(End)> accept);
  void unlisten(const std::string& name) { listeners_.erase(name); }

  /// Connects after a latency: `done` gets the client's end, or no_end when nobody listens.
  void connect(const std::string& name, StreamEnd client, std::function<void(End)> done);
  void send(End end, std::string_view bytes);
  /// Ends the connection from this side; what was sent before still arrives.
  void close(End end);
  /// The cable is pulled: of what is under way a random part arrives, then both ends are told.
  void cut(End end);
  /// Nothing arrives on this connection before `until`.
  void stall(End end, base::Time until);
  /// Nothing arrives at this end before `until`; the other direction goes on.
  void stall_towards(End to, base::Time until);
  bool is_open(End end) const;

 private:
  struct Side {
    StreamEnd handlers;
    bool open = true;        // the owner still listens
    base::Time quiet_until;  // arrival of the last chunk towards this side
  };
  struct Connection {
    Side sides[2];
    bool cut = false;
    base::Time stalled_until;
    bool breaking = false;  // what is under way may arrive, nothing is sent behind it
  };
  static std::uint64_t id_of(End end) { return end / 2; }
  static End other(End end) { return end ^ 1U; }
  Connection* find(End end);
  base::Time arrival(Connection& connection, Side& to);
  void deliver(End to, const std::string& bytes);
  void tell_closed(End to, const std::string& reason);
  void drop_if_done(std::uint64_t id);
  base::Duration latency();

  Scheduler& scheduler_;
  base::Prng random_;
  NetOptions options_;
  std::map<std::string, std::function<StreamEnd(End)>> listeners_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t made_ = 0;
};

}  // namespace belay::simkit
