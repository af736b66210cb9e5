// SPDX-License-Identifier: Apache-2.0
// Each type of order, time in force and type of security by HTTP: what goes out, what is refused.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

TEST_CASE("place: every type of order goes out with its own numbers and is shown with them") {
  const struct {
    const char* type;
    const char* more;
    const char* field;
    const char* value;
  } rows[] = {
      {"TRAIL LIMIT", R"("trail_amount":"2","limit_offset":"0.1")", "limit_offset", "0.1"},
      {"MIT", R"("aux_price":"189")", "aux_price", "189"},
      {"LIT", R"("aux_price":"189","limit_price":"189.5")", "limit_price", "189.5"},
      {"MTL", R"("time_in_force":"AUC","limit_price":"190")", "time_in_force", "AUC"},
      {"MKT", R"("time_in_force":"OPG")", "time_in_force", "OPG"},
      {"MOC", R"("hidden":false)", "order_type", "MOC"},
      {"LOC", R"("limit_price":"190")", "limit_price", "190"},
      {"REL", R"("percent_offset":"0.02")", "percent_offset", "0.02"},
      {"MIDPRICE", R"("limit_price":"190")", "limit_price", "190"},
  };
  Daemon d;
  d.connect();
  std::size_t count = 0;
  for (const auto& row : rows) {
    CAPTURE(row.type);
    const auto answer = d.call(
        "POST", "/api/v1/orders",
        fmt::format(R"({{"symbol":"AAPL","action":"BUY","order_type":"{}","quantity":1,{}}})",
                    row.type, row.more),
        "Prefer: respond-async\r\n");
    CHECK(answer.status == 202);
    CHECK(text(answer.json, "order_type") == row.type);
    CHECK(text(answer.json, row.field) == row.value);
    CHECK(d.broker.placed.size() == ++count);
    CHECK(model::name(d.broker.placed.back().spec->ord_type) == row.type);
  }
}

TEST_CASE("place: a combination goes out with its legs, and its price may be below zero") {
  Daemon d;
  d.connect();
  const auto answer = d.call("POST", "/api/v1/orders",
                             R"({"contract":{"symbol":"AAPL","sec_type":"BAG","legs":[
                  {"con_id":265598,"ratio":2,"action":"BUY"},
                  {"con_id":"272093","ratio":1,"action":"SELL","exchange":"nyse"}]},
                 "action":"BUY","order_type":"LMT","quantity":1,"limit_price":-39.97})",
                             "Prefer: respond-async\r\n");
  CHECK(answer.status == 202);
  const auto& legs = answer.json.find("contract")->find("legs")->items();
  REQUIRE(legs.size() == 2);
  CHECK(text(legs[1], "con_id") == "272093");
  CHECK(text(legs[1], "action") == "SELL");
  CHECK(text(legs[1], "exchange") == "NYSE");
  REQUIRE(d.broker.placed.size() == 1);
  const std::vector<model::ComboLeg> wanted{{265598, 2, model::Side::buy, "SMART"},
                                            {272093, 1, model::Side::sell, "NYSE"}};
  CHECK(d.broker.placed[0].spec->contract.legs == wanted);
}

TEST_CASE("place: what does not belong to a type is refused with the name of the field") {
  Daemon d;
  d.connect();
  const struct {
    const char* body;
    const char* field;
  } rows[] = {
      {R"({"symbol":"A","action":"BUY","order_type":"MOC","quantity":1,"time_in_force":"GTC"})",
       "time_in_force"},
      {R"({"symbol":"A","action":"SELL","order_type":"TRAIL LIMIT","quantity":1,"trail_amount":1})",
       "limit_offset"},
      {R"({"symbol":"A","action":"SELL","order_type":"TRAIL","quantity":1,"trail_amount":1,
           "limit_offset":1})",
       "limit_offset"},
      {R"({"contract":{"symbol":"SPX","sec_type":"IND","exchange":"CBOE"},"action":"BUY",
           "order_type":"MKT","quantity":1})",
       "contract.sec_type"},
      {R"({"contract":{"symbol":"A","sec_type":"BAG"},"action":"BUY","order_type":"MKT",
           "quantity":1})",
       "contract.legs"},
      {R"({"contract":{"symbol":"A","sec_type":"BAG","legs":[{"con_id":1,"ratio":1},
           {"con_id":2,"ratio":1,"action":"SELL"}]},"action":"BUY","order_type":"MKT",
           "quantity":1})",
       "contract.legs.action"},
      {R"({"contract":{"symbol":"A","sec_type":"BAG","legs":[{"colour":1}]},"action":"BUY",
           "order_type":"MKT","quantity":1})",
       "contract.legs.colour"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    const Answer answer = d.call("POST", "/api/v1/orders", row.body);
    CHECK(answer.status == 422);
    CHECK(has(answer.body, fmt::format(R"("field":"{}")", row.field)));
  }
  CHECK(d.broker.placed.empty());
}
