// SPDX-License-Identifier: Apache-2.0
// Filters of the lists: a word that means nothing is refused, it is no empty list.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* buy_ten =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":10,)"
    R"("limit_price":190.5,"client_order_id":"x"})";

// Order 1 is filled, order 2 works.
class Desk : public Daemon {
 public:
  explicit Desk(bool archiving = false) : Daemon({}, 20'000, {}, archiving) {
    connect();
    call("POST", "/api/v1/orders", buy_ten, "Prefer: respond-async\r\n");
    call("POST", "/api/v1/orders",
         R"({"symbol":"IBM","action":"BUY","order_type":"MKT","quantity":10})",
         "Prefer: respond-async\r\n");
    acknowledge(0);
    acknowledge(1);
    fill(0, 10, "190.5", "e1.01");
  }
  std::string count(const std::string& target) {
    const Answer answer = call("GET", target);
    CHECK(answer.status == 200);
    return std::string(answer.json.text_of("count"));
  }
  void fill_at(std::size_t place, std::int64_t quantity, const char* id, const char* time) {
    core::Execution execution;
    execution.id = core::split_exec_id(id);
    execution.last_qty = core::Quantity::from_int(quantity);
    execution.last_px = core::Price(*base::Decimal::parse("190.5"));
    execution.transact_time = time;
    const auto& spec = broker.placed.at(place).spec;
    submit(core::BrokerExecution{names(place), spec->account, spec->contract, execution});
  }
  std::string fills(const std::string& target) {
    const Answer answer = call("GET", target);
    CHECK(answer.status == 200);
    std::string out;
    for (const Json& each : answer.json.find("executions")->items()) {
      out += std::string(each.text_of("exec_id")) + " ";
    }
    next = std::string(answer.json.text_of("next"));
    return out;
  }
  std::string next;
  std::string refused(const std::string& target) {
    const Answer answer = call("GET", target);
    CHECK(answer.status == 422);
    return std::string(answer.json.text_of("detail"));
  }
};

}  // namespace

TEST_CASE("filters: status takes our words and FIX's in any case, several with commas") {
  Desk d;
  CHECK(d.count("/api/v1/orders?status=filled") == "1");
  CHECK(d.count("/api/v1/orders?status=FILLED") == "1");
  CHECK(d.count("/api/v1/orders?status=new") == "1");
  CHECK(d.count("/api/v1/orders?status=submitted,%20Filled") == "2");
  CHECK(d.count("/api/v1/orders?status=Open,done") == "2");
  CHECK(d.count("/api/v1/orders/all?status=rejected") == "0");
  const std::string why = d.refused("/api/v1/orders?status=open,zzz");
  CHECK(has(why, "status: \"zzz\""));
  CHECK(has(why, "Submitted"));
}

TEST_CASE("fills: the newest first over all orders of a page, and no page loses or repeats one") {
  for (const bool archiving : {false, true}) {
    CAPTURE(archiving);
    Desk d(archiving);  // the fill of order 1 is of 04:00:22
    d.fill_at(1, 3, "e2.01", "20261121 03:00:00");
    d.fill_at(1, 3, "e3.01", "20261121-05:00:00 UTC");
    d.fill_at(1, 3, "e4.01", "20261121 04:30:00 US/Eastern");
    d.fill_at(1, 1, "e5.01", "20261121 04:30:00 US/Eastern");
    CHECK(d.fills("/api/v1/executions") == "e3.01 e5.01 e4.01 e1.01 e2.01 ");
    CHECK(d.fills("/api/v1/executions?order_id=2") == "e3.01 e5.01 e4.01 e2.01 ");
    CHECK(d.fills("/api/v1/executions?limit=1") == "e3.01 e5.01 e4.01 e2.01 ");
    CHECK(d.fills("/api/v1/executions?limit=1&page_token=" + d.next) == "e1.01 ");
    CHECK(d.next.empty());
  }
}

TEST_CASE("filters: several statuses find archived orders too") {
  Desk d(true);
  CHECK(d.view.book().archived() == 1);
  CHECK(d.count("/api/v1/orders?status=filled,submitted") == "2");
  CHECK(d.count("/api/v1/orders?status=Filled") == "1");
}

TEST_CASE("filters: a symbol is taken in lower case, as it is where orders are placed") {
  Desk d;
  CHECK(d.count("/api/v1/orders?symbol=aapl") == "1");
  CHECK(d.count("/api/v1/executions?symbol=aapl") == "1");
}

TEST_CASE("filters: executions of one order by any of its names, archived or not") {
  for (const bool archiving : {false, true}) {
    Desk d(archiving);
    const std::string broker = fmt::format("tws:7:{}", d.broker.placed.at(0).broker_id.number);
    for (const std::string& name : {std::string("1"), std::string("cid:x"), broker}) {
      CAPTURE(name);
      CHECK(d.count("/api/v1/executions?order_id=" + name) == "1");
    }
    CHECK(d.count("/api/v1/executions?order_id=2") == "0");
    CHECK(d.count("/api/v1/executions?order_id=1&symbol=IBM") == "0");
    CHECK(has(d.refused("/api/v1/executions?order_id=zz"), "tws:<client>:<orderId>"));
    CHECK(d.call("GET", "/api/v1/executions?order_id=9").status == 404);
  }
}

TEST_CASE("filters: positions and account values of an account that is not ours are refused") {
  Desk d;
  d.view.set_told({model::BrokerList::positions, true, {}, true, ""});
  d.view.set_told({model::BrokerList::account, true, {}, true, ""});
  for (const std::string path : {"/api/v1/positions", "/api/v1/account"}) {
    CHECK(d.call("GET", path + "?account=DU1").status == 200);
    const std::string why = d.refused(path + "?account=DU9");
    CHECK(has(why, "DU9"));
    CHECK(has(why, "DU1"));
  }
}
