// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* apple_order =
    R"({"contract":{"symbol":"aapl ","sec_type":"STK","exchange":"SMART","currency":"USD"},
        "action":"BUY","order_type":"LMT","total_quantity":100,"limit_price":190.50,
        "client_order_id":"a-1"})";

struct Linked : Daemon {
  Linked() { connect(); }
  /// An order that works at the broker.
  Answer placed() {
    ask("POST", "/api/v1/orders", apple_order);
    acknowledge();
    return *take();
  }
};

bool blames(const Answer& answer, std::string_view field) {
  const Json* errors = answer.json.find("errors");
  if (errors == nullptr) return false;
  for (const auto& error : errors->items()) {
    if (error.text_of("field") == field && !error.text_of("detail").empty()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("place: an order that the broker acknowledges in time is 201 with its names and state") {
  Linked d;
  d.ask("POST", "/api/v1/orders", apple_order);
  REQUIRE(d.broker.placed.size() == 1);
  CHECK_FALSE(d.take().has_value());  // waits for the broker
  d.acknowledge();
  const Answer answer = *d.take();
  CHECK(answer.status == 201);
  CHECK(answer.headers.at("location") == "/api/v1/orders/1");
  CHECK(answer.headers.count("etag") == 1);
  const Json& order = answer.json;
  CHECK(text(order, "order_id") == "1");
  CHECK(text(order, "client_order_id") == "a-1");
  CHECK(text(order, "client_id") == "7");
  CHECK(text(order, "broker_order_id") == "100");
  CHECK(text(order, "perm_id") == "1000");
  CHECK(text(order, "status") == "Submitted");
  CHECK(text(order, "ord_status") == "New");
  CHECK(text(order, "outcome") == "acknowledged");
  CHECK(text(order, "total_quantity") == "100");
  CHECK(text(order, "limit_price") == "190.5");
  CHECK(order.find("aux_price")->is_null());
  CHECK(text(*order.find("contract"), "symbol") == "AAPL");
  CHECK(text(order, "account") == "DU1");
}

TEST_CASE("place: silence of the broker is 202 pending after the timeout, and never a failure") {
  Linked d;
  d.ask("POST", "/api/v1/orders", apple_order);
  d.pass(std::chrono::milliseconds(1999));
  CHECK_FALSE(d.take().has_value());
  d.pass(std::chrono::milliseconds(1));
  const Answer answer = *d.take();
  CHECK(answer.status == 202);
  CHECK(text(answer.json, "outcome") == "pending");
  CHECK(d.service.waiting() == 0);
}

TEST_CASE("place: a lost link leaves the outcome unknown, answered 202") {
  Linked d;
  d.ask("POST", "/api/v1/orders", apple_order);
  d.submit(core::SessionDown{"lost"});
  d.pass(std::chrono::seconds(2));
  const Answer answer = *d.take();
  CHECK(answer.status == 202);
  CHECK(text(answer.json, "outcome") == "unknown");
}

TEST_CASE("place: respond-async answers 202 as soon as the order is durable") {
  Linked d;
  const Answer answer = d.call("POST", "/api/v1/orders", apple_order, "Prefer: respond-async\r\n");
  CHECK(answer.status == 202);
  CHECK(text(answer.json, "order_id") == "1");
}

TEST_CASE("place: nothing is answered while the order is not durable") {
  Linked d;
  d.journal.held = true;
  d.ask("POST", "/api/v1/orders", apple_order, "Prefer: respond-async\r\n");
  CHECK_FALSE(d.take().has_value());
  CHECK(d.broker.placed.empty());
  d.pass(std::chrono::seconds(1));
  CHECK(d.call("GET", "/api/v1/orders").status == 0);  // in order: the first answer is missing
  d.pass(std::chrono::seconds(9));
  const Answer late = *d.take();
  CHECK(late.status == 503);
  CHECK(text(late.json, "outcome") == "unknown");
}

TEST_CASE("place: while the disk stalls new orders are 503 and cancels are taken") {
  Linked d;
  d.placed();
  d.journal.held = true;
  d.submit(core::CancelOrder{0, "x", core::OrderId(1), {}});
  d.pass(std::chrono::milliseconds(300));
  const Answer answer = d.call("POST", "/api/v1/orders", R"({"symbol":"IBM","action":"SELL",
      "order_type":"MKT","quantity":1})");
  CHECK(answer.status == 503);
  CHECK(text(answer.json, "code") == "JOURNAL_STALLED");
  CHECK(answer.headers.count("retry-after") == 1);
  const auto before = d.broker.canceled.size();
  d.ask("DELETE", "/api/v1/orders/1");
  CHECK(d.broker.canceled.size() == before + 1);
}

TEST_CASE("place: the broker's definite refusal is 422 with the order and the broker's words") {
  Linked d;
  d.ask("POST", "/api/v1/orders", apple_order);
  d.submit(core::BrokerNotice{d.names(0), 201, "Order rejected - reason: margin",
                              core::Verdict::request_refused});
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(text(answer.json, "outcome") == "rejected");
  CHECK(text(answer.json, "order_id") == "1");
  CHECK(text(answer.json, "detail").find("margin") != std::string::npos);
}

TEST_CASE("place: the same key and body is 200 with the order as it is now, sent once") {
  Linked d;
  d.placed();
  const Answer again = d.call("POST", "/api/v1/orders", apple_order);
  CHECK(again.status == 200);
  CHECK(again.headers.at("idempotency-replayed") == "true");
  CHECK(text(again.json, "order_id") == "1");
  CHECK(d.broker.placed.size() == 1);
}

TEST_CASE("place: the same key with another body is 422 and sends nothing") {
  Linked d;
  d.placed();
  const Answer other = d.call("POST", "/api/v1/orders",
                              R"({"symbol":"AAPL","action":"BUY","order_type":"LMT",
                                  "quantity":101,"limit_price":190.50,"client_order_id":"a-1"})");
  CHECK(other.status == 422);
  CHECK(text(other.json, "code") == "KEY_REUSED");
  CHECK(d.broker.placed.size() == 1);
}

TEST_CASE("place: the Idempotency-Key header is the client order id") {
  Linked d;
  d.placed();
  const std::string body = R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":"100",
      "limit_price":"190.500"})";
  const Answer again = d.call("POST", "/api/v1/orders", body, "Idempotency-Key: a-1\r\n");
  CHECK(again.status == 200);
  const Answer clash = d.call("POST", "/api/v1/orders", apple_order, "Idempotency-Key: b\r\n");
  CHECK(clash.status == 422);
  CHECK(blames(clash, "client_order_id"));
}

TEST_CASE("place: without a ready broker it is 503 and the key is not consumed") {
  Daemon d;
  const Answer answer = d.call("POST", "/api/v1/orders", apple_order);
  CHECK(answer.status == 503);
  CHECK(text(answer.json, "outcome") == "not_sent");
  d.connect();
  d.ask("POST", "/api/v1/orders", apple_order);
  CHECK(d.broker.placed.size() == 1);
}

TEST_CASE("place: an order that is canceled before it leaves was not sent, whoever asks") {
  Linked d;
  d.broker.slots = 0;
  d.ask("POST", "/api/v1/orders", apple_order);
  const ConnectionId caller = d.connection;
  d.connection = d.service.open(d.now);
  const Answer cancel = d.call("DELETE", "/api/v1/orders/cid:a-1", "", "Prefer: wait=1\r\n");
  CHECK(cancel.status == 200);
  CHECK(text(cancel.json, "status") == "Cancelled");
  CHECK(text(cancel.json, "outcome") == "not_sent");
  CHECK(text(d.call("GET", "/api/v1/orders/1").json, "outcome") == "not_sent");
  d.connection = caller;
  const Answer placed = *d.take();
  CHECK(placed.status == 422);
  CHECK(text(placed.json, "outcome") == "not_sent");
  CHECK(d.broker.placed.empty());
}

TEST_CASE("cancel: an order that has left stays acknowledged") {
  Linked d;
  d.placed();
  d.call("DELETE", "/api/v1/orders/1");
  core::BrokerOrder over = d.working(d.names(0), d.broker.placed.at(0).spec, "Cancelled");
  over.state = core::BrokerState::canceled;
  d.submit(over);
  const Answer order = d.call("GET", "/api/v1/orders/1");
  CHECK(text(order.json, "ord_status") == "Canceled");
  CHECK(text(order.json, "outcome") == "acknowledged");
}

TEST_CASE("place: a live account without permission is 422 and nothing leaves") {
  Daemon d;
  d.submit(core::SessionUp{7, 1, {{core::AccountId("U1"), false}}});
  d.submit(core::SnapshotDone{});
  const Answer answer = d.call("POST", "/api/v1/orders", apple_order);
  CHECK(answer.status == 422);
  CHECK(text(answer.json, "code") == "ORDER_REFUSED");
  CHECK(d.broker.placed.empty());
}

TEST_CASE("place: what is not JSON is 400, what is JSON and wrong is 422 with the field's name") {
  Linked d;
  CHECK(d.call("POST", "/api/v1/orders", "{").status == 400);
  CHECK(d.call("POST", "/api/v1/orders", "{\"limit_price\":NaN}").status == 400);
  const struct {
    const char* body;
    const char* field;
  } rows[] = {
      {R"([])", "body"},
      {R"({"action":"BUY","order_type":"MKT","quantity":1})", "contract.symbol"},
      {R"({"symbol":"A","order_type":"MKT","quantity":1})", "action"},
      {R"({"symbol":"A","action":"HOLD","order_type":"MKT","quantity":1})", "action"},
      {R"({"symbol":"A","action":"BUY","quantity":1})", "order_type"},
      {R"({"symbol":"A","action":"BUY","order_type":"FOO","quantity":1})", "order_type"},
      {R"({"symbol":"A","action":"BUY","order_type":"OTHER","quantity":1})", "order_type"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT"})", "total_quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":0})", "quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","total_quantity":-1})", "total_quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":"NaN"})", "quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1e30})", "quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":0.000000001})", "quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"total_quantity":1})",
       "quantity"},
      {R"({"symbol":"A","action":"BUY","order_type":"LMT","quantity":1})", "limit_price"},
      {R"({"symbol":"A","action":"BUY","order_type":"LMT","quantity":1,"limit_price":-1})",
       "limit_price"},
      {R"({"symbol":"A","action":"BUY","order_type":"LMT","quantity":1,"limit_price":true})",
       "limit_price"},
      {R"({"symbol":"A","action":"BUY","order_type":"STP","quantity":1})", "aux_price"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"time_in_force":"X"})",
       "time_in_force"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"outside_rth":"yes"})",
       "outside_rth"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"colour":"red"})", "colour"},
      {R"({"contract":{"symbol":"A","kind":1},"action":"BUY","order_type":"MKT","quantity":1})",
       "contract.kind"},
      {R"({"contract":{"symbol":"A"},"symbol":"A","action":"BUY","order_type":"MKT","quantity":1})",
       "symbol"},
      {R"({"symbol":"\u00e9","action":"BUY","order_type":"MKT","quantity":1})", "contract.symbol"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"client_order_id":""})",
       "client_order_id"},
      {R"({"symbol":"A","action":"BUY","order_type":"MKT","quantity":1,"valid_until":"soon"})",
       "valid_until"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    const Answer answer = d.call("POST", "/api/v1/orders", row.body);
    CHECK(answer.status == 422);
    CAPTURE(answer.body);
    CHECK(blames(answer, row.field));
  }
  CHECK(d.broker.placed.empty());
}

TEST_CASE("place: a natural guess of a field's name is answered with the right one") {
  Linked d;
  const auto detail_of = [&](const char* more) {
    const Answer answer =
        d.call("POST", "/api/v1/orders",
               std::string(R"({"symbol":"AAPL","action":"BUY","order_type":"STP","quantity":1,)") +
                   more + "}");
    CHECK(answer.status == 422);
    return text(answer.json.find("errors")->items().at(0), "detail");
  };
  CHECK(detail_of(R"("stop_price":1)") == "unknown field: the stop price is aux_price");
  CHECK(detail_of(R"("aux_price":1,"sec_type":"STK")") ==
        R"(unknown field: it belongs in contract: {"symbol": "AAPL", "sec_type": ...})");
  CHECK(detail_of(R"("aux_price":1,"colour":"red")").find("expected one of") != std::string::npos);
}

TEST_CASE("place: a GTD order whose date has passed is 422, but its repetition gets its answer") {
  Linked d;
  const char* until =
      R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":1,"limit_price":9,
          "time_in_force":"GTD","good_till_date":"2026-11-21T16:00:00Z","client_order_id":"g"})";
  d.ask("POST", "/api/v1/orders", until);
  d.acknowledge();
  CHECK(d.take()->status == 201);
  const char* longer = R"({"good_till_date":"2026-11-21T15:59:00Z"})";
  d.pass(std::chrono::hours(2));
  d.connection = d.service.open(d.now);  // the first one was idle for too long
  CHECK(blames(d.call("PUT", "/api/v1/orders/1", longer), "good_till_date"));
  CHECK(d.call("POST", "/api/v1/orders", until).status == 200);
  std::string other(until);
  other.replace(other.find("\"g\""), 3, "\"h\"");
  const Answer late = d.call("POST", "/api/v1/orders", other);
  CHECK(late.status == 422);
  CHECK(blames(late, "good_till_date"));
}

TEST_CASE("order: it is found by our id, the caller's, the broker's permanent and wire ids") {
  Linked d;
  d.placed();
  for (const char* id : {"1", "cid:a-1", "cid%3Aa-1", "perm:1000", "tws:7:100"}) {
    CAPTURE(id);
    const Answer answer = d.call("GET", std::string("/api/v1/orders/") + id);
    CHECK(answer.status == 200);
    CHECK(text(answer.json, "order_id") == "1");
  }
  for (const char* id : {"2", "0", "-1", "abc", "cid:zz", "cid:", "perm:1", "perm:x", "tws:7:101",
                         "tws:7", "tws:99999999999:1", "99999999999999999999"}) {
    CAPTURE(id);
    const Answer answer = d.call("GET", std::string("/api/v1/orders/") + id);
    CHECK(answer.status == 404);
    const bool may_be_others =
        std::string_view(id) == "perm:1" || std::string_view(id) == "tws:7:101";
    CHECK(has(answer.json.text_of("detail"), "last list") == may_be_others);
  }
}

TEST_CASE("order: an unchanged ETag is 304") {
  Linked d;
  const std::string tag = d.placed().headers.at("etag");
  CHECK(d.call("GET", "/api/v1/orders/1", "", "If-None-Match: " + tag + "\r\n").status == 304);
  d.fill(0, 40, "190.4", "e.1.01");
  const Answer fresh = d.call("GET", "/api/v1/orders/1", "", "If-None-Match: " + tag + "\r\n");
  CHECK(fresh.status == 200);
  CHECK(text(fresh.json, "status") == "PartiallyFilled");
  CHECK(text(fresh.json, "filled") == "40");
  CHECK(text(fresh.json, "remaining") == "60");
  CHECK(text(fresh.json, "avg_fill_price") == "190.4");
  CHECK(text(fresh.json, "last_fill_price") == "190.4");
  REQUIRE(fresh.json.find("fills")->items().size() == 1);
}

TEST_CASE("modify: PUT changes the given fields only and is 200 when the broker shows them") {
  Linked d;
  d.placed();
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191"})");
  REQUIRE(d.broker.replaced.size() == 1);
  CHECK_FALSE(d.take().has_value());
  d.submit(Daemon::working(d.names(0), d.broker.replaced[0].spec));
  const Answer answer = *d.take();
  CHECK(answer.status == 200);
  CHECK(text(answer.json, "limit_price") == "191");
  CHECK(text(answer.json, "total_quantity") == "100");
}

TEST_CASE("modify: a refusal by the broker is 422 and the order lives on") {
  Linked d;
  d.placed();
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191"})");
  d.submit(core::BrokerNotice{d.names(0), 110, "The price does not conform",
                              core::Verdict::replace_refused});
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(text(d.call("GET", "/api/v1/orders/1").json, "status") == "Submitted");
}

TEST_CASE("modify: no broker answer in time is 202") {
  Linked d;
  d.placed();
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191"})");
  d.pass(std::chrono::seconds(2));
  const Answer answer = *d.take();
  CHECK(answer.status == 202);
  CHECK(text(answer.json, "limit_price") == "190.5");
}

TEST_CASE("modify: an empty change is 400, unknown fields 422, an unknown order 404") {
  Linked d;
  d.placed();
  const Answer empty = d.call("PUT", "/api/v1/orders/1", "{}");
  CHECK(empty.status == 400);
  CHECK(text(empty.json, "detail") == "No modifications provided");
  CHECK(d.call("PUT", "/api/v1/orders/1", R"({"limit_price":null})").status == 400);
  for (const char* fixed : {R"({"action":"SELL"})", R"({"symbol":"MSFT"})",
                            R"({"contract":{"symbol":"MSFT"}})", R"({"con_id":1})"}) {
    const Answer refused = d.call("PUT", "/api/v1/orders/1", fixed);
    CHECK(refused.status == 422);
    CHECK(text(refused.json, "detail").find("cannot be changed") != std::string::npos);
  }
  CHECK(d.call("PUT", "/api/v1/orders/9", R"({"limit_price":1})").status == 404);
  CHECK(d.call("PUT", "/api/v1/orders/1", R"({"aux_price":1})").status == 422);
}

TEST_CASE("modify: PATCH needs If-Match (428), and a changed order is 412") {
  Linked d;
  const std::string tag = d.placed().headers.at("etag");
  const char* body = R"({"limit_price":"191"})";
  CHECK(d.call("PATCH", "/api/v1/orders/1", body).status == 428);
  CHECK(d.call("PATCH", "/api/v1/orders/1", body, "If-Match: \"v999\"\r\n").status == 412);
  CHECK(d.call("PATCH", "/api/v1/orders/1", body, "If-Match: junk\r\n").status == 412);
  CHECK(d.broker.replaced.empty());
  d.ask("PATCH", "/api/v1/orders/1", body, "If-Match: " + tag + "\r\n");
  CHECK(d.broker.replaced.size() == 1);
}

TEST_CASE("cancel: it is 202 at once, sent once, and the final state can be looked up") {
  Linked d;
  d.placed();
  const Answer answer = d.call("DELETE", "/api/v1/orders/1");
  CHECK(answer.status == 202);
  CHECK(text(answer.json, "status") == "PendingCancel");
  REQUIRE(d.broker.canceled.size() == 1);
  d.submit(core::BrokerStatus{d.names(0), core::BrokerState::canceled, "Cancelled", "", {}});
  CHECK(text(d.call("GET", "/api/v1/orders/1").json, "status") == "Cancelled");
  CHECK(d.call("DELETE", "/api/v1/orders/1").status == 409);
}

TEST_CASE("cancel: Prefer wait answers 200 with the final state, or 202 when it does not come") {
  Linked d;
  d.placed();
  d.ask("DELETE", "/api/v1/orders/1", "", "Prefer: wait=5\r\n");
  CHECK_FALSE(d.take().has_value());
  d.submit(core::BrokerStatus{d.names(0), core::BrokerState::canceled, "Cancelled", "", {}});
  const Answer answer = *d.take();
  CHECK(answer.status == 200);
  CHECK(text(answer.json, "status") == "Cancelled");
}

TEST_CASE(
    "cancel: a refusal ends the wait at once with the broker's code, and the order lives on") {
  Linked d;
  d.placed();
  d.ask("DELETE", "/api/v1/orders/1", "", "Prefer: wait=5\r\n");
  CHECK_FALSE(d.take().has_value());
  d.submit(core::BrokerNotice{d.names(0), 10148, "cannot be cancelled, state: Submitted",
                              core::Verdict::cancel_too_late});
  const auto answer = d.take();
  REQUIRE(answer.has_value());
  CHECK(answer->status == 409);
  CHECK(text(answer->json, "broker_code") == "10148");
  CHECK(text(answer->json, "outcome") == "rejected");
  CHECK(text(d.call("GET", "/api/v1/orders/1").json, "status") == "Submitted");
}

TEST_CASE("lists: newest first, pages do not overlap, filters apply, unknown ones are refused") {
  Linked d;
  for (int i = 0; i < 5; ++i) {
    d.call("POST", "/api/v1/orders",
           fmt::format(R"({{"symbol":"{}","action":"BUY","order_type":"MKT","quantity":1}})",
                       i % 2 == 0 ? "IBM" : "SPY"),
           "Prefer: respond-async\r\n");
  }
  std::string seen;
  std::string url = "/api/v1/orders?limit=2";
  for (int page = 0; page < 3; ++page) {
    const Answer answer = d.call("GET", url);
    REQUIRE(answer.status == 200);
    for (const auto& order : answer.json.find("orders")->items()) seen += order.text_of("order_id");
    url = fmt::format("/api/v1/orders?limit=2&page_token={}", answer.json.text_of("next"));
    CHECK((answer.headers.count("link") == 1) == (page < 2));
  }
  CHECK(seen == "54321");
  CHECK(text(d.call("GET", "/api/v1/orders?symbol=SPY").json, "count") == "2");
  CHECK(text(d.call("GET", "/api/v1/orders?status=open").json, "count") == "5");
  CHECK(text(d.call("GET", "/api/v1/orders?status=Filled").json, "count") == "0");
  CHECK(d.call("GET", "/api/v1/orders?account=DU2").status == 422);
  CHECK(d.call("GET", "/api/v1/orders?limit=0").status == 422);
  CHECK(d.call("GET", "/api/v1/orders?page_token=zz").status == 422);
  CHECK(d.call("GET", "/api/v1/orders?colour=red").status == 422);
}

TEST_CASE("lists: orders of other clients are in all and not in ours") {
  Linked d;
  core::OrderSpec spec;
  spec.account = core::AccountId("DU1");
  spec.contract.symbol = "MSFT";
  spec.terms.order_qty = core::Quantity::from_int(1);
  d.submit(Daemon::working({core::BrokerOrderId{0, -3}, core::PermanentId(77), ""}, spec));
  CHECK(text(d.call("GET", "/api/v1/orders").json, "count") == "0");
  const Answer all = d.call("GET", "/api/v1/orders/all");
  REQUIRE(all.json.find("orders")->items().size() == 1);
  const Json& order = all.json.find("orders")->items()[0];
  CHECK(order.text_of("client_id") == "0");
  CHECK(order.text_of("perm_id") == "77");
  // Another client's order is not ours to cancel, and the answer says whose it is.
  const Answer refused = d.call("DELETE", "/api/v1/orders/perm:77");
  CHECK(refused.status == 409);
}
