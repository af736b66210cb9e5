// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_journal.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "belay/journal/row_check.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/journal/test_rows.hpp"

namespace belay::journal {
namespace {

using engine::AppendOutcome;
using engine::JournalRecord;

std::vector<JournalRecord> varied_batch(std::uint64_t epoch, std::uint64_t first,
                                        std::size_t count) {
  std::vector<JournalRecord> records(count);
  for (std::size_t i = 0; i < count; ++i) {
    records[i].seq = first + i;
    records[i].epoch = epoch;
    records[i].time = base::Time(1'700'000'000'000'000'000 + static_cast<std::int64_t>(i));
    records[i].type = static_cast<std::uint16_t>(65'535 - i);
    records[i].version = 1;
    records[i].payload = std::string(i * 40, 'p');  // the first one is empty
  }
  return records;
}

std::vector<JournalRecord> rows_of(SqliteJournal& journal) {
  std::vector<JournalRecord> rows;
  const auto done = journal.replay([&](const JournalRecord& record) {
    rows.push_back(record);
    return true;
  });
  REQUIRE_MESSAGE(done.has_value(), done.error().detail);
  return rows;
}

/// Changes the file as a stranger would, with SQLite itself.
void tamper(const std::string& path, const std::string& sql) {
  auto database = Database::open(path, "", SQLITE_OPEN_READWRITE);
  REQUIRE(database.has_value());
  const auto done = database->exec(sql);
  REQUIRE_MESSAGE(done.has_value(), done.error().detail);
}

std::string replay_error(const std::string& path) {
  auto journal = SqliteJournal::open(cold(path));
  if (!journal) return journal.error().detail;
  const auto done = (*journal)->replay([](const JournalRecord&) { return true; });
  return done ? "" : done.error().detail;
}

TEST_CASE("sqlite journal: rows come back as they were written, empty payloads too") {
  const TestDir dir;
  auto expected = varied_batch(1, 1, 5);
  {
    auto journal = SqliteJournal::open(cold(dir.file("journal.db")));
    REQUIRE(journal.has_value());
    CHECK((*journal)->append(1, 1, expected).outcome == AppendOutcome::durable);
    const auto more = varied_batch(1, 6, 1);
    CHECK((*journal)->append(1, 6, more).outcome == AppendOutcome::durable);
    expected.push_back(more[0]);
  }
  auto journal = SqliteJournal::open(cold(dir.file("journal.db")));
  REQUIRE(journal.has_value());
  CHECK((*journal)->last_seq() == 6);
  CHECK((*journal)->last_epoch() == 1);
  CHECK(rows_of(**journal) == expected);
}

TEST_CASE("sqlite journal: replay stops when the visitor has enough") {
  const TestDir dir;
  auto journal = SqliteJournal::open(cold(dir.file("journal.db")));
  REQUIRE((*journal)->append(1, 1, varied_batch(1, 1, 5)).outcome == AppendOutcome::durable);
  int seen = 0;
  CHECK((*journal)->replay([&](const JournalRecord&) { return ++seen < 2; }).has_value());
  CHECK(seen == 2);
}

TEST_CASE("sqlite journal: of two writers the second to append is stale and writes nothing") {
  const TestDir dir;
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}}) {
    CAPTURE(size);
    const std::string path = dir.file("journal" + std::to_string(size) + ".db");
    auto first = SqliteJournal::open(cold(path));
    auto second = SqliteJournal::open(cold(path));
    REQUIRE(first.has_value());
    REQUIRE_MESSAGE(second.has_value(), second.error().detail);
    CHECK((*first)->append(1, 1, varied_batch(1, 1, 2)).outcome == AppendOutcome::durable);
    CHECK((*second)->append(2, 1, varied_batch(2, 1, size)).outcome == AppendOutcome::stale);
    CHECK((*second)->append(2, 3, varied_batch(2, 3, size)).outcome == AppendOutcome::failed);
    CHECK((*first)->append(1, 3, varied_batch(1, 3, 1)).outcome == AppendOutcome::durable);
    CHECK(rows_of(**first).size() == 3);
  }
}

TEST_CASE("sqlite journal: an older epoch or a wrong seq is stale") {
  const TestDir dir;
  for (int i = 0; i < 2; ++i) {
    auto journal = SqliteJournal::open(cold(dir.file(std::to_string(i))));
    REQUIRE((*journal)->append(5, 1, varied_batch(5, 1, 1)).outcome == AppendOutcome::durable);
    const auto answer = i == 0 ? (*journal)->append(4, 2, varied_batch(4, 2, 1))
                               : (*journal)->append(5, 3, varied_batch(5, 3, 1));
    CHECK(answer.outcome == AppendOutcome::stale);
    CHECK(answer.detail.find("the tail is seq 1 epoch 5") != std::string::npos);
  }
}

TEST_CASE("sqlite journal: any changed column, a missing and a swapped row are found by the row") {
  constexpr const char* swap =
      "UPDATE events SET (epoch,time,type,version,payload,crc)="
      "(SELECT epoch,time,type,version,payload,crc FROM events WHERE seq=4) WHERE seq=3";
  const char* const changes[] = {
      "UPDATE events SET payload=x'00' WHERE seq=3",
      "UPDATE events SET epoch=epoch+1 WHERE seq>=3",
      "UPDATE events SET time=time+1 WHERE seq=3",
      "UPDATE events SET type=type-1 WHERE seq=3",
      "UPDATE events SET type=type+65536 WHERE seq=3",
      "UPDATE events SET version=2 WHERE seq=3",
      "UPDATE events SET crc=crc+1 WHERE seq=3",
      "UPDATE events SET payload='text' WHERE seq=3",
      "DELETE FROM events WHERE seq=3",
      swap,
  };
  for (const char* change : changes) {
    CAPTURE(change);
    const TestDir dir;
    const std::string path = dir.file("journal.db");
    {
      auto journal = SqliteJournal::open(cold(path));
      REQUIRE((*journal)->append(1, 1, varied_batch(1, 1, 6)).outcome == AppendOutcome::durable);
    }
    CHECK(replay_error(path) == "");
    tamper(path, change);
    CHECK(replay_error(path).find("row 3") != std::string::npos);
  }
}

TEST_CASE("sqlite journal: the row check chains on the row before") {
  const auto record = varied_batch(1, 1, 1)[0];
  CHECK(row_check(0, record) != row_check(1, record));
  // Fixed for ever: files of format version 1 must stay readable.
  JournalRecord golden;
  golden.seq = 1;
  golden.epoch = 2;
  golden.time = base::Time(3);
  golden.type = 4;
  golden.version = 5;
  golden.payload = "belay";
  CHECK(row_check(0, golden) == 0xd88c20caU);
}

TEST_CASE("sqlite journal: a foreign database and a newer format are refused by name") {
  const TestDir dir;
  {
    auto other =
        Database::open(dir.file("other.db"), "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    REQUIRE(other->exec("CREATE TABLE t(x)").has_value());
  }
  CHECK(replay_error(dir.file("other.db")).find("not a journal") != std::string::npos);
  CHECK(replay_error(dir.file("newer.db")) == "");
  tamper(dir.file("newer.db"), "PRAGMA user_version=2");
  CHECK(replay_error(dir.file("newer.db")).find("format version 2") != std::string::npos);
}

TEST_CASE("sqlite journal: files are private and say whose they are") {
  const TestDir dir;
  const std::string path = dir.file("journal.db");
  auto journal = SqliteJournal::open(cold(path));
  REQUIRE((*journal)->append(1, 1, varied_batch(1, 1, 1)).outcome == AppendOutcome::durable);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    REQUIRE(::stat((path + suffix).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
  auto reader = Database::open(path, "", SQLITE_OPEN_READONLY);
  CHECK(reader->integer("PRAGMA application_id").value() == 0x42454c59);
  CHECK(reader->integer("PRAGMA user_version").value() == 1);
  CHECK(reader->integer("PRAGMA page_size").value() == 4096);
}

TEST_CASE("sqlite journal: the warmed WAL stays as large as it was through commits and restarts") {
  const TestDir dir;
  SqliteSettings settings = cold(dir.file("journal.db"));
  settings.warm_bytes = 1U << 20U;
  settings.checkpoint_frames = 50;
  const auto wal_size = [&] { return std::filesystem::file_size(settings.path + "-wal"); };
  std::uintmax_t warmed = 0;
  {
    auto journal = SqliteJournal::open(settings);
    REQUIRE(journal.has_value());
    warmed = wal_size();
    CHECK(warmed > (1U << 20U));
    for (std::uint64_t seq = 1; seq <= 300; ++seq) {
      REQUIRE((*journal)->append(1, seq, varied_batch(1, seq, 1)).outcome ==
              AppendOutcome::durable);
      (*journal)->after_append();
      CHECK((*journal)->wal_frames() <= 52);
    }
    CHECK(wal_size() == warmed);
  }
  CHECK(wal_size() == warmed);
  auto journal = SqliteJournal::open(settings);
  REQUIRE(journal.has_value());
  CHECK(rows_of(**journal).size() == 300);
}

TEST_CASE("sqlite journal: a copied directory with a broken WAL is refused and left as it is") {
  const TestDir dir;
  auto journal = SqliteJournal::open(cold(dir.file("journal.db")));
  for (std::uint64_t seq = 1; seq <= 9; ++seq) {
    REQUIRE((*journal)->append(1, seq, varied_batch(1, seq, 1)).outcome == AppendOutcome::durable);
  }
  const std::string copy = dir.file("copy.db");
  std::filesystem::copy_file(dir.file("journal.db"), copy);
  std::filesystem::copy_file(dir.file("journal.db-wal"), copy + "-wal");
  const auto size = std::filesystem::file_size(copy + "-wal");
  {
    std::fstream wal(copy + "-wal", std::ios::in | std::ios::out | std::ios::binary);
    wal.seekp(32 + 3 * (4096 + 24) + 100);
    wal.put('?');
  }
  CHECK(replay_error(copy).find("frame 4 of") != std::string::npos);
  CHECK(std::filesystem::file_size(copy + "-wal") == size);
  std::filesystem::remove(copy + "-wal");  // what it warns of
  CHECK(replay_error(copy).find("does not show that it has the rows") != std::string::npos);
}

TEST_CASE("sqlite journal: idle checkpoints only when it pays, and a reader only delays it") {
  const TestDir dir;
  SqliteSettings settings = cold(dir.file("journal.db"));
  settings.idle_checkpoint_frames = 10;
  auto journal = SqliteJournal::open(settings);
  const auto append = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const std::uint64_t seq = (*journal)->last_seq() + 1;
      REQUIRE((*journal)->append(1, seq, varied_batch(1, seq, 1)).outcome ==
              AppendOutcome::durable);
    }
  };
  append(5);
  (*journal)->idle();
  CHECK((*journal)->frames_to_move() > 0);
  auto reader = Database::open(settings.path, "", SQLITE_OPEN_READONLY);
  REQUIRE(reader->exec("BEGIN; SELECT count(*) FROM events").has_value());
  append(20);
  (*journal)->idle();
  CHECK((*journal)->wal_frames() > 0);
  CHECK((*journal)->frames_to_move() == 0);
  CHECK_FALSE((*journal)->dead());
  REQUIRE(reader->exec("COMMIT").has_value());
  append(20);
  (*journal)->idle();
  CHECK((*journal)->frames_to_move() == 0);
  CHECK((*journal)->wal_frames() == 1);  // its mark
}

TEST_CASE("sqlite inline journal: poll gives the answer of the append, once") {
  const TestDir dir;
  auto journal = SqliteInlineJournal::open(cold(dir.file("journal.db")));
  REQUIRE(journal.has_value());
  CHECK_FALSE((*journal)->poll().has_value());
  const std::uint64_t ticket = (*journal)->append(1, 1, varied_batch(1, 1, 2));
  const auto answer = (*journal)->poll();
  REQUIRE(answer.has_value());
  CHECK(answer->ticket == ticket);
  CHECK(answer->outcome == AppendOutcome::durable);
  CHECK((*journal)->last_seq() == 2);
  CHECK_FALSE((*journal)->poll().has_value());
}

TEST_CASE("disk room: new risk is refused below one mark and accepted again above a higher one") {
  const RoomLimits limits{.refuse_new_below = 64, .accept_again_above = 96};
  CHECK_FALSE(judge_room(64, limits, false).refuse_new);
  CHECK(judge_room(63, limits, false).refuse_new);
  CHECK(judge_room(95, limits, true).refuse_new);
  CHECK_FALSE(judge_room(96, limits, true).refuse_new);
  CHECK(free_bytes_at("/").has_value());
  CHECK_FALSE(free_bytes_at("/no/such/directory").has_value());
}

}  // namespace
}  // namespace belay::journal
