// SPDX-License-Identifier: Apache-2.0
// Each type of order, time in force and type of security from a caller through the daemon to the
// simulated gateway and back: what was asked for is what the broker holds and what callers see.
#include "tests/clients/floor.hpp"

using namespace belay;
using namespace belay::floor;
using std::chrono::seconds;

namespace {

// The broker sees an order only through its words.
const wire::Order& at_broker(const Floor& floor, const Answer& placed) {
  const auto perm_id = std::stoll(placed.text("perm_id"));
  return floor.server().book().orders().at(perm_id).asked;
}

std::string body_of(std::string_view type, std::string_view more) {
  return fmt::format(R"({{"symbol":"AAPL","action":"SELL","order_type":"{}","quantity":10{}{}}})",
                     type, more.empty() ? "" : ",", more);
}

std::size_t open_incidents(Floor& floor) {
  return floor.call("GET", "/api/v1/incidents").json.find("incidents")->items().size();
}

}  // namespace

TEST_CASE("types: each order works at the broker with its own numbers, over a reconnect too") {
  const struct {
    const char* type;
    const char* more;
    const char* change;
    const char* field;
    const char* value;
  } rows[] = {
      {"LMT", R"("limit_price":"250","time_in_force":"OPG")", R"("limit_price":"260")",
       "limit_price", "260"},
      {"TRAIL LIMIT", R"("trail_amount":"5","limit_offset":"0.1")", R"("limit_offset":"0.2")",
       "limit_offset", "0.2"},
      {"MIT", R"("aux_price":"250")", R"("aux_price":"255")", "aux_price", "255"},
      {"LIT", R"("aux_price":"250","limit_price":"249")", R"("limit_price":"248")", "limit_price",
       "248"},
      {"MTL", R"("limit_price":"250","time_in_force":"AUC")", R"("limit_price":"251")",
       "limit_price", "251"},
      {"REL", R"("aux_price":"0.01","limit_price":"250")", R"("limit_price":"251")", "limit_price",
       "251"},
      {"MIDPRICE", R"("limit_price":"250")", R"("limit_price":"251")", "limit_price", "251"},
  };
  Floor floor(7);
  floor.pass(seconds(10));
  for (const auto& row : rows) {
    CAPTURE(row.type);
    const Answer placed = floor.call("POST", "/api/v1/orders", body_of(row.type, row.more));
    REQUIRE(placed.status == 201);
    CHECK(placed.text("order_type") == row.type);
    CHECK(at_broker(floor, placed).order_type == row.type);
    const std::string path = "/api/v1/orders/" + placed.text("order_id");
    const Answer changed = floor.call("PUT", path, fmt::format("{{{}}}", row.change));
    CHECK(changed.status == 200);
    CHECK(changed.text(row.field) == row.value);
    floor.cut();
    floor.pass(seconds(30));
    const Answer after = floor.call("GET", path);
    CHECK(after.text("order_type") == row.type);
    CHECK(after.text(row.field) == row.value);
    CHECK(after.text("outcome") == "acknowledged");
  }
  CHECK(open_incidents(floor) == 0);
}

TEST_CASE("types: an order on close is silent until then, and an order of the opening waits") {
  Floor floor(7);
  floor.pass(seconds(10));
  const Answer close = floor.call("POST", "/api/v1/orders", body_of("MOC", ""));
  CHECK(close.status == 202);
  const Answer open =
      floor.call("POST", "/api/v1/orders", body_of("MKT", R"("time_in_force":"OPG")"));
  CHECK(open.status == 201);
  CHECK(open.text("status") == "PreSubmitted");
  floor.pass(std::chrono::hours(7));
  CHECK(floor.call("GET", "/api/v1/orders/" + close.text("order_id")).text("status") == "Filled");
  CHECK(floor.call("GET", "/api/v1/orders/" + open.text("order_id")).text("filled") == "0");
}

TEST_CASE("types: a combination fills as a whole and by its legs, and the account holds the legs") {
  Floor floor(7);
  floor.pass(seconds(10));
  const Answer placed = floor.call("POST", "/api/v1/orders",
                                   R"({"contract":{"symbol":"AAPL","sec_type":"BAG","legs":[
           {"con_id":265598,"ratio":2,"action":"BUY"},{"con_id":272093,"ratio":1,"action":"SELL"}]},
          "action":"BUY","order_type":"LMT","quantity":10,"limit_price":"-39.5"})");
  REQUIRE(placed.status == 201);
  floor.pass(seconds(10));
  const Answer done = floor.call("GET", "/api/v1/orders/" + placed.text("order_id"));
  CHECK(done.text("status") == "Filled");
  CHECK(done.text("filled") == "10");
  CHECK(done.text("avg_fill_price") == "-39.96");  // 2 x 190.02 - 420.00
  CHECK(done.json.find("fills")->items().size() == 3);
  CHECK(done.json.find("contract")->find("legs")->items().size() == 2);
  const Answer held = floor.call("GET", "/api/v1/positions");
  std::string all;
  for (const api::Json& row : held.json.find("positions")->items()) {
    all += fmt::format("{} {};", row.find("contract")->text_of("symbol"), row.text_of("position"));
  }
  CHECK(all == "AAPL 20;MSFT -10;");
  floor.pass(std::chrono::minutes(5));
  CHECK(open_incidents(floor) == 0);
}

TEST_CASE("types: a crypto currency in parts, a contract for difference and a bond are ordered") {
  Floor floor(7);
  floor.pass(seconds(10));
  const struct {
    const char* contract;
    const char* quantity;
    const char* price;
  } rows[] = {
      {R"("symbol":"BTC","sec_type":"CRYPTO","exchange":"PAXOS")", "0.5", "91000"},
      {R"("symbol":"IBUS500","sec_type":"CFD")", "2", "5950"},
      {R"("symbol":"US064159KJ44","sec_type":"BOND")", "3", "99"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.contract);
    const Answer placed =
        floor.call("POST", "/api/v1/orders",
                   fmt::format(R"({{"contract":{{{}}},"action":"BUY","order_type":"LMT",
                                    "quantity":"{}","limit_price":"{}"}})",
                               row.contract, row.quantity, row.price));
    REQUIRE(placed.status == 201);
    floor.pass(seconds(5));
    const Answer done = floor.call("GET", "/api/v1/orders/" + placed.text("order_id"));
    CHECK(done.text("filled") == row.quantity);
  }
  floor.pass(std::chrono::minutes(5));
  CHECK(open_incidents(floor) == 0);
  const Answer index =
      floor.call("POST", "/api/v1/orders",
                 R"({"contract":{"symbol":"SPX","sec_type":"IND","exchange":"CBOE"},"action":"BUY",
          "order_type":"MKT","quantity":1})");
  CHECK(index.status == 422);
  CHECK(index.json.find("errors")->items().at(0).text_of("field") == "contract.sec_type");
}
