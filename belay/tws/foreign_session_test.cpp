// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/foreign_session.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/gateway_words.hpp"
#include "belay/tws/wire/handshake.hpp"

using namespace belay::tws;
using namespace belay::core;
using belay::base::Time;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Words = std::vector<std::string>;

wire::OpenOrder theirs(int client, int id, int permanent) {
  wire::OpenOrder message;
  message.order_id = id;
  message.contract.con_id = 265598;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.contract.exchange = "SMART";
  message.contract.currency = "USD";
  message.order.action = "BUY";
  message.order.order_type = "LMT";
  message.order.lmt_price = *wire::Real::parse("150.5");
  message.order.tif = "GTC";
  message.order.account = "DU1";
  message.order.order_ref = "theirs";
  message.order.total_quantity = wire::Real::from_int(7);
  message.order.all_or_none = true;
  message.order.client_id = client;
  message.order.perm_id = permanent;
  message.order_state.status = "Submitted";
  wire::apply_gateway_words(message.order);
  return message;
}

class ForeignRig {
 public:
  explicit ForeignRig(ForeignOptions options = {})
      : foreign(std::move(options), {[this](Input input) {
                                       if (auto* done = std::get_if<ForeignDone>(&input))
                                         outcomes.push_back(*done);
                                       reports.push_back(std::move(input));
                                     },
                                     [](const std::string&) {}}) {}

  void cancel(std::uint64_t order, int client, int number, std::int64_t permanent = 0) {
    foreign.cancel({OrderId(order),
                    {client, number},
                    permanent == 0 ? std::nullopt : std::optional(PermanentId(permanent))});
    tick();
  }
  void tick() { foreign.tick(now), collect(); }
  void wait(belay::base::Duration time) { now = now + time, tick(); }
  /// The connection stands and the server has greeted; startApi is out.
  void greet() {
    foreign.connected(now);
    std::string hello;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
    foreign.bytes(hello, now);
    collect();
  }
  void ready() {
    give(wire::ManagedAccts{"DU1"});
    give(wire::NextValidId{5});
  }
  void give(const wire::ServerMessage& message) {
    std::string bytes;
    wire::encode(message, 200, bytes);
    foreign.bytes(bytes, now);
    collect();
  }
  void error(int code, int id) {
    give(wire::ErrMsg{.id = id,
                      .error_code = code,
                      .error_string = "words",
                      .advanced_order_reject_json = "",
                      .error_time = 0});
  }
  void status(int client, int id, const char* word) {
    wire::OrderStatus message;
    message.order_id = id;
    message.client_id = client;
    message.status = word;
    message.filled = wire::Real::from_int(0);
    give(message);
  }
  void collect() {
    for (const auto& action : foreign.take_actions()) {
      if (std::holds_alternative<session::Connect>(action)) seen.emplace_back("connect");
      if (std::holds_alternative<session::Close>(action)) seen.emplace_back("close");
      const auto* write = std::get_if<session::Write>(&action);
      if (write == nullptr || write->bytes.substr(0, 3) == "API") continue;
      std::string_view rest = write->bytes;
      wire::FrameReader reader;
      for (;;) {
        const auto step = reader.next(rest);
        if (step.status != wire::FrameReader::Status::frame) break;
        const auto message = wire::decode_client(step.payload, 200);
        REQUIRE(message.has_value());
        seen.emplace_back(wire::name(message->message));
        if (const auto* start = std::get_if<wire::StartApi>(&message->message)) {
          seen.back() += " " + std::to_string(start->client_id);
        }
      }
    }
  }
  Words take() { return std::exchange(seen, {}); }
  bool says(const char* part) const {
    return !outcomes.empty() && outcomes.back().text.find(part) != std::string::npos;
  }
  bool ended(ForeignOutcome outcome) const {
    return !outcomes.empty() && outcomes.back().outcome == outcome;
  }

  Time now{1'000'000'000'000};
  Words seen;
  std::vector<Input> reports;
  std::vector<ForeignDone> outcomes;
  ForeignSession foreign;
};

}  // namespace

TEST_CASE(
    "foreign session: connects as the owner, cancels, gives the id back when it is answered") {
  ForeignRig rig;
  CHECK(rig.foreign.next_deadline(rig.now) == belay::base::never);
  rig.cancel(17, 3, 40, 900);
  CHECK(rig.take() == Words{"connect"});
  rig.greet();
  CHECK(rig.take() == Words{"startApi 3"});
  rig.give(theirs(3, 40, 900));
  rig.give(wire::OpenOrderEnd{});
  CHECK(rig.take().empty());  // not before nextValidId
  rig.ready();
  CHECK(rig.take() == Words{"cancelOrder"});
  CHECK(rig.ended(ForeignOutcome::sent));
  rig.status(3, 40, "PendingCancel");
  CHECK(rig.take().empty());
  rig.status(3, 40, "Cancelled");
  CHECK(rig.take() == Words{"close"});
  CHECK(rig.ended(ForeignOutcome::answered));
  CHECK(rig.foreign.waiting() == 0);
  CHECK(rig.foreign.next_deadline(rig.now) == belay::base::never);
  // What it said about the owner's orders was reported like everything else.
  int statuses = 0;
  for (const Input& input : rig.reports) {
    if (const auto* status = std::get_if<BrokerStatus>(&input)) {
      CHECK(status->names.broker_id == BrokerOrderId{3, 40});
      ++statuses;
    }
  }
  CHECK(statuses == 2);
}

TEST_CASE("foreign session: an id in use is a refusal that names the owner; no other id is taken") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  rig.greet();
  rig.take();
  rig.error(326, -1);
  CHECK(rig.take() == Words{"close"});
  CHECK(rig.ended(ForeignOutcome::refused));
  CHECK(rig.says("order 17 belongs to client 3, which is connected: only it can cancel it"));
  rig.wait(seconds(60));
  CHECK(rig.take().empty());
}

TEST_CASE("foreign session: a close without a word is a refusal that names the owner too") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  rig.greet();
  rig.foreign.closed("closed by the peer", rig.now);
  rig.tick();
  CHECK(rig.ended(ForeignOutcome::refused));
  CHECK(rig.says("order 17 belongs to client 3"));
  CHECK(rig.says("without a word"));
}

TEST_CASE("foreign session: no connection is a refusal, and nothing connects again by itself") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  CHECK(rig.take() == Words{"connect"});
  rig.foreign.closed("connection refused", rig.now);
  rig.tick();
  CHECK(rig.ended(ForeignOutcome::refused));
  CHECK(rig.says("connection refused"));
  rig.wait(seconds(60));
  CHECK(rig.take().empty());
}

TEST_CASE(
    "foreign session: without the burst of orders the list is asked for, but not as client 0") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  rig.greet();
  rig.take();
  rig.ready();
  CHECK(rig.take() == Words{"reqOpenOrders"});
  rig.give(theirs(3, 40, 900));
  CHECK(rig.take() == Words{"cancelOrder"});
  ForeignRig zero;
  zero.cancel(18, 0, -1);
  zero.greet();
  zero.take();
  zero.ready();
  CHECK(zero.take() == Words{"cancelOrder"});
}

TEST_CASE("foreign session: an order that its owner does not see any more is not canceled") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  rig.greet();
  rig.ready();
  rig.take();
  rig.give(theirs(3, 41, 901));
  rig.give(wire::OpenOrderEnd{});
  CHECK(rig.take() == Words{"close"});
  CHECK(rig.ended(ForeignOutcome::refused));
  CHECK(rig.says("not among the open orders"));
}

TEST_CASE("foreign session: a number that is another order by now is not canceled") {
  ForeignRig rig;
  rig.cancel(17, 3, 40, 900);
  rig.greet();
  rig.give(theirs(3, 40, 999));
  rig.take();
  rig.ready();
  CHECK(rig.take() == Words{"close"});
  CHECK(rig.ended(ForeignOutcome::refused));
  CHECK(rig.says("another order by now"));
}

TEST_CASE("foreign session: an id is held for at most 5 s, whatever the server does") {
  ForeignRig rig;
  rig.cancel(17, 3, 40);
  rig.greet();
  rig.give(theirs(3, 40, 900));
  rig.ready();
  rig.take();
  CHECK(rig.foreign.next_deadline(rig.now) <= rig.now + seconds(5));
  rig.wait(milliseconds(4999));
  CHECK(rig.take().empty());
  rig.wait(milliseconds(1));
  CHECK(rig.take() == Words{"close"});
  CHECK(rig.ended(ForeignOutcome::unanswered));
  ForeignRig silent;  // not even a connection
  silent.cancel(17, 3, 40);
  silent.take();
  silent.wait(seconds(5));
  CHECK(silent.take() == Words{"close"});
  CHECK(silent.ended(ForeignOutcome::refused));
  CHECK(silent.says("client 3"));
  // The connection that comes after its time is closed.
  silent.foreign.connected(silent.now);
  silent.collect();
  CHECK(silent.take() == Words{"close"});
}

TEST_CASE("foreign session: requests of one owner share a connection, owners take turns") {
  ForeignRig rig;
  rig.foreign.cancel({OrderId(1), {3, 40}, std::nullopt});
  rig.foreign.cancel({OrderId(2), {4, 50}, std::nullopt});
  rig.foreign.cancel({OrderId(3), {3, 41}, std::nullopt});
  rig.tick();
  rig.greet();
  CHECK(rig.take() == Words{"connect", "startApi 3"});
  rig.give(theirs(3, 40, 900));
  rig.give(theirs(3, 41, 901));
  rig.ready();
  CHECK(rig.take() == Words{"cancelOrder", "cancelOrder"});
  // Another one of the same owner joins.
  rig.cancel(4, 3, 40);
  CHECK(rig.take() == Words{"cancelOrder"});
  rig.status(3, 40, "Cancelled");
  CHECK(rig.take().empty());
  rig.error(10148, 41);
  CHECK(rig.take() == Words{"close"});
  rig.foreign.closed("late news of the closed connection", rig.now);
  rig.tick();
  CHECK(rig.take() == Words{"connect"});
  rig.greet();
  CHECK(rig.take() == Words{"startApi 4"});
}

TEST_CASE("foreign session: the broker's refusal of a cancel is an answer, and is reported") {
  for (const int code : {161, 10147, 10148}) {
    ForeignRig rig;
    rig.cancel(17, 3, 40);
    rig.greet();
    rig.give(theirs(3, 40, 900));
    rig.ready();
    rig.take();
    rig.error(2104, -1);
    rig.error(399, 40);
    CHECK(rig.take().empty());
    rig.error(code, 40);
    CHECK(rig.take() == Words{"close"});
    CHECK(rig.ended(ForeignOutcome::answered));
    const auto notices = std::count_if(rig.reports.begin(), rig.reports.end(), [](const Input& i) {
      const auto* notice = std::get_if<BrokerNotice>(&i);
      return notice != nullptr && notice->names.broker_id == BrokerOrderId{3, 40};
    });
    CHECK(notices == 2);
  }
}

TEST_CASE("foreign session: more requests than may wait are refused, in the next tick") {
  ForeignOptions options;
  options.queue_max = 1;
  ForeignRig rig(options);
  rig.foreign.cancel({OrderId(1), {3, 40}, std::nullopt});
  rig.foreign.cancel({OrderId(2), {3, 41}, std::nullopt});
  CHECK(rig.outcomes.empty());
  CHECK(rig.foreign.next_deadline(rig.now) <= rig.now);
  rig.tick();
  REQUIRE(rig.outcomes.size() == 1);
  CHECK(rig.outcomes[0].order == OrderId(2));
  CHECK(rig.says("FOREIGN_QUEUE_SIZE"));
}
