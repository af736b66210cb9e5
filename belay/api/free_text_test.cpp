// SPDX-License-Identifier: Apache-2.0
// What a person writes is shown to other people: in logs, on terminals, years later.
#include <doctest/doctest.h>

#include "belay/api/order_request.hpp"
#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

// As they stand in JSON: a line end, a bell, an escape sequence, one of eight bits, a delete, a
// line separator, and a mark that turns the direction of writing.
constexpr const char* odd_texts[] = {"a\\nb",     "a\\r",     "\\u0007", "\\u001b[31mred",
                                     "\\u009b2J", "a\\u007f", "\\u2028", "\\u202eabc"};

std::string body_with(const char* field, const char* value, const char* others) {
  return fmt::format(R"({{"{}":"{}"{}}})", field, value, others);
}

}  // namespace

TEST_CASE("free text: a reason or a name with control characters is refused by its field") {
  Daemon d;
  d.submit(core::Alarm{"test", "one"});
  const std::string id(d.call("GET", "/api/v1/incidents")
                           .json.find("incidents")
                           ->items()
                           .at(0)
                           .text_of("incident_id"));
  const std::string close = "/api/v1/incidents/" + id + "/close";
  const std::size_t records = d.journal.records.size();
  const struct {
    std::string path;
    const char* field;
    const char* others;
  } places[] = {{"/api/v1/halt", "reason", ""},
                {"/api/v1/resume", "reason", ""},
                {close, "reason", R"(,"operator":"ann")"},
                {close, "operator", R"(,"reason":"why")"},
                {"/api/v1/ids/reserve", "reason", R"(,"count":1,"operator":"ann")"},
                {"/api/v1/ids/reserve", "operator", R"(,"count":1,"reason":"why")"},
                {"/api/v1/ids/reset", "reason", R"(,"operator":"ann")"},
                {"/api/v1/ids/reset", "operator", R"(,"reason":"why")"}};
  for (const auto& place : places) {
    for (const char* odd : odd_texts) {
      CAPTURE(place.path);
      CAPTURE(place.field);
      CAPTURE(odd);
      const Answer answer = d.call("POST", place.path, body_with(place.field, odd, place.others));
      CHECK(answer.status == 422);
      CHECK(answer.json.text_of("code") == "INVALID_FIELDS");
      REQUIRE(answer.json.find("errors")->items().size() == 1);
      CHECK(answer.json.find("errors")->items()[0].text_of("field") == place.field);
    }
  }
  CHECK(d.journal.records.size() == records);
  // Letters of any script are no control characters.
  CHECK(d.call("POST", "/api/v1/halt", R"({"reason":"M\u00fcller \u682a: zu"})").status == 200);
}

TEST_CASE("free text: each text of an order is refused by its field") {
  for (const char* field : {"account", "purpose", "client_order_id", "symbol"}) {
    for (const char* odd : {"a\\nb", "a\\u0007b", "a\\u001b[31mb", "a\\u202eb", "a\\u007fb"}) {
      CAPTURE(field);
      CAPTURE(odd);
      const bool is_symbol = std::string_view(field) == "symbol";
      const auto json = Json::parse(body_with(
          field, odd,
          is_symbol ? R"(,"action":"BUY","order_type":"MKT","quantity":1)"
                    : R"(,"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1)"));
      REQUIRE(json);
      const auto order = read_place(*json);
      REQUIRE_FALSE(order);
      REQUIRE(order.error().size() == 1);
      CHECK(order.error()[0].field.find(field) != std::string::npos);
    }
  }
}
