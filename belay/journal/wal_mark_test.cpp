// SPDX-License-Identifier: Apache-2.0
// A database file that lost its WAL, or has one of another time beside it.
#include "belay/journal/wal_mark.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "belay/journal/test_rows.hpp"

namespace belay::journal {
namespace {

using engine::AppendOutcome;
using engine::JournalRecord;

void append(SqliteJournal& journal, int rows) {
  for (int i = 0; i < rows; ++i) {
    JournalRecord record;
    record.seq = journal.last_seq() + 1;
    record.epoch = 1;
    record.payload = "row";
    REQUIRE(journal.append(1, record.seq, {&record, 1}).outcome == AppendOutcome::durable);
    journal.after_append();
  }
}

/// One life that appends and dies.
void live(const SqliteSettings& settings, int rows) {
  auto journal = SqliteJournal::open(settings);
  REQUIRE_MESSAGE(journal.has_value(), journal.error().detail);
  append(**journal, rows);
}

std::string open_error(const SqliteSettings& settings) {
  const auto journal = SqliteJournal::open(settings);
  return journal ? "" : journal.error().field + ": " + journal.error().detail;
}
std::string look_error(const SqliteSettings& settings) {
  const auto journal = SqliteJournal::open_untouched(settings.path);
  return journal ? "" : journal.error().field + ": " + journal.error().detail;
}
bool names(const std::string& error, const std::string& words) {
  return error.find("journal.db-wal: " + words) != std::string::npos &&
         error.find("from the same copy") != std::string::npos;
}

/// Every file with its bytes, without -shm, which holds nothing that lasts.
std::map<std::string, std::string> contents(const TestDir& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    if (entry.path().filename() == "journal.db-shm") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

TEST_CASE("wal mark: a missing, emptied or cut WAL is refused before anything is changed") {
  for (const int rows : {0, 1, 3, 40}) {
    for (const int size : {-1, 0, 31, 32, 4000}) {
      CAPTURE(rows);
      CAPTURE(size);
      const TestDir dir;
      SqliteSettings settings = cold(dir);
      settings.checkpoint_frames = 12;
      live(settings, rows);
      const std::string wal = settings.path + "-wal";
      if (size < 0) {
        std::filesystem::remove(wal);
      } else {
        std::filesystem::resize_file(wal, static_cast<std::uintmax_t>(size));
      }
      const auto before = contents(dir);
      CHECK(names(look_error(settings), "it is missing, empty or cut"));
      CHECK(names(open_error(settings), "it is missing, empty or cut"));
      CHECK(contents(dir) == before);
    }
  }
}

TEST_CASE("wal mark: a database file into which SQLite moved the whole WAL is whole without it") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  live(settings, 5);
  {
    // As the sqlite3 program does it: the last one to close moves the WAL and removes it.
    auto other = Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
    CHECK(other->integer("SELECT count(*) FROM events").value() == 5);
  }
  REQUIRE_FALSE(std::filesystem::exists(settings.path + "-wal"));
  CHECK(look_error(settings) == "");
  auto journal = SqliteJournal::open(settings);
  REQUIRE(journal.has_value());
  CHECK((*journal)->last_seq() == 5);
}

TEST_CASE("wal mark: a WAL of an earlier time beside a newer database file is refused") {
  for (const bool same_life : {true, false}) {
    CAPTURE(same_life);
    const TestDir dir;
    SqliteSettings settings = cold(dir);
    settings.checkpoint_frames = 12;
    const std::string wal = settings.path + "-wal";
    const auto keep = [&] { std::filesystem::copy_file(wal, dir.file("kept")); };
    {
      auto journal = SqliteJournal::open(settings);
      append(**journal, 5);
      keep();
      if (same_life) append(**journal, 40);
    }
    if (!same_life) live(settings, 1);
    std::filesystem::remove(settings.path + "-shm");
    std::filesystem::rename(dir.file("kept"), wal);
    const auto before = contents(dir);
    CHECK(names(look_error(settings), "it is of an earlier time"));
    CHECK(contents(dir) == before);
    CHECK(names(open_error(settings), "it is of an earlier time"));
    CHECK(contents(dir) == before);
  }
}

TEST_CASE("wal mark: a database file of an earlier time under the newest WAL is refused") {
  for (const int checkpoints : {1, 2, 5}) {
    for (const bool same_life : {true, false}) {
      CAPTURE(checkpoints);
      CAPTURE(same_life);
      const TestDir dir;
      SqliteSettings settings = cold(dir);
      settings.checkpoint_frames = 12;
      {
        auto journal = SqliteJournal::open(settings);
        append(**journal, 5);
        std::filesystem::copy_file(settings.path, dir.file("kept"));
        if (same_life) append(**journal, 14 * checkpoints);
      }
      for (int i = 0; !same_life && i < checkpoints; ++i) live(settings, 2);
      CHECK(look_error(settings) == "");
      std::filesystem::remove(settings.path + "-shm");
      std::filesystem::rename(dir.file("kept"), settings.path);
      const auto before = contents(dir);
      for (const std::string& error : {look_error(settings), open_error(settings)}) {
        CHECK(error.find("journal.db: it is of an earlier time than its WAL") != std::string::npos);
        CHECK(error.find("from the same copy") != std::string::npos);
      }
      CHECK(contents(dir) == before);
    }
  }
}

TEST_CASE("wal mark: a new journal's first file under the newest WAL is refused") {
  const TestDir dir;
  SqliteSettings settings = cold(dir);
  live(settings, 0);
  std::filesystem::copy_file(settings.path, dir.file("kept"));
  live(settings, 3);
  live(settings, 3);
  std::filesystem::remove(settings.path + "-shm");
  std::filesystem::rename(dir.file("kept"), settings.path);
  CHECK(open_error(settings).find("it is of an earlier time than its WAL") != std::string::npos);
}

TEST_CASE("wal mark: a database file of a program without marks under a newer WAL is refused") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  live(settings, 3);
  live(settings, 3);
  {
    auto other = Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
    std::filesystem::copy_file(settings.path + "-wal", dir.file("kept"));
    REQUIRE(other->exec("DROP TABLE wal_mark").has_value());
  }
  std::filesystem::rename(dir.file("kept"), settings.path + "-wal");
  CHECK(open_error(settings).find("it is of an earlier time than its WAL") != std::string::npos);
}

TEST_CASE("wal mark: the mark that a WAL begins with is read from its bytes, whatever its size") {
  for (const std::int64_t mark :
       {0LL, 1LL, 100LL, 40'000LL, 9'000'000LL, 3'000'000'000LL, 1LL << 45, 1LL << 60}) {
    CAPTURE(mark);
    const TestDir dir;
    const SqliteSettings settings = cold(dir);
    live(settings, 1);
    auto database = Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
    CHECK(database->exec("PRAGMA wal_checkpoint(TRUNCATE)").has_value());
    CHECK(database->exec("UPDATE wal_mark SET mark = " + std::to_string(mark)).has_value());
    std::ifstream file(settings.path + "-wal", std::ios::binary);
    const std::string wal(std::istreambuf_iterator<char>(file), {});
    CHECK(first_mark(wal, inspect_wal(wal)) == mark);
  }
}

TEST_CASE("wal mark: a journal of an earlier program has none, opens, and gets one") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  live(settings, 3);
  {
    auto other = Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
    REQUIRE(other->exec("DROP TABLE wal_mark").has_value());
  }
  REQUIRE(mark_of_file(settings.path, "") == 0);
  CHECK(look_error(settings) == "");
  live(settings, 1);
  CHECK(mark_of_file(settings.path, "").value() % 2 == 1);
  std::filesystem::remove(settings.path + "-wal");
  CHECK(names(open_error(settings), "it is missing"));
}

TEST_CASE("wal mark: of a new journal the first rows are in the database file at once") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  auto journal = SqliteJournal::open(settings);
  append(**journal, 1);
  auto alone = Database::open_alone(settings.path, "");
  REQUIRE(alone.has_value());
  CHECK(alone->integer("SELECT count(*) FROM events").value() == 1);
}

TEST_CASE("sqlite journal: looked at, it shows every row and leaves every file as it is") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  live(settings, 3);
  live(settings, 4);
  std::filesystem::remove(settings.path + "-shm");
  const auto before = contents(dir);
  {
    auto journal = SqliteJournal::open_untouched(settings.path);
    REQUIRE_MESSAGE(journal.has_value(), journal.error().detail);
    CHECK((*journal)->last_seq() == 7);
    int rows = 0;
    CHECK((*journal)->replay([&](const JournalRecord&) { return ++rows > 0; }).has_value());
    CHECK(rows == 7);
    CHECK(contents(dir) == before);
  }
  CHECK(contents(dir) == before);
  CHECK_FALSE(std::filesystem::exists(settings.path + "-shm"));
}

TEST_CASE("sqlite journal: looked at, what is no journal is refused and none is made") {
  const TestDir dir;
  const SqliteSettings settings = cold(dir);
  CHECK(look_error(settings) != "");
  CHECK(contents(dir).empty());
  std::ofstream(settings.path).flush();
  CHECK(look_error(settings).find("is not a journal") != std::string::npos);
  CHECK(contents(dir).size() == 1);
  CHECK(std::filesystem::file_size(settings.path) == 0);
}

}  // namespace
}  // namespace belay::journal
