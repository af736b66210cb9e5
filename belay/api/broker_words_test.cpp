// SPDX-License-Identifier: Apache-2.0
// What the broker said, as callers see it: refusals with its code and text, ends without work,
// cancels of others, what is left of an order, and modifications that a later one overtook.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {
constexpr const char* buy_order =
    R"({"client_order_id":"w-1","symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":100,)"
    R"("limit_price":"190.5"})";

struct Ready : Daemon {
  Ready() { connect(); }
  void said(std::int32_t code, const char* text, core::Verdict verdict) {
    submit(core::BrokerNotice{names(0), code, text, verdict});
  }
  void status(core::BrokerState state, const char* word, std::int64_t filled = 0) {
    submit(core::BrokerStatus{{names(0).broker_id, names(0).permanent_id, ""},
                              state,
                              word,
                              "",
                              core::Quantity::from_int(filled)});
  }
  void placed() {
    ask("POST", "/api/v1/orders", buy_order);
    acknowledge();
    REQUIRE(take()->status == 201);
  }
  Answer look() { return call("GET", "/api/v1/orders/1"); }
};
}  // namespace

TEST_CASE("words: a refusal shows the broker's code and text in the answer and in the order") {
  Ready d;
  d.ask("POST", "/api/v1/orders", buy_order);
  d.said(201, "Order rejected - reason: margin", core::Verdict::request_refused);
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(answer.json.find("broker_code")->text() == "201");
  CHECK(text(answer.json, "broker_text") == "Order rejected - reason: margin");
  d.status(core::BrokerState::canceled, "Cancelled");
  const Answer order = d.look();
  CHECK(text(order.json, "ord_status") == "Rejected");
  CHECK(text(order.json, "broker_text") == "Order rejected - reason: margin");
}

TEST_CASE(
    "words: an order that ends before it works is 422, with the reason that follows its end") {
  Ready d;
  d.ask("POST", "/api/v1/orders", buy_order);
  d.status(core::BrokerState::canceling, "PendingCancel");
  d.status(core::BrokerState::canceled, "Cancelled");
  CHECK_FALSE(d.take().has_value());  // the reason is on its way
  core::BrokerNotice reason{d.names(0), 202, "reason:too far", core::Verdict::canceled};
  reason.by_request = core::VerdictByRequest{core::Verdict::request_refused,
                                             core::Verdict::canceled, core::Verdict::canceled};
  d.submit(reason);
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(text(answer.json, "outcome") == "rejected");
  CHECK(text(answer.json, "broker_text") == "reason:too far");
}

TEST_CASE("words: a price check is a refusal, and its order is what TWS shows of it: Cancelled") {
  for (const bool with_word : {false, true}) {
    CAPTURE(with_word);
    Ready d;
    d.ask("POST", "/api/v1/orders", buy_order);
    core::BrokerNotice reason{d.names(0), 202, "reason:too far", core::Verdict::canceled};
    reason.by_request = core::VerdictByRequest{core::Verdict::request_refused,
                                               core::Verdict::canceled, core::Verdict::canceled};
    d.submit(reason);
    if (with_word) d.status(core::BrokerState::canceled, "Cancelled");
    CHECK(d.take()->status == 422);
    const Answer order = d.look();
    CHECK(text(order.json, "status") == "Cancelled");
    CHECK(text(order.json, "ord_status") == "Rejected");
    CHECK(text(order.json, "outcome") == "rejected");
  }
  Ready d;
  d.ask("POST", "/api/v1/orders", buy_order);
  d.said(201, "Order rejected - reason: margin", core::Verdict::request_refused);
  REQUIRE(d.take()->status == 422);
  CHECK(text(d.look().json, "status") == "Inactive");
}

TEST_CASE("words: what is left of a canceled order is not what works of it") {
  Ready d;
  d.placed();
  d.fill(0, 40, "190.4", "e.1.01");
  d.status(core::BrokerState::canceled, "Cancelled", 40);
  const Answer order = d.look();
  CHECK(text(order.json, "status") == "Cancelled");
  CHECK(text(order.json, "remaining") == "60");
  CHECK(text(order.json, "leaves") == "0");
}

TEST_CASE("words: what the broker says is filled is not untaken, and unknown until it is told") {
  Ready d;
  d.ask("POST", "/api/v1/orders", buy_order);
  d.status(core::BrokerState::canceled, "Cancelled", 40);
  CHECK_FALSE(d.take().has_value());  // its executions are on their way
  d.fill(0, 40, "190.4", "e.1.01");
  const Answer answer = *d.take();
  CHECK(answer.status == 201);
  CHECK(text(answer.json, "filled") == "40");

  Ready later;
  later.placed();
  later.status(core::BrokerState::canceled, "Cancelled", 40);
  const Answer order = later.look();
  CHECK(text(order.json, "ord_status") == "Canceled");
  for (const char* number : {"filled", "remaining", "leaves"}) {
    CAPTURE(number);
    REQUIRE(order.json.find(number) != nullptr);
    CHECK(order.json.find(number)->is_null());
  }
}

TEST_CASE("words: a cancel that a person asked for in TWS is shown") {
  Ready d;
  d.placed();
  d.status(core::BrokerState::canceling, "PendingCancel");
  CHECK(text(d.look().json, "status") == "PendingCancel");
}

TEST_CASE("modify: of two at once the overtaken one is superseded, and says what is in force") {
  Ready d;
  d.placed();
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"191"})");  // on its way
  const ConnectionId first = d.connection;
  d.connection = d.service.open(d.now);
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"192"})");  // waits, and is overtaken
  const ConnectionId second = d.connection;
  d.connection = d.service.open(d.now);
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"193"})");
  const ConnectionId third = d.connection;
  REQUIRE(d.broker.replaced.size() == 1);
  d.submit(Daemon::working(d.names(0), d.broker.replaced[0].spec));
  d.connection = first;
  CHECK(d.take()->status == 200);  // the broker took it
  REQUIRE(d.broker.replaced.size() == 2);
  d.submit(Daemon::working(d.names(0), d.broker.replaced[1].spec));
  d.connection = third;
  CHECK(d.take()->status == 200);
  d.connection = second;
  const Answer overtaken = *d.take();
  CHECK(overtaken.status == 409);
  CHECK(text(overtaken.json, "code") == "SUPERSEDED");
  CHECK(text(overtaken.json, "outcome") == "superseded");
  CHECK(text(*overtaken.json.find("order"), "limit_price") == "193");
}

TEST_CASE("words: of an order for an amount of money nobody knows what is left while it works") {
  Ready d;
  model::OrderSpec spec;
  spec.account = model::AccountId("DU1");
  spec.contract.symbol = "BTC";
  spec.ord_type = model::OrdType::market;
  spec.terms.cash_qty = *base::Decimal::parse("500");
  const core::BrokerNames names{model::BrokerOrderId{9, 3}, model::PermanentId(700), "theirs"};
  d.submit(core::BrokerOrder{names, spec, "MKT", core::BrokerState::working, "Submitted", "", {}});
  const auto shown = [&](std::string_view field) {
    return d.call("GET", "/api/v1/orders/perm:700").json.find(field)->is_null();
  };
  CHECK(shown("total_quantity"));
  CHECK(shown("remaining"));
  CHECK(shown("leaves"));
}

TEST_CASE("modify: a refused price ends the order, and what follows it does not hide why") {
  Ready d;
  d.placed();
  d.ask("PUT", "/api/v1/orders/1", R"({"limit_price":"500"})");
  d.said(202, "We cannot accept an order at a limit price", core::Verdict::canceled);
  d.said(201, "too late to replace", core::Verdict::request_refused);
  const Answer answer = *d.take();
  CHECK(answer.json.find("broker_code")->text() == "202");
  const Answer order = d.look();
  CHECK(order.json.find("broker_code")->text() == "202");
  CHECK(text(order.json, "broker_text") == "We cannot accept an order at a limit price");
}

TEST_CASE("words: they are shown without a code that could be read") {
  Ready d;
  d.placed();
  d.said(0, "words behind a broken number", core::Verdict::unlisted);
  const Answer order = d.look();
  CHECK(order.json.find("broker_code")->is_null());
  CHECK(text(order.json, "broker_text") == "words behind a broken number");
}

TEST_CASE("words: a FOK that ended unfilled as ordered is 201, as an IOC is") {
  Ready d;
  d.ask("POST", "/api/v1/orders",
        R"({"client_order_id":"w-1","symbol":"AAPL","action":"BUY","order_type":"LMT",
            "quantity":100,"limit_price":"150","time_in_force":"FOK"})");
  d.status(core::BrokerState::rejected, "Inactive");
  d.pass(std::chrono::seconds(60));
  const Answer answer = *d.take();
  CHECK(answer.status == 201);
  CHECK(text(answer.json, "status") == "Cancelled");
}
