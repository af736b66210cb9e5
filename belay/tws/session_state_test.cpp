// SPDX-License-Identifier: Apache-2.0
// The states of the session as a person sees them, through TwsBroker with a scripted server.
#include "belay/tws/session_state.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

using namespace belay::tws;
using belay::base::Time;
using belay::core::LinkStatus;
using std::chrono::seconds;

namespace {

class StateRig {
 public:
  explicit StateRig(TwsBrokerOptions options = {}) : broker(std::move(options), hooks()) {
    broker.start(now);
    take();
  }
  void hello(int version = 200) {
    broker.connected(now);
    std::string bytes;
    wire::append_server_hello({.server_version = version, .connection_time = "t"}, bytes);
    broker.bytes(bytes, now);
    take();
  }
  void open(const char* accounts = "DU1") {
    hello();
    give(wire::NextValidId{5});
    give(wire::ManagedAccts{accounts});
  }
  void listed() {
    give(wire::OpenOrderEnd{});
    give(wire::CompletedOrdersEnd{});
    give(wire::ExecDetailsEnd{executions_request});
    give(wire::PositionEnd{});
  }
  void give(const wire::ServerMessage& message) {
    std::string bytes;
    wire::encode(message, 200, bytes);
    broker.bytes(bytes, now);
    take();
  }
  void say(int code, const char* text = "words", int id = -1) {
    give(wire::ErrMsg{.id = id,
                      .error_code = code,
                      .error_string = text,
                      .advanced_order_reject_json = "",
                      .error_time = 0});
  }
  void drop() {
    broker.closed("reset", now);
    take();
  }
  void again() {
    now = now + seconds(120);
    broker.tick(now);
    take();
  }
  int alarms(const std::string& kind) const {
    return static_cast<int>(std::count(alarm_kinds.begin(), alarm_kinds.end(), kind));
  }
  long writes(const std::string& name) const {
    return std::count(written.begin(), written.end(), name);
  }

  Time now{1'000'000'000'000};
  LinkStatus link;
  std::vector<std::string> alarm_kinds;
  std::vector<std::string> written;
  std::vector<belay::core::SessionDown> downs;
  std::int32_t executions_request = 0;
  int ups = 0;
  TwsBroker broker;

 private:
  void take() {
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
        if (const auto* request = std::get_if<wire::ReqExecutions>(&message->message)) {
          executions_request = request->req_id;
        }
      }
    }
  }
  belay::broker::Hooks hooks() {
    belay::broker::Hooks out;
    out.report = [this](const belay::core::Input& input) {
      if (const auto* alarm = std::get_if<belay::core::Alarm>(&input)) {
        alarm_kinds.push_back(alarm->kind);
      } else if (const auto* down = std::get_if<belay::core::SessionDown>(&input)) {
        downs.push_back(*down);
      } else if (std::holds_alternative<belay::core::SessionUp>(input)) {
        ++ups;
      }
    };
    out.link = [this](const LinkStatus& status) { link = status; };
    out.positions_begin = [] {};
    out.position = [](const belay::core::Position&) {};
    out.account_value = [](const belay::core::AccountValue&) {};
    out.log = [](const std::string&) {};
    return out;
  }
};

wire::OpenOrder our_order() {
  wire::OpenOrder message;
  message.order_id = 5;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.order.action = "BUY";
  message.order.order_type = "MKT";
  message.order.tif = "DAY";
  message.order.total_quantity = wire::Real::from_int(1);
  message.order.perm_id = 1005;
  message.order_state.status = "Submitted";
  return message;
}

}  // namespace

TEST_CASE("session state: connecting, syncing, ready") {
  StateRig rig;
  CHECK(rig.link.phase == "connecting");
  CHECK_FALSE(rig.link.connected);
  rig.open();
  CHECK(rig.link.phase == "syncing");
  CHECK(rig.link.connected);
  rig.listed();
  CHECK(rig.link.phase == "ready");
  CHECK(rig.link.action.empty());
  rig.drop();
  CHECK(rig.link.phase == "down");
}

TEST_CASE("session state: what to do is said from the third failure in a row to the next success") {
  StateRig rig;
  for (int failures = 1; failures <= 4; ++failures) {
    CAPTURE(failures);
    rig.drop();
    CHECK(rig.link.phase == "down");
    CHECK(rig.link.action.empty() == (failures < 3));
    rig.again();
    CHECK(rig.link.phase == "connecting");
    CHECK(rig.link.action.empty() == (failures < 3));
  }
  CHECK(rig.link.action.find("TWS_PORT") != std::string::npos);
  CHECK(rig.alarms("broker_unreachable") == 1);
  rig.open();
  CHECK(rig.link.action.empty());
  rig.drop();
  CHECK(rig.link.action.empty());
}

TEST_CASE("session state: 1100 and 2110 degrade, 1101 and 1102 bring a whole new round") {
  for (const int lost : {1100, 2110}) {
    for (const int restored : {1101, 1102}) {
      CAPTURE(lost);
      CAPTURE(restored);
      StateRig rig;
      rig.open();
      rig.listed();
      rig.written.clear();
      rig.say(lost);
      CHECK(rig.link.phase == "degraded");
      CHECK_FALSE(rig.link.connected);
      REQUIRE(rig.downs.size() == 1);
      CHECK(rig.downs[0].degraded);
      CHECK(rig.downs[0].reason.find(std::to_string(lost)) == 0);
      rig.say(lost);  // said again
      rig.say(restored);
      CHECK(rig.link.phase == "syncing");
      CHECK(rig.writes("reqAllOpenOrders") == 1);
      CHECK(rig.writes("reqExecutions") == 1);
      rig.listed();
      CHECK(rig.link.phase == "ready");
    }
  }
}

TEST_CASE("session state: a cancel is handed to a degraded gateway, an order is not") {
  StateRig rig;
  rig.open();
  rig.listed();
  rig.say(1100);
  rig.written.clear();
  belay::core::PlaceEffect place{belay::core::OrderId(1), {0, 5}, "b1.0.1", {}};
  rig.broker.reserve();
  CHECK_FALSE(rig.broker.place(place, rig.now));
  rig.broker.cancel({belay::core::OrderId(1), {0, 5}}, rig.now);
  rig.give(wire::CurrentTime{1});  // collects what was written
  CHECK(rig.writes("placeOrder") == 0);
  CHECK(rig.writes("cancelOrder") == 1);
}

TEST_CASE("session state: a client id that stays in use needs a person, told once") {
  StateRig rig;
  for (int attempt = 1; attempt <= 5; ++attempt) {
    rig.hello();
    rig.say(326, "Unable to connect as the client id is already in use.");
    rig.drop();
    CAPTURE(attempt);
    CHECK(rig.link.phase == (attempt < 3 ? "down" : "needs_person"));
    rig.again();
    // Trying again goes on, and the word stays.
    CHECK(rig.link.phase == (attempt < 3 ? "connecting" : "needs_person"));
  }
  CHECK(rig.alarms("client_id_in_use") == 1);
  CHECK(rig.link.action.find("CLIENT_ID") != std::string::npos);
  rig.open();
  rig.listed();
  CHECK(rig.link.phase == "ready");
}

TEST_CASE("session state: a refused version needs a person until it is another") {
  StateRig rig;
  rig.hello(38);
  CHECK(rig.link.phase == "needs_person");
  CHECK(rig.alarms("version_refused") == 1);
  rig.again();
  rig.hello(38);
  CHECK(rig.alarms("version_refused") == 1);
  rig.again();
  rig.open();
  CHECK(rig.link.phase == "syncing");
}

TEST_CASE("session state: a socket port that was changed needs a person while nobody answers") {
  StateRig rig;
  rig.open();
  rig.listed();
  rig.say(1300, "Socket port has been reset and this connection is being dropped: 7499");
  rig.drop();
  CHECK(rig.link.phase == "needs_person");
  rig.again();
  rig.drop();
  CHECK(rig.link.phase == "needs_person");
  CHECK(rig.link.action.find("TWS_PORT") != std::string::npos);
  CHECK(rig.alarms("port_changed") == 1);
}

TEST_CASE("session state: a read-only API needs a person until it takes an order") {
  StateRig rig;
  rig.open();
  rig.listed();
  rig.say(321, "Error validating request: The API interface is currently in Read-Only mode.", 5);
  CHECK(rig.link.phase == "needs_person");
  CHECK(rig.link.connected);
  rig.say(321, "The API interface is currently in Read-Only mode.", 6);
  CHECK(rig.alarms("read_only_api") == 1);
  rig.give(our_order());
  CHECK(rig.link.phase == "ready");
  rig.say(321, "Error validating request: some other field", 7);
  CHECK(rig.link.phase == "ready");
}

TEST_CASE("session state: other accounts than expected are asked nothing") {
  TwsBrokerOptions options;
  options.expected_accounts = {"DU1", "DU2"};
  StateRig rig(options);
  rig.open("DU1,DU3");
  CHECK(rig.link.phase == "needs_person");
  CHECK(rig.link.detail.find("missing DU2; not expected DU3") != std::string::npos);
  CHECK(rig.ups == 0);
  CHECK(rig.writes("reqAllOpenOrders") == 0);
  rig.broker.snapshot({"operator"}, rig.now);
  rig.say(1100);
  rig.say(1102);
  CHECK(rig.ups == 0);
  CHECK(rig.writes("reqAllOpenOrders") == 0);
  rig.drop();
  rig.again();
  rig.open("DU2,DU1");
  CHECK(rig.link.phase == "syncing");
}

TEST_CASE("session state: live accounts alone, not allowed, need a person; orders can be seen") {
  StateRig guarded;
  guarded.open("U1");
  guarded.listed();
  CHECK(guarded.link.phase == "needs_person");
  CHECK(guarded.link.connected);
  CHECK(guarded.alarms("live_accounts") == 1);
  TwsBrokerOptions options;
  options.allow_live = true;
  StateRig allowed(options);
  allowed.open("U1");
  allowed.listed();
  CHECK(allowed.link.phase == "ready");
}

TEST_CASE("session state: a round on demand asks for everything, one at a time") {
  StateRig rig;
  rig.open();
  rig.listed();
  rig.written.clear();
  rig.broker.snapshot({"day"}, rig.now);
  rig.broker.snapshot({"operator"}, rig.now);
  rig.give(wire::CurrentTime{1});
  CHECK(rig.writes("reqAllOpenOrders") == 1);
  CHECK(rig.ups == 1);  // no new session
  rig.listed();
  CHECK(rig.link.phase == "ready");
}
