// SPDX-License-Identifier: Apache-2.0
// Service: what callers talk to. It puts its parts together: a request comes off a connection
// (front), passes the guard and the table of routes, and its handler answers from the view or gives
// a command to the waits, which answer when the view shows what became of it. No I/O and no clock:
// bytes, replies and times come in, bytes go out through hooks, so the simulation runs it
// unchanged.
//
// Invariants: 1. everything is answered from the view; 2. every command is answered once, at the
// latest at its deadline, and silence of the broker is 202, never a failure; 3. sessions, waits and
// stream buffers are bounded; 4. no call makes more than a piece of a long answer: a command waits
// for pieces, never for answers.
#pragma once

#include <string_view>

#include "belay/api/api.hpp"

namespace belay::api {

class Service {
 public:
  Service(ServiceOptions options, engine::Commands& commands, const views::LiveView& view,
          ServiceHooks hooks);

  /// Where archived orders are; without one there are none.
  void attach(engine::History& history) { api_.reads.attach(history); }
  /// Takes the history's answers to the questions of this service.
  void on_history(const engine::HistoryAnswer& answer, base::Time now) {
    api_.reads.on_history(answer, now);
  }

  /// A new connection. It is always taken; another may have to give way.
  ConnectionId open(base::Time now);
  void receive(ConnectionId connection, std::string_view bytes, base::Time now) {
    api_.front.receive(connection, bytes, now);
  }
  /// The peer has ended its direction, and may read what it asked for.
  void input_ended(ConnectionId connection, base::Time now) {
    api_.front.input_ended(connection, now);
  }
  /// The peer is gone; finish() is not called for it any more.
  void closed(ConnectionId connection) { api_.front.callers().closed(connection); }
  /// The peer has taken all of its bytes.
  void drained(ConnectionId connection, base::Time now) { api_.front.drained(connection, now); }

  /// Takes what the engine's reply hook gives.
  void on_reply(const core::Reply& reply, base::Time now) { api_.waits.on_reply(reply, now); }
  /// Takes what the view's event listener gives, from the replay of the journal on. Answers follow
  /// in turn().
  void on_event(const views::EventLine& line) { api_.waits.on_event(line); }
  /// After engine.turn(): answers waiting callers, moves streams on, ends what is late.
  void turn(base::Time now);
  base::Time next_deadline() const;
  /// One piece of what waits behind commands: a request that came behind another, a part of a long
  /// answer or of streams. False when there was nothing to do. turn() follows before the loop
  /// waits.
  bool work(base::Time now);

  /// The requests that made an order what it is.
  const Correlations& correlations() const { return api_.waits.correlations(); }
  std::size_t connections() const { return api_.front.callers().size(); }
  std::size_t streams() const { return api_.streams.size(); }
  std::size_t waiting() const { return api_.waits.size(); }

 private:
  void dispatch(Exchange& exchange);
  bool has_work() const;

  Api api_;
  unsigned next_work_ = 0;
};

}  // namespace belay::api
