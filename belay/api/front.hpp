// SPDX-License-Identifier: Apache-2.0
// Front: takes requests off the connections, one at a time from each caller, and puts answers on
// them. What a request means is for `dispatch` to say. A request that came behind another one waits
// for its turn, so that the length of a packet is never the length of a turn.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "belay/api/exchange.hpp"
#include "belay/api/problem.hpp"

namespace belay::api {

class Front {
 public:
  using Dispatch = std::function<void(Exchange&)>;
  /// `hooks` outlive this. `gone` is told of every connection that ends here.
  Front(const CallerLimits& limits, const ServiceHooks& hooks, Dispatch dispatch,
        std::function<void(ConnectionId)> gone)
      : dispatch_(std::move(dispatch)), callers_(limits, hooks, std::move(gone)) {}

  void receive(ConnectionId connection, std::string_view bytes, base::Time now);
  void input_ended(ConnectionId connection, base::Time now);
  void drained(ConnectionId connection, base::Time now);
  /// A request that came behind another one; false: there is none.
  bool serve_later(base::Time now);
  bool has_later() const { return !later_.empty(); }

  void respond(const ExchangeKey& to, HttpResponse response, base::Time now);
  /// What was answered to this caller leaves, and the request behind it may come.
  void go_on(ConnectionId connection, base::Time now);

  Callers& callers() { return callers_; }
  const Callers& callers() const { return callers_; }
  const std::map<unsigned, std::uint64_t>& answers_by_status() const { return answers_by_status_; }

 private:
  void serve_next(ConnectionId connection, base::Time now);
  void later(ConnectionId connection);

  Dispatch dispatch_;
  Callers callers_;
  std::deque<ConnectionId> later_;  // callers that may hold a further request
  std::set<ConnectionId> is_later_;
  std::map<unsigned, std::uint64_t> answers_by_status_;
};

void respond(const Exchange& exchange, HttpResponse response);
void respond(const Exchange& exchange, unsigned status, std::string json, Headers more = {});
void respond(const Exchange& exchange, const Problem& problem, Headers more = {});

}  // namespace belay::api
