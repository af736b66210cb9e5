// SPDX-License-Identifier: Apache-2.0
// Floor: one simulated gateway with a daemon, other programs (raw clients of simtws's test bed) and
// a person at the TWS window, on one thread under virtual time. The daemon's two connections are
// carried as a host would; a caller asks it over HTTP.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/api/json.hpp"
#include "belay/journal/memory_journal.hpp"
#include "belay/simtws/test_client.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::floor {

namespace sim = simtws::test;
namespace wire = tws::wire;

struct Answer {
  unsigned status = 0;
  api::Json json;
  std::string text(std::string_view name) const { return std::string(json.text_of(name)); }
};

class Floor {
 public:
  explicit Floor(std::int32_t client_id, bool bind_manual = false, simtws::Options options = {})
      : server_(std::move(options), [this](std::string_view line) { log.emplace_back(line); }) {
    app::DaemonOptions daemon;
    tws::TwsBrokerOptions gateway;
    gateway.session.client_id = client_id;
    gateway.bind_manual = bind_manual;
    daemon.make_broker = tws::maker(gateway);
    daemon_ = std::make_unique<app::Daemon>(daemon, journal_, hooks());
    REQUIRE(daemon_->start(core::InstanceId(0xfeed), now).has_value());
    run();
    caller_ = daemon_->api().open(now);
  }

  // ---- other programs and the person ----
  sim::Client& connect(simtws::ClientId id) {
    sim::Client& client = clients_.emplace_back();
    client.conn = ++last_conn_;
    client.id = id;
    server_.on_accept(client.conn, now);
    std::string greeting;
    wire::append_client_greeting({100, 200, ""}, greeting);
    server_.on_bytes(client.conn, greeting, now);
    run();
    send(client, wire::StartApi{id, ""});
    return client;
  }
  void send(sim::Client& client, const wire::ClientMessage& message) {
    std::string out;
    encode(message, 200, out);
    server_.on_bytes(client.conn, out, now);
    run();
  }
  void hang_up(sim::Client& client) {
    client.closed = true;
    server_.on_closed(client.conn, now);
    run();
  }
  simtws::PermId by_hand(const wire::PlaceOrder& order) {
    const auto perm_id = server_.place_manual(order.contract, order.order, now);
    REQUIRE(perm_id.has_value());
    run();
    return *perm_id;
  }

  // ---- the caller ----
  void ask(std::string_view method, std::string_view target, std::string_view body = "") {
    // A connection that was idle for long is closed by the daemon.
    if (std::exchange(caller_gone_, false)) caller_ = daemon_->api().open(now);
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost:8001\r\n", method, target);
    if (!body.empty()) {
      text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    }
    daemon_->api().receive(caller_, text + "\r\n" + std::string(body), now);
    run();
  }
  Answer call(std::string_view method, std::string_view target, std::string_view body = "") {
    answer_.clear();
    ask(method, target, body);
    for (int i = 0; i < 300 && answer_.empty(); ++i) pass(std::chrono::milliseconds(20));
    REQUIRE(answer_.size() > 12);
    Answer answer;
    answer.status = static_cast<unsigned>(std::stoi(answer_.substr(9, 3)));
    auto json = api::Json::parse(answer_.substr(answer_.find("\r\n\r\n") + 4));
    REQUIRE(json.has_value());
    answer.json = std::move(*json);
    return answer;
  }
  Answer order(simtws::PermId perm_id) {
    return call("GET", fmt::format("/api/v1/orders/perm:{}", perm_id));
  }

  /// The main link breaks; it comes back by itself.
  void cut() {
    const simtws::ConnId conn = ends_[0];
    server_.on_closed(conn, now);
    drop(conn);
    run();
  }
  /// The n-th message from now on that this client sends never arrives.
  void lose(simtws::ClientId client, std::int32_t nth) { server_.lose_inbound(client, nth); }

  void pass(base::Duration time) {
    const base::Time end = now + time;
    while (true) {
      const base::Time next = std::min(server_.next_deadline(), daemon_->next_deadline(now));
      if (next > end) break;
      now = std::max(next, now + std::chrono::microseconds(50));
      server_.advance(now);
      run();
    }
    now = std::max(now, end);
    run();
  }
  /// How often the simulated TWS got this message, or saw this event ("closed"), from a client.
  int seen(simtws::ClientId client, std::string_view name) const {
    const std::string who = fmt::format("\"client\":{},", client);
    const std::string what = fmt::format("\"name\":\"{}\"", name);
    int count = 0;
    for (const std::string& line : log) {
      const bool out = line.find("\"dir\":\"out\"") != std::string::npos;
      if (!out && line.find(who) != std::string::npos && line.find(what) != std::string::npos) {
        ++count;
      }
    }
    return count;
  }
  const app::Daemon& daemon() const { return *daemon_; }
  const simtws::Server& server() const { return server_; }

  base::Time now = base::parse_rfc3339("2026-11-20T15:00:00Z").value();
  std::vector<std::string> log;

 private:
  app::DaemonHooks hooks() {
    app::DaemonHooks hooks;
    hooks.reply = [](const core::Reply&) {};
    hooks.fatal = [](const std::string& why) { FAIL(why); };
    hooks.log = [](const std::string&) {};
    hooks.api.send = [this](api::ConnectionId, std::string_view bytes) { answer_ += bytes; };
    hooks.api.finish = [this](api::ConnectionId id, bool) { caller_gone_ = id == caller_; };
    hooks.api.unsent = [](api::ConnectionId) { return std::size_t{0}; };
    return hooks;
  }
  // Carries bytes between everybody until nothing moves.
  void run() {
    for (bool moved = true; moved;) {
      moved = carry(broker::Channel::main);
      moved = carry(broker::Channel::second) || moved;
      for (const auto& action : server_.take_output()) {
        moved = true;
        if (const auto* write = std::get_if<simtws::Write>(&action)) {
          deliver(write->conn, write->bytes);
        } else {
          drop(std::get<simtws::Close>(action).conn);
        }
      }
    }
  }
  bool carry(broker::Channel channel) {
    daemon_->turn(now);
    simtws::ConnId& conn = ends_[static_cast<std::size_t>(channel)];
    const auto actions = daemon_->take_broker_actions(channel);
    for (const auto& action : actions) {
      if (std::holds_alternative<broker::Connect>(action)) {
        conn = ++last_conn_;
        server_.on_accept(conn, now);
        daemon_->broker_connected(now, channel);
      } else if (const auto* write = std::get_if<broker::Write>(&action)) {
        server_.on_bytes(conn, write->bytes, now);
      } else if (std::holds_alternative<broker::Close>(action)) {
        server_.on_closed(conn, now);
        conn = 0;
      }
    }
    return !actions.empty();
  }
  void deliver(simtws::ConnId conn, std::string_view bytes) {
    for (const broker::Channel channel : {broker::Channel::main, broker::Channel::second}) {
      if (ends_[static_cast<std::size_t>(channel)] == conn) {
        return daemon_->broker_bytes(bytes, now, channel);
      }
    }
    for (sim::Client& client : clients_) {
      if (client.conn == conn) receive(client, bytes);
    }
  }
  void drop(simtws::ConnId conn) {
    for (const broker::Channel channel : {broker::Channel::main, broker::Channel::second}) {
      simtws::ConnId& end = ends_[static_cast<std::size_t>(channel)];
      if (end != conn) continue;
      end = 0;
      return daemon_->broker_closed("closed by the peer", now, channel);
    }
    for (sim::Client& client : clients_) {
      if (client.conn == conn) client.closed = true;
    }
  }
  void receive(sim::Client& client, std::string_view data) {
    for (;;) {
      const auto step = client.frames.next(data);
      if (step.status != wire::FrameReader::Status::frame) return;
      if (!client.greeted) {
        client.greeted = true;
        continue;
      }
      auto decoded = wire::decode_server(step.payload, 200);
      REQUIRE(decoded.has_value());
      client.inbox.push_back(std::move(decoded->message));
    }
  }

  journal::MemoryJournal journal_;
  simtws::Server server_;
  std::unique_ptr<app::Daemon> daemon_;
  api::ConnectionId caller_ = 0;
  bool caller_gone_ = false;
  std::string answer_;
  std::deque<sim::Client> clients_;
  simtws::ConnId ends_[2] = {};  // by broker::Channel
  simtws::ConnId last_conn_ = 0;
};

}  // namespace belay::floor
