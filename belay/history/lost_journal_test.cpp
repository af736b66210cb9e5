// SPDX-License-Identifier: Apache-2.0
#include "belay/history/lost_journal.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "belay/history/history_store.hpp"
#include "belay/journal/test_dir.hpp"

namespace belay::history {

using journal::TestDir;

namespace {

void write(const TestDir& dir, const char* name, const char* bytes) {
  std::ofstream(dir.file(name)) << bytes;
}

}  // namespace

TEST_CASE("lost journal: a new directory, and one whose creation was cut short, are no loss") {
  const TestDir dir;
  CHECK(refuse_missing_journal(dir.path()).has_value());
  CHECK(refuse_short_journal(dir.path(), 0).has_value());
  write(dir, "journal.db", "");
  CHECK(refuse_missing_journal(dir.path()).has_value());
}

TEST_CASE("lost journal: one that is missing or empty beside what was made from it is refused") {
  for (const char* beside : {"views.db", "snapshot-12-00000000000000aa"}) {
    CAPTURE(beside);
    const TestDir dir;
    write(dir, beside, "something");
    const auto missing = refuse_missing_journal(dir.path());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().field == dir.file("journal.db"));
    CHECK(missing.error().detail.find("missing beside " + std::string(beside)) !=
          std::string::npos);
    CHECK(missing.error().detail.find("move the directory away") != std::string::npos);
    write(dir, "journal.db", "");
    const auto empty = refuse_missing_journal(dir.path());
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().detail.find("empty beside") != std::string::npos);
    write(dir, "journal.db", "rows");
    CHECK(refuse_missing_journal(dir.path()).has_value());
  }
}

TEST_CASE("lost journal: a WAL without its journal, or beside an empty one, is refused") {
  const TestDir dir;
  write(dir, "journal.db-wal", "frames");
  CHECK_FALSE(refuse_missing_journal(dir.path()).has_value());
  write(dir, "journal.db", "");
  CHECK_FALSE(refuse_missing_journal(dir.path()).has_value());
  write(dir, "journal.db-wal", "");
  CHECK(refuse_missing_journal(dir.path()).has_value());
}

TEST_CASE("lost journal: one that ends before a snapshot was made was set back") {
  const TestDir dir;
  write(dir, "snapshot-12-00000000000000aa", "");
  write(dir, "snapshot-900-00000000000000aa.tmp", "");
  CHECK(refuse_short_journal(dir.path(), 12).has_value());
  const auto shorter = refuse_short_journal(dir.path(), 11);
  REQUIRE_FALSE(shorter.has_value());
  CHECK(shorter.error().detail.find("ends with event 11") != std::string::npos);
  CHECK(shorter.error().detail.find("snapshot-12-") != std::string::npos);
}

TEST_CASE("lost journal: one that ends before an order was archived was set back") {
  const TestDir dir;
  {
    auto store = HistoryStore::open({dir.file("views.db"), "", false});
    REQUIRE(store.has_value());
    CHECK(refuse_short_journal(dir.path(), 0).has_value());  // made, and nothing archived yet
    engine::HistoryRow row;
    row.order = 1;
    row.seq = 30;
    row.state = "state";
    REQUIRE((*store)->put({&row, 1}).has_value());
  }
  CHECK(refuse_short_journal(dir.path(), 30).has_value());
  CHECK_FALSE(refuse_short_journal(dir.path(), 29).has_value());
  {
    // A number that is damaged refuses no journal.
    auto database = journal::Database::open(dir.file("views.db"), "", SQLITE_OPEN_READWRITE);
    REQUIRE(database->exec("UPDATE meta SET value = 4611686018427387934").has_value());
  }
  CHECK(refuse_short_journal(dir.path(), 0).has_value());
  write(dir, "views.db", "spoiled");
  CHECK(refuse_short_journal(dir.path(), 0).has_value());  // it is made anew from the journal
}

}  // namespace belay::history
