// SPDX-License-Identifier: Apache-2.0
// Each row of the wait table beside the real engine: a broker that withholds the one thing makes
// the wait overdue and an incident, and the thing itself ends both.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/broker_rig.hpp"
#include "tests/support/engine_rig.hpp"

using namespace belay::test;
using belay::base::Duration;
using std::chrono::seconds;

namespace {

/// A broker that answers each question at once, unless it is told to be silent about it.
class Life {
 public:
  Life() {
    journal.at_once = true;
    rig.now = Time{1'795'253'400'000'000'000};
    engine.attach(rig.broker);
    REQUIRE(engine.start(InstanceId(0xfeed), rig.now).has_value());
    rig.broker.start(rig.now);
    feed();
  }
  /// Steps of a quarter of a second, as a host makes them.
  void pass(Duration duration) {
    const Time end = rig.now + duration;
    while (rig.now < end) {
      rig.wait(milliseconds(250));
      if (engine.core().next_deadline() <= rig.now) engine.submit(Tick{}, rig.now);
      feed();
    }
  }
  void place(OrderSpec spec) {
    PlaceOrder order = EngineRig::order(++correlation);
    order.spec = std::move(spec);
    engine.submit(order, rig.now);
    feed();
  }
  void error(int code) { rig.error(code), feed(); }
  void feed() {
    for (int i = 0; i < 50; ++i) {
      while (fed < rig.reports.size()) {
        const Input input = rig.reports[fed++];
        // Of orders that only the adapter knows here.
        if (!std::holds_alternative<ForeignDone>(input)) engine.submit(input, rig.now);
      }
      engine.turn(rig.now);
      rig.collect();
      connect();
      answer();
      if (fed == rig.reports.size() && engine.quiet()) return;
    }
    FAIL("the engine and the broker do not come to rest");
  }

  bool open(std::string_view kind) const {
    const auto& all = engine.core().book().incidents();
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& one) { return one.second.opened.kind == kind; });
  }
  const Waiting* waits_for(Awaited what) const {
    const auto& all = rig.broker.link().waiting;
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const Waiting& one) { return one.what == row_of(what).word; });
    return at == all.end() ? nullptr : &*at;
  }

  BrokerRig rig;
  ManualJournal journal;
  std::vector<Reply> replies;
  Engine engine{{},
                journal,
                EngineHooks{[](const StampedEvent&) {},
                            [this](const Reply& reply) { replies.push_back(reply); },
                            [](const std::string& why) { FAIL(why); }}};
  Correlation correlation = 0;
  std::set<std::string> silent;       ///< questions without an answer, by their names
  Awaited reaches = Awaited::server;  ///< the step of connecting that does not come

 private:
  void connect() {
    if (std::exchange(connects, rig.connects) == rig.connects) return;
    if (reaches == Awaited::connection) return;
    rig.broker.connected(rig.now);
    if (reaches == Awaited::greeting) return;
    std::string hello;
    wire::append_server_hello({.server_version = 200, .connection_time = "t"}, hello);
    rig.broker.bytes(hello, rig.now);
    if (reaches != Awaited::accounts) rig.give(wire::ManagedAccts{"DU1"});
    if (reaches != Awaited::next_valid_id) rig.give(wire::NextValidId{5});
  }
  void answer() {
    while (answered < rig.written.size()) {
      const std::string question = rig.written[answered++];
      if (silent.contains(question)) continue;
      if (question == "reqAllOpenOrders") rig.give(wire::OpenOrderEnd{});
      if (question == "reqCompletedOrders") rig.give(wire::CompletedOrdersEnd{});
      if (question == "reqExecutions") rig.give(wire::ExecDetailsEnd{rig.executions_request});
      if (question == "reqPositions") rig.give(wire::PositionEnd{});
      if (question == "reqAccountSummary") rig.give(wire::AccountSummaryEnd{rig.account_request});
      if (question == "reqIds") rig.give(wire::NextValidId{5});
      if (question == "reqContractDetails") describe();
    }
  }
  void describe() {
    wire::ContractData told;
    told.req_id = rig.contract_request;
    told.contract.con_id = 265598;
    told.contract.symbol = "AAPL";
    told.contract.sec_type = "STK";
    told.contract.exchange = "SMART";
    told.contract.currency = "USD";
    rig.give(told);
    rig.give(wire::ContractDataEnd{rig.contract_request});
  }

  std::size_t fed = 0;
  std::size_t answered = 0;
  int connects = 0;
};

OrderSpec aapl(std::int64_t con_id) {
  OrderSpec spec = EngineRig::order().spec;
  spec.contract.con_id = con_id;
  return spec;
}

/// The wait is there, late, and told; `spoken` makes what is waited for come.
template <class Spoken>
void late_and_over(Life& life, Awaited what, Spoken spoken) {
  const WaitRow& row = row_of(what);
  CAPTURE(row.word);
  CHECK(life.open(row.incident));
  if (row.then == Then::gives_up) {
    CHECK(life.waits_for(what) == nullptr);
  } else {
    REQUIRE(life.waits_for(what) != nullptr);
    CHECK(life.waits_for(what)->until <= life.rig.now);
    CHECK_FALSE(life.waits_for(what)->look_at.empty());
  }
  spoken();
  CHECK(life.waits_for(what) == nullptr);
  CHECK_FALSE(life.open(row.incident));
}

Duration soon_after(Awaited what) {
  return row_of(what).incident_after + seconds(1);
}

}  // namespace

TEST_CASE("wait row: each step of connecting that does not come is an incident, and over when up") {
  for (const Awaited step :
       {Awaited::connection, Awaited::greeting, Awaited::accounts, Awaited::next_valid_id}) {
    Life life;
    life.rig.broker.closed("reset", life.rig.now);
    life.reaches = step;
    life.pass(soon_after(step) + seconds(60));  // attempts, and pauses between them
    late_and_over(life, step, [&] {
      life.reaches = Awaited::server;
      life.pass(seconds(80));
      CHECK(life.rig.broker.link().phase == "ready");
    });
  }
}

TEST_CASE("wait row: a gateway without its server is an incident until it says that it has one") {
  Life life;
  life.pass(seconds(5));
  life.error(1100);
  life.pass(soon_after(Awaited::server));
  late_and_over(life, Awaited::server, [&] {
    life.error(1102);
    life.pass(seconds(1));
  });
}

TEST_CASE("wait row: each list that does not end is an incident, and over when it comes") {
  const std::pair<Awaited, const char*> lists[] = {
      {Awaited::open_orders, "reqAllOpenOrders"},     {Awaited::completed, "reqCompletedOrders"},
      {Awaited::executions, "reqExecutions"},         {Awaited::positions, "reqPositions"},
      {Awaited::account_values, "reqAccountSummary"},
  };
  for (const auto& [list, question] : lists) {
    Life life;
    life.pass(seconds(5));
    life.silent = {question};
    life.rig.broker.closed("reset", life.rig.now);
    life.pass(soon_after(list) + seconds(8));
    late_and_over(life, list, [&] {
      life.silent.clear();
      life.pass(std::chrono::minutes(11));  // it is asked for again, ever more rarely
    });
  }
}

TEST_CASE("wait row: a gateway that cuts each link before its open orders came is an incident") {
  Life life;
  life.silent = {"reqAllOpenOrders"};
  for (int i = 0; i < 6; ++i) {
    life.rig.broker.closed("reset", life.rig.now);
    life.pass(seconds(12));
    CHECK_FALSE(life.rig.broker.link().phase == "ready");
  }
  CHECK(life.open(row_of(Awaited::open_orders).incident));
}

TEST_CASE("wait row: a long time without a link makes no list late that comes at once afterwards") {
  Life life;
  life.pass(seconds(5));
  life.silent = {"reqAllOpenOrders"};
  life.rig.broker.closed("reset", life.rig.now);
  life.pass(seconds(8));
  life.reaches = Awaited::connection;
  life.rig.broker.closed("reset", life.rig.now);
  life.pass(seconds(30));
  CHECK(life.waits_for(Awaited::open_orders) == nullptr);
  life.pass(seconds(600));
  life.reaches = Awaited::server;
  life.silent.clear();
  life.pass(seconds(80));
  CHECK(life.rig.broker.link().phase == "ready");
  CHECK_FALSE(life.open("broker_silent"));
}

TEST_CASE("wait row: a clock that is never told is an incident, though each new link gets ready") {
  Life life;
  life.pass(seconds(5));
  life.rig.clock_answers = false;
  life.pass(std::chrono::minutes(8));
  CHECK(life.open(row_of(Awaited::clock).incident));
  life.rig.clock_answers = true;
  life.pass(std::chrono::minutes(2));
  CHECK_FALSE(life.open(row_of(Awaited::clock).incident));
  CHECK(life.waits_for(Awaited::clock) == nullptr);
}

TEST_CASE("wait row: a next id that is never told is given up with an incident, until it comes") {
  for (const bool new_link : {false, true}) {
    CAPTURE(new_link);
    Life life;
    life.pass(seconds(5));
    life.silent = {"reqIds"};
    life.rig.broker.query_next_id(life.rig.now);
    life.pass(seconds(1));
    CHECK(life.waits_for(Awaited::next_id) != nullptr);
    life.pass(soon_after(Awaited::next_id));
    late_and_over(life, Awaited::next_id, [&] {
      if (new_link) {
        life.rig.broker.closed("reset", life.rig.now);
      } else {
        life.rig.give(wire::NextValidId{5});
      }
      life.pass(seconds(8));
    });
  }
}

TEST_CASE("wait row: a contract that is never told ends for its caller, and then for everybody") {
  for (const bool new_link : {false, true}) {
    CAPTURE(new_link);
    Life life;
    life.pass(seconds(5));
    life.silent = {"reqContractDetails"};
    life.place(aapl(265598));
    life.pass(seconds(1));
    CHECK(life.replies.empty());
    CHECK(life.waits_for(Awaited::contract) != nullptr);
    life.pass(seconds(10));
    // It never left, and nothing of it is kept: the caller may ask again.
    REQUIRE(life.replies.size() == 1);
    CHECK(life.replies.back().code == ReplyCode::not_ready);
    CHECK(life.engine.core().book().orders_total() == 0);
    CHECK(life.rig.writes("placeOrder") == 0);
    life.pass(soon_after(Awaited::contract) - seconds(11));
    late_and_over(life, Awaited::contract, [&] {
      life.silent.clear();
      if (new_link) {
        life.rig.broker.closed("reset", life.rig.now);
      } else {
        life.place(aapl(265598));
      }
      life.pass(seconds(8));
    });
    CHECK(life.rig.writes("placeOrder") == (new_link ? 0 : 1));
  }
}

TEST_CASE("wait row: an order without a word is an incident until the broker speaks of it") {
  Life life;
  life.pass(seconds(5));
  life.silent = {"reqExecutions"};  // no list decides it
  life.place(aapl(0));
  CHECK(life.rig.writes("placeOrder") == 1);
  life.pass(soon_after(Awaited::order));
  late_and_over(life, Awaited::order, [&] {
    life.rig.give(open_order(5));
    life.pass(seconds(1));
  });
}

TEST_CASE("wait row: requests in others' names that take too long are an incident until all end") {
  Life life;
  life.pass(seconds(5));
  // Each owner's id is held for five seconds at most.
  for (std::int32_t owner = 1; owner <= 130; ++owner) {
    life.rig.broker.foreign_cancel(ForeignCancelEffect{OrderId(static_cast<std::uint64_t>(owner)),
                                                       BrokerOrderId{owner, 1}, std::nullopt},
                                   life.rig.now);
  }
  life.pass(soon_after(Awaited::foreign));
  late_and_over(life, Awaited::foreign, [&] { life.pass(seconds(80)); });
}

TEST_CASE("wait row: the time may leap only when nothing is timed") {
  Life life;
  life.pass(seconds(5));
  CHECK(life.rig.broker.time_may_leap(life.rig.now));
  life.place(aapl(0));
  CHECK_FALSE(life.rig.broker.time_may_leap(life.rig.now));
  life.rig.give(open_order(5));
  life.pass(seconds(3));
  CHECK(life.rig.broker.time_may_leap(life.rig.now));
  life.error(1100);
  CHECK_FALSE(life.rig.broker.time_may_leap(life.rig.now));
  life.pass(soon_after(Awaited::server));  // told: nothing of it becomes late any more
  CHECK(life.rig.broker.time_may_leap(life.rig.now));
}
