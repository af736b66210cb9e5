// SPDX-License-Identifier: Apache-2.0
// Faults of the disk without a power loss: errors, failed syncs, no space, damage at rest, stalls.
#include <doctest/doctest.h>

#include "tests/crash/journal_life.hpp"

namespace belay::crash {
namespace {

using engine::AppendOutcome;

TEST_CASE(
    "journal fault: after a failed sync it is dead, and whatever a restart shows then stays") {
  JournalLife measure(5);
  REQUIRE(measure.start());
  REQUIRE(measure.append(16));
  const std::uint64_t syncs = measure.disk().syncs();
  REQUIRE(syncs > 16);
  int failed_appends = 0;
  for (std::uint64_t n = 1; n <= syncs; ++n) {
    CAPTURE(n);
    JournalLife life(5);
    simkit::DiskPlan plan;
    plan.fail_sync_at = n;
    life.disk().set_plan(plan);
    if (life.start() && !life.append(16)) {
      ++failed_appends;
      CHECK(life.last_outcome() == AppendOutcome::failed);
      CHECK_FALSE(life.append_one(1));  // the disk works again, the journal does not
      CHECK(life.last_outcome() == AppendOutcome::failed);
    }
    // The process restarts over the same page cache, then the power fails.
    life.close();
    REQUIRE_MESSAGE(life.start(), life.error());
    life.crash();
    REQUIRE_MESSAGE(life.start(), life.error());
    CHECK(life.broken_promise() == "");
  }
  CHECK(failed_appends > 10);
}

TEST_CASE("journal fault: after a failed sync closing the journal touches the disk no more") {
  JournalLife life(12);
  REQUIRE(life.start());
  REQUIRE(life.append(4));
  simkit::DiskPlan plan;
  plan.fail_sync_at = life.disk().syncs() + 1;
  life.disk().set_plan(plan);
  REQUIRE_FALSE(life.append_one(1));
  const std::uint64_t operations = life.disk().operations();
  life.close();
  CHECK(life.disk().operations() == operations);
}

TEST_CASE("journal fault: an error of any single operation never breaks a promise") {
  JournalLife measure(6);
  REQUIRE(measure.start());
  REQUIRE(measure.append(16));
  const std::uint64_t operations = measure.disk().operations();
  for (std::uint64_t n = 1; n <= operations; ++n) {
    CAPTURE(n);
    JournalLife life(6);
    simkit::DiskPlan plan;
    plan.fail_at = n;
    life.disk().set_plan(plan);
    if (life.start()) (void)life.append(16);
    life.crash();
    REQUIRE_MESSAGE(life.start(), life.error());
    CHECK(life.broken_promise() == "");
  }
}

TEST_CASE("journal fault: a full disk fails the append, and the rows from before survive") {
  JournalLife life(8);
  simkit::DiskPlan plan;
  plan.capacity = 200'000;
  life.disk().set_plan(plan);
  REQUIRE(life.start());
  bool all = true;
  for (int i = 0; i < 500 && all; ++i) all = life.append_one(6);
  REQUIRE_FALSE(all);
  CHECK(life.last_outcome() == AppendOutcome::failed);
  CHECK(life.error().find("full") != std::string::npos);
  CHECK(life.acknowledged() > 100);
  life.disk().set_plan(simkit::DiskPlan{});
  life.crash();
  REQUIRE_MESSAGE(life.start(), life.error());
  CHECK(life.broken_promise() == "");
  CHECK(life.append(3));
}

TEST_CASE("journal fault: a byte flipped in the database file is found, or lies outside the rows") {
  constexpr std::uint64_t step = 37;
  int found = 0;
  std::uint64_t size = 0;
  for (std::uint64_t at = 0; at == 0 || at < size; at += step) {
    JournalLife life(9);
    REQUIRE(life.start());
    REQUIRE(life.append(8));
    life.close();
    REQUIRE(life.start());
    life.close();
    // The start moved every row to the database file: the WAL hides no damage of theirs.
    size = life.disk().view("journal.db")->size();
    life.disk().flip("journal.db", at, static_cast<unsigned char>(1U << (at % 8)));
    if (!life.start()) ++found;
    CHECK_MESSAGE(life.broken_promise() == "", "offset ", at);
  }
  CHECK(found > 20);
}

TEST_CASE("journal fault: a stalled sync takes virtual time only") {
  JournalLife life(10);
  REQUIRE(life.start());
  REQUIRE(life.append_one(1));  // behind the first one comes a checkpoint
  (void)life.disk().take_delay();
  simkit::DiskPlan plan;
  plan.sync_takes = std::chrono::microseconds(80);
  plan.stall_sync_at = life.disk().syncs() + 2;
  plan.stall = std::chrono::milliseconds(400);
  life.disk().set_plan(plan);
  REQUIRE(life.append_one(1));
  const auto first = life.disk().take_delay();
  REQUIRE(life.append_one(1));
  CHECK(first < std::chrono::milliseconds(1));
  CHECK(life.disk().take_delay() >= std::chrono::milliseconds(400));
}

TEST_CASE("journal fault: a second writer on the same simulated file is kept out by the lock") {
  JournalLife life(11);
  REQUIRE(life.start());
  auto second = journal::SqliteInlineJournal::open(life.settings());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().detail.find("locked") != std::string::npos);
  CHECK(life.append(3));
}

}  // namespace
}  // namespace belay::crash
