// SPDX-License-Identifier: Apache-2.0
// Archived orders through the API: they look as they did, in lists and alone.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

namespace belay::api {

namespace {

constexpr const char* buy =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":100,"limit_price":"90")";

std::string body(const std::string& key) {
  return std::string(buy) + R"(,"client_order_id":")" + key + "\"}";
}

/// A daemon that archives at once, and `filled` orders that were filled.
struct Archive {
  explicit Archive(std::size_t filled = 0, ServiceOptions options = {})
      : daemon(std::move(options), 20'000, {}, true) {
    daemon.connect();
    for (std::size_t i = 0; i < filled; ++i) fill();
  }
  void place() {
    const std::size_t at = daemon.broker.placed.size();
    daemon.ask("POST", "/api/v1/orders", body("k" + std::to_string(at + 1)));
    daemon.acknowledge(at);
    answers.push_back(*daemon.take());
  }
  void fill() {
    place();
    const std::size_t at = daemon.broker.placed.size() - 1;
    daemon.fill(at, 100, "90", ("e" + std::to_string(at + 1) + ".01").c_str());
  }
  std::vector<std::string> ids(const std::string& path) {
    std::vector<std::string> out;
    const Answer page = daemon.call("GET", path);
    REQUIRE(page.status == 200);
    for (const Json& order : page.json.find("orders")->items()) {
      out.push_back(std::string(order.find("order_id")->text()));
    }
    token = std::string(page.json.text_of("next"));
    return out;
  }
  Daemon daemon;
  std::vector<Answer> answers;
  std::string token;
};

}  // namespace

TEST_CASE("history api: an archived order is shown by each of its names") {
  Archive archive(2);
  REQUIRE(archive.daemon.view.book().archived() == 2);
  const Answer by_id = archive.daemon.call("GET", "/api/v1/orders/1");
  CHECK(by_id.status == 200);
  CHECK(by_id.body.find(R"("status":"Filled")") != std::string::npos);
  CHECK(by_id.body.find(R"("client_order_id":"k1")") != std::string::npos);
  CHECK_FALSE(by_id.headers.at("etag").empty());
  const auto broker = archive.daemon.broker.placed[0].broker_id;
  for (const std::string& name : {std::string("cid:k1"), std::string("perm:1000"),
                                  fmt::format("tws:{}:{}", broker.session, broker.number)}) {
    CAPTURE(name);
    CHECK(archive.daemon.call("GET", "/api/v1/orders/" + name).body == by_id.body);
  }
  CHECK(archive.daemon.call("GET", "/api/v1/orders/3").status == 404);
  CHECK(archive.daemon.call("GET", "/api/v1/orders/perm:5").status == 404);
}

TEST_CASE("history api: lists show live and archived orders alike, newest first, page by page") {
  Archive archive;
  archive.fill();
  archive.place();
  archive.fill();
  archive.fill();
  archive.place();
  REQUIRE(archive.daemon.view.book().archived() == 3);
  CHECK(archive.ids("/api/v1/orders") == std::vector<std::string>{"5", "4", "3", "2", "1"});
  CHECK(archive.token.empty());
  CHECK(archive.ids("/api/v1/orders?status=open") == std::vector<std::string>{"5", "2"});
  CHECK(archive.ids("/api/v1/orders?status=done") == std::vector<std::string>{"4", "3", "1"});
  CHECK(archive.ids("/api/v1/orders?status=Filled") == std::vector<std::string>{"4", "3", "1"});
  CHECK(archive.ids("/api/v1/orders?symbol=MSFT").empty());
  std::vector<std::string> all;
  std::string path = "/api/v1/orders?limit=2";
  for (int page = 0; page < 5; ++page) {
    for (auto& id : archive.ids(path)) all.push_back(std::move(id));
    if (archive.token.empty()) break;
    path = "/api/v1/orders?limit=2&page_token=" + archive.token;
  }
  CHECK(all == std::vector<std::string>{"5", "4", "3", "2", "1"});
}

TEST_CASE("history api: executions of archived orders are listed") {
  Archive archive(3);
  const Answer page = archive.daemon.call("GET", "/api/v1/executions");
  REQUIRE(page.status == 200);
  CHECK(page.json.find("executions")->items().size() == 3);
  const Answer one = archive.daemon.call("GET", "/api/v1/executions?order_id=2");
  REQUIRE(one.json.find("executions")->items().size() == 1);
  CHECK(one.body.find("e2.01") != std::string::npos);
  CHECK(one.json.find("next")->is_null());
}

TEST_CASE("history api: a repeated request gets the archived order it made") {
  Archive archive(1);
  const Answer again = archive.daemon.call("POST", "/api/v1/orders", body("k1"));
  CHECK(again.status == 200);
  CHECK(again.headers.at("idempotency-replayed") == "true");
  CHECK(again.body == archive.daemon.call("GET", "/api/v1/orders/1").body);
  CHECK(archive.daemon.broker.placed.size() == 1);
  const Answer other = archive.daemon.call(
      "POST", "/api/v1/orders",
      R"({"symbol":"MSFT","action":"BUY","order_type":"MKT","quantity":1,"client_order_id":"k1"})");
  CHECK(other.status == 422);
}

TEST_CASE("history api: an archived order can be neither changed nor canceled, with its reason") {
  Archive archive(1);
  const Answer cancel = archive.daemon.call("DELETE", "/api/v1/orders/1");
  CHECK(cancel.status == 409);
  CHECK(cancel.body.find("Filled") != std::string::npos);
  const Answer change =
      archive.daemon.call("PUT", "/api/v1/orders/cid:k1", R"({"limit_price":"91"})");
  CHECK(change.status == 409);
  const Answer stale =
      archive.daemon.call("DELETE", "/api/v1/orders/1", "", "If-Match: \"v999\"\r\n");
  CHECK(stale.status == 412);
}

TEST_CASE("history api: nothing is decided about an archived order") {
  Archive archive(1);
  const Answer answer = archive.daemon.call("POST", "/api/v1/orders/1/decide",
                                            R"({"fate":"canceled","reason":"r","operator":"o"})");
  CHECK(answer.status == 409);
  CHECK(answer.body.find("archived") != std::string::npos);
}

TEST_CASE("history api: a caller who waits for an order that is archived meanwhile is answered") {
  Archive archive;
  // Filled before it was acknowledged: done and archived in the same step.
  archive.daemon.ask("POST", "/api/v1/orders", body("k1"));
  archive.daemon.fill(0, 100, "90", "e1.01");
  const auto answer = archive.daemon.take();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(answer->body.find(R"("status":"Filled")") != std::string::npos);
}

TEST_CASE(
    "history api: a history that does not answer or cannot be read is said, and blocks none") {
  ServiceOptions options;
  options.history_timeout = std::chrono::seconds(3);
  options.history_reads_max = 1;
  Archive archive(1, options);
  archive.daemon.history.held = true;
  archive.daemon.ask("GET", "/api/v1/orders/1");
  CHECK_FALSE(archive.daemon.take().has_value());
  CHECK(archive.daemon.service.next_deadline() <= archive.daemon.now + std::chrono::seconds(3));
  archive.daemon.pass(std::chrono::seconds(3));
  CHECK(archive.daemon.take()->status == 503);
  // The late answer finds nobody; the next request is served.
  archive.daemon.history.held = false;
  archive.daemon.turn();
  CHECK(archive.daemon.call("GET", "/api/v1/orders/1").status == 200);
  archive.daemon.history.error = "disk I/O error";
  CHECK(archive.daemon.call("GET", "/api/v1/orders/1").status == 503);
}

TEST_CASE("history api: a late fact brings an archived order back and changes what is shown") {
  Archive archive(1);
  const auto& placed = archive.daemon.broker.placed[0];
  core::Execution execution;
  execution.id = core::split_exec_id("e1.02");
  execution.last_qty = core::Quantity::from_int(90);
  execution.last_px = core::Price(core::Decimal::from_int(90));
  archive.daemon.submit(core::BrokerExecution{archive.daemon.names(0), placed.spec->account,
                                              placed.spec->contract, execution});
  const Answer now = archive.daemon.call("GET", "/api/v1/orders/1");
  CHECK(now.body.find(R"("filled":"90")") != std::string::npos);
  CHECK(archive.daemon.view.book().recalls_total() == 1);
  const auto metrics = archive.daemon.call("GET", "/metrics").body;
  CHECK(metrics.find("belay_recalls_total 1\n") != std::string::npos);
  CHECK(metrics.find("belay_orders_in_memory ") != std::string::npos);
  CHECK(metrics.find("\nbelay_archive_kept_bytes ") != std::string::npos);
  CHECK(metrics.find("\nbelay_archive_kept_bytes 0\n") == std::string::npos);
}

TEST_CASE("history api: a list is not complete while the history may have lost a row of it") {
  Archive archive(2);
  for (const char* path : {"/api/v1/orders", "/api/v1/orders/all", "/api/v1/executions"}) {
    CAPTURE(path);
    archive.daemon.history.whole = true;
    CHECK(archive.daemon.call("GET", path).json.truth_of("complete"));
    archive.daemon.history.whole = false;
    const Answer answer = archive.daemon.call("GET", path);
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.json.truth_of("complete"));
  }
}

namespace {

/// Two accounts; the fills of the first orders are DU2's, those of all later ones DU1's.
struct TwoAccounts {
  TwoAccounts(std::size_t of_du2, std::size_t of_du1, ServiceOptions options = {})
      : archive(0, std::move(options)) {
    Daemon& daemon = archive.daemon;
    for (std::size_t i = 0; i < of_du2 + of_du1; ++i) {
      archive.place();
      const auto& placed = daemon.broker.placed.at(i);
      core::Execution fill;
      fill.id = core::split_exec_id(fmt::format("e{}.01", i + 1));
      fill.last_qty = core::Quantity::from_int(100);
      fill.last_px = core::Price(core::Decimal::from_int(90));
      const core::AccountId whose(i < of_du2 ? "DU2" : "DU1");
      daemon.submit(core::BrokerExecution{daemon.names(i), whose, placed.spec->contract, fill});
    }
    REQUIRE(daemon.view.book().archived() == of_du2 + of_du1);
    const core::AccountSeen first{core::AccountId("DU1"), true};
    daemon.submit(core::SessionUp{7, 1000, {first, {core::AccountId("DU2"), true}}});
    daemon.submit(core::SnapshotDone{});
  }
  std::string count(const Answer& page) { return std::string(page.json.text_of("count")); }
  Archive archive;
};

}  // namespace

TEST_CASE("history api: fills of an account are found behind any number of another's") {
  TwoAccounts two(2, 40);
  const std::string path = "/api/v1/executions?account=DU2&limit=1";
  const Answer first = two.archive.daemon.call("GET", path);
  REQUIRE(first.status == 200);
  CHECK(two.count(first) == "1");
  CHECK(first.body.find("e2.01") != std::string::npos);
  const std::string token(first.json.text_of("next"));
  REQUIRE_FALSE(token.empty());
  const Answer second = two.archive.daemon.call("GET", path + "&page_token=" + token);
  CHECK(two.count(second) == "1");
  CHECK(second.body.find("e1.01") != std::string::npos);
  const Answer both = two.archive.daemon.call("GET", "/api/v1/executions?account=DU2&limit=5");
  CHECK(two.count(both) == "2");
  CHECK(both.json.find("next")->is_null());
  CHECK(both.json.truth_of("complete"));
}

TEST_CASE("history api: a page that went on is not complete when a part of it was not whole") {
  TwoAccounts two(1, 5);
  two.archive.daemon.history.next_whole = {false, true};
  const Answer page = two.archive.daemon.call("GET", "/api/v1/executions?account=DU2&limit=2");
  CHECK(two.count(page) == "1");
  CHECK_FALSE(page.json.truth_of("complete"));
}

TEST_CASE("history api: a page that finds nothing ends, and goes no further than a request may") {
  const std::string path = "/api/v1/executions?account=DU2&limit=1";
  TwoAccounts none(0, 12);
  const Answer empty = none.archive.daemon.call("GET", path);
  CHECK(empty.status == 200);
  CHECK(none.count(empty) == "0");
  CHECK(empty.json.find("next")->is_null());
  ServiceOptions options;
  options.history_questions_max = 1;
  TwoAccounts far(1, 2, options);
  std::string token;
  for (const char* expected : {"0", "0", "1"}) {
    const Answer page =
        far.archive.daemon.call("GET", path + (token.empty() ? "" : "&page_token=" + token));
    CHECK(far.count(page) == expected);
    token = std::string(page.json.text_of("next"));
  }
  CHECK(token.empty());
}

}  // namespace belay::api
