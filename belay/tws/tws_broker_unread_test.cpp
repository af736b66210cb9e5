// SPDX-License-Identifier: Apache-2.0
// One entry of a list that cannot be read, beside the core that decides: it costs its own order a
// decision, and no other.
#include <algorithm>
#include <chrono>

#include "belay/core/core.hpp"
#include "tests/support/broker_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

constexpr InstanceId instance{0xfeed};

/// A broker whose lists hold what the test says, and a core that hears it.
class Day {
 public:
  Day() {
    rig.now = Time{1'795'253'400'000'000'000};
    step(Started{1, instance, "test"});
    BrokerRig::connect(rig);
    end({});
    rig.wait(seconds(3));  // the settling round
    end({});
  }
  /// A full round in which these are listed.
  void round(std::vector<wire::ServerMessage> entries = {}) {
    rig.wait(seconds(20));
    step(Tick{});
    rig.lists.clear();
    rig.broker.snapshot(SnapshotEffect{"test", true, UINT64_MAX / 2, false}, rig.now);
    rig.collect();
    end(std::move(entries));
  }
  /// An order that was sent, and of which nothing is known since.
  OrderId sent(int count) {
    PlaceOrder order{1, "tester", std::nullopt, {}};
    order.spec.edit().account = AccountId("DU1");
    order.spec.edit().contract.symbol = "AAPL";
    order.spec.edit().ord_type = OrdType::market;
    order.spec.edit().terms.order_qty = Quantity::from_int(count);
    const auto before = core.book().live();
    step(order);
    for (const OrderId id : core.book().live()) {
      if (std::find(before.begin(), before.end(), id) == before.end()) return id;
    }
    FAIL("the order was refused");
    return {};
  }
  void give(const wire::ServerMessage& message) { rig.give(message), feed(); }
  const Order& order(OrderId id) { return *core.book().find(id); }
  bool complete(BrokerList list) const {
    const auto at = std::find_if(rig.lists.rbegin(), rig.lists.rend(),
                                 [&](const ListTold& one) { return one.list == list; });
    REQUIRE(at != rig.lists.rend());
    return at->complete;
  }
  wire::ExecDetails fill(OrderId id, const char* exec_id, const wire::Real& shares) {
    wire::ExecDetails out;
    out.req_id = -1;
    out.order_id = static_cast<std::int32_t>(order(id).broker_id->number);
    out.contract.symbol = "AAPL";
    out.contract.sec_type = "STK";
    out.execution.exec_id = exec_id;
    out.execution.acct_number = "DU1";
    out.execution.side = "BOT";
    out.execution.shares = shares;
    out.execution.price = wire::Real::from_int(190);
    out.execution.perm_id = 1005;
    out.execution.order_ref = order_tag(instance, id);
    return out;
  }

  BrokerRig rig;
  Core core{options()};
  bool ids_damaged = false;  ///< of what the lists hold from now on

 private:
  static CoreOptions options() {
    CoreOptions out;
    out.calendar.day_end = *DayEnd::parse("00:00 UTC");
    return out;
  }
  void step(const Input& input) { core.step(input, {rig.now, 1000, ""}); }
  void feed() {
    for (; fed < rig.reports.size(); ++fed) step(Input(rig.reports[fed]));
  }
  void end(std::vector<wire::ServerMessage> entries) {
    for (wire::ServerMessage& entry : entries) {
      if (auto* told = std::get_if<wire::ExecDetails>(&entry)) {
        told->req_id = rig.executions_request;
      }
      give_entry(entry);
    }
    rig.give(wire::OpenOrderEnd{});
    rig.end_the_rest();
    feed();
  }
  void give_entry(const wire::ServerMessage& entry) {
    if (!ids_damaged || std::holds_alternative<wire::Position>(entry)) return rig.give(entry);
    rig.give_damaged(entry, std::holds_alternative<wire::ExecDetails>(entry) ? 2 : 1, "x");
  }
  std::size_t fed = 0;
};

const wire::Real unread = wire::Real::from_int(-6);  // no size that a fill can have

wire::OpenOrder of_another_client() {
  wire::OpenOrder out = open_order(7);
  out.order.client_id = 9;
  out.order.action = "SLONG";
  return out;
}

}  // namespace

TEST_CASE("unread entry: another client's holds up no order of ours") {
  Day day;
  const OrderId id = day.sent(10);
  for (int i = 0; i < 3; ++i) {
    day.round({of_another_client()});
    CHECK_FALSE(day.complete(BrokerList::open_orders));
    CHECK(day.complete(BrokerList::executions));
  }
  CHECK(day.order(id).status == OrdStatus::not_accepted);
  CHECK(day.core.book().find_incident("unreadable_report/openOrder: action \"SLONG\" cannot be "
                                      "taken (order 7 of client 9, permId 1007, AAPL)") != nullptr);
}

TEST_CASE("unread entry: a fill without shares keeps its own order undecided, and no other") {
  Day day;
  const OrderId id = day.sent(10);
  const OrderId other = day.sent(10);
  for (int i = 0; i < 3; ++i) {
    day.round({day.fill(id, "e.1.01", unread)});
    CHECK_FALSE(day.complete(BrokerList::executions));
    CHECK(day.complete(BrokerList::open_orders));
  }
  CHECK(day.order(id).status == OrdStatus::pending_new);
  CHECK(day.order(other).status == OrdStatus::not_accepted);
}

TEST_CASE("unread entry: one that names nobody decides nothing about anybody") {
  Day day;
  const OrderId id = day.sent(10);
  wire::ExecDetails nameless = day.fill(id, "e.1.01", unread);
  nameless.order_id = 2147483647;
  nameless.execution.perm_id = 0;
  nameless.execution.order_ref = "";
  for (int i = 0; i < 3; ++i) day.round({nameless});
  CHECK(day.order(id).status == OrdStatus::pending_new);
  // A permanent id alone may be that of an order of ours which has none yet.
  nameless.execution.perm_id = 1005;
  for (int i = 0; i < 3; ++i) day.round({nameless});
  CHECK(day.order(id).status == OrdStatus::pending_new);
  nameless.execution.client_id = 9;
  for (int i = 0; i < 3; ++i) day.round({nameless});
  CHECK(day.order(id).status == OrdStatus::not_accepted);
}

TEST_CASE(
    "unread entry: an order filled by the broker's word ends, whatever is read of its fills") {
  Day day;
  const OrderId id = day.sent(10);
  day.give(day.fill(id, "e.1.01", wire::Real::from_int(4)));
  day.give(day.fill(id, "e.2.01", unread));
  wire::OrderStatus status;
  status.order_id = static_cast<std::int32_t>(day.order(id).broker_id->number);
  status.perm_id = 1005;
  status.status = "Filled";
  status.filled = wire::Real::from_int(10);
  status.avg_fill_price = *wire::Real::parse("190.3");
  day.give(status);
  CHECK(day.order(id).status == OrdStatus::partially_filled);
  wire::CompletedOrder done;
  done.contract.symbol = "AAPL";
  done.order.action = "BUY";
  done.order.order_type = "MKT";
  done.order.perm_id = 1005;
  done.order.order_ref = order_tag(instance, id);
  done.order.filled_quantity = wire::Real::from_int(10);
  done.order_state.status = "Filled";
  for (int i = 0; i < 3; ++i) {
    day.round(
        {done, day.fill(id, "e.1.01", wire::Real::from_int(4)), day.fill(id, "e.2.01", unread)});
  }
  CHECK(day.order(id).status == OrdStatus::filled);
  CHECK(day.order(id).cum_qty == Quantity::from_int(10));
  REQUIRE(day.order(id).executions.size() == 2);
  CHECK(day.order(id).executions[1].inferred);
  CHECK(day.order(id).executions[1].last_px == Price(*Decimal::parse("190.5")));
}

TEST_CASE("unread entry: a completed order without a readable side is listed as done") {
  Day day;
  const OrderId id = day.sent(10);
  wire::CompletedOrder done;
  done.contract.symbol = "AAPL";
  done.order.order_type = "MKT";
  done.order.perm_id = 1005;
  done.order.order_ref = order_tag(instance, id);
  done.order_state.status = "Cancelled";
  for (int i = 0; i < 3; ++i) day.round({done});
  CHECK_FALSE(day.complete(BrokerList::completed));
  CHECK(day.order(id).status == OrdStatus::pending_new);
  CHECK_FALSE(day.order(id).unknown);
}

TEST_CASE("unread entry: an order of ours whose id cannot be read is not another's") {
  Day day;
  const OrderId id = day.sent(10);
  wire::OpenOrder shown = open_order(7);
  shown.order.account = "DU1";
  shown.order.total_quantity = wire::Real::from_int(10);
  shown.order.perm_id = 1005;
  wire::ExecDetails fill = day.fill(id, "e.1.01", wire::Real::from_int(4));
  fill.execution.order_ref = "";
  day.ids_damaged = true;
  for (int i = 0; i < 3; ++i) day.round({shown, fill});
  CHECK(day.order(id).status == OrdStatus::pending_new);
  CHECK(day.core.book().orders_total() == 1);
  CHECK_FALSE(day.complete(BrokerList::open_orders));
  day.ids_damaged = false;
  shown.order_id = fill.order_id;
  day.round({shown, fill});
  CHECK(day.order(id).cum_qty == Quantity::from_int(4));
  CHECK(day.core.book().orders_total() == 1);
}

TEST_CASE(
    "unread entry: an id that means none is a manual order's, and holds up no order of ours") {
  Day day;
  const OrderId id = day.sent(10);
  wire::OpenOrder shown = open_order(7);
  shown.order_id = 2147483647;
  for (int i = 0; i < 3; ++i) day.round({shown});
  CHECK(day.core.book().orders_total() == 2);
  CHECK(day.order(id).status == OrdStatus::not_accepted);
}

namespace {

wire::Position held(int count) {
  wire::Position out;
  out.account = "DU1";
  out.contract.con_id = 265598;
  out.contract.symbol = "AAPL";
  out.contract.sec_type = "STK";
  out.position = wire::Real::from_int(count);
  return out;
}
// Of an order that a person entered in TWS.
wire::ExecDetails manual_fill(const wire::Real& shares) {
  wire::ExecDetails out;
  out.contract.con_id = 265598;
  out.contract.symbol = "AAPL";
  out.contract.sec_type = "STK";
  out.execution.exec_id = "m.1.01";
  out.execution.acct_number = "DU1";
  out.execution.side = "BOT";
  out.execution.shares = shares;
  out.execution.price = wire::Real::from_int(190);
  out.execution.perm_id = 2000;
  return out;
}
bool told_break(const Day& day) {
  return day.core.book().find_incident("position_break/DU1/265598") != nullptr;
}
/// Ten were held when the positions were first compared.
void agree_on_ten(Day& day) {
  day.round({held(10)});
  REQUIRE(day.core.book().positions_agreed(AccountId("DU1")));
}

}  // namespace

TEST_CASE("unread position: a fill counts for its contract though its order id cannot be read") {
  Day day;
  agree_on_ten(day);
  const wire::ExecDetails fill = manual_fill(wire::Real::from_int(2));
  day.ids_damaged = true;
  for (int i = 0; i < 2; ++i) day.round({fill, held(12)});
  CHECK_FALSE(day.complete(BrokerList::executions));
  CHECK(day.core.book().orders_total() == 1);
  CHECK_FALSE(told_break(day));
  for (int i = 0; i < 3; ++i) {
    day.round({fill, held(999)});
    CHECK(day.complete(BrokerList::positions));
  }
  CHECK(told_break(day));
}

TEST_CASE("unread position: one whose fill has no size is not called complete, or agreed on") {
  for (const bool before : {true, false}) {  // the end of the positions, or after it
    Day day;
    const wire::ExecDetails fill = manual_fill(unread);
    for (int i = 0; i < 3; ++i) {
      std::vector<wire::ServerMessage> told{held(12)};
      if (!before) told.emplace_back(wire::PositionEnd{});
      told.emplace_back(fill);
      day.round(std::move(told));
      CHECK_FALSE(day.complete(BrokerList::positions));
    }
    CHECK_FALSE(told_break(day));
    CHECK(day.core.book().expected_positions().empty());
    day.round({held(12)});
    CHECK(day.complete(BrokerList::positions));
  }
}

TEST_CASE(
    "unread position: a fill without a readable contract or account leaves out what it may be") {
  for (const bool contract : {true, false}) {
    Day day;
    agree_on_ten(day);
    wire::ExecDetails fill = manual_fill(wire::Real::from_int(2));
    if (contract) {
      fill.contract.con_id = 2147483647;
    } else {
      fill.execution.acct_number = "";
    }
    for (int i = 0; i < 3; ++i) {
      day.round({fill, held(12)});
      CHECK_FALSE(day.complete(BrokerList::positions));
    }
    CHECK_FALSE(told_break(day));
  }
}
