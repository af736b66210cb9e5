// SPDX-License-Identifier: Apache-2.0
// SessionRig: a TWS client session whose actions are kept as words, with a clock that the test
// moves.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "belay/tws/session/session.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::test {

using namespace belay::tws::session;
namespace wire = belay::tws::wire;
using belay::base::Duration;
using belay::base::Time;
using Words = std::vector<std::string>;

inline std::string hello(int version, const char* time = "20261121 09:30:00 UTC") {
  std::string out;
  wire::append_server_hello({.server_version = version, .connection_time = time}, out);
  return out;
}
inline std::string frame(const wire::ServerMessage& message, int version = 200) {
  std::string out;
  wire::encode(message, version, out);
  return out;
}
inline std::string next_id(int id) {
  return frame(wire::NextValidId{id});
}
inline std::string accounts(const char* list) {
  return frame(wire::ManagedAccts{list});
}
inline std::string error(int code, const char* text) {
  return frame(wire::ErrMsg{.id = -1,
                            .error_code = code,
                            .error_string = text,
                            .advanced_order_reject_json = "",
                            .error_time = 0});
}

/// A session whose actions are kept as words, and a clock that the test moves.
class SessionRig {
 public:
  explicit SessionRig(SessionOptions options = {}) : session(options) {}
  /// ... that is up with next id 5 and account DU1.
  static SessionRig up(SessionOptions options = {}) {
    SessionRig rig(options);
    rig.start();
    rig.give(hello(200)).give(next_id(5)).give(accounts("DU1"));
    REQUIRE(rig.session.phase() == Phase::up);
    rig.words.clear();
    return rig;
  }

  void start() {
    session.start(now);
    session.connected(now);
    collect();
  }
  SessionRig& give(std::string_view bytes) {
    while (session.read(bytes, now)) collect();
    return *this;
  }
  void wait(Duration duration) {
    now = now + duration;
    session.tick(now);
    collect();
  }
  void closed(const char* why = "reset by peer") {
    session.closed(why, now);
    collect();
  }
  bool has(const std::string& word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
  }
  void collect() {
    for (const Action& action : session.take_actions()) {
      if (std::holds_alternative<Connect>(action)) words.emplace_back("connect");
      if (const auto* write = std::get_if<Write>(&action)) written(write->bytes);
      if (std::holds_alternative<Close>(action)) words.emplace_back("close");
      if (const auto* ready = std::get_if<Up>(&action)) {
        words.push_back("up " + std::to_string(ready->next_valid_id));
        last_up = *ready;
      }
      if (const auto* gone = std::get_if<Down>(&action)) {
        words.emplace_back("down");
        last_down = *gone;
      }
      if (const auto* deliver = std::get_if<Deliver>(&action)) {
        words.push_back("deliver " + std::string(wire::name(deliver->read->message)));
      }
      if (std::holds_alternative<Unreadable>(action)) words.emplace_back("unreadable");
    }
  }
  void written(std::string_view bytes) {
    if (bytes.substr(0, 4) == std::string_view("API\0", 4)) {
      words.emplace_back("greeting");
      return;
    }
    wire::FrameReader reader;
    for (;;) {
      const auto step = reader.next(bytes);
      if (step.status != wire::FrameReader::Status::frame) break;
      const auto message = wire::decode_client(step.payload, session.server_version());
      REQUIRE(message.has_value());
      words.push_back("write " + std::string(wire::name(message->message)));
      sent.push_back(now);
    }
  }

  Session session;
  Time now{1'000'000'000'000};
  std::vector<std::string> words;
  std::vector<Time> sent;
  Up last_up;
  Down last_down;
};

}  // namespace belay::test
