// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using belay::base::Time;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// The reset is 04:45 to 05:45 UTC in winter, the day ends at 05:00 UTC.
CoreOptions ib() {
  CoreOptions options;
  options.calendar.daily_reset = *Window::parse("23:45-00:45 America/New_York");
  options.calendar.day_end = *DayEnd::parse("00:00 America/New_York");
  options.calendar.reset_lead = minutes(5);
  return options;
}

// Ready in the evening before a reset.
CoreRig evening() {
  CoreRig rig(ib());
  rig.now = utc("2026-11-25T02:00:00Z");
  rig.up();
  rig.synced();
  return rig;
}

OrderSpec patient(const char* until) {
  OrderSpec spec = limit_order();
  spec.valid_until = utc(until);
  return spec;
}

}  // namespace

TEST_CASE("reset window: new risk is refused from the lead to the end, with the time to wait") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:39:58Z");
  CHECK(rig.place("k1").code == ReplyCode::accepted);
  rig.now = utc("2026-11-25T04:40:00Z");
  const Reply refused = rig.place("k2");
  CHECK(refused.code == ReplyCode::not_ready);
  CHECK(refused.text.find("daily reset") != std::string::npos);
  CHECK(refused.text.find("2026-11-25T05:45:00") != std::string::npos);
  CHECK(refused.retry_after > minutes(64));
  CHECK(refused.retry_after <= minutes(65));
  rig.now = utc("2026-11-25T05:44:59Z");
  CHECK(rig.place("k2").code == ReplyCode::not_ready);
}

TEST_CASE("reset window: an order that may wait is sent after the window and a settled list") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:50:00Z");
  const Reply held = rig.place("k1", patient("2026-11-25T14:00:00Z"));
  CHECK(held.code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.place("k2", patient("2026-11-25T05:00:00Z")).code == ReplyCode::not_ready);
  CHECK(rig.core.next_deadline() <= utc("2026-11-25T05:45:00Z"));
  rig.now = utc("2026-11-25T05:45:00Z");
  rig.step(Tick{});
  CHECK(rig.the<SnapshotEffect>().reason == "window");
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK_FALSE(rig.core.ready());
  rig.synced();
  CHECK(rig.the<PlaceEffect>().order == held.order);
}

TEST_CASE("reset window: what waits for a slot when it begins is denied, unless it may wait") {
  CoreRig rig = evening();
  rig.slots = 0;
  rig.now = utc("2026-11-25T04:39:40Z");
  const OrderId now_or_never = rig.place("k1").order;
  const OrderId later = rig.place("k2", patient("2026-11-25T14:00:00Z")).order;
  rig.slots = 1000;
  rig.now = utc("2026-11-25T04:40:00Z");
  rig.step(Tick{});
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.order(now_or_never).text == "not sent before the broker's daily reset");
  CHECK(is_terminal(rig.state(now_or_never)));
  CHECK(rig.state(later) == OrdStatus::created);
}

TEST_CASE("reset window: cancels pass, modifications are refused") {
  CoreRig rig = evening();
  const OrderId id = rig.working("k1");
  rig.now = utc("2026-11-25T04:50:00Z");
  for (const char* to : {"191", "190"}) {  // the one adds risk, the other lessens it
    const Reply refused = rig.reprice(id, to);
    CHECK(refused.code == ReplyCode::not_ready);
    CHECK(refused.text.find("2026-11-25T05:45:00") != std::string::npos);
    CHECK(refused.retry_after > minutes(54));
    CHECK(rig.last.events.empty());
  }
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE("reset window: a wish behind an unanswered modification is refused with the reason") {
  CoreRig rig = evening();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "190");
  rig.reprice(id, "189");
  rig.now = utc("2026-11-25T04:50:00Z");
  rig.step(Tick{});
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.count<ReplaceEffect>() == 0);
  CHECK(rig.the<ReplaceRefused>().text.find("daily reset") != std::string::npos);
  CHECK_FALSE(rig.order(id).desired_terms.has_value());
}

TEST_CASE("reset window: a link that was lost in it comes back by itself, with no round beside") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:50:00Z");
  rig.down();
  rig.now = utc("2026-11-25T05:45:00Z");
  rig.step(Tick{});
  CHECK(rig.count<SnapshotEffect>() == 0);
  rig.up();
  rig.synced();
  CHECK(rig.place("k1").code == ReplyCode::accepted);
}

TEST_CASE("trading day: it is recorded once, and everything is asked for then") {
  CoreRig rig = evening();
  CHECK(rig.core.book().trading_day() == "20261124");
  rig.now = utc("2026-11-25T05:00:00Z");
  rig.step(Tick{});
  CHECK(rig.the<TradingDayRolled>().day == "20261125");
  CHECK(rig.the<SnapshotEffect>().reason == "day");
  rig.wait(seconds(1));
  CHECK(rig.count<TradingDayRolled>() == 0);
  // A clock that goes back over the boundary and forth again brings no second day.
  rig.now = utc("2026-11-25T04:59:00Z");
  rig.step(Tick{});
  CHECK(rig.count<TradingDayRolled>() == 0);
  rig.now = utc("2026-11-25T05:00:01Z");
  rig.step(Tick{});
  CHECK(rig.count<TradingDayRolled>() == 0);
}

TEST_CASE("trading day: whoever was down over its end notices at the start") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-27T15:00:00Z");
  rig.restart();
  CHECK(rig.the<TradingDayRolled>().day == "20261127");
  CHECK(std::holds_alternative<DaemonStarted>(rig.last.events.front().event));
  rig.now = rig.now + hours(1);
  rig.restart();
  CHECK(rig.count<TradingDayRolled>() == 0);
}

TEST_CASE("trading day: before it ends executions are asked for once more") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:29:59Z");
  rig.step(Tick{});
  CHECK(rig.count<QueryExecutionsEffect>() == 0);
  CHECK(rig.core.next_deadline() == utc("2026-11-25T04:30:00Z"));
  rig.now = utc("2026-11-25T04:30:00Z");
  rig.step(Tick{});
  CHECK(rig.count<QueryExecutionsEffect>() == 1);
  rig.wait(seconds(1));
  CHECK(rig.count<QueryExecutionsEffect>() == 0);
}

TEST_CASE("degraded: no new risk leaves, a cancel does and is repeated after the next list") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(SessionDown{"1100 connectivity lost", true});
  CHECK(rig.the<SessionChanged>().phase == "degraded");
  CHECK(rig.place("k2").code == ReplyCode::not_ready);
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
  rig.up();
  rig.shown(id);
  rig.synced({rig.names(id)});
  CHECK(rig.the<CancelEffect>().order == id);
}

TEST_CASE("degraded: when the link goes too, cancels wait for it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(SessionDown{"1100 connectivity lost", true});
  rig.step(SessionDown{"reset by peer"});
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 0);
}

TEST_CASE("reset window: a broker that is away then is no alarm, and one that stays away is") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:50:00Z");
  rig.down();
  rig.step(Alarm{"broker_unreachable", "three attempts failed", "broker_unreachable"});
  CHECK_FALSE(rig.incident("broker_unreachable"));
  CHECK(rig.core.next_deadline() <= utc("2026-11-25T05:45:00Z"));
  rig.now = utc("2026-11-25T05:45:00Z");
  rig.step(Tick{});
  CHECK(rig.incident("broker_unreachable"));
  rig.wait(seconds(1));
  CHECK_FALSE(rig.incident("broker_unreachable"));
}

TEST_CASE("reset window: a broker that came back in it was never an alarm") {
  CoreRig rig = evening();
  rig.now = utc("2026-11-25T04:50:00Z");
  rig.down();
  rig.step(Alarm{"broker_unreachable", "three attempts failed", "broker_unreachable"});
  rig.up();
  rig.synced();
  rig.down();
  rig.now = utc("2026-11-25T05:45:00Z");
  rig.step(Tick{});
  CHECK_FALSE(rig.incident("broker_unreachable"));
}
