// SPDX-License-Identifier: Apache-2.0
// The log tells an order's life to its end, whatever ended it, and tells the end once.
#include "apps/belay/order_log.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

namespace belay::app {

using namespace belay::test;

namespace {

/// What the log says of a rig's steps: each event is told as it is applied.
class Log {
 public:
  void take(const CoreRig& rig) {
    for (; taken_ < rig.history.size(); ++taken_) {
      const core::StampedEvent event = CoreRig::decoded(rig.history[taken_]);
      log_.before(event.event, book_);
      book_.apply(event);
      for (const auto& line : log_.after(event.event, book_, {})) {
        lines.push_back(line);
        if (line.find("order end: ") == 0) ends.push_back(line);
      }
    }
  }
  std::vector<std::string> lines;
  std::vector<std::string> ends;

 private:
  OrderLog log_;
  core::Book book_ = core::Book::for_readers();
  std::size_t taken_ = 0;
};

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("order log: canceled while it waits to be sent again is its end") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  Log log;
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
  Log log;
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
  Log log;
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

TEST_CASE("order log: the real execution takes the place of an inferred one, and the end is told") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::filled, "Filled", 100);
  for (int i = 0; i < 3; ++i) rig.later_round();
  REQUIRE(rig.order(id).inferred == 1);
  log.take(rig);
  CHECK(log.ends.size() == 1);
  rig.fill(id, "e.1.01", 60);  // of the rest another is inferred
  rig.fill(id, "e.2.01", 40);
  REQUIRE(rig.order(id).inferred == 0);
  log.take(rig);
  CHECK(log.ends.size() == 1);
  // Taken back, and filled anew: that is another end.
  rig.fill(id, "e.2.02", 0);
  REQUIRE(rig.state(id) == OrdStatus::partially_filled);
  rig.fill(id, "e.3.01", 40);
  log.take(rig);
  CHECK(log.ends.size() == 2);
}

TEST_CASE("order log: a correction that completes an order ends it") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 60);
  rig.fill(id, "e.2.01", 30);
  log.take(rig);
  CHECK(log.ends.empty());
  rig.fill(id, "e.2.02", 40);
  REQUIRE(rig.state(id) == OrdStatus::filled);
  log.take(rig);
  REQUIRE(log.ends.size() == 1);
  CHECK(has(log.ends[0], "Filled average="));
}

TEST_CASE("order log: a filled order whose last copy ends has ended") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId id = rig.working("k1");
  const BrokerNames first = rig.names(id);
  BrokerNames copy = first;
  copy.permanent_id = PermanentId(5555);
  rig.step(
      BrokerOrder{copy, limit_order(), "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  BrokerExecution fill = rig.execution(id, "e.1.01", 100);
  fill.names = first;
  rig.step(fill);
  const auto status = [&](const BrokerNames& of, BrokerState state, const char* word, int filled) {
    rig.step(BrokerStatus{{of.broker_id, of.permanent_id, ""}, state, word, "", shares(filled)});
  };
  status(first, BrokerState::filled, "Filled", 100);
  log.take(rig);
  CHECK(log.ends.empty());
  status(copy, BrokerState::canceled, "Cancelled", 0);
  REQUIRE(rig.state(id) == OrdStatus::filled);
  log.take(rig);
  CHECK(log.ends.size() == 1);
}

TEST_CASE("order log: what never left ends as canceled where a cancel was asked, else as denied") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId canceled = rig.sent("k1");
  rig.cancel(canceled);
  rig.step(SendUndone{canceled, "withdrawn before its commit for a cancel"});
  REQUIRE(rig.state(canceled) == OrdStatus::canceled);
  log.take(rig);
  REQUIRE(log.ends.size() == 1);
  CHECK(has(log.ends[0], " Canceled, not sent"));
  const OrderId denied = rig.sent("k2");
  rig.step(SendUndone{denied, "not connected"});
  REQUIRE(rig.state(denied) == OrdStatus::denied);
  log.take(rig);
  REQUIRE(log.ends.size() == 2);
  CHECK(has(log.ends[1], " Denied"));
}

TEST_CASE("order log: what comes after an end tells no other") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  rig.status(id, BrokerState::canceled, "Cancelled");
  rig.notice(id, 202, Verdict::canceled, "Order Canceled - reason:");
  rig.status(id, BrokerState::canceled, "Cancelled");
  log.take(rig);
  REQUIRE(log.ends.size() == 1);
  CHECK(has(log.ends[0], " Canceled filled=0 of 100"));
  CHECK(rig.reprice(id, "191").code != ReplyCode::accepted);
  log.take(rig);
  CHECK(log.ends.size() == 1);
}

TEST_CASE("order log: a type and a time in force that only the broker knows are in its words") {
  CoreRig rig = CoreRig::ready();
  Log log;
  const OrderId id = rig.working("k1");
  OrderSpec touched = rig.order(id).spec;
  touched.ord_type = OrdType::other;
  touched.terms.stop_px = price("190");
  rig.step(BrokerOrder{rig.names(id), touched, "PEG", BrokerState::working, "Submitted", "",
                       std::nullopt});
  log.take(rig);
  CHECK(has(log.lines.back(), "restated by the broker"));
  CHECK(has(log.lines.back(), " type=PEG "));
  OrderSpec opening = limit_order();
  opening.terms.time_in_force = TimeInForce::other;
  opening.terms.raw_time_in_force = "DTC";
  rig.step(BrokerOrder{rig.names(id), opening, "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  log.take(rig);
  CHECK(has(log.lines.back(), "restated by the broker"));
  CHECK(has(log.lines.back(), " type=LMT "));
  CHECK(has(log.lines.back(), " DTC"));
}

}  // namespace belay::app
