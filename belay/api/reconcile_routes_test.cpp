// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* limit_order =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":100,"limit_price":190.5})";

struct Connected : Daemon {
  Connected() { connect(); }
  /// An order whose link was lost before its answer.
  void lose() {
    ask("POST", "/api/v1/orders", limit_order, "Prefer: respond-async\r\n");
    REQUIRE(take()->status == 202);
    submit(core::SessionDown{"test"});
    connect();
  }
  core::SnapshotDone round() {
    core::SnapshotDone done;
    done.round = 3;
    done.wish = broker.snapshots.back().wish;
    return done;
  }
};

}  // namespace

TEST_CASE("reconcile: the answer comes with the round's end, and names findings and events") {
  Connected d;
  d.ask("POST", "/api/v1/orders", limit_order, "Prefer: respond-async\r\n");
  REQUIRE(d.take().has_value());
  d.acknowledge();
  d.pass(std::chrono::seconds(30));
  d.ask("POST", "/api/v1/reconcile");
  CHECK_FALSE(d.take().has_value());
  CHECK(d.broker.snapshots.back().full);
  d.submit(d.round());
  const Answer answer = *d.take();
  CHECK(answer.status == 200);
  CHECK(answer.json.text_of("round") == "3");
  CHECK(answer.json.truth_of("settled"));
  CHECK_FALSE(answer.json.truth_of("dry_run"));
  REQUIRE(answer.json.find("findings")->items().size() == 1);
  const Json& finding = answer.json.find("findings")->items()[0];
  CHECK(finding.text_of("kind") == "MISSING_IBKR");
  CHECK(finding.text_of("order_id") == "1");
  CHECK_FALSE(answer.json.find("events")->items().empty());
}

TEST_CASE("reconcile: a dry run records nothing") {
  Connected d;
  d.ask("POST", "/api/v1/orders", limit_order, "Prefer: respond-async\r\n");
  REQUIRE(d.take().has_value());
  d.acknowledge();
  d.pass(std::chrono::seconds(30));
  d.ask("POST", "/api/v1/reconcile?dry_run=true");
  CHECK(d.broker.snapshots.back().dry_run);
  const std::uint64_t before = d.view.book().last_seq();
  core::SnapshotDone done = d.round();
  done.dry_run = true;
  d.submit(done);
  const Answer answer = *d.take();
  CHECK(answer.json.truth_of("dry_run"));
  CHECK(answer.json.find("findings")->items().size() == 1);
  CHECK(d.view.book().last_seq() == before);
}

TEST_CASE("reconcile: without a broker it is 503, and dry_run is a yes or a no") {
  Daemon d;
  d.ask("POST", "/api/v1/reconcile");
  CHECK(d.take()->status == 503);
  d.ask("POST", "/api/v1/reconcile?dry_run=maybe");
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  CHECK(answer.body.find("dry_run") != std::string::npos);
}

TEST_CASE("decide: an unknown order ends as a person says, with name and reason") {
  Connected d;
  d.lose();
  d.ask("POST", "/api/v1/orders/1/decide",
        R"({"fate":"not-accepted","reason":"not in TWS","operator":"ann"})");
  const Answer answer = *d.take();
  CHECK(answer.status == 200);
  CHECK(answer.json.text_of("ord_status") == "NotAccepted");
  CHECK(answer.json.text_of("outcome") == "not_accepted");
  CHECK(answer.json.text_of("text") == "decided by ann: not in TWS");
}

TEST_CASE("decide: every field at fault is named") {
  Connected d;
  d.lose();
  d.ask("POST", "/api/v1/orders/1/decide", R"({"fate":"gone","who":"me"})");
  const Answer answer = *d.take();
  CHECK(answer.status == 422);
  for (const char* field : {"fate", "reason", "operator", "who"}) {
    CHECK(answer.body.find(std::string("\"") + field + "\"") != std::string::npos);
  }
  d.ask("POST", "/api/v1/orders/1/decide",
        R"({"fate":"canceled","reason":"a\nb","operator":"\u001b[2J"})");
  const Answer odd = *d.take();
  CHECK(odd.status == 422);
  CHECK(odd.json.find("errors")->items().size() == 2);
}

TEST_CASE("decide: an order that is not unknown is 409, one that is nobody's 404") {
  Connected d;
  d.ask("POST", "/api/v1/orders", limit_order, "Prefer: respond-async\r\n");
  REQUIRE(d.take().has_value());
  d.acknowledge();
  const char* body = R"({"fate":"canceled","reason":"r","operator":"ann"})";
  d.ask("POST", "/api/v1/orders/1/decide", body);
  CHECK(d.take()->status == 409);
  d.ask("POST", "/api/v1/orders/9/decide", body);
  CHECK(d.take()->status == 404);
}

TEST_CASE("decide: a client order id that holds a slash is still an id") {
  Connected d;
  d.ask("GET", "/api/v1/orders/cid:a/decide");
  CHECK(d.take()->status == 404);  // such an order does not exist; the path does
}

TEST_CASE("order json: copies are listed with what each has filled") {
  Connected d;
  d.ask("POST", "/api/v1/orders", limit_order, "Prefer: respond-async\r\n");
  REQUIRE(d.take().has_value());
  d.acknowledge();
  core::BrokerNames twin = d.names(0);
  twin.permanent_id = core::PermanentId(5555);
  d.submit(Daemon::working(twin, d.broker.placed.at(0).spec));
  d.fill(0, 40, "190.5", "e.1.01");
  d.ask("GET", "/api/v1/orders/1");
  const Answer answer = *d.take();
  const auto& copies = answer.json.find("incarnations")->items();
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].text_of("perm_id") == "1000");
  CHECK(copies[0].text_of("filled") == "40");
  CHECK(copies[1].text_of("perm_id") == "5555");
  CHECK(copies[1].text_of("filled") == "0");
}
