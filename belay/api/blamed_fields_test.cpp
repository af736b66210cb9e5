// SPDX-License-Identifier: Apache-2.0
// Refusals by the broker name the field that they are about, beside the broker's own words.
#include <doctest/doctest.h>

#include <tuple>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* limit_of_xyzq =
    R"({"symbol":"XYZQ","action":"BUY","order_type":"LMT","quantity":100,"limit_price":"190.123"})";

// "field: detail; " of each.
std::string fields_at_fault(const Answer& answer) {
  std::string out;
  for (const Json& error : answer.json.find("errors")->items()) {
    out += fmt::format("{}: {}; ", error.text_of("field"), error.text_of("detail"));
  }
  return out;
}

Answer refused(Daemon& d, std::int32_t code, const char* words, const char* order) {
  d.connect();
  d.ask("POST", "/api/v1/orders", order);
  d.submit(core::BrokerNotice{d.names(0), code, words, core::Verdict::request_refused});
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(answer.json.text_of("broker_text") == words);
  return answer;
}

}  // namespace

TEST_CASE("refused: a code about one field names it, with the value that was refused") {
  const std::tuple<std::int32_t, const char*, const char*> cases[] = {
      {200, "symbol: XYZQ (STK, SMART, USD) ", "contract"},
      {203, "symbol: XYZQ ", "account"},
      {110, "limit_price: 190.123 ", "tick"},
      {109, "limit_price: 190.123 ", "price"},
      {388, "total_quantity: 100 ", "smallest"},
      {387, "order_type: LMT ", "security"},
      {10052, "time_in_force: DAY ", "order"},
      {435, "account: DU1 ", "account"}};
  for (const auto& [number, begin, word] : cases) {
    const std::int32_t code = number;
    CAPTURE(code);
    Daemon d;
    const std::string told = fields_at_fault(refused(d, code, "the broker's words", limit_of_xyzq));
    CHECK(told.rfind(begin, 0) == 0);
    CHECK(told.find(word) != std::string::npos);
    CHECK(told.find("; ") == told.size() - 2);
  }
}

TEST_CASE("refused: each price may be the one that lies on no tick, and the number stands for it") {
  Daemon stop;
  const std::string both = fields_at_fault(
      refused(stop, 110, "no tick",
              R"({"symbol":"AAPL","action":"BUY","order_type":"STP LMT","quantity":1,)"
              R"("limit_price":"190.123","aux_price":"189.991"})"));
  CHECK(both.find("limit_price: 190.123 ") != std::string::npos);
  CHECK(both.find("aux_price: 189.991 ") != std::string::npos);
  Daemon number;
  CHECK(fields_at_fault(refused(number, 200, "none",
                                R"({"contract":{"con_id":5},"action":"BUY","order_type":"MKT",)"
                                R"("quantity":1})"))
            .rfind("contract.con_id: 5 ", 0) == 0);
}

TEST_CASE("refused: a code about no field, or an unlisted one, blames none") {
  for (const std::int32_t code : {201, 321, 99999}) {
    CAPTURE(code);
    Daemon d;
    CHECK(fields_at_fault(refused(d, code, "Order rejected", limit_of_xyzq)).empty());
  }
}

TEST_CASE("refused: of a modification the changed price is named, not the one that was there") {
  Daemon d;
  d.connect();
  d.ask("POST", "/api/v1/orders",
        R"({"symbol":"AAPL","action":"BUY","order_type":"STP LMT","quantity":1,)"
        R"("limit_price":"191","aux_price":"190"})");
  d.acknowledge();
  REQUIRE(d.take()->status == 201);
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191.123"})");
  d.submit(core::BrokerNotice{d.names(0), 110, "no tick", core::Verdict::replace_refused});
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(fields_at_fault(answer).rfind("limit_price: 191.123 ", 0) == 0);
  CHECK(fields_at_fault(answer).find("aux_price") == std::string::npos);
}

TEST_CASE("refused: a modification that never left is not told by the words about an earlier one") {
  Daemon d;
  d.connect();
  d.ask("POST", "/api/v1/orders",
        R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,"limit_price":"191"})");
  d.acknowledge();
  REQUIRE(d.take()->status == 201);
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191.123"})");
  d.submit(core::BrokerNotice{d.names(0), 110, "no tick", core::Verdict::replace_refused});
  CHECK(d.take()->json.text_of("broker_text") == "no tick");
  d.broker.slots = 0;
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"192"})");
  d.submit(core::Halt{999, "person", "a test"});
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(answer.json.text_of("detail").find("not sent") != std::string::npos);
  CHECK(fields_at_fault(answer).empty());
  CHECK(answer.json.text_of("broker_text").empty());
}

TEST_CASE("refused: of a modification no field is named that it did not change") {
  for (const std::int32_t code : {111, 160, 200, 329, 355}) {
    CAPTURE(code);
    Daemon d;
    d.connect();
    d.ask("POST", "/api/v1/orders",
          R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,"limit_price":191})");
    d.acknowledge();
    REQUIRE(d.take()->status == 201);
    d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"192"})");
    d.submit(core::BrokerNotice{d.names(0), code, "words", core::Verdict::replace_refused});
    CHECK(fields_at_fault(*d.take()).empty());
  }
}
