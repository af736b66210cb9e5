// SPDX-License-Identifier: Apache-2.0
// Lists say as of when they are, fresh=true asks the broker, and /health says what is waited for.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;
using std::chrono::seconds;

namespace {

constexpr const char* paths[] = {"/api/v1/orders", "/api/v1/orders/all", "/api/v1/positions",
                                 "/api/v1/account", "/api/v1/executions"};
constexpr model::BrokerList lists[] = {model::BrokerList::open_orders, model::BrokerList::positions,
                                       model::BrokerList::account, model::BrokerList::executions};

core::LinkStatus link(const char* phase, bool connected) {
  core::LinkStatus out;
  out.phase = phase;
  out.connected = connected;
  out.endpoint = "127.0.0.1:7497";
  return out;
}

void tell_all(Daemon& d, base::Time as_of) {
  for (const auto list : lists) d.view.set_told({list, true, as_of, true, ""});
}

}  // namespace

TEST_CASE("lists: each says as of when it is, whether it may be old and whether it is whole") {
  Daemon d;
  d.view.set_link(link("ready", true));
  d.connect();
  CHECK(d.call("GET", paths[1]).json.find("as_of")->is_null());
  CHECK(d.call("GET", paths[1]).json.truth_of("stale"));
  const base::Time asked = d.now;
  tell_all(d, asked);
  d.pass(seconds(40));
  for (const char* path : paths) {
    CAPTURE(path);
    const Answer answer = d.call("GET", path);
    CHECK(answer.json.text_of("as_of") == base::to_rfc3339(asked));
    CHECK_FALSE(answer.json.truth_of("stale"));
    CHECK(answer.json.truth_of("complete"));
    CHECK(answer.json.find("fresh") == nullptr);
  }
  d.view.set_told({model::BrokerList::positions, true, d.now, false, ""});
  CHECK_FALSE(d.call("GET", paths[2]).json.truth_of("complete"));
  core::LinkStatus doubt = link("ready", true);
  doubt.doubtful = true;
  d.view.set_link(doubt);
  for (const char* path : paths) CHECK(d.call("GET", path).json.truth_of("stale"));
}

TEST_CASE("lists: the fills of one order say as of when they are, as all fills do") {
  Daemon d;
  d.view.set_link(link("ready", true));
  d.connect();
  d.call("POST", "/api/v1/orders",
         R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1})",
         "Prefer: respond-async\r\n");
  const char* one = "/api/v1/executions?order_id=1";
  CHECK(d.call("GET", one).json.find("as_of")->is_null());
  tell_all(d, d.now);
  CHECK(d.call("GET", one).json.text_of("as_of") == base::to_rfc3339(d.now));
  CHECK(d.call("GET", one).json.truth_of("complete"));
  // News that could not be read.
  d.view.set_told({model::BrokerList::executions, false, {}, false, ""});
  for (const char* path : {one, "/api/v1/executions"}) {
    CHECK_FALSE(d.call("GET", path).json.truth_of("complete"));
  }
  CHECK(d.call("GET", "/api/v1/orders").json.truth_of("complete"));
  d.view.set_told({model::BrokerList::executions, true, d.now, true, ""});
  CHECK(d.call("GET", one).json.truth_of("complete"));
  CHECK(d.call("GET", std::string(one) + "&fresh=true").json.truth_of("fresh"));
}

TEST_CASE("lists: fresh=true asks the broker once for all who wait, and answers when it told") {
  Daemon d;
  d.view.set_link(link("ready", true));
  d.connect();
  tell_all(d, d.now);
  d.pass(seconds(40));
  const std::size_t before = d.broker.snapshots.size();
  for (const char* path : paths) d.ask("GET", std::string(path) + "?fresh=true");
  d.turn();
  CHECK_FALSE(d.take().has_value());
  REQUIRE(d.broker.snapshots.size() == before + 1);
  CHECK(d.broker.snapshots.back().full);
  const base::Time asked = d.now;
  tell_all(d, asked);
  for (std::size_t i = 0; i < std::size(paths); ++i) {
    d.turn();
    const auto answer = d.take();
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->json.truth_of("fresh"));
    CHECK(answer->json.text_of("as_of") == base::to_rfc3339(asked));
  }
}

TEST_CASE("lists: fresh=true gives up in time and says that the list is not fresh") {
  Daemon d;
  d.view.set_link(link("ready", true));
  d.connect();
  tell_all(d, d.now);
  const base::Time old = d.now;
  d.pass(seconds(40));
  d.ask("GET", "/api/v1/orders/all?fresh=true");
  d.turn();
  CHECK_FALSE(d.take().has_value());
  CHECK(d.service.next_deadline() <= d.now + seconds(5));
  d.pass(seconds(5));
  const auto late = d.take();
  REQUIRE(late.has_value());
  CHECK(late->status == 200);
  CHECK_FALSE(late->json.truth_of("fresh"));
  CHECK_FALSE(late->json.text_of("not_fresh_because").empty());
  CHECK(late->json.text_of("as_of") == base::to_rfc3339(old));
  // With no link it is told at once.
  d.submit(core::SessionDown{"reset"});
  d.view.set_link(link("down", false));
  const Answer away = d.call("GET", "/api/v1/orders/all?fresh=true");
  CHECK_FALSE(away.json.truth_of("fresh"));
  CHECK(away.json.truth_of("stale"));
  CHECK(d.call("GET", "/api/v1/orders?fresh=maybe").status == 422);
}

TEST_CASE("health: degraded without a broker, with what is waited for and what to look at") {
  Daemon d;
  core::LinkStatus away = link("connecting", false);
  away.detail = "the last attempt: connection refused";
  away.waiting.push_back(
      {"connection", "a connection", d.now - seconds(90), d.now - seconds(30), "does it run?"});
  d.view.set_link(away);
  const Answer health = d.call("GET", "/health");
  CHECK(health.status == 200);
  CHECK(health.json.text_of("status") == "degraded");
  const auto& waiting = health.json.find("waiting")->items();
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].text_of("what") == "connection");
  CHECK(waiting[0].truth_of("overdue"));
  CHECK(waiting[0].text_of("since") == base::to_rfc3339(d.now - seconds(90)));
  CHECK(waiting[0].text_of("look_at") == "does it run?");
  d.view.set_link(link("ready", true));
  d.connect();
  CHECK(d.call("GET", "/health").json.text_of("status") == "ok");
  d.call("POST", "/api/v1/halt", R"({"reason":"a test"})");
  CHECK(d.call("GET", "/health").json.text_of("status") == "ok");  // it is meant
  d.call("POST", "/api/v1/resume");
  core::LinkStatus doubt = link("ready", true);
  doubt.doubtful = true;
  doubt.detail = "order 1 has had no answer";
  d.view.set_link(doubt);
  CHECK(d.call("GET", "/health").json.text_of("status") == "degraded");
  CHECK(d.call("GET", "/ready").status == 503);
  CHECK(d.call("GET", "/ready").json.text_of("detail").find("order 1") != std::string::npos);
}

TEST_CASE(
    "place: without a broker from the first start on, the refusal says where it is looked for") {
  Daemon d;
  core::LinkStatus away = link("connecting", false);
  away.detail = "the last attempt: connection refused";
  d.view.set_link(away);
  const Answer answer =
      d.call("POST", "/api/v1/orders",
             R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1})");
  CHECK(answer.status == 503);
  const std::string detail(answer.json.text_of("detail"));
  CHECK(detail.find("not connected to the broker at 127.0.0.1:7497") == 0);
  CHECK(detail.find("connection refused") != std::string::npos);
}
