// SPDX-License-Identifier: Apache-2.0
#include "belay/views/live_view.hpp"

#include <doctest/doctest.h>

using namespace belay::core;
using belay::base::Time;
using belay::views::EventLine;
using belay::views::LiveView;
using belay::views::Told;

namespace {
StampedEvent incident(std::uint64_t seq, const char* text) {
  return {seq, Time(0), IncidentOpened{"test", OrderId(), text}};
}
Position position(const char* symbol, const char* quantity) {
  Position p;
  p.account = AccountId("DU1");
  p.contract.symbol = symbol;
  p.quantity = *Decimal::parse(quantity);
  return p;
}
}  // namespace

TEST_CASE("live view: an event is one JSON line with its place in history") {
  CHECK(belay::views::to_json(incident(1, "a \"b\"")) ==
        R"({"seq":"1","time":"1970-01-01T00:00:00.000000000Z","type":"IncidentOpened",)"
        R"("kind":"test","order":"0","text":"a \"b\"","subject":"","candidates":[]})");
}

TEST_CASE("live view: it keeps the latest events and finds them by seq") {
  LiveView view(3);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) view.publish(incident(seq, "x"));
  CHECK(view.events().size() == 3);
  CHECK(view.event(2) == nullptr);
  REQUIRE(view.event(3) != nullptr);
  CHECK(view.event(3)->seq() == 3);
  CHECK(view.event(5)->seq() == 5);
  CHECK(view.event(6) == nullptr);
  CHECK(view.event(0) == nullptr);
  CHECK(view.book().incidents_total() == 5);
}

TEST_CASE("live view: listeners hear every event in the sequence of registration") {
  LiveView view;
  std::string heard;
  view.on_event([&](const EventLine& line) { heard += "a" + std::to_string(line.seq()); });
  view.on_event([&](const EventLine& line) { heard += "b" + std::to_string(line.seq()); });
  view.publish(incident(1, "x"));
  view.publish(incident(2, "x"));
  CHECK(heard == "a1b1a2b2");
}

TEST_CASE(
    "live view: it is synced from a reconciliation to the next loss, start or end of replay") {
  LiveView view;
  std::uint64_t seq = 0;
  const auto publish = [&](Event event) { view.publish({++seq, Time(0), std::move(event)}); };
  CHECK_FALSE(view.synced());
  publish(SyncCompleted{});
  CHECK(view.synced());
  publish(IncidentOpened{"test", OrderId(), "x"});
  CHECK(view.synced());
  publish(SessionChanged{"down", "gone", {}});
  CHECK_FALSE(view.synced());
  publish(SyncCompleted{});
  publish(DaemonStarted{2, "x"});
  CHECK_FALSE(view.synced());
}

TEST_CASE("live view: a list is told from its end to the next loss, and never before the first") {
  LiveView view;
  constexpr auto positions = belay::core::BrokerList::positions;
  constexpr auto account = belay::core::BrokerList::account;
  const auto link = [&](const char* phase, bool connected) {
    LinkStatus status;
    status.phase = phase;
    status.connected = connected;
    view.set_link(status);
  };
  link("connecting", false);
  link("syncing", true);
  view.set_position(position("AAPL", "100"));
  CHECK(view.list(positions).told == Told::never);
  view.set_told({positions, true, {}, true, ""});
  link("ready", true);
  CHECK(view.list(positions).told == Told::now);
  CHECK(view.list(account).told == Told::never);
  view.set_told({account, true, {}, true, ""});
  link("degraded", false);
  CHECK(view.list(positions).told == Told::earlier);
  CHECK(view.list(account).told == Told::earlier);
  CHECK(view.positions().size() == 1);
  link("syncing", true);
  CHECK(view.list(positions).told == Told::earlier);
  view.set_told({positions, true, {}, true, ""});
  link("ready", true);
  CHECK(view.list(positions).told == Told::now);
  CHECK(view.list(account).told == Told::earlier);
}

TEST_CASE("live view: a position of zero is gone, and a list that begins anew forgets the old") {
  LiveView view;
  view.set_position(position("AAPL", "100"));
  view.set_position(position("MSFT", "-5"));
  CHECK(view.positions().size() == 2);
  view.set_position(position("AAPL", "0"));
  REQUIRE(view.positions().size() == 1);
  CHECK(view.positions()[0].contract.symbol == "MSFT");
  view.clear_positions();
  CHECK(view.positions().empty());
}

TEST_CASE("live view: an account value is known by account, tag and currency") {
  LiveView view;
  view.set_account_value({AccountId("DU1"), "NetLiquidation", "1", "USD"});
  view.set_account_value({AccountId("DU1"), "NetLiquidation", "2", "EUR"});
  view.set_account_value({AccountId("DU1"), "NetLiquidation", "3", "USD"});
  REQUIRE(view.account_values().size() == 2);
  CHECK(view.account_values()[1].value == "3");
}

TEST_CASE(
    "live view: news that could not be read cost a list its wholeness until it is told anew") {
  using enum belay::model::BrokerList;
  LiveView view;
  const belay::base::Time asked(1'000);
  view.set_told({executions, true, asked, true, ""});
  view.set_told({executions, false, {}, false, ""});
  CHECK_FALSE(view.list(executions).complete);
  CHECK(view.list(executions).told == Told::now);
  CHECK(view.list(executions).as_of == asked);
  CHECK(view.list(open_orders).complete);
  view.set_told({executions, false, {}, true, "322 refused"});
  CHECK_FALSE(view.list(executions).complete);
  CHECK(view.list(executions).words == "322 refused");
  view.set_told({executions, true, asked, true, ""});
  CHECK(view.list(executions).complete);
}
