// SPDX-License-Identifier: Apache-2.0
// Query parameters: what a route does not have is refused, whatever the route does.
#include <doctest/doctest.h>

#include <map>
#include <tuple>

#include "belay/api/routes.hpp"
#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

std::string path_of(const Route& route) {
  std::string path(route.path);
  if (const auto mark = path.find("{id}"); mark != std::string::npos) path.replace(mark, 4, "1");
  return path;
}

std::string blamed(const Answer& answer) {
  const Json* errors = answer.json.find("errors");
  if (errors == nullptr || errors->items().empty()) return "";
  return std::string(errors->items().front().text_of("field"));
}

// Values that mean nothing, of every parameter that there is.
const std::map<std::string, std::vector<std::string>> wrong_values = {
    {"account", {"", "U404", "DU1%20", "DU1,DU2"}},
    {"all", {"", "maybe", "1", "TRUE"}},
    {"dry_run", {"", "maybe", "1", "TRUE"}},
    {"foreign", {"", "maybe", "1", "TRUE"}},
    {"fresh", {"", "maybe", "1", "TRUE"}},
    {"from", {"", "x", "-1", "1.5"}},
    {"gaps", {"", "x", "-1", "1.5"}},
    {"id", {"", "x", "1.5", "%201"}},
    {"kind", {"", "bogus", "Overfill"}},
    {"limit", {"", "x", "0", "-1", "1.5", "1001"}},
    {"order_id", {"", "x", "0", "-1", "tws:7", "perm:", "cid:"}},
    {"page_token", {"", "x", "7", "b", "b0", "bx", "b-1"}},
    {"purpose", {"", std::string(33, 'x'), "a%0Ab"}},
    {"scope", {"", "bogus", "ALL"}},
    {"status", {"", "bogus", "open,bogus", "open,", ",open"}},
    {"symbol", {"", std::string(65, 'X'), "A%0AB"}},
};

// What else the route needs to come to the parameter.
std::string beside(const Route& route, const std::string& name) {
  if (route.path == "/api/v1/ids/validate" && name != "id") return "id=5&";
  if (route.path == "/api/v1/orders/cancel-all" && name != "scope") return "scope=account&";
  return "";
}

}  // namespace

TEST_CASE("parameters: a value that means nothing is refused by the parameter's name, everywhere") {
  Daemon d;
  d.connect();
  for (const auto list : {model::BrokerList::positions, model::BrokerList::account}) {
    d.view.set_told({list, true, d.now, true, ""});
  }
  d.call(
      "POST", "/api/v1/orders",
      R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1,"client_order_id":"a"})",
      "Prefer: respond-async\r\n");
  const auto events = d.journal.records.size();
  for (const Route& route : routes()) {
    std::string path(route.path);
    if (const auto mark = path.find("{id}"); mark != std::string::npos) {
      path.replace(mark, 4, "cid:a");
    }
    std::string_view rest = route.parameters;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      const std::string name(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      CAPTURE(route.method);
      CAPTURE(path);
      CAPTURE(name);
      REQUIRE(wrong_values.count(name) == 1);
      for (const std::string& value : wrong_values.at(name)) {
        CAPTURE(value);
        const std::string target = path + "?" + beside(route, name) + name + "=" + value;
        const Answer answer =
            d.call(route.method, target, route.method == "GET" ? "" : R"({"total_quantity":2})",
                   "If-Match: *\r\n");
        CHECK(answer.status == 422);
        CHECK(answer.json.text_of("code") == "INVALID_FIELDS");
        CHECK(blamed(answer) == name);
      }
    }
  }
  CHECK(d.journal.records.size() == events);
  CHECK(d.broker.canceled.empty());
}

TEST_CASE("parameters: while nobody knows the accounts, no list says that one has nothing") {
  Daemon d;
  for (const char* path : {"orders", "orders/all", "executions", "positions", "account"}) {
    CAPTURE(path);
    const Answer answer = d.call("GET", std::string("/api/v1/") + path + "?account=DU1");
    CHECK(answer.status == 503);
    CHECK(answer.json.text_of("code") == "NOT_READY");
    CHECK(answer.json.text_of("detail").find("account") == 0);
  }
  CHECK(d.call("GET", "/api/v1/orders").status == 200);
  d.connect();
  CHECK(d.call("GET", "/api/v1/orders?account=DU1").status == 200);
}

TEST_CASE("parameters: an account that has orders is one, whatever the session shows") {
  for (const bool archiving : {false, true}) {
    Daemon d({}, 20'000, {}, archiving);
    d.connect();
    d.call("POST", "/api/v1/orders",
           R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1})",
           "Prefer: respond-async\r\n");
    d.acknowledge();
    d.fill(0, 1, "190.5", "e1.01");
    d.submit(core::SessionDown{"another log-in"});
    d.submit(core::SessionUp{7, 100, {{core::AccountId("DU2"), true}}});
    d.submit(core::SnapshotDone{});
    for (const char* path : {"orders", "orders/all", "executions"}) {
      CAPTURE(path);
      const Answer answer = d.call("GET", std::string("/api/v1/") + path + "?account=DU1");
      CHECK(answer.status == 200);
      CHECK(answer.json.text_of("count") == "1");
    }
    // None of its orders is such a one: that is an empty list, and of nobody's account none.
    for (const char* query : {"orders?status=open", "orders/all?status=open", "orders?symbol=MSFT",
                              "orders?status=Held", "executions?symbol=MSFT"}) {
      CAPTURE(query);
      const std::string path = std::string("/api/v1/") + query + "&account=";
      const Answer none = d.call("GET", path + "DU1");
      CHECK(none.status == 200);
      CHECK(none.json.text_of("count") == "0");
      CHECK(none.json.find("next")->is_null());
      CHECK(d.call("GET", path + "DU9").status == 422);
    }
  }
}

TEST_CASE(
    "parameters: an account's fills are its own parts of an allocation, not a whole order's") {
  for (const bool archiving : {false, true}) {
    CAPTURE(archiving);
    Daemon d({}, 20'000, {}, archiving);
    d.connect();
    const std::vector<core::AccountSeen> accounts{{core::AccountId("DU1"), true},
                                                  {core::AccountId("DU2"), true}};
    d.submit(core::SessionDown{"another log-in"});
    d.submit(core::SessionUp{7, 100, accounts});
    d.submit(core::SnapshotDone{});
    d.call("POST", "/api/v1/orders",
           R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":100,"account":"DU1"})",
           "Prefer: respond-async\r\n");
    d.acknowledge();
    core::BrokerExecution part{d.names(0), core::AccountId("DU2"),
                               d.broker.placed[0].spec->contract, core::Execution{}};
    part.execution.id = core::split_exec_id("e1.01");
    part.execution.last_qty = core::Quantity::from_int(60);
    d.submit(part);
    d.fill(0, 40, "190.5", "e2.01");
    for (const char* query : {"executions?", "executions?order_id=1&"}) {
      CAPTURE(query);
      const std::string path = std::string("/api/v1/") + query;
      CHECK(d.call("GET", path + "limit=10").json.text_of("count") == "2");
      for (const auto& [account, shares] : std::map<std::string, std::string>{
               {"DU1", R"("shares":"40")"}, {"DU2", R"("shares":"60")"}}) {
        const Answer answer = d.call("GET", path + "account=" + account);
        CHECK(answer.json.text_of("count") == "1");
        CHECK(answer.body.find(shares) != std::string::npos);
      }
    }
  }
}

TEST_CASE("parameters: fills are found by an account that is of no session and no order now") {
  Daemon d({}, 20'000, {}, true);
  d.connect();
  d.call("POST", "/api/v1/orders",
         R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":100})",
         "Prefer: respond-async\r\n");
  d.acknowledge();
  core::BrokerExecution part{d.names(0), core::AccountId("DU2"), d.broker.placed[0].spec->contract,
                             core::Execution{}};
  part.execution.id = core::split_exec_id("e1.01");
  part.execution.last_qty = core::Quantity::from_int(100);
  d.submit(part);
  REQUIRE(d.view.book().archived() == 1);
  CHECK(d.call("GET", "/api/v1/executions?account=DU2").json.text_of("count") == "1");
}

TEST_CASE("parameters: an account that is not there is named in the same words by every route") {
  Daemon d;
  d.connect();
  const std::string words = "account: there is no account \"DU999\"; expected one of DU1";
  const std::string order =
      R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1,"account":"DU999"})";
  for (const auto& [method, where, body] :
       {std::tuple{"GET", "orders?account=DU999", ""},
        {"GET", "orders/all?account=DU999", ""},
        {"GET", "executions?account=DU999", ""},
        {"GET", "positions?account=DU999", ""},
        {"GET", "account?account=DU999", ""},
        {"POST", "orders", order.c_str()},
        {"DELETE", "orders/cancel-all?scope=account&account=DU999", ""}}) {
    const std::string path = std::string("/api/v1/") + where;
    CAPTURE(path);
    const Answer answer = d.call(method, path, body);
    CHECK(answer.status == 422);
    CHECK(blamed(answer) == "account");
    CHECK(answer.json.text_of("detail") == words);
  }
}

TEST_CASE("parameters: every route refuses one that it does not have, by name, and does nothing") {
  Daemon d;
  d.connect();
  d.call("POST", "/api/v1/orders",
         R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1})",
         "Prefer: respond-async\r\n");
  const auto events = d.journal.records.size();
  for (const Route& route : routes()) {
    const std::string target = path_of(route);
    CAPTURE(route.method);
    CAPTURE(target);
    const Answer answer =
        d.call(route.method, target + "?dryrun=true", route.method == "GET" ? "" : "{}");
    CHECK(answer.status == 422);
    CHECK(blamed(answer) == "dryrun");
  }
  CHECK(d.journal.records.size() == events);
  CHECK(d.broker.canceled.empty());
}

TEST_CASE("parameters: every route takes those it names, and each of them once") {
  Daemon d;
  d.connect();
  for (const Route& route : routes()) {
    std::string_view rest = route.parameters;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(' '), rest.size());
      const std::string name(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      CAPTURE(route.path);
      CAPTURE(name);
      const std::string query = name + "=1&" + name + "=2";
      CHECK(wrong_parameters({std::string(route.method), path_of(route), {{name, "1"}}, {}, ""},
                             route)
                .empty());
      const Answer twice = d.call(route.method, path_of(route) + "?" + query);
      CHECK(twice.status == 422);
      CHECK(blamed(twice) == name);
    }
  }
}

TEST_CASE("parameters: an account beside a name that is no client order id is refused") {
  Daemon d;
  d.connect();
  CHECK(blamed(d.call("DELETE", "/api/v1/orders/1?account=DU1")) == "account");
  CHECK(d.call("GET", "/api/v1/orders/cid:a?account=DU1").status == 404);
}

TEST_CASE("parameters: incidents?all= takes true and false alone") {
  Daemon d;
  CHECK(d.call("GET", "/api/v1/incidents?all=true").status == 200);
  CHECK(d.call("GET", "/api/v1/incidents?all=false").status == 200);
  const Answer maybe = d.call("GET", "/api/v1/incidents?all=maybe");
  CHECK(maybe.status == 422);
  CHECK(blamed(maybe) == "all");
}

TEST_CASE("parameters: a kind of incident is one that there is, here or in the journal") {
  Daemon d;
  d.connect();
  CHECK(d.call("GET", "/api/v1/incidents?kind=overfill").status == 200);
  const Answer bogus = d.call("GET", "/api/v1/incidents?kind=bogus");
  CHECK(blamed(bogus) == "kind");
  CHECK(bogus.json.text_of("detail").find("order_unresolved") != std::string::npos);
  d.submit(core::Alarm{"of_another_version", "words", "subject"});
  const Answer there = d.call("GET", "/api/v1/incidents?kind=of_another_version");
  CHECK(there.status == 200);
  CHECK(there.json.text_of("count") == "1");
}
