// SPDX-License-Identifier: Apache-2.0
// Binding within the broker adapter: when it asks, and that it never asks by itself.
#include "belay/tws/binding.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

using namespace belay::tws;
using namespace belay::core;
using belay::base::Time;

namespace {

using Words = std::vector<std::string>;

class BindingRig {
 public:
  explicit BindingRig(bool bind_manual, std::int32_t client = 0)
      : broker(options(bind_manual, client), hooks()) {}

  static TwsBrokerOptions options(bool bind_manual, std::int32_t client) {
    TwsBrokerOptions out;
    out.session.client_id = client;
    out.bind_manual = bind_manual;
    return out;
  }
  belay::broker::Hooks hooks() {
    return {.report = [this](Input input) { reports.push_back(std::move(input)); },
            .link = [](const LinkStatus&) {},
            .positions_begin = [] {},
            .position = [](const Position&) {},
            .account_value = [](const AccountValue&) {},
            .log = [](const std::string&) {}};
  }
  void connect() {
    broker.start(now);
    broker.connected(now);
    std::string hello;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
    broker.bytes(hello, now);
    give(wire::NextValidId{5});
    give(wire::ManagedAccts{"DU1"});
    give(wire::OpenOrderEnd{});
    give(wire::CompletedOrdersEnd{});
    give(wire::ExecDetailsEnd{executions_request});
    give(wire::PositionEnd{});
  }
  void give(const wire::ServerMessage& message) {
    std::string bytes;
    wire::encode(message, 200, bytes);
    broker.bytes(bytes, now);
    collect();
  }
  void collect() {
    for (const auto& action : broker.take_actions()) {
      const auto* write = std::get_if<session::Write>(&action);
      if (write == nullptr || write->bytes.substr(0, 3) == "API") continue;
      std::string_view rest = write->bytes;
      wire::FrameReader reader;
      for (;;) {
        const auto step = reader.next(rest);
        if (step.status != wire::FrameReader::Status::frame) break;
        const auto message = wire::decode_client(step.payload, 200);
        REQUIRE(message.has_value());
        written.emplace_back(wire::name(message->message));
        if (const auto* asked = std::get_if<wire::ReqExecutions>(&message->message)) {
          executions_request = asked->req_id;
        }
      }
    }
  }
  long count(const char* name) const { return std::count(written.begin(), written.end(), name); }
  template <class T>
  std::vector<T> of() const {
    std::vector<T> out;
    for (const Input& input : reports) {
      if (const auto* found = std::get_if<T>(&input)) out.push_back(*found);
    }
    return out;
  }

  Time now{1'000'000'000'000};
  Words written;
  std::vector<Input> reports;
  std::int32_t executions_request = 0;
  TwsBroker broker;
};

}  // namespace

TEST_CASE("binding: nothing of it is sent unless it was asked for, and only by client 0") {
  for (const auto& [asked, client] :
       {std::pair{false, 0}, std::pair{false, 7}, std::pair{true, 7}}) {
    BindingRig rig(asked, client);
    rig.connect();
    CHECK(rig.of<SnapshotDone>().size() == 1);
    CHECK(rig.count("reqAutoOpenOrders") == 0);
    CHECK(rig.count("reqOpenOrders") == 0);
  }
}

TEST_CASE("binding: asked for, it begins after the first settled lists, once per connection") {
  BindingRig rig(true);
  rig.connect();
  CHECK(rig.count("reqAutoOpenOrders") == 1);
  CHECK(rig.count("reqOpenOrders") == 1);
  CHECK(rig.written.back() == "reqOpenOrders");
  rig.broker.closed("gone", rig.now);
  rig.now = rig.now + std::chrono::seconds(30);
  rig.broker.tick(rig.now);
  rig.broker.connected(rig.now);
  CHECK(rig.count("reqAutoOpenOrders") == 1);
}

TEST_CASE("binding: the end of its own list is not the end of everybody's") {
  Binding binding(true, 0);
  session::Session session{session::SessionOptions{}};
  CHECK_FALSE(binding.ask(session, Time(0)));  // not connected: nothing was asked
  BindingRig rig(true);
  rig.connect();
  REQUIRE(rig.count("reqOpenOrders") == 1);
  rig.broker.snapshot({"on demand", true, 1, false}, rig.now);
  rig.collect();
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  rig.give(wire::PositionEnd{});
  rig.give(wire::OpenOrderEnd{});  // of reqOpenOrders
  CHECK(rig.of<SnapshotDone>().size() == 1);
  rig.give(wire::OpenOrderEnd{});
  CHECK(rig.of<SnapshotDone>().size() == 2);
}

TEST_CASE("binding: errors about bound orders have ids below zero; news of the system stays news") {
  BindingRig rig(true);
  rig.connect();
  const auto error = [&](int id, int code) {
    rig.give(wire::ErrMsg{.id = id,
                          .error_code = code,
                          .error_string = "words",
                          .advanced_order_reject_json = "",
                          .error_time = 0});
  };
  error(-1, 2104);
  error(-1, 1102);
  error(-1, 9999);
  CHECK(rig.of<BrokerNotice>().empty());
  error(-1, 202);
  error(-2, 110);
  CHECK(rig.of<BrokerNotice>().size() == 2);
  BindingRig plain(false);
  plain.connect();
  plain.give(wire::ErrMsg{.id = -1,
                          .error_code = 202,
                          .error_string = "words",
                          .advanced_order_reject_json = "",
                          .error_time = 0});
  CHECK(plain.of<BrokerNotice>().empty());
}

TEST_CASE("tws broker: a global cancel goes in the lane of cancels") {
  BindingRig rig(false);
  rig.connect();
  rig.broker.global_cancel(rig.now);
  rig.collect();
  CHECK(rig.written.back() == "reqGlobalCancel");
}

TEST_CASE("tws broker: a request in another client's name does not touch the main connection") {
  BindingRig rig(false, 7);
  rig.connect();
  rig.written.clear();
  rig.broker.foreign_cancel({OrderId(1), {3, 40}, std::nullopt}, rig.now);
  rig.broker.tick(rig.now);
  CHECK(rig.broker.take_actions().empty());
  CHECK(rig.of<SessionDown>().empty());
  REQUIRE(rig.broker.take_actions(TwsBroker::Channel::second).size() == 1);
}
