// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_thread_journal.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/journal/test_rows.hpp"

namespace belay::journal {
namespace {

using engine::AppendCompletion;
using engine::AppendOutcome;
using engine::JournalRecord;

SqliteSettings checkpointing(const TestDir& dir) {
  SqliteSettings settings;
  settings.path = dir.file("journal.db");
  settings.warm_bytes = 0;
  settings.checkpoint_frames = 20;
  settings.idle_checkpoint_frames = 5;
  return settings;
}

bool readable(int fd, int timeout_ms) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, timeout_ms) == 1;
}

AppendCompletion answer_of(SqliteThreadJournal& journal) {
  for (;;) {
    REQUIRE(readable(journal.notify_fd(), 10'000));
    if (auto answer = journal.poll()) return *answer;
  }
}

TEST_CASE("sqlite thread journal: the descriptor is readable exactly until poll gave the answer") {
  const TestDir dir;
  auto journal = SqliteThreadJournal::open(checkpointing(dir), {});
  REQUIRE(journal.has_value());
  CHECK_FALSE(readable((*journal)->notify_fd(), 0));
  CHECK_FALSE((*journal)->poll().has_value());
  const std::uint64_t ticket = (*journal)->append(1, 1, batch(1, 1, 3));
  const AppendCompletion answer = answer_of(**journal);
  CHECK(answer.ticket == ticket);
  CHECK(answer.outcome == AppendOutcome::durable);
  CHECK((*journal)->last_seq() == 3);
  CHECK_FALSE(readable((*journal)->notify_fd(), 0));
  CHECK_FALSE((*journal)->poll().has_value());
}

TEST_CASE("sqlite thread journal: many appends with idle hints between, sleeping or spinning") {
  for (const bool spin : {false, true}) {
    const TestDir dir;
    {
      auto journal = SqliteThreadJournal::open(checkpointing(dir), {.spin = spin});
      REQUIRE(journal.has_value());
      for (std::uint64_t seq = 1; seq <= 200; ++seq) {
        (*journal)->append(1, seq, batch(1, seq, 1));
        if (spin) {
          // An owner that polls by itself may be faster than the wake-up; none may stay behind.
          std::optional<AppendCompletion> answer;
          while (!answer) answer = (*journal)->poll();
          REQUIRE(answer->outcome == AppendOutcome::durable);
        } else {
          REQUIRE(answer_of(**journal).outcome == AppendOutcome::durable);
        }
        if (seq % 3 == 0) (*journal)->idle();
      }
      CHECK((*journal)->last_seq() == 200);
    }
    auto again = SqliteInlineJournal::open(checkpointing(dir));
    CHECK((*again)->last_seq() == 200);
  }
}

TEST_CASE("sqlite thread journal: destruction waits for the batch in flight") {
  const TestDir dir;
  {
    auto journal = SqliteThreadJournal::open(checkpointing(dir), {});
    (*journal)->append(1, 1, batch(1, 1, 50));
  }
  auto again = SqliteInlineJournal::open(checkpointing(dir));
  std::uint64_t seen = 0;
  REQUIRE((*again)->replay([&](const JournalRecord&) { return ++seen != 0; }).has_value());
  CHECK(seen == 50);
}

TEST_CASE("sqlite thread journal: a stale append is answered and the next one fails") {
  const TestDir dir;
  auto journal = SqliteThreadJournal::open(checkpointing(dir), {});
  (*journal)->append(1, 7, batch(1, 7, 1));
  CHECK(answer_of(**journal).outcome == AppendOutcome::stale);
  CHECK((*journal)->last_seq() == 0);
  (*journal)->append(1, 1, batch(1, 1, 1));
  CHECK(answer_of(**journal).outcome == AppendOutcome::failed);
}

TEST_CASE("sqlite thread journal: replay shows what an earlier process wrote") {
  const TestDir dir;
  {
    auto journal = SqliteThreadJournal::open(checkpointing(dir), {});
    (*journal)->append(4, 1, batch(4, 1, 9));
    REQUIRE(answer_of(**journal).outcome == AppendOutcome::durable);
  }
  auto journal = SqliteThreadJournal::open(checkpointing(dir), {});
  std::uint64_t seen = 0;
  REQUIRE((*journal)->replay([&](const JournalRecord&) { return ++seen != 0; }).has_value());
  CHECK(seen == 9);
  CHECK((*journal)->last_seq() == 9);
  CHECK((*journal)->last_epoch() == 4);
}

TEST_CASE("sqlite thread journal: disk room follows the given gauge") {
  const TestDir dir;
  std::uint64_t free = 1'000;
  SqliteSettings settings = checkpointing(dir);
  settings.room = {.refuse_new_below = 64, .accept_again_above = 96};
  settings.free_bytes = [&] { return std::optional<std::uint64_t>(free); };
  auto journal = SqliteThreadJournal::open(settings, {});
  CHECK_FALSE((*journal)->disk_room()->refuse_new);
  free = 10;
  CHECK((*journal)->disk_room()->refuse_new);
  free = 80;
  CHECK((*journal)->disk_room()->refuse_new);
  free = 100;
  CHECK_FALSE((*journal)->disk_room()->refuse_new);
}

}  // namespace
}  // namespace belay::journal
