// SPDX-License-Identifier: Apache-2.0
// The broker's day and week: what is listed of the past, what the daily reset ends, when nobody is
// logged in.
#include <algorithm>

#include "belay/simtws/reports.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {

using base::Time;

Time Server::day_began() const {
  return listed_since(1);
}

// A reset between two midnights begins a day, too.
Time Server::listed_since(std::int32_t days) const {
  if (days <= 0) return Time{};
  const Time since = broker_day(now_, options_.day_begins_minute, days - 1);
  return days == 1 ? std::max(since, last_reset_) : since;
}

void Server::reset_day(ResetAs how) {
  flush();
  if (how == ResetAs::restart) {
    restart_now(RestartLoss::nothing);
  } else {
    outage_begins(1100);
  }
  last_reset_ = now_;
  const Time at = options_.expired_listed ? now_ : now_ - base::Duration(1);
  exchange_.expire_day_orders(at, now_);
  flush();
}

void Server::daily_reset(Time now, ResetAs how) {
  enter(now);
  reset_day(how);
  leave();
}

void Server::logout(Time now) {
  enter(now);
  logged_out_ = true;
  close_all("logout");
  leave();
}

void Server::login(Time now) {
  enter(now);
  logged_out_ = false;
  leave();
}

// Some gateways tell a client that connects what was done today, as if it happened now.
void Server::replay_executions(Connection& conn) {
  const bool all = options_.master_client_id == conn.client;
  for (const SimExecution& one : book().executions_since(day_began())) {
    if (one.superseded || (!all && one.key.first != conn.client)) continue;
    send(conn, exec_details(one, -1, exchange_.venue(one.con_id)));
    if (one.is_paid()) send(conn, commission_report(one));
  }
}

}  // namespace belay::simtws
