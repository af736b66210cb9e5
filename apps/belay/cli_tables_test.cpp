// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_tables.hpp"

#include <doctest/doctest.h>

#include "apps/belay/cli_client.hpp"
#include "apps/belay/cli_commands.hpp"

using namespace belay;
using namespace belay::app;

namespace {
api::Json json(const char* text) {
  return *api::Json::parse(text);
}
}  // namespace

TEST_CASE("tables: columns are as wide as their longest cell, numbers stand right") {
  CHECK(table({{"A"}, {"N", true}}, {{"x", "1"}, {"long", "100"}}) ==
        "A       N\nx       1\nlong  100\n");
}

TEST_CASE("tables: text from outside cannot command the terminal") {
  const std::string line =
      event_line(json(R"({"time":"t","seq":"1","type":"X","text":"\u001b[2J"})"));
  CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("tables: an order in one line says side, quantity, symbol, price, state and fills") {
  CHECK(order_line(json(R"({"order_id":"12","contract":{"symbol":"AAPL"},"action":"BUY",
      "order_type":"LMT","total_quantity":"100","limit_price":"190.5","filled":"40",
      "avg_fill_price":"190.4","status":"PartiallyFilled","outcome":"acknowledged"})")) ==
        "order 12 BUY 100 AAPL LMT 190.5: PartiallyFilled, filled 40 at 190.4");
}

TEST_CASE("tables: an order in one line says what is not known yet") {
  CHECK(order_line(json(R"({"order_id":"1","status":"Submitted","flags":["pending_replace"]})")) ==
        "order 1: Submitted (a modification is under way)");
  CHECK(order_line(json(R"({"order_id":"1","status":"PendingSubmit","outcome":"unknown"})")) ==
        "order 1: PendingSubmit (outcome unknown)");
}

TEST_CASE("tables: a problem lists every field at fault") {
  const std::string text = problem_text(json(R"({"detail":"two wrong","errors":[
      {"field":"a","detail":"x"},{"field":"b","detail":"y"}],"suggestions":["try"]})"));
  CHECK(text == "two wrong\n  a: x\n  b: y\n  hint: try");
}

TEST_CASE("tables: a problem names the field also when only one is at fault, and once") {
  CHECK(problem_text(json(R"({"detail":"account is needed","errors":[
      {"field":"account","detail":"expected one of DU1, DU2"}]})")) ==
        "account is needed\n  account: expected one of DU1, DU2");
  CHECK(problem_text(json(R"({"detail":"limit: x","errors":[{"field":"limit","detail":"x"}]})")) ==
        "limit: x");
}

TEST_CASE("body: members keep their order, text is quoted") {
  CliBody body;
  body.text("a", "x\"y");
  body.flag("b", true);
  body.raw("c", "{}");
  CHECK(body.json() == R"({"a":"x\"y","b":true,"c":{}})");
}

TEST_CASE("order path: what a person types is one path segment") {
  CHECK(order_path("12") == "/api/v1/orders/12");
  CHECK(order_path("cid:a b/c") == "/api/v1/orders/cid:a%20b%2Fc");
}

TEST_CASE("client: wrong usage is 2, an unreachable daemon is 1") {
  const auto run = [](std::vector<const char*> words) {
    return run_client_command(static_cast<int>(words.size()), words.data());
  };
  CHECK(run({"belay", "bracket"}) == 2);
  CHECK(run({"belay", "buy", "AAPL"}) == 2);
  CHECK(run({"belay", "orders", "--limit", "0"}) == 2);
  CHECK(run({"belay", "orders", "--colour"}) == 2);
  CHECK(run({"belay", "cancel", "--all", "--scope", "account"}) == 2);
  CHECK(run({"belay", "modify", "1", "--outside-rth", "--no-outside-rth"}) == 2);
  CHECK(run({"belay", "orders", "--api-port", "x"}) == 2);
  // Port 1 on the loopback: nothing listens there without special rights.
  CHECK(run({"belay", "orders", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "buy", "AAPL", "1", "--api-port", "1"}) == 1);
  CHECK(is_client_command("watch"));
  CHECK_FALSE(is_client_command("serve"));
}
