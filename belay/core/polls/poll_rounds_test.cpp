// SPDX-License-Identifier: Apache-2.0
// A round that finds nothing new says nothing: what the simulation found that did not hold.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

BrokerOrder copy_of(const CoreRig& rig, OrderId id, std::int64_t permanent_id, BrokerState state,
                    const char* word) {
  BrokerOrder report{rig.names(id), limit_order(), "LMT", state, word, "", shares(0)};
  report.names.permanent_id = PermanentId(permanent_id);
  return report;
}

}  // namespace

TEST_CASE("rounds: two copies with words of their own are listed again and again in silence") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const std::int64_t first = rig.names(id).permanent_id->value();
  const auto listed = [&](BrokerState second, const char* word) {
    rig.step(copy_of(rig, id, first, BrokerState::working, "Submitted"));
    const bool first_silent = rig.silent();
    rig.step(copy_of(rig, id, 5555, second, word));
    return first_silent && rig.silent();
  };
  listed(BrokerState::working, "PreSubmitted");
  CHECK(listed(BrokerState::working, "PreSubmitted"));
  CHECK(rig.order(id).raw_status == "Submitted");
  listed(BrokerState::canceled, "Cancelled");
  CHECK(listed(BrokerState::canceled, "Cancelled"));
  CHECK(rig.order(id).raw_status == "Submitted");
}

TEST_CASE("rounds: of two copies with terms of their own the first that works has the terms") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const std::int64_t first = rig.names(id).permanent_id->value();
  const auto listed = [&](BrokerState state, const char* word) {
    BrokerOrder one = copy_of(rig, id, first, state, word);
    one.spec.edit().terms.order_qty = shares(430);
    rig.step(one);
    const bool first_silent = rig.silent();
    BrokerOrder other = copy_of(rig, id, 5555, BrokerState::working, "Submitted");
    other.spec.edit().terms.order_qty = shares(120);
    rig.step(other);
    return first_silent && rig.silent();
  };
  listed(BrokerState::working, "Submitted");
  CHECK(listed(BrokerState::working, "Submitted"));
  CHECK(rig.order(id).spec->terms.order_qty == shares(430));
  listed(BrokerState::canceled, "Cancelled");
  CHECK(listed(BrokerState::canceled, "Cancelled"));
  CHECK(rig.order(id).spec->terms.order_qty == shares(120));
}

TEST_CASE("rounds: a filled order that was corrected to less ends as the broker lists it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 100);
  rig.status(id, BrokerState::filled, "Filled", 100);
  rig.fill(id, "e1.02", 80);
  REQUIRE(rig.state(id) == OrdStatus::partially_filled);
  bool disputed = false;
  for (int i = 0; i < 5; ++i) {
    rig.wait(seconds(12));
    BrokerOrder done{rig.names(id), limit_order(), "LMT", BrokerState::filled, "Filled", "",
                     shares(100),   true};
    rig.step(done);
    SnapshotDone round = rig.round();
    round.completed = {rig.names(id)};
    rig.step(round);
    disputed = disputed || rig.incident("fills_disputed");
  }
  CHECK(disputed);  // the broker's status still says 100
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty == shares(80));
  rig.later_round();
  CHECK(rig.silent());
}

TEST_CASE("rounds: a dispute about fills that a person closed opens again on other facts alone") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 50);
  rig.fill(id, "e2.01", 40);
  rig.status(id, BrokerState::working, "Submitted", 90);
  rig.fill(id, "e2.02", 30);
  const auto disputed = [&] {
    bool opened = false;
    for (int i = 0; i < 4; ++i) {
      rig.later_round({rig.names(id)});
      opened = opened || rig.incident("fills_disputed");
    }
    return opened;
  };
  const auto close = [&] {
    const Book::Incident* open = rig.core.book().find_incident("fills_disputed/1");
    REQUIRE(open != nullptr);
    rig.step(CloseIncident{++rig.correlation, "alice", open->seq, "the trade log agrees"});
    CHECK(rig.core.book().find_incident("fills_disputed/1") == nullptr);
  };
  CHECK(disputed());
  close();
  CHECK_FALSE(disputed());
  rig.step(SessionDown{"reset"});
  rig.up();
  rig.step(rig.round({rig.names(id)}));
  CHECK_FALSE(disputed());
  rig.fill(id, "e2.03", 20);
  CHECK(disputed());
  close();
  // The same sums, and yet another matter: it was settled between.
  rig.fill(id, "e2.04", 40);
  rig.fill(id, "e2.05", 20);
  CHECK(disputed());
}

TEST_CASE("rounds: an order whose dispute a person closed ends as the broker lists it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e1.01", 100);
  rig.status(id, BrokerState::filled, "Filled", 100);
  rig.fill(id, "e1.02", 80);
  for (int i = 0; i < 5 && rig.core.book().find_incident("fills_disputed/1") == nullptr; ++i) {
    rig.later_round({rig.names(id)});
  }
  const Book::Incident* open = rig.core.book().find_incident("fills_disputed/1");
  REQUIRE(open != nullptr);
  rig.step(CloseIncident{++rig.correlation, "alice", open->seq, "the trade log agrees"});
  CHECK_FALSE(is_terminal(rig.state(id)));
  for (int i = 0; i < 3; ++i) {
    rig.wait(seconds(12));
    SnapshotDone round = rig.round();
    round.completed = {rig.names(id)};
    rig.step(round);
  }
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("rounds: a filled order whose fills were taken back ends as the broker lists it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  rig.status(id, BrokerState::filled, "Filled", 100);
  REQUIRE(rig.state(id) == OrdStatus::filled);
  rig.fill(id, "e.1.02", 0);
  CHECK_FALSE(is_terminal(rig.state(id)));  // the broker may say that it works again
  for (int round = 0; round < 2; ++round) {
    rig.wait(seconds(12));
    BrokerOrder done =
        copy_of(rig, id, rig.names(id).permanent_id->value(), BrokerState::filled, "Filled");
    done.listed = true;
    rig.step(done);
    SnapshotDone snapshot = rig.round();
    snapshot.completed = {rig.names(id)};
    rig.step(snapshot);
  }
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty.is_zero());
}

TEST_CASE(
    "rounds: an order that is listed as done with fills that are not here yet waits for them") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  rig.wait(seconds(12));
  BrokerOrder done =
      copy_of(rig, id, rig.names(id).permanent_id->value(), BrokerState::filled, "Filled");
  done.filled = shares(100);
  done.listed = true;
  rig.step(done);
  SnapshotDone snapshot = rig.round();
  snapshot.completed = {rig.names(id)};
  rig.step(snapshot);
  CHECK(rig.count<OrderCanceled>() == 0);
}
