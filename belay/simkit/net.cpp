// SPDX-License-Identifier: Apache-2.0
#include "belay/simkit/net.hpp"

#include <algorithm>

namespace belay::simkit {

base::Duration Net::latency() {
  return base::Duration(
      random_.between(options_.latency_min.count(), options_.latency_max.count()));
}

Net::Connection* Net::find(End end) {
  const auto it = connections_.find(id_of(end));
  return it == connections_.end() ? nullptr : &it->second;
}

bool Net::is_open(End end) const {
  const auto it = connections_.find(id_of(end));
  return it != connections_.end() && !it->second.cut && it->second.sides[end & 1U].open;
}

void Net::listen(const std::string& name, std::function<StreamEnd(End)> accept) {
  listeners_[name] = std::move(accept);
}

void Net::connect(const std::string& name, StreamEnd client, std::function<void(End)> done) {
  scheduler_.after(latency(), [this, name, client = std::move(client), done = std::move(done)] {
    const auto listener = listeners_.find(name);
    if (listener == listeners_.end()) return done(no_end);
    const std::uint64_t id = ++made_;
    const End client_end = id * 2;
    Connection& connection = connections_[id];
    connection.sides[0].handlers = client;
    connection.sides[1].handlers = listener->second(client_end + 1);
    done(client_end);
  });
}

// Chunks of one direction never overtake each other.
base::Time Net::arrival(Connection& connection, Side& to) {
  base::Time when = scheduler_.now() + latency();
  when = std::max({when, to.quiet_until, connection.stalled_until});
  to.quiet_until = when;
  return when;
}

void Net::send(End end, std::string_view bytes) {
  Connection* connection = find(end);
  if (connection == nullptr || connection->cut || connection->breaking || bytes.empty()) return;
  const End to = other(end);
  Side& side = connection->sides[to & 1U];
  std::size_t first = bytes.size();
  if (bytes.size() > 1 && random_.chance(options_.split_percent)) {
    first =
        static_cast<std::size_t>(random_.between(1, static_cast<std::int64_t>(bytes.size()) - 1));
  }
  for (const auto part : {bytes.substr(0, first), bytes.substr(first)}) {
    if (part.empty()) continue;
    scheduler_.at(arrival(*connection, side),
                  [this, to, chunk = std::string(part)] { deliver(to, chunk); });
  }
}

void Net::deliver(End to, const std::string& bytes) {
  Connection* connection = find(to);
  if (connection == nullptr || connection->cut) return;
  Side& side = connection->sides[to & 1U];
  if (!side.open) return;
  // The handler may close or cut: it is copied so that it outlives the connection.
  const auto handler = side.handlers.on_bytes;
  handler(bytes);
}

void Net::tell_closed(End to, const std::string& reason) {
  Connection* connection = find(to);
  if (connection == nullptr) return;
  Side& side = connection->sides[to & 1U];
  if (side.open) {
    side.open = false;
    const auto handler = side.handlers.on_closed;
    handler(reason);
  }
  drop_if_done(id_of(to));
}

void Net::drop_if_done(std::uint64_t id) {
  const auto it = connections_.find(id);
  if (it == connections_.end()) return;
  if (!it->second.sides[0].open && !it->second.sides[1].open) connections_.erase(it);
}

void Net::close(End end) {
  Connection* connection = find(end);
  if (connection == nullptr || !connection->sides[end & 1U].open) return;
  connection->sides[end & 1U].open = false;
  const End to = other(end);
  scheduler_.at(arrival(*connection, connection->sides[to & 1U]),
                [this, to] { tell_closed(to, "closed by the peer"); });
}

void Net::cut(End end) {
  Connection* connection = find(end);
  if (connection == nullptr || connection->cut) return;
  connection->breaking = true;
  // What is under way arrives up to a random moment; deliver() refuses the rest.
  const base::Duration grace = base::Duration(random_.between(0, options_.latency_max.count()));
  scheduler_.after(grace, [this, end] {
    Connection* cut_now = find(end);
    if (cut_now == nullptr || cut_now->cut) return;
    cut_now->cut = true;
    tell_closed(end, "connection reset");
    tell_closed(other(end), "connection reset");
  });
}

void Net::stall_towards(End to, base::Time until) {
  if (Connection* connection = find(to)) {
    Side& side = connection->sides[to & 1U];
    side.quiet_until = std::max(side.quiet_until, until);
  }
}

void Net::stall(End end, base::Time until) {
  if (Connection* connection = find(end)) {
    connection->stalled_until = std::max(connection->stalled_until, until);
  }
}

}  // namespace belay::simkit
