// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/json_writer.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/simtws/time_text.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::simtws {
namespace {

using base::Time;
using tws::wire::FrameReader;

constexpr std::size_t waiting_max = 10'000;

bool is_master_news(const tws::wire::ServerMessage& message) {
  return std::holds_alternative<tws::wire::OpenOrder>(message) ||
         std::holds_alternative<tws::wire::OrderStatus>(message) ||
         std::holds_alternative<tws::wire::ExecDetails>(message) ||
         std::holds_alternative<tws::wire::CommissionReport>(message);
}

Options checked(Options options) {
  options.max_server_version = std::clamp(options.max_server_version, tws::wire::min_server_version,
                                          tws::wire::max_server_version);
  if (options.accounts.empty()) options.accounts = Options{}.accounts;
  options.history_max = std::max<std::size_t>(options.history_max, 1);
  options.pacing_per_second = std::max(options.pacing_per_second, 1);
  std::stable_sort(options.events.begin(), options.events.end(),
                   [](const auto& a, const auto& b) { return a.after < b.after; });
  return options;
}

}  // namespace

Server::Server(Options options, Log log)
    : options_(checked(std::move(options))),
      log_(std::move(log)),
      market_(options_.seed, options_.market_step),
      exchange_(options_, market_) {}

// Every entrance first does what was due before, so that the order of things is that of time.
void Server::enter(Time now) {
  now_ = std::max(now_, now);
  run_events();
  prices_moved(market_.advance(now_));
  exchange_.advance({}, now_);
  flush();
  run_paced();
}

void Server::leave() {
  flush();
  for (auto it = connections_.begin(); it != connections_.end();) {
    it = it->second.is_closed ? connections_.erase(it) : std::next(it);
  }
}

void Server::on_accept(ConnId id, Time now) {
  enter(now);
  if (!first_accept_) first_accept_ = now_;
  Connection& conn = connections_[id];
  conn.id = id;
  log_event(&conn, "accepted", "");
  const auto open = std::count_if(connections_.begin(), connections_.end(),
                                  [](const auto& one) { return !one.second.is_closed; });
  if (open > options_.clients_max) close(conn, "too many clients");
  leave();
}

void Server::on_bytes(ConnId id, std::string_view bytes, Time now) {
  enter(now);
  Connection* conn = find(id);
  while (conn != nullptr) {
    const FrameReader::Step step = conn->frames.next(bytes);
    if (step.status == FrameReader::Status::need_more) break;
    if (step.status == FrameReader::Status::broken) {
      close(*conn, "the bytes are no TWS frames");
      break;
    }
    take_frame(*conn, step.payload);
    flush();
    conn = find(id);
  }
  leave();
}

void Server::on_closed(ConnId id, Time now) {
  enter(now);
  if (Connection* conn = find(id); conn != nullptr) {
    log_event(conn, "closed", "by the client");
    conn->is_closed = true;
    if (conn->has_client()) clients_.erase(conn->client);
  }
  leave();
}

void Server::advance(Time now) {
  enter(now);
  leave();
}

Time Server::next_deadline() const {
  Time next = std::min(exchange_.next_deadline(), market_.next_step());
  if (first_accept_ && events_done_ < options_.events.size()) {
    next = std::min(next, *first_accept_ + options_.events[events_done_].after);
  }
  for (const auto& [id, conn] : connections_) {
    if (conn.waiting.empty() || conn.recent.empty()) continue;
    next = std::min(next, conn.recent.front() + std::chrono::seconds(1));
  }
  return next;
}

void Server::run_events() {
  while (first_accept_ && events_done_ < options_.events.size() &&
         *first_accept_ + options_.events[events_done_].after <= now_) {
    const ScenarioEvent event = options_.events[events_done_++];
    switch (event.action) {
      case ScenarioEvent::Do::restart:
        for (auto& [id, conn] : connections_) close(conn, "restart");
        break;
      case ScenarioEvent::Do::notice:
        for (auto& [id, conn] : connections_) {
          if (conn.has_client()) fail(conn, -1, event.code, event.text);
        }
        break;
      case ScenarioEvent::Do::price:
        prices_moved(market_.set_price(event.symbol, event.bid, event.ask));
        break;
      case ScenarioEvent::Do::transmit:
        exchange_.transmit({event.client_id, event.order_id}, now_);
        break;
    }
  }
}

void Server::take_frame(Connection& conn, std::string_view payload) {
  if (conn.phase == Connection::Phase::greeting) return greet(conn, payload);
  take_message(conn, payload);
}

void Server::greet(Connection& conn, std::string_view payload) {
  const auto greeting = tws::wire::parse_client_greeting(payload);
  if (!greeting) return close(conn, "the greeting cannot be read: " + greeting.error().detail);
  const auto version = tws::wire::agree_version(*greeting, options_.max_server_version);
  if (!version || *version < tws::wire::min_server_version) {
    return close(conn, fmt::format("no common version: the client speaks {} to {}",
                                   greeting->min_version, greeting->max_version));
  }
  conn.version = *version;
  conn.asks_pacing = greeting->connect_options.find("+PACEAPI") != std::string::npos;
  conn.phase = Connection::Phase::start_api;
  log_event(&conn, "greeting",
            fmt::format("client {} to {}, server version {}", greeting->min_version,
                        greeting->max_version, conn.version));
  std::string bytes;
  tws::wire::append_server_hello({conn.version, ib_time(now_)}, bytes);
  output_.push_back(Write{conn.id, std::move(bytes)});
}

bool Server::is_lost(std::map<ClientId, std::multiset<std::int32_t>>& lost, ClientId client) const {
  const auto it = lost.find(client);
  if (it == lost.end() || it->second.empty()) return false;
  std::multiset<std::int32_t> next;
  for (const std::int32_t nth : it->second) {
    if (nth > 1) next.insert(nth - 1);
  }
  const bool hit = next.size() != it->second.size();
  it->second = std::move(next);
  return hit;
}

void Server::take_message(Connection& conn, std::string_view payload) {
  if (conn.has_client() && is_lost(lost_in_, conn.client)) {
    return log_event(&conn, "lost_inbound", fmt::format("{} bytes", payload.size()));
  }
  if (may_take(conn, payload)) process(conn, payload);
}

// The real limit counts messages of one client in a second. A setting decides between error 100,
// the third of which ends the connection, and silent pacing.
bool Server::may_take(Connection& conn, std::string_view payload) {
  const bool silent = options_.pacing == Options::Pacing::pace || conn.asks_pacing;
  if (!conn.has_client() || (!silent && options_.pacing == Options::Pacing::off)) return true;
  while (!conn.recent.empty() && now_ - conn.recent.front() >= std::chrono::seconds(1)) {
    conn.recent.pop_front();
  }
  const auto limit = static_cast<std::size_t>(options_.pacing_per_second);
  if (conn.waiting.empty() && conn.recent.size() < limit) {
    conn.recent.push_back(now_);
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
      while (!conn.recent.empty() && now_ - conn.recent.front() >= std::chrono::seconds(1)) {
        conn.recent.pop_front();
      }
      if (conn.recent.size() >= static_cast<std::size_t>(options_.pacing_per_second)) break;
      conn.recent.push_back(now_);
      const std::string payload = std::move(conn.waiting.front());
      conn.waiting.pop_front();
      process(conn, payload);
      flush();
    }
  }
}

void Server::process(Connection& conn, std::string_view payload) {
  const auto decoded = tws::wire::decode_client(payload, conn.version);
  if (!decoded) {
    const std::string why = to_string(decoded.error());
    log_event(&conn, "unreadable", why);
    if (conn.has_client()) fail(conn, -1, 320, "Error reading request. " + why);
    return;
  }
  if (log_) {
    base::JsonWriter fields;
    print_json(decoded->message, fields, conn.version);
    log_message(conn, "in", name(decoded->message), fields.str());
  }
  // Requests before startApi are dropped in silence.
  const bool starts = std::holds_alternative<tws::wire::StartApi>(decoded->message);
  if (!conn.has_client() && !starts) return log_event(&conn, "ignored", "before startApi");
  std::visit([&](const auto& message) { handle(conn, message); }, decoded->message);
}

void Server::close(Connection& conn, std::string_view why) {
  if (conn.is_closed) return;
  conn.is_closed = true;
  if (conn.has_client()) clients_.erase(conn.client);
  output_.push_back(Close{conn.id});
  log_event(&conn, "closed", why);
}

void Server::send(Connection& conn, const tws::wire::ServerMessage& message) {
  if (conn.is_closed) return;
  if (conn.has_client() && is_lost(lost_out_, conn.client)) {
    return log_event(&conn, "lost_outbound", name(message));
  }
  if (log_) {
    base::JsonWriter fields;
    print_json(message, fields, conn.version);
    log_message(conn, "out", name(message), fields.str());
  }
  Write* last = output_.empty() ? nullptr : std::get_if<Write>(&output_.back());
  if (last == nullptr || last->conn != conn.id) {
    output_.push_back(Write{conn.id, {}});
    last = &std::get<Write>(output_.back());
  }
  encode(message, conn.version, last->bytes, {options_.extra_trailing_field});
}

void Server::fail(Connection& conn, std::int32_t id, std::int32_t code, std::string text) {
  send(conn, error_message(id, code, std::move(text), now_));
}

void Server::flush() {
  for (const Outgoing& out : exchange_.take()) deliver(out);
}

void Server::deliver(const Outgoing& out) {
  Connection* owner = find_client(out.client);
  if (const auto* note = std::get_if<Note>(&out.what)) {
    return log_event(owner, note->name, fmt::format("order id {}", note->order_id));
  }
  if (std::holds_alternative<CloseClient>(out.what)) {
    if (owner != nullptr) close(*owner, "by rule");
    return;
  }
  if (const auto* change = std::get_if<PositionChanged>(&out.what)) {
    for (auto& [id, conn] : connections_) position_changed(conn, *change);
    return;
  }
  const auto& message = std::get<tws::wire::ServerMessage>(out.what);
  if (owner != nullptr) send(*owner, message);
  const bool to_master = options_.master_client_id && *options_.master_client_id != out.client;
  if (!to_master || !is_master_news(message)) return;
  if (Connection* master = find_client(*options_.master_client_id)) send(*master, message);
}

Connection* Server::find(ConnId id) {
  const auto it = connections_.find(id);
  return it == connections_.end() || it->second.is_closed ? nullptr : &it->second;
}

Connection* Server::find_client(ClientId client) {
  const auto it = clients_.find(client);
  return it == clients_.end() ? nullptr : find(it->second);
}

void Server::log_message(const Connection& conn, std::string_view dir, std::string_view name,
                         std::string_view fields) {
  base::JsonWriter line;
  line.begin_object().field("t", now_.unix_ns()).key("client");
  conn.has_client() ? line.integer(conn.client) : line.null();
  line.field("conn", static_cast<std::int64_t>(conn.id)).field("dir", dir).field("name", name);
  line.key("fields").raw(fields).end_object();
  log_(line.str());
}

void Server::log_event(const Connection* conn, std::string_view name, std::string_view detail) {
  if (!log_) return;
  base::JsonWriter line;
  line.begin_object().field("t", now_.unix_ns()).key("client");
  conn != nullptr && conn->has_client() ? line.integer(conn->client) : line.null();
  line.key("conn");
  conn != nullptr ? line.integer(static_cast<std::int64_t>(conn->id)) : line.null();
  line.field("dir", "event").field("name", name).key("fields").begin_object();
  if (!detail.empty()) line.field("detail", detail);
  line.end_object().end_object();
  log_(line.str());
}

}  // namespace belay::simtws
