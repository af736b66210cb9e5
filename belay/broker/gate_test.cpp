// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/gate.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace belay::broker;
using namespace belay::core;
using belay::base::Time;

namespace {

/// Takes what it is given, and says so.
struct Takes : Broker {
  explicit Takes(IdScheme ids = IdScheme::rising) : ids_(ids) {}
  Capabilities capabilities() const override { return {.ids = ids_, .oca = {}}; }
  LaneSlots lane_slots(Time) const override { return 10; }
  Time next_slot(Time) const override { return belay::base::never; }
  void reserve() override { ++reserved; }
  void unreserve() override { --reserved; }
  bool place(const PlaceEffect& effect, Time) override { return sends(effect.broker_id.number); }
  bool replace(const ReplaceEffect& effect, Time) override {
    return sends(-effect.broker_id.number);
  }
  bool place_family(const PlaceFamilyEffect& effect, Time) override {
    for (const PlaceEffect& each : effect.orders) sends(each.broker_id.number);
    return linked;
  }
  void cancel(const CancelEffect&, Time) override {}
  void foreign_cancel(const ForeignCancelEffect&, Time) override {}
  void global_cancel(Time) override {}
  void query_executions(Time) override {}

  bool sends(std::int64_t number) {
    --reserved;
    if (linked) sent.push_back(number);
    return linked;
  }
  IdScheme ids_;
  bool linked = true;
  int reserved = 0;
  std::vector<std::int64_t> sent;
};

struct GateRig {
  explicit GateRig(IdScheme ids = IdScheme::rising) : broker(ids) { gate.attach(broker); }
  bool place(std::int64_t number, bool passes_halt = false) {
    broker.reserve();
    return gate.place(frame(number, passes_halt), Time(1));
  }
  bool replace(std::int64_t number, bool passes_halt = false) {
    broker.reserve();
    return gate.replace({OrderId(1), {0, number}, "tag", {}, passes_halt}, Time(1));
  }
  bool family(std::vector<std::int64_t> numbers) {
    PlaceFamilyEffect effect;
    for (const std::int64_t number : numbers) {
      broker.reserve();
      effect.orders.push_back(frame(number, false));
    }
    return gate.place_family(effect, Time(1));
  }
  bool alarm_says(const char* part) {
    const auto alarm = gate.take_alarm();
    return alarm && alarm->find(part) != std::string::npos;
  }
  static PlaceEffect frame(std::int64_t number, bool passes_halt) {
    return {OrderId(1), {0, number}, "tag", {}, passes_halt};
  }

  Takes broker;
  Gate gate;
};
using Sent = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("gate: no new order is handed over without a durable intent, and none twice") {
  GateRig rig;
  CHECK_FALSE(rig.place(6));
  CHECK(rig.alarm_says("no durable intent"));
  rig.gate.intended({0, 5});
  CHECK(rig.place(5));
  CHECK_FALSE(rig.gate.take_alarm().has_value());
  CHECK_FALSE(rig.place(5));
  CHECK(rig.alarm_says("written already"));
  CHECK(rig.broker.sent == Sent{5});
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("gate: a modification of an order whose frame waits still is refused") {
  GateRig rig;
  rig.gate.intended({0, 5});
  CHECK_FALSE(rig.replace(5));
  CHECK(rig.alarm_says("was not written yet"));
  CHECK(rig.place(5));
  CHECK(rig.replace(5));
  CHECK(rig.broker.sent == Sent{5, -5});
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("gate: closed, it lets out what passes a halt and nothing else") {
  GateRig rig;
  for (const std::int64_t number : {5, 6}) rig.gate.intended({0, number});
  rig.gate.close(true);
  CHECK_FALSE(rig.place(5));
  CHECK_FALSE(rig.replace(4));
  CHECK_FALSE(rig.family({5, 6}));
  CHECK_FALSE(rig.gate.take_alarm().has_value());
  CHECK(rig.place(5, true));
  CHECK(rig.replace(4, true));
  CHECK(rig.broker.sent == Sent{5, -4});
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("gate: a family goes whole, or not a byte of it") {
  GateRig rig;
  rig.gate.intended({0, 5});
  CHECK_FALSE(rig.family({5, 6, 7}));  // two intents are not durable
  CHECK(rig.gate.take_alarm().has_value());
  CHECK(rig.broker.sent.empty());
  for (const std::int64_t number : {6, 7}) rig.gate.intended({0, number});
  CHECK(rig.family({5, 6, 7}));
  CHECK(rig.broker.sent == Sent{5, 6, 7});
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("gate: what the link did not take may be written later; nothing passes an alarm") {
  GateRig rig;
  rig.gate.intended({0, 5});
  rig.broker.linked = false;
  CHECK_FALSE(rig.place(5));
  CHECK_FALSE(rig.gate.take_alarm().has_value());
  rig.broker.linked = true;
  CHECK_FALSE(rig.place(7));  // an alarm, which nobody has taken yet
  CHECK_FALSE(rig.place(5));
  CHECK(rig.gate.take_alarm().has_value());
  CHECK(rig.place(5));
  CHECK(rig.broker.sent == Sent{5});
}

TEST_CASE("gate: ids need to rise only where the broker wants that; none is used twice anywhere") {
  GateRig rig(IdScheme::any);
  for (const std::int64_t number : {7, 5}) rig.gate.intended({0, number});
  CHECK(rig.place(7));
  CHECK(rig.place(5));
  CHECK_FALSE(rig.place(7));
  CHECK(rig.alarm_says("no durable intent"));
  CHECK(rig.broker.sent == Sent{7, 5});
}
