// SPDX-License-Identifier: Apache-2.0
// What happens to bytes between a client and the server: they are read into messages, late when
// nobody reads, and a message may break off in the middle.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/server.hpp"

namespace belay::simtws {

using base::Time;
using tws::wire::FrameReader;

std::optional<std::size_t> Server::cut_due(const Connection& conn, Direction direction) const {
  const auto own = conn.cuts.due(direction);
  if (!conn.has_client()) return own;
  const auto of_client = link_faults_.cut_due(direction, conn.client);
  return own && of_client ? std::min(*own, *of_client) : own ? own : of_client;
}

void Server::count_message(Connection& conn, Direction direction) {
  conn.cuts.count(direction);
  if (conn.has_client()) link_faults_.count(direction, conn.client);
}

void Server::put(Connection& conn, std::string_view frame) {
  if (conn.is_closed || conn.silence) return;
  const auto cut = cut_due(conn, Direction::outbound);
  count_message(conn, Direction::outbound);
  const std::string_view part = cut ? frame.substr(0, *cut) : frame;
  if (!part.empty()) output_of(conn) += part;
  if (cut) close(conn, fmt::format("cut at byte {} of {}", part.size(), frame.size()));
}

void Server::read(ConnId id, std::string_view bytes, Time at) {
  Connection* conn = find(id);
  while (conn != nullptr && !bytes.empty()) {
    conn->arrived = at;
    const auto cut = cut_due(*conn, Direction::inbound);
    const std::size_t room = cut ? *cut - std::min(*cut, conn->in_frame) : bytes.size();
    std::string_view part = bytes.substr(0, room);
    const std::size_t before = part.size();
    const FrameReader::Step step = conn->frames.next(part);
    const std::size_t used = before - part.size();
    bytes.remove_prefix(used);
    conn->in_frame += used;
    if (step.status == FrameReader::Status::broken)
      return close(*conn, "the bytes are no TWS frames");
    if (step.status == FrameReader::Status::need_more) {
      if (!cut || conn->in_frame < *cut) return;
      count_message(*conn, Direction::inbound);
      return close(*conn, fmt::format("cut at byte {} of an incoming message", *cut));
    }
    conn->in_frame = 0;
    count_message(*conn, Direction::inbound);
    if (cut) close(*conn, "cut behind an incoming message");
    take_frame(*conn, step.payload);
    flush();
    conn = find(id);
  }
}

void Server::read_backlog() {
  for (auto& [id, conn] : connections_) {
    if (now_ < conn.reads_after) continue;
    while (!conn.unread.empty() && !conn.is_closed) {
      const Connection::Unread next = std::move(conn.unread.front());
      conn.unread.pop_front();
      read(id, next.bytes, next.at);
    }
    conn.unread_size = 0;
    if (conn.hung_up && !conn.is_closed) ended(conn, "by the client");
  }
}

Time Server::next_backlog() const {
  Time next = base::never;
  for (const auto& [id, conn] : connections_) {
    const bool waits = !conn.unread.empty() || conn.hung_up;
    if (!conn.is_closed && waits) next = std::min(next, conn.reads_after);
  }
  return next;
}

bool Server::loses_end(std::string_view name) {
  if (options_.lose_end_of.empty()) return false;
  const std::string word(name);
  if (options_.lose_end_of.count(word) == 0) return false;
  std::int32_t& lost = ends_lost_[word];
  if (options_.lose_end_times != 0 && lost >= options_.lose_end_times) return false;
  ++lost;
  return true;
}

void Server::disconnect(ConnId id, Time now) {
  enter(now);
  if (Connection* conn = find(id); conn != nullptr) close(*conn, "by fault");
  leave();
}

void Server::disconnect_client(ClientId client, Time now) {
  enter(now);
  if (Connection* conn = find_client(client); conn != nullptr) close(*conn, "by fault");
  leave();
}

bool Server::go_silent(ClientId client, Silence how, Time now) {
  enter(now);
  Connection* conn = find_client(client);
  if (conn != nullptr) {
    conn->silence = how;
    log_event(conn, "silent", how.processes ? "answers are lost" : "nothing arrives");
  }
  leave();
  return conn != nullptr;
}

bool Server::stall_reading(ClientId client, Time until, Time now) {
  enter(now);
  Connection* conn = find_client(client);
  if (conn != nullptr) {
    conn->reads_after = std::max(conn->reads_after, until);
    log_event(conn, "stalled", "");
  }
  leave();
  return conn != nullptr;
}

}  // namespace belay::simtws
