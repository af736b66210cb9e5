// SPDX-License-Identifier: Apache-2.0
// Query parameters: what a route does not have is refused, whatever the route does.
#include <doctest/doctest.h>

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

}  // namespace

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
