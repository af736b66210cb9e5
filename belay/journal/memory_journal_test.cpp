// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/memory_journal.hpp"

#include <doctest/doctest.h>

#include "belay/journal/test_rows.hpp"

namespace belay::journal {
namespace {

using engine::AppendOutcome;
using engine::JournalRecord;

TEST_CASE("memory journal: the next poll makes the batch durable, once") {
  MemoryJournal journal;
  const std::uint64_t ticket = journal.append(1, 1, batch(1, 1, 3));
  CHECK(journal.last_seq() == 0);
  const auto answer = journal.poll();
  REQUIRE(answer.has_value());
  CHECK(answer->ticket == ticket);
  CHECK(answer->outcome == AppendOutcome::durable);
  CHECK(journal.last_seq() == 3);
  CHECK_FALSE(journal.poll().has_value());
}

TEST_CASE("memory journal: by hand nothing is durable before complete()") {
  MemoryJournal journal({.answers = MemoryJournal::Answers::by_hand});
  journal.append(1, 1, batch(1, 1, 1));
  CHECK_FALSE(journal.poll().has_value());
  CHECK(journal.in_flight());
  journal.complete();
  CHECK(journal.poll()->outcome == AppendOutcome::durable);
}

TEST_CASE("memory journal: a crash loses the batch in flight or keeps it, and replay shows which") {
  for (const auto what : {MemoryJournal::InFlight::lost, MemoryJournal::InFlight::kept}) {
    MemoryJournal journal({.answers = MemoryJournal::Answers::by_hand});
    journal.append(1, 1, batch(1, 1, 1));
    journal.complete();
    journal.poll();
    journal.append(1, 2, batch(1, 2, 2));
    journal.crash(what);
    CHECK_FALSE(journal.poll().has_value());
    std::size_t seen = 0;
    CHECK(journal.replay([&](const JournalRecord&) { return ++seen != 0; }).has_value());
    CHECK(seen == (what == MemoryJournal::InFlight::kept ? 3 : 1));
    journal.append(2, seen + 1, batch(2, seen + 1, 1));
    journal.complete();
    CHECK(journal.poll()->outcome == AppendOutcome::durable);
  }
}

TEST_CASE("memory journal: a wrong tail is stale, and then nothing is taken any more") {
  MemoryJournal journal;
  journal.append(2, 1, batch(2, 1, 1));
  journal.poll();
  SUBCASE("wrong seq") {
    journal.append(2, 3, batch(2, 3, 1));
  }
  SUBCASE("older epoch") {
    journal.append(1, 2, batch(1, 2, 1));
  }
  CHECK(journal.poll()->outcome == AppendOutcome::stale);
  journal.append(2, 2, batch(2, 2, 1));
  CHECK(journal.poll()->outcome == AppendOutcome::failed);
  CHECK(journal.last_seq() == 1);
}

TEST_CASE("memory journal: an append beyond the cap fails like a full disk") {
  MemoryJournal journal({.records_max = 2});
  journal.append(1, 1, batch(1, 1, 3));
  const auto answer = journal.poll();
  CHECK(answer->outcome == AppendOutcome::failed);
  CHECK(answer->detail.find("2 records") != std::string::npos);
  CHECK(journal.last_seq() == 0);
}

TEST_CASE("memory journal: a failure leaves the batch unknown and the journal dead") {
  MemoryJournal journal({.answers = MemoryJournal::Answers::by_hand});
  journal.append(1, 1, batch(1, 1, 1));
  journal.fail("disk on fire", MemoryJournal::InFlight::kept);
  CHECK(journal.poll()->outcome == AppendOutcome::failed);
  journal.append(1, 2, batch(1, 2, 1));
  CHECK(journal.poll()->outcome == AppendOutcome::failed);
  journal.crash(MemoryJournal::InFlight::lost);
  CHECK(journal.last_seq() == 1);
}

}  // namespace
}  // namespace belay::journal
