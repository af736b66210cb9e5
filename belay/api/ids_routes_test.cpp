// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <set>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

const Json& purpose_row(const Json& answer, const char* purpose) {
  for (const Json& row : answer.find("purposes")->items()) {
    if (row.text_of("purpose") == purpose) return row;
  }
  FAIL("no such purpose");
  return answer;
}
std::string rules(const Answer& answer) {
  std::string out;
  for (const Json& rule : answer.json.find("failed_rules")->items()) {
    out += (out.empty() ? "" : " ") + std::string(rule.text_of("rule"));
  }
  return out;
}
constexpr const char* open_ended =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,"limit_price":190)";

}  // namespace

TEST_CASE("S0.9 ids: next, reserved ranges, used ids, gaps and the time of the last change") {
  Daemon d;
  d.connect();
  d.ask("POST", "/api/v1/orders", std::string(open_ended) + R"(,"purpose":"scanner"})");
  d.acknowledge();
  CHECK(d.take()->status == 201);
  CHECK(d.call("POST", "/api/v1/ids/reserve", R"({"count":3,"purpose":"algo"})").status == 200);
  const Answer answer = d.call("GET", "/api/v1/ids");
  REQUIRE(answer.status == 200);
  // Another session's link is not up in this rig: its ids are listed by client id.
  const Json& session = answer.json.find("sessions")->items().at(0);
  CHECK(text(session, "client_id") == "7");
  CHECK(text(session, "next_valid_id") == "104");
  CHECK(text(session, "highest_sent") == "100");
  CHECK(text(session, "last_updated").substr(0, 10) == "2026-11-21");
  CHECK_FALSE(session.truth_of("nearly_exhausted"));
  const Json& block = answer.json.find("reserved_ranges")->items().at(0);
  CHECK(text(block, "from") == "101");
  CHECK(text(block, "to") == "103");
  CHECK(text(answer.json, "used_ids") == "1");
  CHECK(text(answer.json, "gaps_total") == "1");
  CHECK(text(answer.json.find("gaps")->items().at(0), "reason").find("FLOOR_RAISED") == 0);
  CHECK(text(purpose_row(answer.json, "scanner"), "acknowledged") == "1");
  CHECK(text(purpose_row(answer.json, "algo"), "reserved") == "3");
  CHECK(d.call("GET", "/api/v1/ids?gaps=0").json.find("gaps")->items().empty());
  CHECK(d.call("GET", "/api/v1/ids?gaps=x").status == 422);
}

TEST_CASE(
    "S0.17 ids: a block is answered with all its ids, and what is wrong by the field's name") {
  Daemon d;
  const auto reserve = [&](const char* body) {
    return d.call("POST", "/api/v1/ids/reserve", body);
  };
  CHECK(reserve(R"({"count":3})").status == 503);  // the floor is not known yet
  d.connect();
  const Answer answer = reserve(R"({"count":"3","purpose":"swing"})");
  REQUIRE(answer.status == 200);
  CHECK(text(answer.json, "from") == "100");
  CHECK(text(answer.json, "to") == "102");
  CHECK(text(answer.json, "purpose") == "other");
  CHECK(answer.json.find("ids")->items().size() == 3);
  CHECK(text(reserve(R"({"count":1,"from":110})").json, "from") == "110");
  for (const auto& [body, field] :
       std::vector<std::pair<const char*, const char*>>{{R"({})", "count"},
                                                        {R"({"count":0})", "count"},
                                                        {R"({"count":1.5})", "count"},
                                                        {R"({"count":1001})", "count"},
                                                        {R"({"count":1,"from":99999999})", "from"},
                                                        {R"({"count":1,"purpose":7})", "purpose"},
                                                        {R"({"count":1,"start":7})", "start"},
                                                        {R"([])", "body"}}) {
    const std::string asked = body;
    CAPTURE(asked);
    const Answer wrong = reserve(body);
    CHECK(wrong.status == 422);
    CHECK(text(wrong.json.find("errors")->items().at(0), "field") == field);
  }
}

TEST_CASE("S0.53 ids: an order goes under an id of a block, and no caller can choose another") {
  Daemon d;
  d.connect();
  d.call("POST", "/api/v1/ids/reserve", R"({"count":3})");
  const auto place = [&](const char* id) {
    return d.call("POST", "/api/v1/orders",
                  std::string(open_ended) + ",\"broker_order_id\":" + id + "}",
                  "Prefer: respond-async\r\n");
  };
  CHECK(place("101").status == 202);
  CHECK(d.broker.placed.at(0).broker_id.number == 101);
  for (const char* taken : {"101", "100", "7", "0", "200"}) {
    CAPTURE(taken);
    const Answer answer = place(taken);
    CHECK(answer.status == 422);
    CHECK(text(answer.json.find("errors")->items().at(0), "field") == "broker_order_id");
  }
  CHECK(d.call("POST", "/api/v1/ids/release", R"({"from":100})").status == 200);
  CHECK(d.call("POST", "/api/v1/ids/release", R"({"from":100})").status == 404);
  CHECK(d.call("POST", "/api/v1/ids/release", R"({})").status == 422);
}

TEST_CASE(
    "S0.32 S0.42 ids: validation tells every broken rule; attempts to use one twice are counted, "
    "questions are not") {
  Daemon d;
  d.connect();
  core::LinkStatus link;
  link.phase = "ready";
  link.session = 7;
  d.view.set_link(link);
  d.ask("POST", "/api/v1/orders", std::string(open_ended) + "}");
  d.acknowledge();
  d.take();
  const auto validate = [&](const char* query) {
    return d.call("GET", std::string("/api/v1/ids/validate") + query);
  };
  CHECK(rules(validate("?id=100")) == "reused passed");
  CHECK(rules(validate("?id=0")) == "zero");
  CHECK(rules(validate("?id=-5")) == "int32");
  CHECK(rules(validate("?id=2147483648")) == "int32");
  CHECK(validate("?id=101").json.truth_of("valid"));
  CHECK(validate("?id=ten").status == 422);
  CHECK(validate("").status == 422);
  CHECK(text(d.call("GET", "/api/v1/ids").json, "reuse_attempts") == "0");
  const Answer again =
      d.call("POST", "/api/v1/orders", std::string(open_ended) + R"(,"broker_order_id":100})");
  CHECK(again.status == 422);
  CHECK(text(d.call("GET", "/api/v1/ids").json, "reuse_attempts") == "1");
  CHECK(d.call("GET", "/metrics").body.find("tws_order_id_reuse_attempts_total 1\n") !=
        std::string::npos);
}

TEST_CASE("S0.50 S0.52 ids: a reset needs a name and a reason, is 202, and its end is shown") {
  Daemon d;
  d.connect();
  d.ask("POST", "/api/v1/orders", std::string(open_ended) + "}");
  d.acknowledge();
  d.take();
  const Answer wrong = d.call("POST", "/api/v1/ids/reset", "{}");
  CHECK(wrong.status == 422);
  CHECK(wrong.json.find("errors")->items().size() == 2);
  const char* body = R"({"operator":"alice","reason":"new gateway"})";
  const Answer begun = d.call("POST", "/api/v1/ids/reset", body);
  CHECK(begun.status == 202);
  CHECK(begun.json.find("canceling")->items().size() == 1);
  CHECK(d.broker.canceled.size() == 1);
  CHECK(d.call("POST", "/api/v1/ids/reset", body).status == 409);
  CHECK(text(*d.call("GET", "/api/v1/ids").json.find("reset"), "operator") == "alice");
  d.submit(core::BrokerNotice{d.names(0), 202, "", core::Verdict::canceled});
  d.submit(core::NextIdSeen{7, 50});
  const Json answer = d.call("GET", "/api/v1/ids").json;
  CHECK(answer.find("reset")->is_null());
  CHECK(text(*answer.find("last_reset"), "operator") == "alice");
  CHECK(text(*answer.find("last_reset"), "next_valid_id") == "101");
  CHECK(answer.find("last_reset")->find("failures")->items().empty());
}

TEST_CASE("S0.7 ids: sixteen connections reserve in turns, and no id is given twice") {
  ServiceOptions options;
  options.id_budget.per_hour = 1'000'000;
  Daemon d(options);
  d.connect();
  std::vector<ConnectionId> callers;
  for (int i = 0; i < 16; ++i) callers.push_back(d.service.open(d.now));
  std::set<std::string> seen;
  for (int round = 0; round < 40; ++round) {
    // All ask before one of them is answered: one commit for all.
    for (const ConnectionId caller : callers) {
      d.connection = caller;
      const std::string body = R"({"count":250})";
      d.service.receive(
          caller,
          "POST /api/v1/ids/reserve HTTP/1.1\r\nHost: localhost:8001\r\nContent-Type: "
          "application/json\r\nContent-Length: 13\r\n\r\n" +
              body,
          d.now);
    }
    d.turn();
    std::vector<std::string> firsts;
    for (const ConnectionId caller : callers) {
      d.connection = caller;
      const auto answer = d.take();
      REQUIRE(answer.has_value());
      REQUIRE(answer->status == 200);
      for (const Json& id : answer->json.find("ids")->items()) {
        REQUIRE(seen.insert(id.text()).second);
      }
      firsts.push_back(text(answer->json, "from"));
    }
    for (const std::string& first : firsts) {
      d.call("POST", "/api/v1/ids/release", "{\"from\":" + first + "}");
    }
  }
  CHECK(seen.size() == 160'000);
}

TEST_CASE("ids: who answers for a block and why is in the answer and in the log") {
  Daemon d;
  d.connect();
  const Answer named = d.call("POST", "/api/v1/ids/reserve",
                              R"({"count":3,"operator":"ann","reason":"a bracket each"})");
  REQUIRE(named.status == 200);
  CHECK(text(named.json, "operator") == "ann");
  CHECK(text(named.json, "reason") == "a bracket each");
  REQUIRE(d.recorded.size() == 1);
  for (const char* part : {"100", "102", "ann", "a bracket each"}) {
    CAPTURE(part);
    CHECK(d.recorded[0].find(part) != std::string::npos);
  }
  const Answer plain = d.call("POST", "/api/v1/ids/reserve", R"({"count":3})");
  CHECK(plain.json.find("operator")->is_null());
  CHECK(d.recorded.size() == 1);
}
