// SPDX-License-Identifier: Apache-2.0
#include "belay/simkit/vfs.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <array>

namespace belay::simkit {
namespace {

class Connection {
 public:
  explicit Connection(const SimVfs& vfs) {
    REQUIRE(sqlite3_open_v2("test.db", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                            vfs.name().c_str()) == SQLITE_OK);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close(db_); }
  int exec(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }

 private:
  sqlite3* db_ = nullptr;
};

TEST_CASE("sim vfs: SQLite keeps a database on the simulated disk, in both journal modes") {
  for (const char* mode :
       {"PRAGMA journal_mode=DELETE", "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL"}) {
    SimDisk disk(1);
    const SimVfs vfs(disk, 1);
    {
      Connection connection(vfs);
      CHECK(connection.exec(mode) == SQLITE_OK);
      CHECK(connection.exec("CREATE TABLE t(x); INSERT INTO t VALUES(1)") == SQLITE_OK);
    }
    CHECK(disk.view("test.db") != nullptr);
    Connection again(vfs);
    CHECK(again.exec(mode) == SQLITE_OK);
    CHECK(again.exec("INSERT INTO t VALUES(2)") == SQLITE_OK);
  }
}

TEST_CASE("sim vfs: a writer keeps a second writer out until it commits") {
  SimDisk disk(1);
  const SimVfs vfs(disk, 1);
  Connection first(vfs);
  Connection second(vfs);
  REQUIRE(first.exec("CREATE TABLE t(x)") == SQLITE_OK);
  REQUIRE(first.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES(1)") == SQLITE_OK);
  CHECK(second.exec("INSERT INTO t VALUES(2)") == SQLITE_BUSY);
  REQUIRE(first.exec("COMMIT") == SQLITE_OK);
  CHECK(second.exec("INSERT INTO t VALUES(2)") == SQLITE_OK);
}

TEST_CASE("sim vfs: a connection from before the crash can do nothing but close") {
  SimDisk disk(1);
  base::Prng prng(1);
  const SimVfs vfs(disk, 1);
  Connection connection(vfs);
  REQUIRE(connection.exec("CREATE TABLE t(x)") == SQLITE_OK);
  disk.crash(prng);
  CHECK(connection.exec("INSERT INTO t VALUES(1)") != SQLITE_OK);
}

TEST_CASE("sim vfs: SQLite's generator follows the seed") {
  SimDisk disk(1);
  const auto draw = [&](std::uint64_t seed) {
    const SimVfs vfs(disk, seed);
    std::array<unsigned char, 16> bytes{};
    sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data());
    return bytes;
  };
  const auto once = draw(5);
  CHECK(once == draw(5));
  CHECK(once != draw(6));
}

TEST_CASE("sim vfs: sleeping takes virtual time only") {
  SimDisk disk(1);
  SimVfs vfs(disk, 1);
  sqlite3_vfs* raw = sqlite3_vfs_find(vfs.name().c_str());
  REQUIRE(raw != nullptr);
  raw->xSleep(raw, 5'000'000);
  CHECK(vfs.take_slept() == std::chrono::seconds(5));
  CHECK(vfs.take_slept() == base::Duration{0});
}

}  // namespace
}  // namespace belay::simkit
