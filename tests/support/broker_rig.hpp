// SPDX-License-Identifier: Apache-2.0
// BrokerRig: a TwsBroker with a server that says what the test gives it, and what was reported and
// written.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::test {

using namespace belay::tws;
using namespace belay::core;
using belay::base::Time;

using Words = std::vector<std::string>;

class BrokerRig {
 public:
  explicit BrokerRig(std::vector<std::string> expected_accounts = {})
      : broker(
            {.session = {}, .endpoint = "sim:1", .expected_accounts = std::move(expected_accounts)},
            hooks()) {}
  /// A rig that is connected; the questions of the sync are out.
  static void connect(BrokerRig& rig, int notice_at_start = 0) {
    rig.broker.start(rig.now);
    rig.greet("DU1", notice_at_start);
  }
  static void sync(BrokerRig& rig) {
    connect(rig);
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    REQUIRE(rig.snapshots == 1);
    rig.written.clear();
    rig.reports.clear();
  }

  /// The connection stands; the server greets and shows these accounts.
  void greet(const char* accounts, int notice_at_start = 0) {
    broker.connected(now);
    std::string hello;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
    broker.bytes(hello, now);
    if (notice_at_start != 0) error(notice_at_start);
    give(wire::NextValidId{5});
    give(wire::ManagedAccts{accounts});
    collect();
  }
  /// The link is lost, and there again when the next attempt is due.
  void lose_link() {
    broker.closed("reset", now);
    collect();
    wait(std::chrono::seconds(10));
  }
  /// Every list but that of open orders ends.
  void end_the_rest() {
    give(wire::AccountSummaryEnd{account_request});
    give(wire::CompletedOrdersEnd{});
    give(wire::ExecDetailsEnd{executions_request});
    give(wire::PositionEnd{});
  }
  /// The message with another text in one field (0 is the message id).
  void give_damaged(const wire::ServerMessage& message, std::size_t field,
                    const std::string& bytes) {
    std::string frame;
    wire::encode(message, 200, frame);
    std::string payload = frame.substr(4);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < field; ++i) begin = payload.find('\0', begin) + 1;
    payload.replace(begin, payload.find('\0', begin) - begin, bytes);
    frame.assign(4, '\0');
    for (unsigned i = 0; i < 4; ++i) {
      frame[i] = static_cast<char>((payload.size() >> (24U - 8U * i)) & 0xFFU);
    }
    broker.bytes(frame + payload, now);
    collect();
  }
  void give(const wire::ServerMessage& message) {
    std::string bytes;
    wire::encode(message, 200, bytes);
    broker.bytes(bytes, now);
    collect();
  }
  void error(int code, int id = -1) {
    give(wire::ErrMsg{.id = id,
                      .error_code = code,
                      .error_string = "words",
                      .advanced_order_reject_json = "",
                      .error_time = 0});
  }
  void wait(belay::base::Duration duration) {
    now = now + duration;
    broker.tick(now);
    collect();
  }
  void collect() {
    bool clock_asked = false;
    for (const auto& action : broker.take_actions()) {
      connects += std::holds_alternative<session::Connect>(action);
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
        clock_asked = clock_asked || std::holds_alternative<wire::ReqCurrentTime>(message->message);
        if (const auto* request = std::get_if<wire::ReqExecutions>(&message->message)) {
          executions_request = request->req_id;
        }
        if (const auto* request = std::get_if<wire::ReqAccountSummary>(&message->message)) {
          account_request = request->req_id;
        }
        if (const auto* request = std::get_if<wire::ReqContractDetails>(&message->message)) {
          contract_request = request->req_id;
        }
      }
    }
    if (clock_asked && clock_answers) give(wire::CurrentTime{now.unix_ns() / 1'000'000'000});
  }
  broker::Hooks hooks() {
    return {.report =
                [this](Input input) {
                  if (std::holds_alternative<SnapshotDone>(input)) {
                    ++snapshots;
                    listed = std::get<SnapshotDone>(input).open_orders;
                  }
                  reports.push_back(std::move(input));
                },
            .link =
                [this](const LinkStatus& link) {
                  if (phases.empty() || phases.back() != link.phase) phases.push_back(link.phase);
                },
            .positions_begin = [this] { ++position_lists; },
            .position = [this](const Position&) { ++positions; },
            .account_value =
                [this](const AccountValue& value) {
                  ++values;
                  last_value = value;
                },
            .log = [this](const std::string& line) { log.push_back(line); },
            .told =
                [this](const ListTold& told) {
                  lists.push_back(told);
                  position_ends += told.list == BrokerList::positions && told.ended;
                  account_ends += told.list == BrokerList::account && told.ended;
                }};
  }
  template <class T>
  int count() const {
    return static_cast<int>(std::count_if(reports.begin(), reports.end(), [](const Input& input) {
      const auto* alarm = std::get_if<Alarm>(&input);
      return std::holds_alternative<T>(input) && (alarm == nullptr || !alarm->over);
    }));
  }
  /// Incidents of this kind that were told and are not over.
  int open_alarms(const std::string& kind) const {
    std::multiset<std::string> open;
    for (const Input& input : reports) {
      const auto* alarm = std::get_if<Alarm>(&input);
      if (alarm == nullptr || alarm->kind != kind) continue;
      alarm->over ? void(open.erase(alarm->subject)) : void(open.insert(alarm->subject));
    }
    return static_cast<int>(open.size());
  }
  template <class T>
  T last() const {
    for (auto it = reports.rbegin(); it != reports.rend(); ++it) {
      if (const auto* found = std::get_if<T>(&*it)) return *found;
    }
    REQUIRE(false);
    return {};
  }
  long writes(const std::string& name) const {
    return std::count(written.begin(), written.end(), name);
  }
  PlaceEffect place_effect() const {
    PlaceEffect effect{OrderId(1), BrokerOrderId{0, 5}, "b1.0.1", {}};
    effect.spec.edit().contract.symbol = "AAPL";
    effect.spec.edit().terms.order_qty = Quantity::from_int(1);
    return effect;
  }

  Time now{1'000'000'000'000};
  Words written;
  Words phases;
  Words log;
  std::vector<Input> reports;
  std::vector<BrokerNames> listed;
  std::vector<ListTold> lists;
  std::int32_t executions_request = 0;
  std::int32_t account_request = 0;
  std::int32_t contract_request = 0;
  int connects = 0;           ///< attempts to connect that were begun
  bool clock_answers = true;  ///< what does not answer is a dead link
  int snapshots = 0;
  int position_lists = 0;
  int position_ends = 0;
  int account_ends = 0;
  int positions = 0;
  int values = 0;
  AccountValue last_value;
  TwsBroker broker;
};

inline wire::OpenOrder open_order(int id) {
  wire::OpenOrder message;
  message.order_id = id;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.order.action = "BUY";
  message.order.order_type = "MKT";
  message.order.tif = "DAY";
  message.order.total_quantity = wire::Real::from_int(1);
  message.order.perm_id = 1000 + id;
  message.order_state.status = "Submitted";
  return message;
}

}  // namespace belay::test
