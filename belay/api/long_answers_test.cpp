// SPDX-License-Identifier: Apache-2.0
// Long answers are made in pieces: what a command waits for is a piece, never an answer.
#include <doctest/doctest.h>

#include "belay/api/service.hpp"
#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* order_body =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":100,"limit_price":10})";

void place(Daemon& d, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    d.call("POST", "/api/v1/orders", order_body, "Prefer: respond-async\r\n");
    d.submit(core::Tick{});
    d.acknowledge(i);
  }
}
ServiceOptions in_pieces() {
  ServiceOptions options;
  options.in_pieces = true;
  return options;
}
engine::EngineOptions no_limits() {
  engine::EngineOptions options;
  options.core.open_orders_max = 0;
  return options;
}
std::string request(std::string_view method, std::string_view target) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n\r\n", method, target);
}

}  // namespace

TEST_CASE("long answers: a cancel is sent between two pieces of a list that was asked before it") {
  Daemon d(in_pieces(), 20'000, no_limits());
  d.connect();
  place(d, 200);
  const auto reader = d.service.open(d.now);
  const auto person = d.service.open(d.now);
  d.service.receive(reader, request("GET", "/api/v1/orders?limit=1000"), d.now);
  CHECK(d.sent[reader].empty());
  CHECK(d.service.work(d.now));
  CHECK(d.sent[reader].empty());  // one piece is not the answer
  d.service.receive(person, request("DELETE", "/api/v1/orders/1"), d.now);
  d.turn();
  CHECK(d.broker.canceled.size() == 1);
  CHECK(d.sent[person].find("202 Accepted") != std::string::npos);
  CHECK(d.sent[reader].empty());
  int pieces = 1;
  while (d.service.work(d.now)) ++pieces;
  CHECK(pieces > 2);
  CHECK(d.sent[reader].find("\"count\":200") != std::string::npos);
}

TEST_CASE("long answers: rows that did not change are not made again, those that did are") {
  Daemon d(in_pieces(), 20'000, no_limits());
  d.connect();
  place(d, 200);
  const auto pieces = [&] {
    d.service.receive(d.connection, request("GET", "/api/v1/orders?limit=1000"), d.now);
    int count = 0;
    while (d.service.work(d.now)) ++count;
    return count;
  };
  const int first = pieces();
  const auto one = d.take();
  REQUIRE(one.has_value());
  const int second = pieces();
  CHECK(second < first);
  CHECK(d.take()->body == one->body);
  d.fill(7, 40, "9.5", "e.1.01");
  pieces();
  const auto changed = d.take();
  CHECK(changed->body != one->body);
  CHECK(changed->body.find(R"("filled":"40")") != std::string::npos);
  CHECK(d.call("GET", "/api/v1/orders/8").json.text_of("filled") == "40");
}

TEST_CASE("long answers: a list in pieces is the list: all orders, newest first, none twice") {
  Daemon d(in_pieces(), 20'000, no_limits());
  d.connect();
  place(d, 150);
  d.service.receive(d.connection, request("GET", "/api/v1/orders?limit=1000"), d.now);
  d.service.work(d.now);
  // An order that ends meanwhile, and one that is new.
  core::BrokerOrder over = Daemon::working(d.names(3), d.broker.placed[3].spec, "Cancelled");
  over.state = core::BrokerState::canceled;
  d.submit(over);
  while (d.service.work(d.now)) {
  }
  const auto answer = d.take();
  REQUIRE(answer.has_value());
  const auto& orders = answer->json.find("orders")->items();
  REQUIRE(orders.size() == 150);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    CHECK(orders[i].text_of("order_id") == std::to_string(150 - i));
  }
}

TEST_CASE("long answers: a thousand requests in one packet are one request a piece") {
  Daemon d(in_pieces());
  d.connect();
  std::string packet;
  for (int i = 0; i < 1000; ++i) packet += request("GET", "/health");
  d.service.receive(d.connection, packet, d.now);
  const auto answers = [&] {
    std::size_t count = 0;
    const std::string& out = d.sent[d.connection];
    for (auto at = out.find("HTTP/1.1 200"); at != std::string::npos;
         at = out.find("HTTP/1.1 200", at + 1)) {
      ++count;
    }
    return count;
  };
  CHECK(answers() == 1);
  CHECK(d.service.work(d.now));
  CHECK(answers() == 2);
  while (d.service.work(d.now)) {
  }
  CHECK(answers() == 1000);
}

TEST_CASE("long answers: while too much is unread no long answer is begun, and commands go on") {
  ServiceOptions options = in_pieces();
  options.callers.buffers_max = 10'000;
  Daemon d(options, 20'000, no_limits());
  d.connect();
  place(d, 20);
  const auto silent = d.service.open(d.now);
  d.unsent = 6000;
  d.service.receive(silent, request("GET", "/health"), d.now);
  d.unsent = 0;
  d.service.receive(d.connection, request("GET", "/api/v1/orders"), d.now);
  CHECK_FALSE(d.service.work(d.now));
  const auto person = d.service.open(d.now);
  d.service.receive(person, request("DELETE", "/api/v1/orders/1"), d.now);
  d.turn();
  CHECK(d.broker.canceled.size() == 1);
  d.service.drained(silent, d.now);
  while (d.service.work(d.now)) {
  }
  CHECK(d.sent[d.connection].find("\"count\":20") != std::string::npos);
}

TEST_CASE("long answers: a page of many bytes ends early and says where to go on") {
  ServiceOptions options;
  options.page_bytes_max = 20'000;
  Daemon d(options, 20'000, no_limits());
  d.connect();
  place(d, 60);
  std::string token;
  std::size_t pages = 0;
  std::vector<std::string> ids;
  do {
    const Answer page = d.call("GET", "/api/v1/orders?limit=1000" + token);
    REQUIRE(page.status == 200);
    for (const Json& order : page.json.find("orders")->items()) {
      ids.emplace_back(order.text_of("order_id"));
    }
    ++pages;
    token = "&page_token=" + std::string(page.json.text_of("next"));
    if (page.json.find("next")->is_null()) break;
  } while (pages < 100);
  CHECK(pages > 2);
  REQUIRE(ids.size() == 60);
  for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] == std::to_string(60 - i));
}

TEST_CASE("guard: a browser's request for another site's page is refused, a typed one is not") {
  Daemon d;
  for (const char* site : {"cross-site", "same-site", "whatever"}) {
    CHECK(d.call("GET", "/api/v1/orders", "", fmt::format("Sec-Fetch-Site: {}\r\n", site)).status ==
          403);
  }
  for (const char* site : {"none", "same-origin"}) {
    CHECK(d.call("GET", "/health", "", fmt::format("Sec-Fetch-Site: {}\r\n", site)).status == 200);
  }
}

TEST_CASE("ids: reservations in a loop end at a limit that is named, and an operator may go on") {
  ServiceOptions options;
  options.id_budget = {.per_hour = 2000, .per_day = 3000};
  Daemon d(options);
  d.connect();
  core::LinkStatus link;
  link.session = 7;
  d.view.set_link(link);
  Answer last;
  int granted = 0;
  for (int i = 0; i < 10; ++i) {
    last = d.call("POST", "/api/v1/ids/reserve", R"({"count":1000})");
    if (last.status != 200) break;
    ++granted;
    const std::string from(last.json.text_of("from"));
    CHECK(d.call("POST", "/api/v1/ids/release", R"({"from":")" + from + R"("})").status == 200);
  }
  CHECK(granted == 2);
  CHECK(last.status == 429);
  CHECK(last.json.text_of("code") == "RATE_LIMITED");
  CHECK(last.body.find("ID_RESERVE_PER_HOUR") != std::string::npos);
  CHECK(last.headers.contains("retry-after"));
  constexpr const char* named = R"({"count":1000,"operator":"anna","reason":"a bracket study"})";
  CHECK(d.call("POST", "/api/v1/ids/reserve", R"({"count":1,"operator":"anna"})").status == 422);
  CHECK(d.call("POST", "/api/v1/ids/reserve", named).status == 200);
  const Answer ceiling = d.call("POST", "/api/v1/ids/reserve", named);
  CHECK(ceiling.status == 429);
  CHECK(ceiling.body.find("ID_RESERVE_PER_DAY") != std::string::npos);
  CHECK(d.call("GET", "/metrics").body.find("belay_ids_set_aside_total 3000\n") !=
        std::string::npos);
}
