// SPDX-License-Identifier: Apache-2.0
#include "belay/api/service.hpp"

#include <doctest/doctest.h>

#include "belay/api/routes.hpp"
#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

void note(Daemon& d, int count) {
  for (int i = 0; i < count; ++i) {
    d.submit(core::SessionUp{7, 100, {{core::AccountId("DU1"), true}}});
    d.submit(core::SessionDown{"test"});
  }
}
std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("routes: literal paths win over ids, other methods are 405 with Allow, the rest 404") {
  Daemon d;
  CHECK(match_route("GET", "/api/v1/orders/all").route->path == "/api/v1/orders/all");
  CHECK(match_route("GET", "/api/v1/orders/").route->path == "/api/v1/orders");
  CHECK(match_route("GET", "/api/v1/orders/cid:a/b").id == "cid:a/b");
  const Answer wrong = d.call("PUT", "/api/v1/orders");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("allow") == "GET, HEAD, POST");
  CHECK(d.call("DELETE", "/api/v1/orders/all").status == 405);
  CHECK(d.call("get", "/health").status == 405);
  CHECK(d.call("GET", "/api/v1/orders/1/x").status == 404);
  CHECK(d.call("GET", "/nothing").status == 404);
}

TEST_CASE("routes: each entry of the table is reachable and listed at the root") {
  Daemon d;
  const Answer root = d.call("GET", "/api/v1");
  CHECK(root.status == 200);
  CHECK(root.json.text_of("name") == "belay");
  CHECK(root.json.find("endpoints")->items().size() == routes().size());
  for (const Route& route : routes()) {
    CAPTURE(route.path);
    std::string path(route.path);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "1");
    const auto match = match_route(route.method, path);
    REQUIRE(match.route != nullptr);
    CHECK(match.route->path == route.path);
  }
}

TEST_CASE("service: a foreign host or origin never reaches a route") {
  Daemon d;
  d.connect();
  const std::string body = R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1})";
  CHECK(d.call("POST", "/api/v1/orders", body, "Origin: http://evil.example\r\n").status == 403);
  d.service.receive(d.connection, "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", d.now);
  CHECK(d.take()->status == 421);
  CHECK(d.broker.placed.empty());
}

TEST_CASE("service: the caller's correlation id comes back, else one is made") {
  Daemon d;
  CHECK(
      d.call("GET", "/health", "", "X-Correlation-Id: abc-1\r\n").headers.at("x-correlation-id") ==
      "abc-1");
  CHECK(
      d.call("GET", "/nothing", "", "X-Correlation-Id: abc-2\r\n").json.text_of("correlation_id") ==
      "abc-2");
  CHECK_FALSE(d.call("GET", "/health").headers.at("x-correlation-id").empty());
}

TEST_CASE("service: a problem has the members of RFC 9457 and of the older envelope") {
  Daemon d;
  const Answer answer = d.call("GET", "/api/v1/orders/9");
  CHECK(answer.headers.at("content-type") == "application/problem+json");
  for (const char* name :
       {"type", "title", "status", "detail", "instance", "code", "retry", "errors", "error",
        "correlation_id", "timestamp", "error_type", "message", "suggestions"}) {
    CAPTURE(name);
    CHECK(answer.json.find(name) != nullptr);
  }
  CHECK(answer.json.text_of("status") == "404");
  CHECK(answer.json.text_of("instance") == "/api/v1/orders/9");
}

TEST_CASE("service: health is always 200, ready only when orders are taken") {
  Daemon d;
  CHECK(d.call("GET", "/health").status == 200);
  CHECK_FALSE(d.call("GET", "/health").json.truth_of("tws_connected"));
  CHECK(d.call("GET", "/ready").status == 503);
  const auto events = d.journal.records.size();
  core::LinkStatus link;
  link.phase = "ready";
  link.connected = true;
  d.view.set_link(link);
  d.connect();
  CHECK(d.journal.records.size() > events);
  CHECK(d.call("GET", "/ready").status == 200);
  CHECK(d.call("GET", "/health").json.truth_of("tws_connected"));
}

TEST_CASE("service: ready is said only when what was found out about the orders can be read") {
  Daemon d;
  d.journal.held = true;
  d.connect();
  CHECK(d.engine.core().ready());
  CHECK(d.call("GET", "/ready").status == 503);
  CHECK_FALSE(d.call("GET", "/health").json.truth_of("ready"));
  d.journal.held = false;
  d.turn();
  CHECK(d.call("GET", "/ready").status == 200);
  d.submit(core::SessionDown{"gone"});
  CHECK(d.call("GET", "/ready").status == 503);
}

TEST_CASE("service: reading changes nothing") {
  Daemon d;
  d.connect();
  const auto events = d.journal.records.size();
  for (const Route& route : routes()) {
    if (route.method == "GET" && route.path != "/api/v1/events") {
      CAPTURE(route.path);
      CHECK(d.call("GET", route.path).status != 0);
      CHECK(d.call("HEAD", route.path).status != 0);
      d.sent.clear();
    }
  }
  CHECK(d.journal.records.size() == events);
}

TEST_CASE("service: metrics have our names and the four that others rely on") {
  Daemon d;
  d.connect();
  core::LinkStatus link;
  link.session = 7;
  d.view.set_link(link);
  const std::string text = d.call("GET", "/metrics").body;
  for (const char* line :
       {"belay_ready 1\n", "tws_order_id_current 99\n", "tws_order_id_gaps_total ",
        "tws_order_id_reuse_attempts_total 0\n", "tws_active_orders_count 0\n"}) {
    CAPTURE(line);
    CAPTURE(text);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("service: executions, positions and account values are shown as text") {
  Daemon d;
  d.connect();
  d.call("POST", "/api/v1/orders",
         R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":2})",
         "Prefer: respond-async\r\n");
  d.fill(0, 2, "190.1", "x.1.01");
  const Answer executions = d.call("GET", "/api/v1/executions?symbol=AAPL");
  REQUIRE(executions.json.find("executions")->items().size() == 1);
  CHECK(executions.json.find("executions")->items()[0].text_of("exec_id") == "x.1.01");
  CHECK(executions.json.find("executions")->items()[0].text_of("price") == "190.1");
  CHECK(d.call("GET", "/api/v1/executions?symbol=X").json.text_of("count") == "0");
  core::Position position;
  position.account = core::AccountId("DU1");
  position.contract.symbol = "AAPL";
  position.quantity = base::Decimal::from_int(-2);
  position.avg_cost = "190.1";
  d.view.set_position(position);
  d.view.set_account_value({core::AccountId("DU1"), "NetLiquidation", "1000.5", "USD"});
  d.view.set_told({model::BrokerList::positions, true, {}, true, ""});
  d.view.set_told({model::BrokerList::account, true, {}, true, ""});
  const Answer positions = d.call("GET", "/api/v1/positions");
  CHECK(positions.json.find("positions")->items()[0].text_of("position") == "-2");
  const Answer account = d.call("GET", "/api/v1/account");
  CHECK(account.json.find("values")->items()[0].text_of("value") == "1000.5");
}

TEST_CASE("service: what the broker has not told yet is 503, never an empty list") {
  Daemon d;
  core::LinkStatus link;
  link.phase = "down";
  link.detail = "connection refused";
  d.view.set_link(link);
  d.connect();
  core::Position half;
  half.account = core::AccountId("DU1");
  half.quantity = base::Decimal::from_int(1);
  d.view.set_position(half);
  for (const char* path : {"/api/v1/positions", "/api/v1/account"}) {
    const Answer answer = d.call("GET", path);
    CHECK(answer.status == 503);
    CHECK(answer.json.text_of("code") == "NOT_READY");
    CHECK(answer.headers.at("retry-after") == "1");
    CHECK(answer.json.text_of("detail").find("down: connection refused") != std::string::npos);
  }
  d.view.set_told({model::BrokerList::positions, true, {}, true, ""});
  CHECK(d.call("GET", "/api/v1/positions").status == 200);
  CHECK(d.call("GET", "/api/v1/account").status == 503);
  d.view.set_told({model::BrokerList::account, true, {}, true, ""});
  CHECK(d.call("GET", "/api/v1/account").status == 200);
}

TEST_CASE("service: after a loss the last list is kept, and says that it may be old") {
  Daemon d;
  d.connect();
  core::Position position;
  position.account = core::AccountId("DU1");
  position.quantity = base::Decimal::from_int(5);
  d.view.set_position(position);
  d.view.set_told({model::BrokerList::positions, true, {}, true, ""});
  d.view.set_told({model::BrokerList::account, true, {}, true, ""});
  const auto stale = [&](const char* path) {
    const Answer answer = d.call("GET", path);
    CHECK(answer.status == 200);
    REQUIRE(answer.json.find("stale") != nullptr);
    return answer.json.truth_of("stale");
  };
  CHECK_FALSE(stale("/api/v1/positions"));
  CHECK_FALSE(stale("/api/v1/account"));
  d.view.set_link({});
  CHECK(stale("/api/v1/positions"));
  CHECK(stale("/api/v1/account"));
  CHECK(d.call("GET", "/api/v1/positions").json.find("positions")->items().size() == 1);
}

TEST_CASE("service: a caller who leaves does not take his order along") {
  Daemon d;
  d.connect();
  d.ask("POST", "/api/v1/orders",
        R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1})");
  d.service.closed(d.connection);
  CHECK(d.broker.placed.size() == 1);
  d.acknowledge();
  d.pass(std::chrono::seconds(3));
  CHECK(d.service.waiting() == 0);
}

TEST_CASE("service: requests that waited behind a full pipeline go on after the answers") {
  ServiceOptions options;
  options.callers.http.pipeline_max = 1;
  Daemon d(options);
  d.connect();
  const std::string body = R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1})";
  const std::string one = fmt::format(
      "POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nPrefer: respond-async\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
  d.service.receive(d.connection, one + one + one, d.now);
  for (int i = 0; i < 3; ++i) d.turn();
  for (int i = 1; i <= 3; ++i) {
    const auto answer = d.take();
    REQUIRE(answer.has_value());
    CHECK(answer->status == 202);
    CHECK(answer->json.text_of("order_id") == std::to_string(i));
  }
  CHECK(d.broker.placed.size() == 3);
}

TEST_CASE("events: a stream resumes at any kept sequence number, each fact once, in order") {
  Daemon d;
  note(d, 3);
  const auto head = d.view.book().last_seq();
  d.ask("GET", "/api/v1/events?from=1");
  std::string& out = d.sent[d.connection];
  for (std::uint64_t seq = 1; seq <= head; ++seq) {
    CHECK(count_of(out, fmt::format("\nid: {}\n", seq)) == 1);
  }
  CHECK(count_of(out, fmt::format("event: heartbeat\ndata: {{\"head\":\"{}\"", head)) == 1);
  out.clear();
  note(d, 1);
  CHECK(count_of(out, fmt::format("id: {}\n", head + 1)) == 1);
  CHECK(count_of(out, fmt::format("id: {}\n", head)) == 0);
}

TEST_CASE("events: Last-Event-ID wins over from and continues behind it") {
  Daemon d;
  note(d, 2);
  d.ask("GET", "/api/v1/events?from=1", "", "Last-Event-ID: 3\r\n");
  const std::string& out = d.sent[d.connection];
  CHECK(count_of(out, "\nid: 3\n") == 0);
  CHECK(count_of(out, "\nid: 4\n") == 1);
}

TEST_CASE("events: without a position only what is new is told") {
  Daemon d;
  d.ask("GET", "/api/v1/events");
  CHECK(count_of(d.sent[d.connection], "id: ") == 0);
}

TEST_CASE("events: a heartbeat with the head comes every 15 seconds") {
  Daemon d;
  d.ask("GET", "/api/v1/events");
  d.sent.clear();
  CHECK(d.service.next_deadline() == d.now + std::chrono::seconds(15));
  d.pass(std::chrono::seconds(15));
  CHECK(count_of(d.sent[d.connection], "event: heartbeat") == 1);
}

TEST_CASE("events: asking for what is no longer kept is told as a gap, then what is kept follows") {
  Daemon d({}, 4);
  note(d, 5);
  const auto head = d.view.book().last_seq();
  d.ask("GET", "/api/v1/events?from=1");
  const std::string& out = d.sent[d.connection];
  CHECK(count_of(out, fmt::format("event: gap\ndata: {{\"asked\":\"1\",\"first\":\"{}\"",
                                  head - 3)) == 1);
  CHECK(count_of(out, "\nid: ") == 4);
}

TEST_CASE("events: asking for the future is told as a gap, then what is new follows") {
  Daemon d;
  d.ask("GET", "/api/v1/events?from=1000");
  CHECK(count_of(d.sent[d.connection], "event: gap") == 1);
  const auto head = d.view.book().last_seq();
  note(d, 1);
  CHECK(count_of(d.sent[d.connection], fmt::format("\nid: {}\n", head + 1)) == 1);
}

TEST_CASE("events: a reader that stops reading costs a bounded buffer and goes on later") {
  ServiceOptions options;
  options.stream_buffer_max = 2000;
  Daemon d(options);
  d.ask("GET", "/api/v1/events");
  d.sent.clear();
  d.unsent = 2000;
  note(d, 20);
  CHECK(d.sent[d.connection].empty());  // nothing more is pushed on it
  d.unsent = 0;
  d.turn();
  CHECK(d.sent[d.connection].size() > 0);
  CHECK(d.sent[d.connection].size() < 3000);
}

TEST_CASE("events: a reader so slow that its place is no longer kept is told the gap and cut") {
  Daemon d({}, 4);
  d.ask("GET", "/api/v1/events");
  d.sent.clear();
  d.unsent = 300'000;
  note(d, 1);
  CHECK(d.sent[d.connection].empty());
  CHECK(d.finished.empty());
  note(d, 5);
  CHECK(count_of(d.sent[d.connection], "event: gap") == 1);
  CHECK(d.service.streams() == 0);
  CHECK(d.finished.empty());  // it may still take what it was told
  d.service.drained(d.connection, d.now);
  CHECK(d.finished.at(d.connection) == false);
}

TEST_CASE("events: a position that is no number is refused") {
  Daemon d;
  CHECK(d.call("GET", "/api/v1/events?from=abc").status == 422);
  CHECK(d.call("GET", "/api/v1/events?from=-1").status == 422);
}

TEST_CASE("service: in the broker's reset window a placement is told when to come again") {
  engine::EngineOptions options;
  options.core.calendar.daily_reset = *core::Window::parse("10:00-10:30 America/New_York");
  options.core.calendar.day_end = *core::DayEnd::parse("00:00 America/New_York");
  Daemon d({}, 20'000, options);
  d.connect();
  constexpr const char* body =
      R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,"limit_price":10})";
  const Answer answer = d.call("POST", "/api/v1/orders", body);
  CHECK(answer.status == 503);
  CHECK(answer.headers.at("retry-after") == "1800");
  CHECK(answer.body.find("daily reset") != std::string::npos);
  const std::string health = d.call("GET", "/health").body;
  CHECK(health.find(R"("window":"daily_reset","opens":"2026-11-21T15:30:00)") != std::string::npos);
  CHECK(health.find(R"("trading_day":"20261121")") != std::string::npos);
  CHECK(d.call("GET", "/metrics").body.find("belay_calendar_window 1\n") != std::string::npos);
  d.pass(std::chrono::minutes(31));
  d.connection = d.service.open(d.now);  // the old one was idle for too long
  d.submit(core::Tick{});
  d.submit(core::SnapshotDone{});
  CHECK(d.call("GET", "/health").body.find(R"("window":"open","opens":null)") != std::string::npos);
  d.call("POST", "/api/v1/orders", body, "Prefer: respond-async\r\n");
  CHECK(d.broker.placed.size() == 1);
}

TEST_CASE("service: the state of the session is one word of the metrics") {
  Daemon d;
  core::LinkStatus link;
  link.phase = "degraded";
  d.view.set_link(link);
  const std::string text = d.call("GET", "/metrics").body;
  CHECK(text.find("belay_session_state{state=\"degraded\"} 1\n") != std::string::npos);
  CHECK(text.find("belay_session_state{state=\"ready\"} 0\n") != std::string::npos);
}
