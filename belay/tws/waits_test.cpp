// SPDX-License-Identifier: Apache-2.0
// No wait without an end and an alarm: what the adapter does, and says, when the broker does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using belay::base::Duration;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Waiting* find_wait(const BrokerRig& rig, const std::string& what) {
  const auto& all = rig.broker.link().waiting;
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Waiting& one) { return one.what == what; });
  return at == all.end() ? nullptr : &*at;
}

/// What the test's time has in store, without leaving out a deadline.
void pass(BrokerRig& rig, Duration duration) {
  const Time end = rig.now + duration;
  while (rig.broker.next_deadline(rig.now) <= end) {
    rig.now = std::max(rig.now, rig.broker.next_deadline(rig.now));
    rig.wait(Duration(0));
  }
  rig.wait(end - rig.now);
}

void refuse(BrokerRig& rig, int code, int id, const char* words) {
  rig.give(wire::ErrMsg{.id = id,
                        .error_code = code,
                        .error_string = words,
                        .advanced_order_reject_json = "",
                        .error_time = 0});
}

bool place(BrokerRig& rig) {
  rig.broker.reserve();
  const bool sent = rig.broker.place(rig.place_effect(), rig.now);
  rig.collect();
  return sent;
}

}  // namespace

TEST_CASE("wait table: each wait has a row with a time, a kind and something to look at") {
  std::set<std::string> words;
  for (std::size_t i = 0; i < awaited_count; ++i) {
    const WaitRow& row = row_of(static_cast<Awaited>(i));
    CAPTURE(i);
    CHECK(static_cast<std::size_t>(row.what) == i);
    CHECK_FALSE(row.word.empty());
    CHECK_FALSE(row.text.empty());
    CHECK(row.incident_after > Duration(0));
    CHECK_FALSE(row.incident.empty());
    CHECK_FALSE(row.look_at.empty());
    words.insert(std::string(row.word));
  }
  CHECK(words.size() == awaited_count);
  std::set<Awaited> lists;
  for (std::size_t i = 0; i < belay::model::broker_lists; ++i) {
    lists.insert(awaited(static_cast<BrokerList>(i)));
  }
  CHECK(lists.size() == belay::model::broker_lists);
}

TEST_CASE("waits: every state of the session but ready tells what it waits for and since when") {
  BrokerRig rig;
  const Time begin = rig.now;
  rig.broker.start(rig.now);
  REQUIRE(find_wait(rig, "connection") != nullptr);
  rig.wait(seconds(1));
  rig.broker.connected(rig.now);
  CHECK(find_wait(rig, "connection") == nullptr);
  REQUIRE(find_wait(rig, "greeting") != nullptr);
  std::string hello;
  wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
  rig.broker.bytes(hello, rig.now);
  CHECK(find_wait(rig, "greeting") == nullptr);
  REQUIRE(find_wait(rig, "next_valid_id") != nullptr);
  rig.give(wire::NextValidId{5});
  REQUIRE(find_wait(rig, "accounts") != nullptr);
  CHECK(rig.broker.link().since == begin);
  rig.give(wire::ManagedAccts{"DU1"});
  CHECK(rig.broker.link().phase == "syncing");
  for (const char* list : {"open_orders", "completed", "executions", "positions"}) {
    CAPTURE(list);
    REQUIRE(find_wait(rig, list) != nullptr);
    CHECK_FALSE(find_wait(rig, list)->look_at.empty());
  }
  CHECK_FALSE(rig.broker.link().detail.empty());
  CHECK(rig.broker.link().action.empty());  // nothing is late yet
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  CHECK(rig.broker.link().phase == "ready");
  CHECK(rig.broker.link().waiting.empty());
  CHECK(rig.broker.link().detail.empty());
}

TEST_CASE("waits: a gateway that takes the connection and never greets is named, since the first") {
  BrokerRig rig;
  const Time begin = rig.now;
  rig.broker.start(rig.now);
  for (int attempt = 0; attempt < 4; ++attempt) {
    rig.broker.connected(rig.now);
    rig.collect();
    pass(rig, seconds(11));
    CHECK(rig.broker.link().detail.find("greeting") != std::string::npos);
    while (rig.broker.link().phase != "connecting") {
      rig.now = rig.broker.next_deadline(rig.now);
      rig.wait(Duration(0));
    }
    REQUIRE(find_wait(rig, "greeting") != nullptr);
    CHECK(find_wait(rig, "greeting")->since == begin);
  }
  CHECK(rig.broker.link().since == begin);
  CHECK(rig.open_alarms("broker_unreachable") > 0);
}

TEST_CASE("waits: a position list that never ends costs the positions, not the trading") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  const auto end_but_positions = [&] {
    rig.give(wire::OpenOrderEnd{});
    rig.give(wire::CompletedOrdersEnd{});
    rig.give(wire::ExecDetailsEnd{rig.executions_request});
    rig.give(wire::AccountSummaryEnd{rig.account_request});
  };
  end_but_positions();
  CHECK(rig.broker.link().phase == "syncing");
  pass(rig, seconds(21));
  CHECK(rig.broker.link().phase == "ready");
  REQUIRE(rig.snapshots == 1);
  CHECK_FALSE(rig.last<SnapshotDone>().positions_listed);
  pass(rig, seconds(10));
  CHECK(rig.open_alarms("list_unanswered") == 1);
  end_but_positions();  // of the round that was asked when the link had settled
  pass(rig, seconds(30));
  REQUIRE(rig.snapshots >= 2);
  CHECK(rig.last<SnapshotDone>().settled);  // it says nothing of orders
  CHECK_FALSE(rig.last<SnapshotDone>().positions_listed);
  // It is asked for again, and when it comes the incident is over.
  for (int i = 0; i < 20 && rig.position_ends == 0; ++i) {
    pass(rig, seconds(15));
    end_but_positions();
    rig.give(wire::PositionEnd{});
  }
  CHECK(rig.position_ends > 0);
  CHECK(rig.open_alarms("list_unanswered") == 0);
  CHECK(find_wait(rig, "positions") == nullptr);
}

TEST_CASE("waits: a refused list ends at once with the broker's words, and is not asked again") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  refuse(rig, 321, -1, "Error validating request: more than 50 sub accounts");
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  refuse(rig, 321, rig.account_request, "account summary: too many");
  rig.give(wire::ExecDetailsEnd{rig.executions_request});
  CHECK(rig.broker.link().phase == "ready");
  CHECK(rig.open_alarms("list_unanswered") == 2);
  REQUIRE(find_wait(rig, "positions") != nullptr);
  CHECK(find_wait(rig, "positions")->detail.find("50 sub accounts") != std::string::npos);
  CHECK(std::any_of(rig.lists.begin(), rig.lists.end(), [](const ListTold& told) {
    return told.list == BrokerList::positions && !told.ended && !told.words.empty();
  }));
  rig.written.clear();
  rig.wait(seconds(3));  // the settled round
  CHECK(rig.writes("reqAllOpenOrders") == 1);
  CHECK(rig.writes("reqPositions") == 0);
  CHECK(rig.writes("reqAccountSummary") == 0);
}

TEST_CASE("waits: executions that are refused by their request id end, and prove nothing") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  refuse(rig, 322, rig.executions_request, "no");
  CHECK(rig.open_alarms("list_unanswered") == 1);
  rig.give(wire::OpenOrderEnd{});
  rig.give(wire::CompletedOrdersEnd{});
  rig.give(wire::PositionEnd{});
  REQUIRE(rig.snapshots == 2);
  CHECK_FALSE(rig.last<SnapshotDone>().settled);
}

TEST_CASE("waits: Read-Only that refuses the list of open orders needs a person, until it is off") {
  BrokerRig rig;
  BrokerRig::connect(rig);
  refuse(rig, 321, 2147483647, "The API interface is currently in Read-Only mode.");
  CHECK(rig.broker.link().phase == "needs_person");
  CHECK_FALSE(rig.broker.link().action.empty());
  pass(rig, minutes(2));
  CHECK(rig.broker.link().phase == "needs_person");
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  CHECK(rig.broker.link().phase == "ready");
}

TEST_CASE("waits: open orders that never come end the link, however much else does") {
  for (const bool first : {true, false}) {
    CAPTURE(first);
    BrokerRig rig;
    if (first) {
      BrokerRig::connect(rig);
    } else {
      BrokerRig::sync(rig);
      rig.wait(seconds(3));
    }
    for (int i = 0; i < 45 && rig.broker.link().phase != "down"; ++i) {
      rig.give(wire::NextValidId{5});
      if (!first && i > 12) CHECK(rig.broker.link().doubtful);
      pass(rig, seconds(1));
      if (first && i == 25) CHECK_FALSE(rig.broker.link().action.empty());
    }
    CHECK(rig.broker.link().phase == "down");
    CHECK(rig.count<SessionDown>() == 1);
    CHECK(rig.open_alarms("broker_silent") == 1);
    rig.reports.clear();
    rig.wait(seconds(10));
    rig.greet("DU1");
    CHECK(find_wait(rig, "open_orders")->since < rig.now - seconds(20));
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    CHECK(rig.broker.link().phase == "ready");
    CHECK_FALSE(rig.broker.link().doubtful);
    CHECK(find_wait(rig, "open_orders") == nullptr);
  }
}

TEST_CASE("waits: 1100 said again and again began with the first, and becomes an incident") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  const Time begin = rig.now;
  for (int i = 0; i < 12; ++i) {
    rig.error(1100);
    CHECK(rig.broker.link().since == begin);
    CHECK(rig.count<SessionDown>() == 1);
    pass(rig, seconds(10));
  }
  CHECK(rig.broker.link().phase == "degraded");
  CHECK(rig.open_alarms("broker_unreachable") == 1);
  REQUIRE(find_wait(rig, "server") != nullptr);
  CHECK(find_wait(rig, "server")->since == begin);
  CHECK(find_wait(rig, "server")->detail.find("1100") != std::string::npos);
  rig.error(1102);
  CHECK(rig.broker.link().phase == "syncing");
  CHECK(find_wait(rig, "server") == nullptr);
}

TEST_CASE("waits: a gateway that stays without its server is connected to anew") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.error(1100);
  pass(rig, minutes(5) - seconds(1));
  CHECK(rig.phases.back() == "degraded");
  pass(rig, seconds(9));
  CHECK(rig.phases.back() == "connecting");
  rig.greet("DU1");
  CHECK(rig.broker.link().phase == "syncing");
}

TEST_CASE(
    "waits: an order without a word tests the link at once, and no new risk leaves meanwhile") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.give(wire::CurrentTime{1'000});
  rig.wait(seconds(3));
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(place(rig));
  rig.clock_answers = false;
  const Time sent = rig.now;
  rig.written.clear();
  pass(rig, Duration(seconds(2)) - Duration(1));
  CHECK_FALSE(rig.broker.link().doubtful);
  pass(rig, Duration(1));
  CHECK(rig.broker.link().doubtful);
  CHECK(rig.writes("reqCurrentTime") == 1);
  CHECK(rig.broker.lane_slots(rig.now).free(Lane::new_risk) == 0);
  REQUIRE(find_wait(rig, "order") != nullptr);
  CHECK(find_wait(rig, "order")->since == sent);
  SUBCASE("a link that answers is whole, and the order waits on") {
    rig.give(wire::CurrentTime{1'000});
    CHECK_FALSE(rig.broker.link().doubtful);
    CHECK(rig.broker.lane_slots(rig.now).free(Lane::new_risk) > 0);
    CHECK(find_wait(rig, "order") != nullptr);
    rig.clock_answers = true;
    pass(rig, seconds(20));
    CHECK(rig.writes("reqCurrentTime") == 1);  // it is tested for once
    wire::OpenOrder taken = open_order(5);
    rig.give(taken);
    CHECK(find_wait(rig, "order") == nullptr);
  }
  SUBCASE("news that answer nothing do not save it") {
    for (int i = 0; i < 5; ++i) {
      rig.give(wire::NextValidId{5});
      pass(rig, seconds(1));
    }
    CHECK(rig.broker.link().phase == "down");
    CHECK(rig.count<SessionDown>() == 1);
    CHECK_FALSE(rig.broker.link().doubtful);
  }
  SUBCASE("one that stays without a word is an incident in the end") {
    rig.give(wire::CurrentTime{1'000});
    rig.clock_answers = true;
    pass(rig, seconds(60));
    CHECK(rig.open_alarms("order_unanswered") == 1);
    rig.give(open_order(5));
    CHECK(rig.open_alarms("order_unanswered") == 0);
  }
}

TEST_CASE("waits: the account's values are asked for anew after a fill and from time to time") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  rig.written.clear();
  const int before = rig.account_ends;
  wire::ExecDetails fill;
  fill.req_id = -1;
  fill.execution.exec_id = "0001.1.01.01";
  rig.give(fill);
  pass(rig, seconds(2));
  CHECK(rig.writes("cancelAccountSummary") == 1);
  CHECK(rig.writes("reqAccountSummary") == 1);
  const Time asked = rig.now;
  pass(rig, seconds(1));
  rig.give(wire::AccountSummaryEnd{rig.account_request});
  CHECK(rig.account_ends == before + 1);
  CHECK(rig.lists.back().as_of == asked);
  rig.written.clear();
  for (int i = 0; i < 16; ++i) {
    pass(rig, seconds(20));
  }
  CHECK(rig.writes("reqAccountSummary") == 1);
}

TEST_CASE("waits: a list tells as of when it is, and whether all of it could be read") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  const Time asked = rig.now;
  pass(rig, seconds(1));
  rig.lists.clear();
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  const auto told = [&](BrokerList list) {
    const auto at = std::find_if(rig.lists.begin(), rig.lists.end(),
                                 [&](const ListTold& one) { return one.list == list; });
    REQUIRE(at != rig.lists.end());
    return *at;
  };
  for (const BrokerList list : {BrokerList::open_orders, BrokerList::completed,
                                BrokerList::executions, BrokerList::positions}) {
    CHECK(told(list).as_of == asked);
    CHECK(told(list).complete);
  }
}

TEST_CASE("waits: a cancel without an effect is one wait, however often it is repeated") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  REQUIRE(place(rig));
  rig.give(open_order(5));
  const Time asked = rig.now;
  const auto status = [&](const char* word, std::int32_t client) {
    wire::OrderStatus told;
    told.order_id = 5;
    told.client_id = client;
    told.perm_id = 1005;
    told.status = word;
    rig.give(told);
  };
  const auto settle = [&](bool shows_it) {
    if (shows_it) rig.give(open_order(5));
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
  };
  for (int i = 0; i < 8; ++i) {
    rig.broker.cancel(CancelEffect{OrderId(1), BrokerOrderId{0, 5}}, rig.now);
    rig.collect();
    status("PendingCancel", 0);
    status("Cancelled", 9);  // another client's order of that number
    pass(rig, seconds(4));
    rig.broker.snapshot({.reason = "order", .full = true, .wish = 0, .dry_run = false}, rig.now);
    rig.collect();
    settle(true);
    settle(true);  // the round of its own
    REQUIRE(find_wait(rig, "cancel") != nullptr);
    CHECK(find_wait(rig, "cancel")->since == asked);
    pass(rig, seconds(20));
  }
  CHECK(rig.open_alarms("cancel_unanswered") == 1);
  SUBCASE("its end ends it") {
    status("Cancelled", 0);
  }
  SUBCASE("a refusal ends it") {
    refuse(rig, 10148, 5, "cannot be cancelled, state: Filled.");
  }
  SUBCASE("a settled list without it leaves it to the lists") {
    rig.broker.snapshot({.reason = "order", .full = true, .wish = 0, .dry_run = false}, rig.now);
    rig.collect();
    settle(false);
    settle(false);
    rig.wait(Duration(1));
  }
  SUBCASE("a lost link does not end it, the lists of the next one do") {
    rig.lose_link();
    CHECK(rig.open_alarms("cancel_unanswered") == 1);
    rig.greet("DU1");
    settle(false);
    rig.wait(seconds(3));
    settle(false);
    rig.wait(Duration(1));
  }
  CHECK(find_wait(rig, "cancel") == nullptr);
  CHECK(rig.open_alarms("cancel_unanswered") == 0);
}

TEST_CASE("waits: that an order is being sent is no answer to it") {
  BrokerRig rig;
  BrokerRig::sync(rig);
  rig.wait(seconds(3));
  rig.give(wire::OpenOrderEnd{});
  rig.end_the_rest();
  REQUIRE(place(rig));
  const Time sent = rig.now;
  wire::OpenOrder pending = open_order(5);
  pending.order_state.status = "PendingSubmit";
  wire::OrderStatus word;
  word.order_id = 5;
  word.status = "PendingSubmit";
  rig.give(pending);
  rig.give(word);
  pass(rig, seconds(3));
  CHECK_FALSE(rig.broker.link().doubtful);  // somebody listens
  REQUIRE(find_wait(rig, "order") != nullptr);
  CHECK(find_wait(rig, "order")->since == sent);
  pass(rig, seconds(60));
  CHECK(rig.open_alarms("order_unanswered") == 1);
  word.status = "Submitted";
  rig.give(word);
  CHECK(rig.open_alarms("order_unanswered") == 0);
  CHECK(find_wait(rig, "order") == nullptr);
}
