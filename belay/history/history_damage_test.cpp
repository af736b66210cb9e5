// SPDX-License-Identifier: Apache-2.0
// A history whose file is not as it was written: nothing of it is believed, and it mends itself.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "belay/history/history_store.hpp"
#include "belay/history/history_thread.hpp"
#include "belay/history/row_sum.hpp"
#include "belay/history/test_store.hpp"

namespace belay::history {

using engine::HistoryAnswer;
using engine::HistoryQuery;
using engine::HistoryRow;
using journal::TestDir;

namespace {

constexpr std::uint64_t orders = 40;

HistoryRow row(std::uint64_t order) {
  HistoryRow out;
  out.order = order;
  out.seq = 10 + order;
  out.account = "DU1";
  out.symbol = order % 2 == 0 ? "MSFT" : "AAPL";
  out.status = "Filled";
  out.ord_status = "Filled";
  out.has_executions = true;
  out.permanent_ids = {static_cast<std::int64_t>(1000 + order)};
  out.session = 7;
  out.number = static_cast<std::int64_t>(order);
  out.state = fmt::format("state of {}", order);
  return out;
}

HistoryQuery by_order(std::uint64_t order) {
  HistoryQuery query;
  query.order = order;
  return query;
}

void fill(const TestDir& dir) {
  auto store = open(dir);
  REQUIRE(store->begin(1, 1'000));
  std::vector<HistoryRow> rows;
  for (std::uint64_t i = 1; i <= orders; ++i) rows.push_back(row(i));
  REQUIRE(store->put(rows));
}

// What a flipped bit makes of the row of order 7, or of what leads to it.
const std::vector<std::string> damages = {
    "UPDATE orders SET state = CAST('stete of 7' AS BLOB) WHERE id = 7",
    "UPDATE orders SET status = 'Working' WHERE id = 7",
    "UPDATE orders SET ord_status = 'Created' WHERE id = 7",
    "UPDATE orders SET symbol = 'ABPL' WHERE id = 7",
    "UPDATE orders SET account = 'DU2' WHERE id = 7",
    "UPDATE orders SET external = 1 WHERE id = 7",
    "UPDATE orders SET has_executions = 3 WHERE id = 7",
    "UPDATE orders SET seq = 900 WHERE id = 7",
    "UPDATE orders SET finished = 1 WHERE id = 7",
    "UPDATE orders SET session = 7 + 4294967296 WHERE id = 7",
    "UPDATE orders SET number = 8 WHERE id = 7",
    "UPDATE orders SET names = x'00' WHERE id = 7",
    "UPDATE orders SET crc = crc + 1 WHERE id = 7",
    "UPDATE orders SET id = 1007 WHERE id = 7",
    "UPDATE permanent_ids SET permanent_id = 5 WHERE id = 7",
    "DELETE FROM permanent_ids WHERE id = 7",
    "DELETE FROM orders WHERE id = 7",
};

// The journal of the test: every order, archived one after the other.
class Replay final : public HistorySource {
 public:
  base::Result<bool> next(std::size_t events, std::vector<HistoryRow>& rows) override {
    for (std::size_t i = 0; i < events && at_ < orders; ++i) rows.push_back(row(++at_));
    return at_ < orders;
  }

 private:
  std::uint64_t at_ = 0;
};
base::Result<std::unique_ptr<HistorySource>> replay() {
  return std::unique_ptr<HistorySource>(new Replay());
}

HistoryAnswer ask(HistoryThread& history, std::uint64_t ticket, const HistoryQuery& query) {
  history.ask(ticket, query);
  for (int i = 0; i < 10'000; ++i) {
    if (auto answer = history.poll()) return *answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL("no answer");
  return {};
}

}  // namespace

TEST_CASE("history damage: a row that is not as it was written is never an answer") {
  for (const std::string& damage : damages) {
    CAPTURE(damage);
    const TestDir dir;
    fill(dir);
    auto store = open(dir);
    REQUIRE(store->begin(1, 1'000));
    tamper(dir, damage);
    std::vector<HistoryQuery> queries{by_order(7), by_order(1007), list()};
    queries.emplace_back();
    queries.back().by = HistoryQuery::By::permanent_id;
    queries.back().permanent_id = 1007;
    queries.emplace_back();
    queries.back().by = HistoryQuery::By::broker_id;
    queries.back().session = 7;
    queries.back().number = 7;
    for (const HistoryQuery& query : queries) {
      const HistoryAnswer answer = store->read(1, query);
      const bool right =
          answer.states.empty() || (query.by == HistoryQuery::By::list
                                        ? answer.states.size() == orders
                                        : answer.states == std::vector<std::string>{"state of 7"});
      // A list without the damaged row does not say that it is all.
      const bool known_to_miss = query.by == HistoryQuery::By::list && !answer.whole;
      CHECK((right || known_to_miss));
      CHECK((answer.error.empty() || answer.states.empty()));
    }
  }
}

TEST_CASE("history damage: a start looks through the file and throws a damaged one away") {
  for (const std::string& damage : damages) {
    CAPTURE(damage);
    const TestDir dir;
    fill(dir);
    tamper(dir, damage);
    auto store = open(dir);
    REQUIRE(store->begin(1, 1'000));
    CHECK(store->last_seq() == 0);  // the replay of the journal writes all rows again
    CHECK(store->damaged() == "");
    REQUIRE(store->put(std::vector{row(1)}));
    CHECK(store->read(1, list()).states == std::vector<std::string>{"state of 1"});
  }
}

TEST_CASE("history damage: what the file says of itself has a check too") {
  for (const char* damage : {"UPDATE meta SET value = 300 WHERE name = 'last_seq'",
                             "UPDATE meta SET value = 2 WHERE name = 'instance'",
                             "UPDATE meta SET name = 'last_sep' WHERE name = 'last_seq'"}) {
    CAPTURE(damage);
    const TestDir dir;
    fill(dir);
    tamper(dir, damage);
    auto store = open(dir);
    REQUIRE(store->begin(1, 1'000));
    CHECK(store->last_seq() == 0);
  }
}

TEST_CASE("history damage: a whole file is kept") {
  const TestDir dir;
  fill(dir);
  auto store = open(dir);
  REQUIRE(store->begin(1, 1'000));
  CHECK(store->last_seq() == 10 + orders);
  CHECK(store->read(1, list()).states.size() == orders);
}

TEST_CASE("history damage: whatever bit of the file is flipped, no wrong row is told") {
  const TestDir dir;
  fill(dir);
  { tamper(dir, "PRAGMA wal_checkpoint(TRUNCATE)"); }
  std::ifstream file(dir.file("views.db"), std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  std::size_t refused = 0;
  for (std::size_t at = 100; at < whole.size(); at += 97) {
    CAPTURE(at);
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    HistoryStore::remove(dir.file("views.db"));
    std::ofstream(dir.file("views.db"), std::ios::binary) << bytes;
    auto store = open(dir);
    REQUIRE(store->begin(1, 1'000));
    if (store->last_seq() == 0) ++refused;
    const std::size_t kept = store->last_seq() == 0 ? 0 : orders;
    const HistoryAnswer answer = store->read(1, list());
    CHECK(answer.error == "");
    REQUIRE(answer.states.size() == kept);
    for (std::size_t i = 0; i < kept; ++i) {
      CHECK(answer.states[i] == fmt::format("state of {}", orders - i));
    }
  }
  CHECK(refused > 10);
}

TEST_CASE("history damage: while it runs a damaged file is made anew beside, in pieces") {
  for (const std::string& damage : damages) {
    CAPTURE(damage);
    const TestDir dir;
    fill(dir);
    Worker worker;
    HistoryThread::Options options;
    options.queue_max = 1'000;
    options.source = replay;
    options.piece = 3;
    auto history = HistoryThread::open({dir.file("views.db"), "", false}, options, worker);
    REQUIRE(history.has_value());
    REQUIRE((*history)->begin(1, 1'000));
    worker.drain();
    tamper(dir, damage);
    // Of the engine: it waits until the file is whole again.
    HistoryAnswer answer = ask(**history, engine::recall_ticket | 7, by_order(7));
    if (answer.error.empty()) CHECK(answer.states == std::vector<std::string>{"state of 7"});
    CHECK(answer.error == "");
    worker.drain();
    if (!(*history)->take_news().empty()) {
      answer = ask(**history, 2, list());
      CHECK(answer.error == "");
      CHECK(answer.states.size() == orders);
    }
    (*history)->put(row(orders + 1));
    CHECK(ask(**history, 3, by_order(orders + 1)).states.size() == 1);
    CHECK((*history)->room() == 1'000);
  }
}

TEST_CASE("history damage: a caller is told at once that it is being made anew") {
  const TestDir dir;
  fill(dir);
  Worker worker;
  HistoryThread::Options options;
  options.queue_max = 1'000;
  options.source = replay;
  options.piece = 1;
  auto history = HistoryThread::open({dir.file("views.db"), "", false}, options, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 1'000));
  worker.drain();
  tamper(dir, damages[0]);
  const HistoryAnswer answer = ask(**history, 1, by_order(7));
  CHECK(answer.states.empty());
  CHECK(answer.error.find("is being made anew") != std::string::npos);
  worker.drain();
  CHECK(ask(**history, 1, by_order(7)).states == std::vector<std::string>{"state of 7"});
  CHECK((*history)->take_news().size() == 2);
  CHECK_FALSE(std::filesystem::exists(dir.file("views.db.new")));
}

TEST_CASE("history damage: without a journal to read it stays an error and never an answer") {
  const TestDir dir;
  fill(dir);
  Worker worker;
  HistoryThread::Options options;
  options.queue_max = 1'000;
  options.source = []() -> base::Result<std::unique_ptr<HistorySource>> {
    return base::fail("journal", "cannot be read");
  };
  auto history = HistoryThread::open({dir.file("views.db"), "", false}, options, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 1'000));
  worker.drain();
  tamper(dir, damages[0]);
  for (int i = 0; i < 3; ++i) {
    const HistoryAnswer answer = ask(**history, engine::recall_ticket | 7, by_order(7));
    CHECK(answer.states.empty());
    CHECK(answer.error.find("order 7 is damaged") != std::string::npos);
  }
  CHECK((*history)->take_news().size() == 2);  // not at every question
}

TEST_CASE("history damage: a list that lost a row says so, whatever was asked for") {
  std::vector<HistoryQuery> queries(5, list());
  queries[1].account = "DU1";
  queries[2].symbol = "AAPL";
  queries[3].status = "Filled";
  queries[4].limit = 3;
  queries[4].before = 9;
  for (const std::string& damage : damages) {
    // Nothing that a list is made of.
    if (damage.find("permanent_ids") != std::string::npos) continue;
    for (const HistoryQuery& query : queries) {
      CAPTURE(damage);
      const TestDir dir;
      fill(dir);
      auto store = open(dir);
      REQUIRE(store->begin(1, 1'000));
      CHECK(store->read(1, query).whole);
      tamper(dir, damage);
      const HistoryAnswer answer = store->read(1, query);
      CHECK((!answer.whole || !answer.error.empty()));
      CHECK_FALSE(store->damaged().empty());
    }
  }
}

TEST_CASE("history damage: a list is not called whole before the file was looked through") {
  const TestDir dir;
  fill(dir);
  auto store = open(dir);
  CHECK_FALSE(store->read(1, list()).whole);
  REQUIRE(store->begin(1, 1'000));
  CHECK(store->read(1, list()).whole);
}

TEST_CASE("history damage: a list without a row that is gone is mended beside, and whole again") {
  const TestDir dir;
  fill(dir);
  Worker worker;
  HistoryThread::Options options;
  options.queue_max = 1'000;
  options.source = replay;
  options.piece = 3;
  auto history = HistoryThread::open({dir.file("views.db"), "", false}, options, worker);
  REQUIRE(history.has_value());
  REQUIRE((*history)->begin(1, 1'000));
  worker.drain();
  CHECK(ask(**history, 1, list()).whole);
  tamper(dir, "DELETE FROM orders WHERE id = 7");
  const HistoryAnswer lost = ask(**history, 2, list());
  CHECK(lost.error == "");
  CHECK_FALSE(lost.whole);
  CHECK(lost.states.size() == orders - 1);
  worker.drain();
  CHECK((*history)->take_news().size() == 2);
  const HistoryAnswer mended = ask(**history, 3, list());
  CHECK(mended.whole);
  CHECK(mended.states.size() == orders);
}

}  // namespace belay::history
