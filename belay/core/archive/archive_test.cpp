// SPDX-License-Identifier: Apache-2.0
// Finished orders that left memory: what still works, what is ignored, what brings them back.
#include <doctest/doctest.h>

#include "belay/core/facts/order_encoding.hpp"
#include "tests/support/archive_rig.hpp"
#include "tests/support/book_text.hpp"

namespace belay::core {

using test::ArchiveRig;
using test::book_text;
using test::limit_order;
using test::shares;

TEST_CASE("archive: a finished order leaves memory and is known to be archived") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  CHECK(rig.count<OrderArchived>() == 1);
  CHECK(rig.core.book().find(id) == nullptr);
  CHECK(rig.core.book().is_archived(id));
  CHECK(rig.core.book().archived() == 1);
  CHECK(rig.core.book().orders_total() == 1);
  CHECK(book_text(rig.core.book()) == book_text(rig.replayed()));
}

// A reset broker gave the execution id of an order that works to another one, which is done.
TEST_CASE("archive: an execution id that went with another order still names the fill it named") {
  ArchiveRig rig;
  const OrderId first = rig.working("k1");
  const OrderId second = rig.working("k2");
  const auto fill = [&](OrderId id, std::int64_t count) {
    BrokerExecution report = rig.execution(id, "e1.01", count);
    report.names.tag = order_tag(test::CoreRig::instance, id);
    report.names.carries_tag = true;
    return report;
  };
  BrokerExecution of_first = fill(first, 30);
  rig.tell(of_first);
  rig.tell(fill(second, 100));
  const std::uint64_t incident = rig.core.book().incidents().begin()->first;
  rig.tell(CloseIncident{++rig.correlation, "tester", incident, "seen"});
  REQUIRE(rig.core.book().is_archived(second));
  REQUIRE(rig.order(first).cum_qty == shares(30));
  SUBCASE("in the same life") {}
  SUBCASE("after a start from a snapshot") {
    auto restored = Book::decode(rig.core.book().encode());
    REQUIRE(restored.has_value());
    rig.core.load(std::move(*restored));
  }
  SUBCASE("when what was archived is forgotten and the report carries no tag") {
    Book book = rig.core.book();
    for (std::size_t day = 0; day <= ArchivedFacts::days_kept; ++day) {
      book.apply({book.last_seq() + 1, rig.now, TradingDayRolled{"20261124"}});
    }
    rig.core.load(std::move(book));
    of_first.names.tag = "";
    of_first.names.carries_tag = false;
  }
  rig.tell(of_first);
  CHECK(rig.order(first).cum_qty == shares(30));
  CHECK(rig.count<ExecutionReported>() == 0);
  CHECK(rig.core.book().check() == "");
}

TEST_CASE("archive: without a history nothing is archived") {
  ArchiveRig rig;
  rig.archive_room = 0;
  const OrderId id = rig.filled("a", "e1.01");
  CHECK(rig.core.book().find(id) != nullptr);
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
}

TEST_CASE("archive: the oldest go first, by when something last happened to them") {
  ArchiveRig rig(2);
  const OrderId a = rig.filled("a", "ea.01");
  const OrderId b = rig.filled("b", "eb.01");
  // Something new about the first makes it younger than the second.
  rig.tell(BrokerCommission{{"ea", 1}, Decimal::from_int(1), "USD", std::nullopt});
  rig.filled("c", "ec.01");
  CHECK(rig.core.book().is_archived(b));
  CHECK_FALSE(rig.core.book().is_archived(a));
}

TEST_CASE("archive: time alone archives, and the core asks to be woken for it") {
  CoreOptions options;
  options.finished_kept = std::chrono::seconds(60);
  ArchiveRig rig(1000, options);
  const OrderId id = rig.filled("a", "e1.01");
  CHECK(rig.core.next_deadline() == rig.order(id).updated_at + std::chrono::seconds(60));
  rig.wait(std::chrono::seconds(61));
  CHECK(rig.core.book().is_archived(id));
  CHECK(rig.core.next_deadline() == rig.core.calendar().until);
}

TEST_CASE("archive: an order that is claimed to be filled further stays") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  rig.status(id, BrokerState::canceled, "Cancelled", 50);
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK_FALSE(rig.core.book().is_archived(id));
  rig.tell(rig.execution(id, "e1.01", 50));
  CHECK(rig.core.book().is_archived(id));
}

TEST_CASE("archive: an order with an open incident stays until it is closed") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  rig.tell(rig.execution(id, "e1.01", 150));  // overfilled: an incident
  REQUIRE(rig.incident("overfill"));
  CHECK_FALSE(rig.core.book().is_archived(id));
  REQUIRE(rig.core.book().incidents().size() == 1);
  Book book = rig.core.book();
  const std::uint64_t incident = book.incidents().begin()->first;
  book.apply({book.last_seq() + 1, rig.now, IncidentClosed{incident, "seen", "tester"}});
  CHECK(book.finished().size() == 1);
}

TEST_CASE("archive: the key of an archived order stays used") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  const Reply same = rig.place("a");
  CHECK(same.code == ReplyCode::replayed);
  CHECK(same.order == id);
  CHECK(rig.place("a", limit_order(1)).code == ReplyCode::key_reused);
  rig.restart();
  CHECK(rig.place("a").code == ReplyCode::replayed);
}

TEST_CASE("archive: what the broker lists again of an archived order is no news") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  rig.tell(rig.report);
  CHECK(rig.silent());
  BrokerOrder completed{rig.named, limit_order(), "LMT", BrokerState::filled, "Filled",
                        "",        shares(100)};
  rig.tell(completed);
  CHECK(rig.silent());
  CHECK(rig.core.book().orders_total() == 1);
  CHECK(rig.core.book().is_archived(id));
}

TEST_CASE("archive: a fill that was not known brings the order back and counts") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  const BrokerExecution late = rig.execution(id, "late.01", 40);
  const auto canceled = rig.names(id);
  rig.tell(BrokerOrder{canceled, limit_order(), "LMT", BrokerState::canceled, "Cancelled", "",
                       std::nullopt});
  REQUIRE(rig.core.book().is_archived(id));
  rig.tell(late);
  CHECK(rig.core.parked() == 1);
  CHECK(rig.count<ExecutionReported>() == 0);
  rig.recall(id);
  CHECK(rig.count<OrderRecalled>() == 1);
  CHECK(rig.count<ExecutionReported>() == 1);
  CHECK(rig.core.parked() == 0);
  // Archived again, with the fill.
  CHECK(rig.core.book().is_archived(id));
  CHECK(decode_order(rig.kept.at(id))->cum_qty == shares(40));
  rig.tell(late);
  CHECK(rig.silent());
  CHECK(rig.core.book().recalls_total() == 1);
  CHECK(book_text(rig.core.book()) == book_text(rig.replayed()));
}

TEST_CASE("archive: a correction brings the order back by its execution alone") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  BrokerExecution corrected = rig.report;
  corrected.names = BrokerNames{};
  corrected.execution.id.revision = 2;
  corrected.execution.last_qty = shares(90);
  rig.tell(corrected);
  rig.recall(id);
  CHECK(rig.the<ExecutionCorrected>().execution.last_qty == shares(90));
}

TEST_CASE("archive: a commission that is known is no news, another one joins") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  const BrokerCommission fee{{"e1", 1}, Decimal::from_int(1), "USD", std::nullopt};
  rig.tell(fee);
  rig.recall(id);
  CHECK(rig.count<CommissionReported>() == 1);
  rig.tell(fee);
  CHECK(rig.silent());
  rig.tell(BrokerCommission{{"e1", 1}, Decimal::from_int(2), "USD", std::nullopt});
  CHECK(rig.count<RecallEffect>() == 1);
}

TEST_CASE("archive: an order that the broker shows working comes back") {
  ArchiveRig rig;
  const OrderId id = rig.working("a");
  const BrokerNames names = rig.names(id);
  rig.tell(BrokerOrder{names, limit_order(), "LMT", BrokerState::rejected, "Inactive", "",
                       std::nullopt});
  REQUIRE(rig.core.book().is_archived(id));
  rig.tell(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  rig.recall(id);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.incident("contradiction"));
  CHECK(rig.core.book().live().contains(id));
}

TEST_CASE("archive: somebody else's order is known by its execution and its permanent id") {
  ArchiveRig rig;
  BrokerNames names{BrokerOrderId{42, 5}, PermanentId(777), "theirs", true};
  rig.step(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "",
                       std::nullopt});
  BrokerExecution fill;
  fill.names = names;
  fill.account = AccountId("DU1");
  fill.execution.id = {"x", 1};
  fill.execution.last_qty = shares(100);
  rig.tell(fill);
  REQUIRE(rig.core.book().is_archived(OrderId(1)));
  rig.tell(fill);
  CHECK(rig.silent());
  rig.tell(
      BrokerOrder{names, limit_order(), "LMT", BrokerState::filled, "Filled", "", std::nullopt});
  CHECK(rig.silent());
  BrokerExecution more = fill;
  more.execution.id = {"y", 1};
  rig.tell(more);
  rig.recall(OrderId(1));
  CHECK(rig.count<ExecutionReported>() == 1);
  CHECK(rig.core.book().orders_total() == 1);
}

TEST_CASE("archive: reports about one order wait together and keep their sequence") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  BrokerExecution second = rig.report;
  second.execution.id.revision = 2;
  second.execution.last_qty = shares(90);
  BrokerExecution third = rig.report;
  third.execution.id.revision = 3;
  third.execution.last_qty = shares(80);
  rig.tell(second);
  CHECK(rig.count<RecallEffect>() == 1);
  rig.tell(third);
  CHECK(rig.count<RecallEffect>() == 0);
  CHECK(rig.core.parked() == 2);
  rig.tell(ArchivedOrder{id, rig.kept.at(id), ""});
  CHECK(rig.count<ExecutionCorrected>() == 2);
  // What was taken back makes it look open, so it stays in memory.
  CHECK(rig.order(id).cum_qty == shares(80));
}

TEST_CASE("archive: no room for more waiting reports is an incident and they are asked for again") {
  CoreOptions options;
  options.parked_max = 1;
  ArchiveRig rig(0, options);
  const OrderId a = rig.filled("a", "ea.01");
  BrokerExecution of_a = rig.report;
  of_a.execution.id.revision = 2;
  rig.filled("b", "eb.01");
  BrokerExecution of_b = rig.report;
  of_b.execution.id.revision = 2;
  rig.tell(of_a);
  rig.tell(of_b);
  CHECK(rig.incident("recalls_full"));
  CHECK(rig.core.parked() == 1);
  rig.tell(ArchivedOrder{a, rig.kept.at(a), ""});
  CHECK(rig.count<QueryExecutionsEffect>() == 1);
}

TEST_CASE("archive: a history that cannot be read is an incident, not a second order") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  BrokerExecution corrected = rig.report;
  corrected.execution.id.revision = 2;
  for (const auto& state : {std::optional<std::string>(), std::optional<std::string>("x")}) {
    rig.tell(corrected);
    rig.tell(ArchivedOrder{id, state, "the file is gone"});
    CHECK(rig.core.parked() == 0);
    CHECK(rig.core.book().is_archived(id));
  }
  CHECK(rig.core.book().find_incident("history_unreadable:1") != nullptr);
  CHECK(rig.core.book().orders_total() == 1);
}

TEST_CASE("archive: commands about an archived order say that it is done") {
  ArchiveRig rig;
  const OrderId id = rig.filled("a", "e1.01");
  CHECK(rig.cancel(id).code == ReplyCode::wrong_state);
  CHECK(rig.reprice(id, "1").code == ReplyCode::wrong_state);
  CHECK(rig.cancel(OrderId(99)).code == ReplyCode::not_found);
}

TEST_CASE("archive: what is remembered of executions is forgotten after some trading days") {
  ArchiveRig rig;
  rig.filled("a", "e1.01");
  Book book = rig.core.book();
  const auto roll = [&] {
    book.apply({book.last_seq() + 1, rig.now, TradingDayRolled{"20261124"}});
  };
  for (std::size_t day = 0; day + 1 < ArchivedFacts::days_kept; ++day) roll();
  CHECK(book.archived_facts().execution("e1").has_value());
  roll();
  CHECK_FALSE(book.archived_facts().execution("e1").has_value());
}

TEST_CASE("archive: a book comes back from its bytes, indexes and all") {
  ArchiveRig rig(2);
  rig.filled("a", "ea.01");
  rig.filled("b", "eb.01");
  rig.filled("c", "ec.01");
  rig.working("d");
  rig.tell(Alarm{"test", "something"});
  const std::string bytes = rig.core.book().encode();
  const auto back = Book::decode(bytes);
  REQUIRE(back.has_value());
  CHECK(book_text(*back) == book_text(rig.core.book()));
  CHECK(back->encode() == bytes);
  CHECK(back->archived() == 1);
  CHECK_FALSE(Book::decode(bytes.substr(0, bytes.size() - 1)).has_value());
  CHECK_FALSE(Book::decode("").has_value());
}

}  // namespace belay::core
