// SPDX-License-Identifier: Apache-2.0
// Orders of other clients over HTTP: their owners, cancels in an owner's name, and cancel-all.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

core::BrokerOrder others(std::int32_t client, std::int64_t number, std::int64_t permanent) {
  core::OrderSpec spec;
  spec.account = core::AccountId("DU1");
  spec.contract.symbol = "MSFT";
  spec.ord_type = core::OrdType::limit;
  spec.terms.order_qty = core::Quantity::from_int(5);
  spec.terms.price = core::Price(*base::Decimal::parse("100"));
  core::BrokerNames names;
  if (number != 0) names.broker_id = core::BrokerOrderId{client, number};
  names.permanent_id = core::PermanentId(permanent);
  names.carries_tag = true;
  return Daemon::working(names, spec);
}

/// Our order 1 works; order 2 is client 3's, order 3 was made by hand.
struct Busy : Daemon {
  Busy() {
    connect();
    ask("POST", "/api/v1/orders", R"({"symbol":"AAPL","action":"BUY","order_type":"LMT",
        "quantity":10,"limit_price":"190","client_order_id":"a-1"})");
    acknowledge();
    REQUIRE(take()->status == 201);
    submit(others(3, 17, 900));
    submit(others(0, 0, 901));
    tell_orders();
  }
  /// The broker has told its list of open orders, as of now.
  void tell_orders() { view.set_told({model::BrokerList::open_orders, true, now, true, ""}); }
};

}  // namespace

TEST_CASE("all orders: each row has its owner; one made by hand is client 0's without an id") {
  Busy d;
  const Answer all = d.call("GET", "/api/v1/orders/all");
  const auto& rows = all.json.find("orders")->items();  // newest first
  REQUIRE(rows.size() == 3);
  CHECK(text(rows[0], "owner") == "manual");
  CHECK(text(rows[0], "client_id") == "0");
  CHECK(rows[0].find("broker_order_id")->is_null());
  CHECK(text(rows[1], "owner") == "client 3");
  CHECK(text(rows[1], "client_id") == "3");
  CHECK(text(rows[2], "owner") == "ours");
}

TEST_CASE("all orders: a number that is another client's is not found, and its owner is named") {
  Busy d;
  const Answer answer = d.call("DELETE", "/api/v1/orders/tws:7:17");
  CHECK(answer.status == 404);
  CHECK(has(answer.body, "number 17 is an open order of client 3: tws:3:17"));
}

TEST_CASE("foreign cancel: waits for the outcome; a refusal is 409 with the reason") {
  Busy d;
  d.ask("DELETE", "/api/v1/orders/2?foreign=true");
  CHECK_FALSE(d.take().has_value());
  REQUIRE(d.broker.foreign_canceled.size() == 1);
  CHECK(d.broker.canceled.empty());
  d.submit(core::ForeignDone{core::OrderId(2), core::ForeignOutcome::refused,
                             "order 2 belongs to client 3, which is connected"});
  const Answer answer = *d.take();
  CHECK(answer.status == 409);
  CHECK(text(answer.json, "detail") == "order 2 belongs to client 3, which is connected");
  CHECK(text(answer.json, "order_id") == "2");
  CHECK(d.service.waiting() == 0);
}

TEST_CASE("foreign cancel: 200 when it is canceled, 202 when that is not known in time") {
  Busy d;
  d.ask("DELETE", "/api/v1/orders/2?foreign=true");
  d.submit(core::BrokerStatus{{core::BrokerOrderId{3, 17}, std::nullopt, ""},
                              core::BrokerState::canceled,
                              "Cancelled",
                              "",
                              core::Quantity()});
  const Answer done = *d.take();
  CHECK(done.status == 200);
  CHECK(text(done.json, "status") == "Cancelled");
  Busy slow;
  slow.ask("DELETE", "/api/v1/orders/2?foreign=true");
  slow.pass(std::chrono::seconds(2));
  CHECK(slow.take()->status == 202);
  const Answer async =
      Busy().call("DELETE", "/api/v1/orders/2?foreign=true", "", "Prefer: respond-async\r\n");
  CHECK(async.status == 202);
}

TEST_CASE("foreign change: 409, and it says who can and what is possible here") {
  Busy d;
  const Answer theirs = d.call("PUT", "/api/v1/orders/2", R"({"limit_price":"101"})");
  CHECK(theirs.status == 409);
  CHECK(has(text(theirs.json, "detail"), "only that client can change it"));
  CHECK(has(text(theirs.json, "detail"), "foreign=true"));
  const Answer by_hand = d.call("PUT", "/api/v1/orders/3", R"({"limit_price":"101"})");
  CHECK(by_hand.status == 409);
  CHECK(has(text(by_hand.json, "detail"), "only the broker's own screen can change it"));
  // The parameter is for cancels.
  const Answer odd = d.call("PUT", "/api/v1/orders/2?foreign=true", R"({"limit_price":"101"})");
  CHECK(odd.status == 422);
}

TEST_CASE("foreign: without the wish, or with a wish that is no word, nothing is asked") {
  Busy d;
  CHECK(d.call("DELETE", "/api/v1/orders/2").status == 409);
  CHECK(d.call("DELETE", "/api/v1/orders/2?foreign=false").status == 409);
  const Answer odd = d.call("DELETE", "/api/v1/orders/2?foreign=maybe");
  CHECK(odd.status == 422);
  CHECK(text(odd.json.find("errors")->items().at(0), "field") == "foreign");
  CHECK(d.broker.foreign_canceled.empty());
  CHECK(has(d.call("GET", "/metrics").body, "belay_foreign_requests_total 0"));
}

TEST_CASE("cancel-all: no scope is 400 and shows the exact call; the literal path wins over {id}") {
  Busy d;
  const Answer answer = d.call("DELETE", "/api/v1/orders/cancel-all");
  CHECK(answer.status == 400);
  CHECK(text(answer.json, "code") == "SCOPE_REQUIRED");
  CHECK(has(answer.json.find("suggestions")->items().at(0).text(),
            "DELETE /api/v1/orders/cancel-all?scope=own"));
  CHECK(d.broker.canceled.empty());
  CHECK(d.call("GET", "/api/v1/orders/cancel-all").status == 405);
}

TEST_CASE("cancel-all: each wrong parameter is named, and nothing is canceled") {
  Busy d;
  const struct {
    const char* query;
    const char* field;
  } cases[] = {{"scope=mine", "scope"},
               {"scope=own&dry_run=maybe", "dry_run"},
               {"scope=own&account=DU1", "account"},
               {"scope=all&foreign=true", "foreign"},
               {"scope=own&symbol=AAPL", "symbol"},
               {"scope=all&dryrun=true", "dryrun"},
               {"scope=all&dry_run=true&dry_run=false", "dry_run"},
               {"scope=account", "account"},
               {"scope=account&account=", "account"},
               {"scope=account&account=DU9", "account"}};
  for (const auto& [query, field] : cases) {
    const Answer answer = d.call("DELETE", std::string("/api/v1/orders/cancel-all?") + query);
    const std::string asked = query;
    CAPTURE(asked);
    CHECK(answer.status == 422);
    CHECK(text(answer.json.find("errors")->items().at(0), "field") == field);
  }
  CHECK(d.broker.canceled.empty());
  CHECK(d.broker.global_cancels == 0);
}

TEST_CASE(
    "cancel-all: an outcome for each order, in every scope, and a dry run that does nothing") {
  Busy d;
  const auto outcomes = [&](const char* query) {
    d.ask("DELETE", std::string("/api/v1/orders/cancel-all?") + query);
    d.tell_orders();
    d.turn();
    const Answer answer = *d.take();
    CHECK(answer.status == 200);
    std::string out;
    for (const Json& each : answer.json.find("orders")->items()) {
      out += fmt::format("{}:{} ", each.text_of("owner"), each.text_of("outcome"));
    }
    return out;
  };
  CHECK(outcomes("scope=account&account=DU1&dry_run=true") ==
        "ours:would_cancel client 3:refused manual:refused ");
  CHECK(d.broker.canceled.empty());
  CHECK(outcomes("scope=own") == "ours:requested ");
  CHECK(d.broker.canceled.size() == 1);
  CHECK(outcomes("scope=own") == "ours:requested ");
  CHECK(outcomes("scope=account&account=DU1&foreign=true") ==
        "ours:requested client 3:requested manual:refused ");
  CHECK(d.broker.foreign_canceled.size() == 1);
  CHECK(d.broker.global_cancels == 0);
  CHECK(outcomes("scope=all") == "ours:requested client 3:requested manual:requested ");
  CHECK(d.broker.global_cancels == 1);
}

TEST_CASE("cancel-all: a dry run asks the broker first, and lists what others placed meanwhile") {
  for (const std::string scope : {"scope=all", "scope=account&account=DU1"}) {
    CAPTURE(scope);
    Busy d;
    d.pass(std::chrono::milliseconds(10));  // no list is new enough that was there before
    const std::size_t before = d.broker.snapshots.size();
    d.ask("DELETE", "/api/v1/orders/cancel-all?dry_run=true&" + scope);
    CHECK_FALSE(d.take().has_value());
    REQUIRE(d.broker.snapshots.size() == before + 1);
    d.submit(others(4, 1, 902));
    d.tell_orders();
    d.turn();
    const Answer answer = *d.take();
    CHECK(text(answer.json, "count") == "4");
    CHECK(answer.json.truth_of("complete"));
    CHECK(answer.json.truth_of("fresh"));
    CHECK(answer.json.find("not_complete_because")->is_null());
    CHECK(text(answer.json, "as_of") == base::to_rfc3339(d.now));
    CHECK(d.broker.global_cancels == 0);
  }
}

TEST_CASE("cancel-all: a dry run without the broker's answer ends in time and says so") {
  Busy d;
  const base::Time told = d.now;
  d.pass(std::chrono::seconds(40));
  d.ask("DELETE", "/api/v1/orders/cancel-all?scope=all&dry_run=true");
  d.pass(std::chrono::seconds(5));
  const Answer answer = *d.take();
  CHECK(text(answer.json, "count") == "3");
  CHECK_FALSE(answer.json.truth_of("complete"));
  CHECK_FALSE(answer.json.truth_of("fresh"));
  CHECK_FALSE(text(answer.json, "not_fresh_because").empty());
  CHECK_FALSE(text(answer.json, "not_complete_because").empty());
  CHECK(text(answer.json, "as_of") == base::to_rfc3339(told));
}

TEST_CASE("cancel-all: a cancel waits for no list, and says as of when it knows others' orders") {
  Busy d;
  const base::Time told = d.now;
  d.pass(std::chrono::seconds(40));
  for (const char* query : {"scope=account&account=DU1&foreign=true", "scope=all"}) {
    CAPTURE(query);
    const Answer answer = d.call("DELETE", std::string("/api/v1/orders/cancel-all?") + query);
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.json.truth_of("complete"));
    CHECK_FALSE(text(answer.json, "not_complete_because").empty());
    CHECK(text(answer.json, "as_of") == base::to_rfc3339(told));
    CHECK(answer.json.find("fresh") == nullptr);
  }
  CHECK(d.broker.global_cancels == 1);
  // A list with an entry that could not be read is no complete one, also of our own orders.
  d.view.set_told({model::BrokerList::open_orders, true, d.now, false, ""});
  const Answer part = d.call("DELETE", "/api/v1/orders/cancel-all?scope=own");
  CHECK_FALSE(part.json.truth_of("complete"));
  CHECK_FALSE(text(part.json, "not_complete_because").empty());
  d.tell_orders();
  // Of our own orders nothing is missing, however old the list is.
  const Answer own = d.call("DELETE", "/api/v1/orders/cancel-all?scope=own");
  CHECK(own.json.truth_of("complete"));
  CHECK(own.json.find("not_complete_because")->is_null());
}

TEST_CASE("cancel-all: a stalled disk delays no global cancel") {
  Busy d;
  d.journal.held = true;
  d.ask("DELETE", "/api/v1/orders/cancel-all?scope=all");
  CHECK(d.broker.global_cancels == 1);
  CHECK_FALSE(d.take().has_value());
  d.journal.held = false;
  d.turn();
  CHECK(d.take()->status == 200);
}
