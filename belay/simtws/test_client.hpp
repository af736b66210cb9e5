// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: a Server in virtual time and clients that encode and decode with
// the wire codec. A conversation is compared as short words: O(status) openOrder, S(status)
// orderStatus, X execDetails, C commissionReport, E(code) errMsg, other messages by name.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "belay/simtws/server.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::simtws::test {

namespace wire = tws::wire;
using Words = std::vector<std::string>;

inline base::Decimal dec(std::string_view text) {
  return base::Decimal::parse(text).value();
}
inline wire::Real real(std::string_view text) {
  return wire::Real::parse(text).value();
}

inline std::string word(const wire::ServerMessage& message) {
  if (const auto* o = std::get_if<wire::OpenOrder>(&message)) {
    return "O(" + o->order_state.status + ")";
  }
  if (const auto* s = std::get_if<wire::OrderStatus>(&message)) return "S(" + s->status + ")";
  if (std::holds_alternative<wire::ExecDetails>(message)) return "X";
  if (std::holds_alternative<wire::CommissionReport>(message)) return "C";
  if (const auto* e = std::get_if<wire::ErrMsg>(&message)) {
    return fmt::format("E({})", e->error_code);
  }
  return std::string(name(message));
}

struct Client {
  ConnId conn = 0;
  ClientId id = 0;
  int version = 0;
  bool simulated = false;
  bool closed = false;
  bool greeted = false;
  wire::FrameReader frames;
  std::vector<wire::ServerMessage> inbox;
  std::string raw;

  /// What came since the last call.
  std::vector<wire::ServerMessage> take() { return std::exchange(inbox, {}); }
  Words words() {
    Words out;
    for (const auto& message : take()) out.push_back(word(message));
    return out;
  }
  /// The first message of a kind that waits; the test fails without one.
  template <class Message>
  Message first() const {
    for (const auto& message : inbox) {
      if (const auto* found = std::get_if<Message>(&message)) return *found;
    }
    FAIL("no such message");
    return {};
  }
  template <class Message>
  std::vector<Message> all() const {
    std::vector<Message> out;
    for (const auto& message : inbox) {
      if (const auto* found = std::get_if<Message>(&message)) out.push_back(*found);
    }
    return out;
  }
};

class Bed {
 public:
  explicit Bed(Options options = {})
      : server(std::move(options), [this](std::string_view line) { log.emplace_back(line); }) {}

  /// A socket that has said nothing.
  Client& accept() {
    Client& client = clients_.emplace_back();
    client.conn = ++last_conn_;
    server.on_accept(client.conn, now);
    pump();
    return client;
  }
  void bytes(Client& client, std::string_view data) {
    server.on_bytes(client.conn, data, now);
    pump();
  }
  Client& greet(int max_version = 200, const std::string& options = "") {
    Client& client = accept();
    std::string out;
    wire::append_client_greeting({100, max_version, options}, out);
    bytes(client, out);
    return client;
  }
  /// Connected as `id`; the burst is left in the inbox.
  Client& start(ClientId id, int max_version = 200, const std::string& options = "") {
    Client& client = greet(max_version, options);
    client.id = id;
    send(client, wire::StartApi{id, ""});
    return client;
  }
  Client& connect(ClientId id, int max_version = 200) {
    Client& client = start(id, max_version);
    client.take();
    return client;
  }
  void send(Client& client, const wire::ClientMessage& message) {
    std::string out;
    encode(message, client.version, out);
    bytes(client, out);
  }
  void hang_up(Client& client) {
    client.closed = true;
    server.on_closed(client.conn, now);
    pump();
  }
  void pass(base::Duration time) {
    const base::Time end = now + time;
    for (;;) {
      const base::Time next = server.next_deadline();
      if (next > end) break;
      now = std::max(now, next);
      server.advance(now);
    }
    now = end;
    server.advance(now);
    pump();
  }
  void price(std::string_view symbol, std::string_view bid, std::string_view ask) {
    server.set_price(symbol, dec(bid), dec(ask), now);
    pump();
  }
  void pump() {
    for (const Action& action : server.take_output()) {
      if (const auto* end = std::get_if<Close>(&action)) {
        if (Client* client = find(end->conn)) client->closed = true;
        continue;
      }
      const Write& write = std::get<Write>(action);
      Client* client = find(write.conn);
      REQUIRE(client != nullptr);
      receive(*client, write.bytes);
    }
  }

  std::vector<std::string> log;
  Server server;
  base::Time now = base::parse_rfc3339("2026-11-20T15:00:00Z").value();  // a Friday, 10:00

 private:
  Client* find(ConnId conn) {
    for (Client& client : clients_) {
      if (client.conn == conn) return &client;
    }
    return nullptr;
  }
  void receive(Client& client, std::string_view data) {
    client.raw += data;
    for (;;) {
      const auto step = client.frames.next(data);
      REQUIRE(step.status != wire::FrameReader::Status::broken);
      if (step.status == wire::FrameReader::Status::need_more) return;
      if (!client.greeted) {
        client.greeted = true;
        const auto hello = wire::parse_server_hello(step.payload).value();
        client.version = hello.server_version;
        client.simulated = hello.is_simulated();
        continue;
      }
      auto decoded = wire::decode_server(step.payload, client.version);
      REQUIRE(decoded.has_value());
      if (!server.options().extra_trailing_field) REQUIRE(decoded->trailing.empty());
      client.inbox.push_back(std::move(decoded->message));
    }
  }

  std::deque<Client> clients_;
  ConnId last_conn_ = 0;
};

inline wire::Contract stock(const std::string& symbol) {
  wire::Contract out;
  out.symbol = symbol;
  out.sec_type = "STK";
  out.exchange = "SMART";
  out.currency = "USD";
  return out;
}

/// A day order for AAPL, quoted 190.00 to 190.02 in a market at rest.
inline wire::PlaceOrder place(OrderId id, const std::string& side, std::string_view quantity,
                              const std::string& type, std::string_view limit = "",
                              std::string_view aux = "") {
  wire::PlaceOrder out;
  out.order_id = id;
  out.contract = stock("AAPL");
  out.order.action = side;
  out.order.total_quantity = real(quantity);
  out.order.order_type = type;
  out.order.lmt_price = real(limit);
  out.order.aux_price = real(aux);
  out.order.tif = "DAY";
  return out;
}
/// An order to buy that waits below the market.
inline wire::PlaceOrder resting(OrderId id, std::string_view limit = "150") {
  return place(id, "BUY", "100", "LMT", limit);
}
inline wire::CancelOrder cancel(OrderId id) {
  return {id, "", "", std::nullopt};
}

}  // namespace belay::simtws::test
