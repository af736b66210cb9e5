// SPDX-License-Identifier: Apache-2.0
// Archived orders beside rounds of lists, requests in other clients' names, copies and ids: what
// waits for the history, and what keeps an order in memory.
#include <doctest/doctest.h>

#include "tests/support/archive_rig.hpp"
#include "tests/support/book_text.hpp"
#include "tests/support/foreign_orders.hpp"

using namespace belay::test;

namespace {

Position holding(std::int64_t count) {
  Position position{AccountId("DU1"), {}, Decimal::from_int(count), ""};
  position.contract.con_id = 1;
  return position;
}
SnapshotDone round_with(CoreRig& rig, std::int64_t held) {
  SnapshotDone done = rig.round();
  done.positions = {holding(held)};
  done.positions_listed = true;
  return done;
}
BrokerExecution listed_fill(const CoreRig& rig, OrderId id, const char* exec_id,
                            std::int64_t count) {
  BrokerExecution report = rig.execution(id, exec_id, count);
  report.contract.con_id = 1;
  report.listed = true;
  return report;
}

}  // namespace

TEST_CASE("recall: the end of a round waits until what it listed is handled") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  const BrokerExecution late = listed_fill(rig, id, "late.01", 40);
  rig.tell(BrokerOrder{rig.names(id), limit_order(), "LMT", BrokerState::canceled, "Cancelled", "",
                       std::nullopt});
  REQUIRE(rig.core.book().is_archived(id));
  rig.down();
  rig.up();
  rig.tell(late);
  rig.tell(round_with(rig, 40));
  CHECK_FALSE(rig.core.ready());
  CHECK(rig.last.events.empty());
  rig.tell(ArchivedOrder{id, rig.kept.at(id), ""});
  CHECK(rig.core.ready());
  CHECK(rig.count<ExecutionReported>() == 1);
  CHECK(rig.the<SyncCompleted>().findings == 1);
  // The fill explains the position: nothing had to be taken over.
  CHECK(rig.count<PositionAdjusted>() == 0);
  CHECK(rig.core.book().positions_agreed(AccountId("DU1")));
}

TEST_CASE("recall: a lost link ends a round that waits") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  BrokerExecution late = rig.report;
  late.execution.id.base = "late";
  rig.down();
  rig.up();
  rig.tell(late);
  rig.tell(rig.round());
  rig.down();
  rig.up();
  rig.tell(ArchivedOrder{id, rig.kept.at(id), ""});
  CHECK(rig.count<ExecutionReported>() == 1);
  CHECK_FALSE(rig.core.ready());
  rig.tell(rig.round());
  CHECK(rig.core.ready());
}

TEST_CASE("recall: when reports found no room, positions are not compared and all is asked again") {
  CoreOptions options;
  options.parked_max = 1;
  ArchiveRig rig(0, options);
  const OrderId a = rig.working("a");
  const OrderId b = rig.working("b");
  const BrokerExecution late_a = listed_fill(rig, a, "la.01", 40);
  const BrokerExecution late_b = listed_fill(rig, b, "lb.01", 40);
  for (const OrderId id : {a, b}) {
    rig.tell(BrokerOrder{rig.names(id), limit_order(), "LMT", BrokerState::canceled, "Cancelled",
                         "", std::nullopt});
  }
  rig.down();
  rig.up();
  rig.tell(late_a);
  rig.tell(late_b);
  CHECK(rig.incident("recalls_full"));
  rig.tell(round_with(rig, 40));  // it would agree by chance with what is known
  rig.tell(ArchivedOrder{a, rig.kept.at(a), ""});
  CHECK(rig.core.ready());
  CHECK(rig.count<PositionAdjusted>() == 0);
  CHECK_FALSE(rig.core.book().positions_agreed(AccountId("DU1")));
  CHECK(rig.count<QueryExecutionsEffect>() == 1);
  rig.tell(late_b);
  rig.tell(ArchivedOrder{b, rig.kept.at(b), ""});
  rig.wait(std::chrono::seconds(6));
  CHECK(rig.the<SnapshotEffect>().full);
  rig.tell(round_with(rig, 80));
  CHECK(rig.count<PositionAdjusted>() == 0);
  CHECK(rig.core.book().positions_agreed(AccountId("DU1")));
}

TEST_CASE("recall: a dry run leaves archived orders out, and the order as it is") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  BrokerExecution late = rig.report;
  late.execution.id.base = "late";
  rig.tell(Reconcile{++rig.correlation, "tester", true});
  SnapshotDone done = rig.round();
  done.wish = rig.the<SnapshotEffect>().wish;
  done.dry_run = true;
  done.withheld = {late};
  rig.tell(done);
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
  CHECK(rig.the<Reply>().findings.empty());
  CHECK(rig.last.events.empty());
  CHECK(rig.core.parked() == 0);
  CHECK(rig.core.book().is_archived(id));
}

TEST_CASE("recall: settled lists that show an archived order working bring it to life again") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  BrokerOrder report{rig.names(id), limit_order(), "LMT", BrokerState::working, "Submitted", "", {},
                     true};
  rig.tell(BrokerNotice{{rig.order(id).broker_id, {}, ""}, 202, "gone", Verdict::canceled});
  REQUIRE(rig.core.book().is_archived(id));
  for (int i = 0; i < 2; ++i) {
    rig.now = rig.now + std::chrono::seconds(12);
    rig.tell(report);
    rig.tell(rig.round({report.names}));
    rig.tell(ArchivedOrder{id, rig.kept.at(id), ""});
  }
  CHECK(rig.incident("contradiction"));
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("archive: a request in another client's name keeps its order until it is answered") {
  ArchiveRig rig;
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.tell(foreign_cancel(id));
  rig.tell(
      BrokerStatus{{BrokerOrderId{3, 17}, {}, ""}, BrokerState::canceled, "Cancelled", "", {}});
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.tell(ForeignDone{id, ForeignOutcome::answered, ""});
  CHECK(rig.count<ForeignRequest>() == 1);
  CHECK(rig.core.book().is_archived(id));
  rig.tell(ForeignDone{id, ForeignOutcome::answered, ""});
  CHECK(rig.silent());
}

TEST_CASE("archive: an order of which a copy works stays") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  BrokerNames copy = rig.names(id);
  copy.permanent_id = PermanentId(4242);
  rig.tell(BrokerOrder{copy, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  const std::uint64_t incident = rig.core.book().incidents().begin()->first;
  rig.tell(CloseIncident{++rig.correlation, "tester", incident, "seen"});
  rig.tell(rig.execution(id, "e1.01", 100));
  CHECK_FALSE(rig.core.book().is_archived(id));
}

TEST_CASE("archive: ids that may be lost tell a rollback from a loss until a later one was shown") {
  ArchiveRig rig;
  const OrderId shown = rig.filled("a", "e1.01");
  const OrderId lost = rig.sent("b");
  rig.down();
  rig.up(2);
  for (int i = 0; i < 3; ++i) {
    rig.now = rig.now + std::chrono::seconds(12);
    rig.tell(rig.round());
  }
  REQUIRE(rig.core.book().is_archived(shown));
  CHECK(rig.state(lost) == OrdStatus::not_accepted);
  rig.down();
  rig.up(2);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.tell(rig.round());
  rig.filled("c", "e2.01");
  CHECK(rig.core.book().is_archived(lost));
  rig.down();
  rig.up(2);
  CHECK(rig.incident("next_id_lower"));
}

TEST_CASE("archive: whoever held an id that was refused may be archived meanwhile") {
  ArchiveRig rig;
  // Another program's order under the id that ours gets next.
  BrokerOrder theirs = shown_of(0, 1, 900, limit_order(), "theirs");
  const OrderId id = rig.sent("a");
  rig.tell(theirs);
  theirs.state = BrokerState::canceled;
  theirs.raw_status = "Cancelled";
  rig.tell(theirs);
  REQUIRE(rig.core.book().archived() == 1);
  rig.tell(BrokerNotice{{rig.order(id).broker_id, {}, ""}, 103, "used", Verdict::duplicate_id});
  for (int i = 0; i < 2; ++i) rig.tell(rig.round());
  CHECK(rig.count<SendRefused>() == 1);
  CHECK(rig.the<PlaceEffect>().broker_id.number == 2);
  const auto restored = Book::decode(rig.core.book().encode());
  REQUIRE(restored.has_value());
  CHECK(book_text(*restored) == book_text(rig.core.book()));
}

TEST_CASE("archive: decisions and cancels of all leave archived orders alone") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  rig.tell(DecideOrder{++rig.correlation, "tester", id, {}, "reason"});
  CHECK(rig.the<Reply>().code == ReplyCode::wrong_state);
  rig.tell(CancelMany{++rig.correlation, "tester", CancelScope::own, {}, false, false});
  CHECK(rig.the<Reply>().items.empty());
  rig.tell(CancelOrder{++rig.correlation, "tester", id, {}, true});
  CHECK(rig.the<Reply>().code == ReplyCode::wrong_state);
}

TEST_CASE("recall: behind a report that waits the order's other reports wait too") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  const BrokerNames names = rig.names(id);
  const BrokerExecution late = rig.execution(id, "late.01", 40);
  const BrokerOrder ended{names, limit_order(), "LMT", BrokerState::canceled, "Cancelled", "", {}};
  rig.tell(BrokerOrder{names, limit_order(), "LMT", BrokerState::rejected, "Inactive", "", {}});
  REQUIRE(rig.core.book().is_archived(id));
  rig.tell(late);
  rig.tell(ended);
  CHECK(rig.core.parked() == 2);
  // The fill made it look open again; its end, which came behind it, is not lost.
  rig.archive_room = 0;
  rig.tell(ArchivedOrder{id, rig.kept.at(id), ""});
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("recall: what was proven to be nowhere is news when the broker lists it") {
  for (const bool archived : {false, true}) {
    CAPTURE(archived);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1");
    const BrokerNames names = rig.names(id);
    rig.down();
    rig.up();
    rig.later_round();
    rig.later_round();
    REQUIRE(rig.state(id) == OrdStatus::not_accepted);
    if (archived) {
      // a later id that the broker showed lets it go
      rig.working("k2");
      rig.archive_room = 100;
      rig.wait(std::chrono::minutes(6));
      REQUIRE(rig.core.book().is_archived(id));
    }
    BrokerOrder done{names,       limit_order(), "LMT",    BrokerState::canceled,
                     "Cancelled", "margin",      shares(0)};
    done.listed = true;
    rig.step(done);
    CHECK_FALSE(rig.silent());
  }
}
