// SPDX-License-Identifier: Apache-2.0
// The message rate: counted for every connection, whatever is done about it. The real limit counts
// messages of one client in a second. A setting decides between error 100, the third of which ends
// the connection, and silent pacing.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using base::Time;

constexpr std::size_t waiting_max = 10'000;
constexpr std::chrono::seconds window{1};

void forget_old(std::deque<Time>& times, Time now) {
  while (!times.empty() && now - times.front() >= window) times.pop_front();
}

}  // namespace

void Server::count_arrival(Connection& conn) {
  if (!conn.has_client()) return;
  forget_old(conn.arrivals, conn.arrived);
  conn.arrivals.push_back(conn.arrived);
  conn.peak = std::max(conn.peak, conn.arrivals.size());
  std::size_t& peak = peaks_[conn.client];
  peak = std::max(peak, conn.peak);
}

std::size_t Server::pacing_peak(ClientId client) const {
  const auto it = peaks_.find(client);
  return it == peaks_.end() ? 0 : it->second;
}

bool Server::may_take(Connection& conn, std::string_view payload) {
  const bool silent = options_.pacing == Options::Pacing::pace || conn.asks_pacing;
  if (!conn.has_client() || (!silent && options_.pacing == Options::Pacing::off)) return true;
  forget_old(conn.recent, conn.arrived);
  const auto limit = static_cast<std::size_t>(options_.pacing_per_second);
  if (conn.waiting.empty() && conn.recent.size() < limit) {
    conn.recent.push_back(conn.arrived);
    return true;
  }
  if (silent) {
    if (conn.waiting.size() >= waiting_max) {
      close(conn, "too many messages wait for their turn");
    } else {
      conn.waiting.emplace_back(payload);
    }
    return false;
  }
  ++conn.breaches;
  log_event(&conn, "refused_by_pacing", fmt::format("{} bytes", payload.size()));
  fail(conn, -1, 100,
       fmt::format("Max rate of messages per second has been exceeded:max={} rec={} ({})",
                   options_.pacing_per_second, options_.pacing_per_second + 1, conn.breaches));
  if (conn.breaches >= 3) close(conn, "the third breach of the message rate");
  return false;
}

void Server::run_paced() {
  for (auto& [id, conn] : connections_) {
    while (!conn.is_closed && !conn.waiting.empty()) {
      forget_old(conn.recent, now_);
      if (conn.recent.size() >= static_cast<std::size_t>(options_.pacing_per_second)) break;
      conn.recent.push_back(now_);
      const std::string payload = std::move(conn.waiting.front());
      conn.waiting.pop_front();
      process(conn, payload);
      flush();
    }
  }
}

Time Server::next_paced() const {
  Time next = base::never;
  for (const auto& [id, conn] : connections_) {
    if (conn.waiting.empty() || conn.recent.empty()) continue;
    next = std::min(next, conn.recent.front() + window);
  }
  return next;
}

}  // namespace belay::simtws
