// SPDX-License-Identifier: Apache-2.0
// The history's store, its thread, and snapshot files.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "belay/history/history_store.hpp"
#include "belay/history/history_thread.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/history/test_store.hpp"

namespace belay::history {

using engine::HistoryAnswer;
using engine::HistoryQuery;
using engine::HistoryRow;
using engine::Snapshot;
using journal::TestDir;

namespace {

HistoryRow row(std::uint64_t order, std::uint64_t seq, std::string symbol = "AAPL") {
  HistoryRow out;
  out.order = order;
  out.seq = seq;
  out.account = "DU1";
  out.symbol = std::move(symbol);
  out.status = "Filled";
  out.ord_status = "Filled";
  out.has_executions = true;
  out.permanent_ids = {static_cast<std::int64_t>(1000 + order)};
  out.session = 7;
  out.number = static_cast<std::int64_t>(order);
  out.state = fmt::format("state of {}", order);
  return out;
}

constexpr const char* refuse_rows =
    "CREATE TRIGGER refuse BEFORE INSERT ON orders BEGIN SELECT RAISE(FAIL, 'full'); END";

HistoryAnswer wait_for(HistoryThread& history) {
  for (int i = 0; i < 10'000; ++i) {
    if (auto answer = history.poll()) return *answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL("no answer");
  return {};
}

}  // namespace

TEST_CASE("history: a row is found by each of its names") {
  const TestDir dir;
  auto store = open(dir);
  REQUIRE(store->begin(1, 100));
  const HistoryRow rows[] = {row(1, 10), row(2, 11)};
  REQUIRE(store->put(rows));
  HistoryQuery query;
  query.order = 2;
  CHECK(store->read(5, query).states == std::vector<std::string>{"state of 2"});
  CHECK(store->read(5, query).ticket == 5);
  query.by = HistoryQuery::By::permanent_id;
  query.permanent_id = 1001;
  CHECK(store->read(5, query).states == std::vector<std::string>{"state of 1"});
  query.by = HistoryQuery::By::broker_id;
  query.session = 7;
  query.number = 2;
  CHECK(store->read(5, query).states == std::vector<std::string>{"state of 2"});
  query.session = 8;
  CHECK(store->read(5, query).states.empty());
}

TEST_CASE("history: lists are newest first, filtered and paged") {
  const TestDir dir;
  auto store = open(dir);
  REQUIRE(store->begin(1, 100));
  std::vector<HistoryRow> rows;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    rows.push_back(row(i, i, i % 2 == 0 ? "MSFT" : "AAPL"));
    rows.back().external = i == 9;
    if (i == 4) rows.back().ord_status = "Canceled";
  }
  REQUIRE(store->put(rows));
  HistoryAnswer page = store->read(1, list(INT64_MAX, 3));
  CHECK(page.states == std::vector<std::string>{"state of 10", "state of 8", "state of 7"});
  CHECK(page.more);
  HistoryQuery query = list(7);
  query.symbol = "MSFT";
  page = store->read(1, query);
  CHECK(page.states == std::vector<std::string>{"state of 6", "state of 4", "state of 2"});
  CHECK_FALSE(page.more);
  query.status = "Canceled";
  CHECK(store->read(1, query).states == std::vector<std::string>{"state of 4"});
  query = list(INT64_MAX, 2);
  query.external_too = true;
  CHECK(store->read(1, query).states == std::vector<std::string>{"state of 10", "state of 9"});
}

TEST_CASE("history: an order that was archived again replaces its row") {
  const TestDir dir;
  auto store = open(dir);
  REQUIRE(store->begin(1, 100));
  const HistoryRow first[] = {row(1, 10)};
  REQUIRE(store->put(first));
  HistoryRow again[] = {row(1, 20)};
  again[0].state = "newer";
  REQUIRE(store->put(again));
  CHECK(store->read(1, list()).states == std::vector<std::string>{"newer"});
  CHECK(store->last_seq() == 20);
}

TEST_CASE("history: of another journal, or of one that was set back, nothing is kept") {
  const TestDir dir;
  const HistoryRow rows[] = {row(1, 10)};
  {
    auto store = open(dir);
    REQUIRE(store->begin(1, 100));
    REQUIRE(store->put(rows));
  }
  {
    auto store = open(dir);
    REQUIRE(store->begin(1, 100));
    CHECK(store->last_seq() == 10);
    CHECK(store->read(1, list()).states.size() == 1);
  }
  {
    auto store = open(dir);
    REQUIRE(store->begin(1, 9));
    CHECK(store->last_seq() == 0);
    CHECK(store->read(1, list()).states.empty());
    REQUIRE(store->put(rows));
  }
  auto store = open(dir);
  REQUIRE(store->begin(2, 100));
  CHECK(store->read(1, list()).states.empty());
}

TEST_CASE("history: a file that is no database is made anew") {
  const TestDir dir;
  std::ofstream(dir.file("views.db")) << std::string(8192, 'x');
  auto store = open(dir);
  REQUIRE(store->begin(1, 0));
  CHECK(store->read(1, list()).states.empty());
}

TEST_CASE("history thread: what was put before is in the answer") {
  const TestDir dir;
  Worker worker;
  auto history =
      HistoryThread::open({dir.file("views.db"), "", false}, {.queue_max = 1'000}, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 100));
  for (std::uint64_t i = 1; i <= 700; ++i) (*history)->put(row(i, i));
  (*history)->ask(42, list(INT64_MAX, 1'000));
  const HistoryAnswer answer = wait_for(**history);
  CHECK(answer.ticket == 42);
  CHECK(answer.states.size() == 700);
  CHECK((*history)->last_seq() == 700);
  CHECK_FALSE((*history)->poll().has_value());
  for (int i = 0; i < 1'000 && (*history)->room() != 1'000; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK((*history)->room() == 1'000);
  CHECK((*history)->stats().written == 700);
}

TEST_CASE(
    "history thread: there is room until too many rows wait, and again when they are written") {
  const TestDir dir;
  Worker worker;
  auto history = HistoryThread::open({dir.file("views.db"), "", false}, {.queue_max = 10}, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 100));
  std::uint64_t seq = 0;
  for (int i = 0; i < 100; ++i) {
    (*history)->wait_for_room();
    CHECK((*history)->room() > 0);
    ++seq;
    (*history)->put(row(seq, seq));
  }
}

TEST_CASE("history thread: what is queued is written before the end") {
  const TestDir dir;
  {
    Worker worker;
    auto history =
        HistoryThread::open({dir.file("views.db"), "", false}, {.queue_max = 1'000}, worker);
    REQUIRE(history.has_value());
    REQUIRE((*history)->begin(1, 1'000));
    for (std::uint64_t i = 1; i <= 500; ++i) (*history)->put(row(i, i));
  }
  auto store = open(dir);
  REQUIRE(store->begin(1, 1'000));
  CHECK(store->last_seq() == 500);
}

TEST_CASE("history thread: what cannot be written is tried after a pause, not at every row") {
  const TestDir dir;
  Worker worker;
  auto history = HistoryThread::open(
      {dir.file("views.db"), "", false},
      {.queue_max = 5'000, .first_pause = std::chrono::milliseconds(300)}, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 10'000));
  tamper(dir, refuse_rows);
  for (std::uint64_t i = 1; i <= 3'000; ++i) (*history)->put(row(i, i));
  (*history)->ask(42, list());
  CHECK(wait_for(**history).error.find("cannot be written") != std::string::npos);
  worker.drain();
  CHECK((*history)->stats().failed > 0);
  CHECK((*history)->stats().failed < 10);  // a slow machine takes longer than the first pause
  tamper(dir, "DROP TRIGGER refuse");
  for (int i = 0; i < 10'000 && (*history)->stats().written != 3'000; ++i) {
    (void)(*history)->poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK((*history)->stats().written == 3'000);
  CHECK((*history)->room() == 5'000);
}

TEST_CASE("history thread: at the end what cannot be written is tried once more and given up") {
  const TestDir dir;
  Worker worker;
  auto history = HistoryThread::open({dir.file("views.db"), "", false}, {.queue_max = 10}, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 10'000));
  tamper(dir, refuse_rows);
  for (std::uint64_t i = 1; i <= 3'000; ++i) (*history)->put(row(i, i));
  CHECK((*history)->finish() == 3'000);
  CHECK((*history)->stats().failed < 10);
  tamper(dir, "DROP TRIGGER refuse");
  CHECK((*history)->finish() == 0);
  CHECK((*history)->stats().written == 3'000);
}

TEST_CASE("snapshot files: the newest whole one is found, and two are kept") {
  const TestDir dir;
  Worker worker;
  SnapshotFiles files(dir.path(), worker);
  CHECK_FALSE(files.load(0).has_value());
  for (std::uint64_t seq : {10U, 200U, 30U}) {
    files.save(Snapshot{seq, 0xabc, 5, fmt::format("state {}", seq)});
    worker.drain();
    CHECK_FALSE(files.busy());
  }
  REQUIRE(files.load(0).has_value());
  CHECK(files.load(0)->seq == 200);
  CHECK(files.load(0)->state == "state 200");
  CHECK(files.load(0)->format == 0xabc);
  CHECK(files.load(0)->check == 5);
  CHECK(files.load(1)->seq == 30);
  CHECK_FALSE(files.load(2).has_value());
  CHECK(files.failed() == 0);
}

TEST_CASE("snapshot files: a damaged or torn file is as good as none") {
  const Snapshot snapshot{7, 1, 2, std::string(100, 's')};
  const std::string bytes = snapshot_bytes(snapshot);
  REQUIRE(parse_snapshot(bytes).has_value());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK_FALSE(parse_snapshot(damaged).has_value());
    CHECK_FALSE(parse_snapshot(bytes.substr(0, i)).has_value());
  }
  CHECK_FALSE(parse_snapshot(bytes + "x").has_value());
}

TEST_CASE("snapshot files: a directory that cannot be written is a failure that is counted") {
  const TestDir dir;
  Worker worker;
  SnapshotFiles files(dir.path() + "/missing", worker);
  files.save(Snapshot{1, 1, 1, "state"});
  worker.drain();
  CHECK(files.failed() == 1);
  CHECK_FALSE(files.load(0).has_value());
}

}  // namespace belay::history
