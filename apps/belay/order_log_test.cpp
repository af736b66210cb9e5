// SPDX-License-Identifier: Apache-2.0
// The log tells an order's life to its end, whatever ended it, and tells the end once.
#include "apps/belay/order_log.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

namespace belay::app {

using namespace belay::test;

namespace {

/// The lines of a rig's steps that say an end. Each line is as the book is after its whole step,
/// so a step here makes one event about the order.
class Ends {
 public:
  void take(const CoreRig& rig) {
    for (const auto& stamped : rig.last.events) {
      for (const auto& line : order_lines(stamped.event, rig.core.book(), {})) {
        if (line.find("order end: ") == 0) ends.push_back(line);
      }
    }
  }
  std::vector<std::string> ends;
};

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("order log: canceled while it waits to be sent again is its end") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  Ends log;
  rig.notice(id, 103, Verdict::duplicate_id, "Duplicate order id");
  rig.step(NextIdSeen{0, 300});
  rig.slots = 0;
  for (int i = 0; i < 2; ++i) {
    SnapshotDone done = rig.round();
    done.wish = UINT64_MAX / 2;
    rig.step(done);
    log.take(rig);
  }
  REQUIRE(rig.state(id) == OrdStatus::created);
  CHECK(log.ends.empty());
  rig.cancel(id);
  log.take(rig);
  REQUIRE(rig.state(id) == OrdStatus::canceled);
  REQUIRE(log.ends.size() == 1);
  CHECK(has(log.ends[0], "Canceled, not sent again"));
}

TEST_CASE("order log: a cancel that is asked for is no end, and one that never left is") {
  CoreRig rig = CoreRig::ready();
  Ends log;
  rig.cancel(rig.working("k1"));
  log.take(rig);
  CHECK(log.ends.empty());
  rig.slots = 0;
  rig.cancel(rig.place("k2").order);
  log.take(rig);
  REQUIRE(log.ends.size() == 1);
  CHECK(has(log.ends[0], "Canceled, never sent"));
}

TEST_CASE("order log: what is filled ends once, by a fill, an inferred one or a smaller size") {
  CoreRig rig = CoreRig::ready();
  Ends log;
  const OrderId by_fill = rig.working("k1");
  rig.fill(by_fill, "e.1.01", 60);
  log.take(rig);
  rig.fill(by_fill, "e.2.01", 40);
  log.take(rig);
  CHECK(log.ends.size() == 1);
  rig.fill(by_fill, "e.3.01", 10);  // too much
  log.take(rig);
  CHECK(log.ends.size() == 1);

  const OrderId inferred = rig.working("k2");
  rig.status(inferred, BrokerState::filled, "Filled", 100);
  log.take(rig);
  for (int i = 0; i < 3; ++i) {
    rig.later_round();
    log.take(rig);
  }
  REQUIRE(rig.state(inferred) == OrdStatus::filled);
  CHECK(log.ends.size() == 2);

  const OrderId lessened = rig.working("k3");
  rig.fill(lessened, "e.4.01", 60);
  log.take(rig);
  OrderSpec spec = rig.order(lessened).spec;
  spec.terms.order_qty = Quantity();
  rig.step(
      BrokerOrder{rig.names(lessened), spec, "LMT", BrokerState::filled, "Filled", "", shares(60)});
  log.take(rig);
  REQUIRE(rig.state(lessened) == OrdStatus::filled);
  REQUIRE(log.ends.size() == 3);
  CHECK(has(log.ends[2], "Filled average="));
}

}  // namespace belay::app
