// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

CoreOptions monitored() {
  CoreOptions options;
  options.ids.monitor_interval = minutes(1);
  return options;
}

}  // namespace

TEST_CASE("incidents: a person closes one by its number, with name and reason") {
  CoreRig rig = CoreRig::ready();
  rig.step(Alarm{"broker_unreachable", "three attempts"});
  const std::uint64_t seq = rig.last.events.at(0).seq;
  REQUIRE(rig.core.book().incidents().count(seq) == 1);
  rig.step(CloseIncident{++rig.correlation, "alice", seq, "gateway restarted"});
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
  CHECK(rig.the<IncidentClosed>().principal == "alice");
  CHECK(rig.core.book().incidents().empty());
  rig.step(CloseIncident{++rig.correlation, "alice", seq, "again"});
  CHECK(rig.the<Reply>().code == ReplyCode::not_found);
  CHECK(rig.last.events.empty());
}

TEST_CASE("incidents: the oldest without a subject give way, and that is one incident") {
  CoreOptions options;
  options.incidents_max = 3;
  CoreRig rig(options);
  rig.up(50);
  rig.synced();
  const auto open = [&] { return rig.core.book().incidents().size(); };
  for (int i = 0; i < 20; ++i) {
    rig.step(Alarm{"noise", std::to_string(i)});
    CHECK(open() <= 4);
  }
  CHECK(rig.core.book().find_incident("incidents_dropped") != nullptr);
  int dropped = 0;
  for (const auto& row : rig.history) {
    const StampedEvent event = CoreRig::decoded(row);
    const auto* e = std::get_if<IncidentOpened>(&event.event);
    dropped += e != nullptr && e->kind == "incidents_dropped" ? 1 : 0;
  }
  CHECK(dropped == 1);
  CHECK(rig.core.book().incidents().rbegin()->second.opened.text == "19");
  CHECK(rig.replayed().incidents().size() == open());
}

TEST_CASE(
    "S0.47 monitor: an old order is told once, also through a restart, and closed at its end") {
  CoreRig rig = CoreRig::ready(monitored());
  const OrderId old = rig.working("k1");
  rig.wait(hours(23));
  CHECK(rig.count<IncidentOpened>() == 0);
  const OrderId young = rig.working("k2");
  rig.wait(hours(1) + minutes(1));
  CHECK(rig.incident("stale_order"));
  CHECK(rig.the<IncidentOpened>().order == old);
  for (int i = 0; i < 3; ++i) {
    rig.wait(minutes(1));
    CHECK(rig.last.events.empty());
  }
  // Closing the matter does not make the order young again.
  const std::uint64_t seq = rig.core.book().find_incident("stale:1")->seq;
  rig.step(CloseIncident{++rig.correlation, "alice", seq, "meant so"});
  rig.wait(minutes(1));
  CHECK(rig.count<IncidentOpened>() == 0);
  rig.restart();
  rig.wait(minutes(1));
  CHECK(rig.count<IncidentOpened>() == 0);
  rig.wait(hours(23));
  CHECK(rig.the<IncidentOpened>().order == young);
  rig.up(3);
  rig.synced({rig.names(young)});
  rig.status(young, BrokerState::canceled, "Cancelled");
  rig.wait(minutes(1));
  CHECK(rig.count<IncidentClosed>() == 1);
}

TEST_CASE("S0.47 monitor: orders that are meant to stay are exempt, as the setting says") {
  for (const bool exempt : {true, false}) {
    CoreOptions options = monitored();
    options.ids.stale_gtc_exempt = exempt;
    CoreRig rig = CoreRig::ready(options);
    rig.working("k1", limit_order_for(TimeInForce::good_till_cancel));
    rig.wait(hours(25));
    CHECK(rig.incident("stale_order") != exempt);
  }
}

TEST_CASE(
    "S0.44 S0.45 monitor: it looks at its interval and can never want to look again at once") {
  CoreRig rig = CoreRig::ready(monitored());
  rig.wait(minutes(5));
  for (int i = 0; i < 5; ++i) {
    const auto next = rig.core.next_deadline();
    CHECK(next > rig.now);
    CHECK(next <= rig.now + minutes(1));
    rig.wait(next - rig.now);
  }
  CHECK(CoreRig::ready({}).core.next_deadline() == belay::base::never);
}

TEST_CASE("S0.41 S0.46 monitor: a gap is told when it happens and never again") {
  CoreRig rig = CoreRig::ready(monitored());
  rig.step(ReserveIds{1, "tester", "test", 3, {}});
  rig.sent("k1");
  CHECK(rig.count<GapRecorded>() == 1);
  for (int i = 0; i < 10; ++i) {
    rig.wait(minutes(1));
    CHECK(rig.count<GapRecorded>() == 0);
  }
  CHECK(rig.core.book().id_gaps_total() == 1);
}

TEST_CASE("incidents: what kept us from the broker is over when the session is ready") {
  CoreRig rig;
  rig.step(Alarm{"broker_unreachable", "three attempts", "broker_unreachable"});
  rig.step(Alarm{"client_id_in_use", "another program", "client_id_in_use"});
  rig.step(Alarm{"read_only_api", "the API refuses orders"});
  rig.up();
  CHECK(rig.core.book().incidents().size() == 3);  // reached, and not yet ready
  rig.synced();
  CHECK(rig.count<IncidentClosed>() == 2);
  REQUIRE(rig.core.book().incidents().size() == 1);
  CHECK(rig.core.book().incidents().begin()->second.opened.kind == "read_only_api");
  rig.down();
  rig.step(Alarm{"broker_unreachable", "three attempts", "broker_unreachable"});
  CHECK(rig.incident("broker_unreachable"));  // another time is told again
}
