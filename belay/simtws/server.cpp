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

constexpr std::size_t unread_max = std::size_t{64} << 20U;

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
      exchange_(options_, market_),
      late_(options_.seed ^ 0x6c617465U) {}

// Every entrance first does what was due before, so that the order of things is that of time.
void Server::enter(Time now) {
  now_ = std::max(now_, now);
  run_events();
  prices_moved(market_.advance(now_));
  exchange_.advance({}, now_);
  flush();
  run_bars();
  run_accounts();
  run_paced();
  read_backlog();
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
  conn.cuts = std::exchange(next_cuts_, {});
  log_event(&conn, "accepted", "");
  if (logged_out_) close(conn, "nobody is logged in");
  const auto open = std::count_if(connections_.begin(), connections_.end(),
                                  [](const auto& one) { return !one.second.is_closed; });
  if (open > options_.clients_max) close(conn, "too many clients");
  leave();
}

void Server::on_bytes(ConnId id, std::string_view bytes, Time now) {
  enter(now);
  if (Connection* conn = find(id); conn == nullptr) {
    // Too late.
  } else if (conn->silence && !conn->silence->processes) {
    log_event(conn, "unheard", fmt::format("{} bytes", bytes.size()));
  } else if (now_ < conn->reads_after) {
    conn->unread.push_back({now_, std::string(bytes)});
    conn->unread_size += bytes.size();
    if (conn->unread_size > unread_max) close(*conn, "too much is unread");
  } else {
    read(id, bytes, now_);
  }
  leave();
}

void Server::on_closed(ConnId id, Time now) {
  enter(now);
  if (Connection* conn = find(id);
      conn == nullptr || (conn->silence && !conn->silence->hears_close)) {
    // Nobody hears it.
  } else if (now_ < conn->reads_after) {
    conn->hung_up = true;
  } else {
    ended(*conn, "by the client");
  }
  leave();
}

void Server::on_overrun(ConnId id, Time now) {
  enter(now);
  if (Connection* conn = find(id); conn != nullptr) ended(*conn, "the client reads nothing");
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
  return std::min({next, next_paced(), next_backlog(), next_bar_, next_account_});
}

void Server::take_frame(Connection& conn, std::string_view payload) {
  // Of a connection that broke behind its message only an order or a cancel still matters.
  if (conn.is_closed && !conn.has_client()) return;
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
  tws::wire::append_server_hello({conn.version, ib_time(now_).append(tws::wire::simulated_mark)},
                                 bytes);
  put(conn, bytes);
}

void Server::take_message(Connection& conn, std::string_view payload) {
  if (conn.has_client() && link_faults_.is_lost(Direction::inbound, conn.client)) {
    return log_event(&conn, "lost_inbound", fmt::format("{} bytes", payload.size()));
  }
  count_arrival(conn);
  if (may_take(conn, payload)) process(conn, payload);
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
  if (outage_) return take_in_outage(conn, decoded->message);
  handle_any(conn, decoded->message);
}

void Server::handle_any(Connection& conn, const tws::wire::ClientMessage& message) {
  std::visit([&](const auto& one) { handle(conn, one); }, message);
}

void Server::close(Connection& conn, std::string_view why) {
  if (conn.is_closed) return;
  if (!conn.silence) output_.push_back(Close{conn.id});
  ended(conn, why);
}

void Server::close_all(std::string_view why) {
  for (auto& [id, conn] : connections_) close(conn, why);
}

void Server::ended(Connection& conn, std::string_view why) {
  if (conn.peak > 0) {
    log_event(&conn, "pacing_peak", fmt::format("{} messages in a second", conn.peak));
  }
  log_event(&conn, "closed", why);
  conn.is_closed = true;
  if (conn.has_client()) clients_.erase(conn.client);
}

void Server::send(Connection& conn, const tws::wire::ServerMessage& message) {
  if (conn.is_closed) return;
  if (conn.silence) return log_event(&conn, "unheard", name(message));
  const bool is_lost =
      (conn.has_client() && link_faults_.is_lost(Direction::outbound, conn.client)) ||
      loses_end(name(message));
  if (is_lost) return log_event(&conn, "lost_outbound", name(message));
  if (cut_due(conn, Direction::outbound)) {
    std::string frame;
    encode(message, conn.version, frame, {options_.extra_trailing_field});
    log_event(&conn, "cut_outbound", name(message));
    return put(conn, frame);
  }
  if (log_) {
    base::JsonWriter fields;
    print_json(message, fields, conn.version);
    log_message(conn, "out", name(message), fields.str());
  }
  encode(message, conn.version, output_of(conn), {options_.extra_trailing_field});
  count_message(conn, Direction::outbound);
}

std::string& Server::output_of(const Connection& conn) {
  Write* last = output_.empty() ? nullptr : std::get_if<Write>(&output_.back());
  if (last == nullptr || last->conn != conn.id) {
    output_.push_back(Write{conn.id, {}});
    last = &std::get<Write>(output_.back());
  }
  return last->bytes;
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
  if (outage_) return not_heard(out);
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
