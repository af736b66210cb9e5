// SPDX-License-Identifier: Apache-2.0
// What the broker says in numbers that are none: each costs itself, has a name, and never reads as
// "is not there".
#include <algorithm>
#include <chrono>

#include "belay/tws/wire/random_message.hpp"
#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

using belay::base::Decimal;

wire::ExecDetails fill() {
  wire::ExecDetails out;
  out.req_id = -1;
  out.order_id = 5;
  out.contract.symbol = "AAPL";
  out.contract.con_id = 265598;
  out.execution.exec_id = "e.1.01";
  out.execution.side = "BOT";
  out.execution.shares = wire::Real::from_int(40);
  out.execution.price = *wire::Real::parse("189.50000000000003");
  out.execution.perm_id = 1005;
  return out;
}

wire::Position held(const char* quantity) {
  wire::Position out;
  out.account = "DU1";
  out.contract.con_id = 265598;
  out.contract.symbol = "AAPL";
  out.position = *wire::Real::parse(quantity);
  return out;
}

}  // namespace

TEST_CASE("border: binary noise costs nothing") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.give(fill());
  CHECK(rig.last<BrokerExecution>().execution.last_px == Price(*Decimal::parse("189.5")));
  wire::OpenOrder odd = open_order(7);
  odd.order.order_type = "LMT";
  odd.order.lmt_price = *wire::Real::parse("101.30000000000001");
  rig.give(odd);
  CHECK(rig.last<BrokerOrder>().spec->terms.price == Price(*Decimal::parse("101.3")));
  rig.give(wire::CommissionReport{.exec_id = "e.1.01",
                                  .commission = *wire::Real::parse("0.3534785123"),
                                  .currency = "USD",
                                  .realized_pnl = {},
                                  .yield = {},
                                  .yield_redemption_date = ""});
  CHECK(rig.last<BrokerCommission>().commission == *Decimal::parse("0.35347851"));
  CHECK(rig.count<Alarm>() == 0);
}

TEST_CASE("border: a price that cannot be read leaves the fill, and is told with its bytes") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.give_damaged(fill(), 20, "18\xb9.5");
  const auto told = rig.last<BrokerExecution>();
  CHECK_FALSE(told.execution.last_px.has_value());
  CHECK(told.execution.last_qty == Quantity::from_int(40));
  CHECK(told.names.permanent_id == PermanentId(1005));
  REQUIRE(rig.count<Alarm>() == 1);
  const auto alarm = rig.last<Alarm>();
  CHECK(alarm.kind == "unreadable_report");
  for (const char* part : {"execDetails", "price", "18\xc2\xb9.5", "e.1.01"}) {
    CAPTURE(part);
    CHECK(alarm.text.find(part) != std::string::npos);
  }
}

TEST_CASE("border: a fill of no readable size costs its list the whole, and positions their word") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));  // the settling round
  wire::ExecDetails unread = fill();
  unread.req_id = rig.executions_request;
  rig.give_damaged(unread, 19, "NaN");
  CHECK(rig.count<BrokerExecution>() == 0);
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(rig.snapshots == 2);
  const auto done = rig.last<SnapshotDone>();
  CHECK(done.settled);
  REQUIRE(done.positions_listed);
  REQUIRE(done.positions.size() == 1);  // of this contract nobody knows how much is held
  CHECK_FALSE(done.positions[0].quantity.has_value());
  CHECK(done.positions[0].contract.con_id == 265598);
  REQUIRE(done.unread.size() == 1);
  CHECK(done.unread[0].names.permanent_id == PermanentId(1005));
  CHECK_FALSE(done.unread[0].corrects);
  for (const ListTold& told : rig.lists) {
    if (told.as_of != done.asked_at) continue;
    const bool touched = told.list == BrokerList::executions || told.list == BrokerList::positions;
    CHECK(told.complete == !touched);
  }
}

TEST_CASE("border: a listed order with an unreadable price is listed, and settles") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  wire::OpenOrder odd = open_order(7);
  odd.order.order_type = "LMT";
  rig.give_damaged(odd, 16, "one");
  CHECK(rig.last<BrokerOrder>().partial);
  CHECK_FALSE(rig.last<BrokerOrder>().spec->terms.price.has_value());
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(rig.snapshots == 2);
  CHECK(rig.last<SnapshotDone>().settled);
  REQUIRE(rig.listed.size() == 1);
  CHECK(rig.listed[0].permanent_id == PermanentId(1007));
}

TEST_CASE(
    "border: an order with a count that cannot be read is shown, and its list is not complete") {
  for (const char* words : {"NaN", "Infinity", "", "-1", "1e-300", "123456789012345678901234567890",
                            "2147483647", "1.797E308"}) {
    const std::string bytes(words);
    CAPTURE(bytes);
    BrokerRig rig;
    BrokerRig::sync(rig);
    rig.wait(seconds(3));
    wire::OpenOrder odd = open_order(7);
    odd.order.order_type = "LMT";
    odd.order.smart_combo_routing_params = {{"NonGuaranteed", "1"}};
    odd.order_state.status = "Submitted";
    const auto places = wire::field_places(odd, 200);
    const auto place = std::find_if(places.begin(), places.end(), [](const auto& each) {
      return each.name == "smartComboRoutingParamsCount";
    });
    rig.give_damaged(odd, static_cast<std::size_t>(place - places.begin()) + 1, bytes);
    CHECK(rig.last<BrokerOrder>().partial);
    CHECK(rig.last<BrokerOrder>().raw_status == "Submitted");
    REQUIRE(rig.count<Alarm>() == 1);
    for (const std::string& part :
         {std::string("openOrder"), std::string("smartComboRoutingParamsCount"), bytes}) {
      CHECK(rig.last<Alarm>().text.find(part) != std::string::npos);
    }
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    CHECK(rig.last<SnapshotDone>().settled);
    CHECK(rig.last<SnapshotDone>().unread.size() == 1);
    const auto told = std::find_if(rig.lists.rbegin(), rig.lists.rend(), [](const auto& each) {
      return each.list == BrokerList::open_orders;
    });
    REQUIRE(told != rig.lists.rend());
    CHECK_FALSE(told->complete);
  }
}

TEST_CASE("border: a position that cannot be read is shown, and its list is not complete") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  rig.give_damaged(held("5"), 14, "NaN");
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(rig.snapshots == 2);
  CHECK(rig.positions == 1);
  const auto done = rig.last<SnapshotDone>();
  CHECK(done.positions_listed);
  for (const Position& unread : done.positions) {
    CHECK_FALSE(unread.quantity.has_value());
    CHECK(unread.contract.con_id == 265598);
    CHECK(unread.account == AccountId("DU1"));
  }
  CHECK(done.settled);
  CHECK(rig.count<Alarm>() == 1);
  for (const ListTold& told : rig.lists) {
    if (told.as_of != done.asked_at) continue;
    CHECK(told.complete == (told.list != BrokerList::positions));
  }
}

TEST_CASE("border: a position that names nobody is compared with nothing, nor is any other") {
  for (const char* account : {"DU1", ""}) {
    BrokerRig rig;
    BrokerRig::sync(rig);
    rig.wait(seconds(3));
    wire::Position odd = held("5");
    odd.account = account;
    rig.give_damaged(odd, 3, "x");
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    const auto done = rig.last<SnapshotDone>();
    CAPTURE(account);
    CHECK(done.settled);
    CHECK(done.positions_listed == (std::string(account) == "DU1"));
    // Any contract of the account.
    const Position& unread = done.positions.back();
    CHECK_FALSE(unread.quantity.has_value());
    CHECK(unread.contract.con_id == 0);
    CHECK(unread.account == AccountId(account));
  }
}

TEST_CASE("border: what is unreadable is told once, a hundred times, and then counted") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.log.clear();
  wire::ExecDetails unread = fill();
  unread.execution.side = "";
  for (int i = 0; i < 50; ++i) rig.give(unread);
  CHECK(rig.count<Alarm>() == 1);
  CHECK(rig.log.size() == 1);
  for (int i = 0; i < 3000; ++i) {
    unread.execution.exec_id = "e." + std::to_string(i) + ".01";
    rig.give(unread);
  }
  CHECK(rig.open_alarms("unreadable_report") == 101);
  CHECK(rig.log.size() < 110);
}

TEST_CASE("border: beyond the hundred the latest lost fill is named, whatever else is unreadable") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  wire::OrderStatus nameless;
  for (int i = 0; i < 300; ++i) {
    nameless.status = std::to_string(i);
    rig.give(nameless);
  }
  // The cap is of each kind: the first lost fill is an incident of its own.
  wire::ExecDetails lost = fill();
  rig.give_damaged(lost, 19, "4x");
  CHECK(rig.last<Alarm>().text.find("e.1.01") != std::string::npos);
  for (int i = 0; i < 150; ++i) {
    lost.execution.exec_id = "f." + std::to_string(i) + ".01";
    rig.give_damaged(lost, 19, "4x");
  }
  rig.reports.clear();
  rig.wait(seconds(10));
  const auto told = [&] {
    std::string text;
    for (const Input& input : rig.reports) {
      const auto* alarm = std::get_if<Alarm>(&input);
      if (alarm != nullptr && !alarm->over && alarm->subject.ends_with("execDetails")) {
        text = alarm->text;
      }
    }
    return text;
  };
  for (const char* part : {"execDetails", "shares", "4x", "f.149.01"}) {
    CAPTURE(part);
    CHECK(told().find(part) != std::string::npos);
  }
  rig.reports.clear();
  lost.execution.exec_id = "g.1.01";
  rig.give_damaged(lost, 19, "4x");
  CHECK(rig.broker.next_deadline(rig.now) <= rig.now + seconds(10));
  rig.wait(seconds(10));
  CHECK(told().find("g.1.01") != std::string::npos);
}

TEST_CASE("border: the integer that means no number is none where doubles stand") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  wire::OpenOrder odd = open_order(7);
  odd.order.order_type = "LMT";
  odd.order.lmt_price = wire::Real::from_int(2147483647);
  rig.give(odd);
  CHECK_FALSE(rig.last<BrokerOrder>().spec->terms.price.has_value());
  wire::ExecDetails told = fill();
  told.execution.price = wire::Real::from_int(2147483647);
  rig.give(told);
  CHECK_FALSE(rig.last<BrokerExecution>().execution.last_px.has_value());
  wire::CommissionReport cost{.exec_id = "e.1.01",
                              .commission = wire::Real::from_int(2147483647),
                              .currency = "USD",
                              .realized_pnl = {},
                              .yield = {},
                              .yield_redemption_date = ""};
  rig.give(cost);
  CHECK(rig.count<BrokerCommission>() == 0);
  cost.commission = wire::Real::from_int(1);
  cost.realized_pnl = wire::Real::from_int(2147483647);
  rig.give(cost);
  CHECK(rig.last<BrokerCommission>().commission == Decimal::from_int(1));
  CHECK_FALSE(rig.last<BrokerCommission>().realized_pnl.has_value());
  CHECK(rig.count<Alarm>() == 0);
  // A fill of that size is one whose size nobody told.
  told.execution.exec_id = "e.2.01";
  told.execution.shares = wire::Real::from_int(2147483647);
  rig.give(told);
  CHECK(rig.count<BrokerExecution>() == 1);
  CHECK(rig.count<Alarm>() == 1);
}

TEST_CASE("border: a session that names no account is none yet, and says what it waits for") {
  for (const char* none : {"", ","}) {
    CAPTURE(none);
    BrokerRig rig;
    rig.broker.start(rig.now);
    rig.greet(none);
    CHECK(rig.broker.link().phase == "connecting");
    CHECK(rig.broker.link().detail.find("managedAccounts") != std::string::npos);
    CHECK(rig.count<SessionUp>() == 0);
    for (int i = 0; i < 10; ++i) {
      rig.wait(seconds(10));
      if (rig.broker.link().phase == "connecting") rig.greet(none);
    }
    CHECK(rig.count<SessionUp>() == 0);
    CHECK(rig.open_alarms("live_accounts") == 0);
    CHECK(rig.open_alarms("broker_unreachable") == 1);
    while (rig.broker.link().phase != "syncing") {
      rig.greet("DU1");
      rig.wait(seconds(5));
    }
    CHECK(rig.last<SessionUp>().accounts.size() == 1);
  }
}

TEST_CASE("border: a next id that means none is no floor, and is asked for again") {
  BrokerRig rig;
  rig.broker.start(rig.now);
  rig.broker.connected(rig.now);
  std::string hello;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
  rig.broker.bytes(hello, rig.now);
  rig.give(wire::NextValidId{2147483647});
  rig.give(wire::ManagedAccts{"DU1"});
  CHECK(rig.last<SessionUp>().next_number == 0);
  CHECK(rig.writes("reqIds") == 1);
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  rig.reports.clear();
  rig.give(wire::NextValidId{2147483647});
  CHECK(rig.count<NextIdSeen>() == 0);
  rig.give(wire::NextValidId{17});
  CHECK(rig.last<NextIdSeen>().next_number == 17);
}

TEST_CASE("border: texts of the broker are one clean line") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.give(wire::ErrMsg{.id = 5,
                        .error_code = 201,
                        .error_string = "ung\xfcltig\nTWS: all is well\x1b[2J",
                        .advanced_order_reject_json = "",
                        .error_time = 0});
  CHECK(rig.last<BrokerNotice>().text == "ung\xc3\xbcltig\\nTWS: all is well\\x1b[2J");
  wire::OpenOrder order = open_order(7);
  order.order.order_ref = std::string(5'000'000, 'x');
  rig.give(order);
  CHECK(rig.last<BrokerOrder>().names.tag.size() < 2100);
}

TEST_CASE(
    "border: news that could not be read make their list incomplete, until it is read whole") {
  const auto complete = [](const BrokerRig& rig, BrokerList list) {
    bool out = true;
    for (const ListTold& told : rig.lists) {
      if (told.list == list && (told.ended || !told.complete)) out = told.complete;
    }
    return out;
  };
  wire::OpenOrder odd = open_order(7);
  odd.order.client_id = 0;
  const auto commission = wire::CommissionReport{.exec_id = "e.1.01",
                                                 .commission = *wire::Real::parse("1"),
                                                 .currency = "USD",
                                                 .realized_pnl = {},
                                                 .yield = {},
                                                 .yield_redemption_date = ""};
  const struct {
    wire::ServerMessage message;
    std::size_t field;
    BrokerList list;
  } news[] = {{fill(), 19, BrokerList::executions},     // its size
              {fill(), 20, BrokerList::executions},     // its price
              {commission, 3, BrokerList::executions},  // what it cost
              {fill(), 0, BrokerList::executions},      // the message does not say what it is
              {odd, 0, BrokerList::open_orders}};
  for (const auto& each : news) {
    CAPTURE(each.field);
    BrokerRig rig;
    BrokerRig::sync(rig);
    rig.wait(seconds(3));
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    REQUIRE(complete(rig, each.list));
    rig.give_damaged(each.message, each.field, "one");
    CHECK_FALSE(complete(rig, each.list));
    CHECK(complete(rig, BrokerList::positions) == (each.field != 0));
    rig.broker.snapshot({}, rig.now);
    rig.collect();
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    CHECK(complete(rig, each.list));
  }
}

TEST_CASE("border: an amount of an account that is no number is null, told with its bytes, once") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  wire::AccountSummary message{.req_id = rig.account_request,
                               .account = "DU1",
                               .tag = "BuyingPower",
                               .value = "n/a",
                               .currency = "USD"};
  rig.give(message);
  CHECK(rig.last_value.tag == "BuyingPower");
  CHECK(rig.last_value.value.empty());
  REQUIRE(rig.count<Alarm>() == 1);
  const std::string text = rig.last<Alarm>().text;
  for (const char* part : {"accountSummary", "value", "n/a", "DU1", "BuyingPower"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  REQUIRE_FALSE(rig.lists.empty());
  CHECK(rig.lists.back().list == BrokerList::account);
  CHECK_FALSE(rig.lists.back().complete);
  rig.give(message);
  CHECK(rig.count<Alarm>() == 1);
  message.value = "100000000000.00";
  rig.give(message);
  CHECK(rig.last_value.value == "100000000000.00");
  message.value = "300000.00";
  rig.give(message);
  CHECK(rig.last_value.value == "300000.00");
}

TEST_CASE("border: a field of an account's value that cannot be read costs that field") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.give_damaged(wire::AccountSummary{.req_id = rig.account_request,
                                        .account = "DU1",
                                        .tag = "BuyingPower",
                                        .value = "300000.00",
                                        .currency = "USD"},
                   2, "x");
  CHECK(rig.last_value.value == "300000.00");
  CHECK(rig.count<Alarm>() == 1);
}
