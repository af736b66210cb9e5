// SPDX-License-Identifier: Apache-2.0
// What the broker adapter and its sessions put on the wire.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "belay/tws/session/session.hpp"
#include "belay/tws/translate.hpp"
#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"
#include "tests/defects/scenarios.hpp"
#include "tests/support/broker_rig.hpp"
#include "tests/support/core_rig.hpp"
#include "tests/support/foreign_orders.hpp"

namespace belay::test {

using belay::base::Defect;
using belay::base::Time;

namespace {

// ---- session ----
bool a_cancel_goes_while_a_slot_is_free() {
  namespace wire = belay::tws::wire;
  belay::tws::session::SessionOptions options;
  options.message_rate_limit = 10;
  options.cancel_reserve = 2;
  belay::tws::session::Session session(options);
  Time now(0);
  session.start(now);
  session.connected(now);
  std::string bytes;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
  wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
  wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
  for (std::string_view rest = bytes; session.read(rest, now);) session.take_actions();
  now = now + std::chrono::seconds(2);
  // As many entries as are allowed: only the cancels' reserve is left.
  while (session.order_slots(now) > 0) {
    session.reserve();
    session.send_reserved(wire::PlaceOrder{}, now);
  }
  session.take_actions();
  session.send_cancel(wire::CancelOrder{}, now);
  return session.take_actions().size() == 1 && session.waiting() == 0;
}

// ---- many clients ----
bool another_clients_number_never_leaves_under_ours() {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  const OrderId theirs = seen(rig, shown_of(3, rig.order(ours).broker_id->number, 900));
  rig.step(foreign_cancel(theirs));
  return rig.count<CancelEffect>() == 0 && rig.count<ForeignCancelEffect>() == 1;
}
/// A broker adapter of client 0 whose lists have been read.
struct Connected {
  Connected() : broker({}, hooks()) {
    namespace wire = belay::tws::wire;
    broker.start(now);
    broker.connected(now);
    std::string bytes;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
    wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::OpenOrderEnd{}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::CompletedOrdersEnd{}), 200, bytes);
    wire::encode(wire::ServerMessage(wire::PositionEnd{}), 200, bytes);
    broker.bytes(bytes, now);
    take();
    // The end of the executions is given up after a while.
    for (int i = 0; i < 4 && !settled; ++i) {
      now = now + std::chrono::seconds(10);
      say(wire::CurrentTime{now.unix_ns() / 1'000'000'000});
      broker.tick(now);
    }
  }
  void say(const belay::tws::wire::ServerMessage& message) {
    std::string bytes;
    belay::tws::wire::encode(message, 200, bytes);
    broker.bytes(bytes, now);
  }
  belay::broker::Hooks hooks() {
    return {.report =
                [this](Input input) {
                  if (std::holds_alternative<SnapshotDone>(input)) settled = true;
                  if (std::holds_alternative<SessionDown>(input)) dropped = true;
                },
            .link = [](const LinkStatus&) {},
            .positions_begin = [] {},
            .position = [](const Position&) {},
            .account_value = [](const AccountValue&) {},
            .log = [](const std::string&) {}};
  }
  void take() {
    for (const auto& action : broker.take_actions()) {
      if (const auto* write = std::get_if<belay::broker::Write>(&action)) {
        written += write->bytes;
      }
    }
  }
  Time now{1'000'000'000'000};
  bool settled = false;
  bool dropped = false;
  std::string written;
  belay::tws::TwsBroker broker;
};
bool an_order_without_a_word_tests_the_link() {
  Connected rig;
  rig.broker.reserve();
  PlaceEffect order{OrderId(1), BrokerOrderId{0, 1}, "b1.0.1", {}};
  order.spec.edit().contract.symbol = "AAPL";
  order.spec.edit().terms.order_qty = Quantity::from_int(1);
  const bool sent = rig.settled && rig.broker.place(order, rig.now);
  // The link is half open: nothing comes any more.
  for (int tenths = 0; tenths < 80; ++tenths) {
    rig.now = rig.now + std::chrono::milliseconds(100);
    rig.broker.tick(rig.now);
  }
  return sent && rig.dropped;
}
bool the_main_link_stays_while_another_name_is_used() {
  Connected rig;
  rig.broker.foreign_cancel({OrderId(1), {3, 40}, std::nullopt}, rig.now);
  rig.broker.tick(rig.now);
  return rig.settled && !rig.dropped;
}
bool connecting_binds_nothing() {
  Connected rig;
  rig.take();
  // reqAutoOpenOrders, as the field 15 and its version at the beginning of a frame.
  const std::string asked(
      "15\0"
      "1\0"
      "1\0",
      7);
  return rig.settled && rig.written.find(asked) == std::string::npos;
}

bool a_restored_link_is_asked_for_everything() {
  namespace wire = belay::tws::wire;
  belay::broker::Hooks hooks;
  hooks.report = [](Input) {};
  hooks.link = [](const LinkStatus&) {};
  hooks.positions_begin = [] {};
  hooks.log = [](const std::string&) {};
  belay::tws::TwsBroker broker(belay::tws::TwsBrokerOptions{}, hooks);
  const Time now(1'000'000'000'000);
  std::string bytes;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, bytes);
  wire::encode(wire::ServerMessage(wire::NextValidId{1}), 200, bytes);
  wire::encode(wire::ServerMessage(wire::ManagedAccts{"DU1"}), 200, bytes);
  broker.start(now);
  broker.connected(now);
  broker.bytes(bytes, now);
  const auto say = [&](int code) {
    std::string notice;
    wire::encode(wire::ServerMessage(wire::ErrMsg{.id = -1,
                                                  .error_code = code,
                                                  .error_string = "words",
                                                  .advanced_order_reject_json = "",
                                                  .error_time = 0}),
                 200, notice);
    broker.bytes(notice, now);
  };
  say(1100);
  broker.take_actions();
  say(1102);
  return !broker.take_actions().empty();
}

bool binary_noise_costs_no_fill_its_price() {
  namespace wire = belay::tws::wire;
  wire::ExecDetails fill;
  fill.order_id = 5;
  fill.execution.exec_id = "e.1.01";
  fill.execution.side = "BOT";
  fill.execution.shares = *wire::Real::parse("0.30000000000000004");
  fill.execution.price = *wire::Real::parse("189.50000000000003");
  const auto told = belay::tws::from_wire(fill);
  return told && told->execution.last_px == Price(*Decimal::parse("189.5"));
}

bool a_count_that_is_no_number_is_named() {
  namespace wire = belay::tws::wire;
  using namespace std::literals;
  constexpr auto fields = "75\0007\0SMART\0001\0SPY\000100\0000\0NaN\000600\0"sv;
  const auto read = wire::decode_server_tolerantly(fields, 200);
  return read && read->damaged.size() == 1 && read->damaged[0].field == "strikesCount";
}

bool a_cancel_without_an_answer_is_told() {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.broker.reserve();
  const bool sent = rig.broker.place(rig.place_effect(), rig.now);
  rig.give(open_order(5));
  rig.broker.cancel(CancelEffect{OrderId(1), BrokerOrderId{0, 5}}, rig.now);
  rig.wait(std::chrono::seconds(4));  // the settling round
  rig.give(open_order(5));
  rig.give(tws::wire::OpenOrderEnd{});
  rig.end_the_rest();
  for (int i = 0; i < 40; ++i) rig.wait(std::chrono::seconds(2));
  return sent && rig.open_alarms("cancel_unanswered") == 1;
}

constexpr Scenario of_broker[] = {
    {Defect::cancel_silence_untold, "a cancel without an answer is told",
     a_cancel_without_an_answer_is_told},
    {Defect::unread_count_is_zero, "a count that is no number is named",
     a_count_that_is_no_number_is_named},
    {Defect::broker_doubles_taken_exactly, "binary noise costs no fill its price",
     binary_noise_costs_no_fill_its_price},
    {Defect::cancel_waits_behind_entries, "a cancel goes while a slot is free",
     a_cancel_goes_while_a_slot_is_free},
    {Defect::foreign_cancel_under_own_id, "another client's number never leaves under ours",
     another_clients_number_never_leaves_under_ours},
    {Defect::half_open_link_trusted, "an order without a word tests the link",
     an_order_without_a_word_tests_the_link},
    {Defect::main_session_dropped_for_foreign, "the main link stays while another name is used",
     the_main_link_stays_while_another_name_is_used},
    {Defect::binding_without_asking, "connecting binds nothing", connecting_binds_nothing},
    {Defect::restored_link_not_reconciled, "a restored link is asked for everything",
     a_restored_link_is_asked_for_everything},
};

}  // namespace

std::span<const Scenario> broker_scenarios() {
  return of_broker;
}

}  // namespace belay::test
