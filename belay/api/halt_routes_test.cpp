// SPDX-License-Identifier: Apache-2.0
// The kill gate over HTTP, and what callers see of the queue.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay::api;
namespace core = belay::core;

namespace {

constexpr const char* buy_some =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":10,)"
    R"("limit_price":190.5})";
constexpr const char* because = R"({"reason":"a test"})";

}  // namespace

TEST_CASE("halt: POST closes the gate, GET shows it, and new orders get 503") {
  Daemon daemon;
  daemon.connect();
  const Answer before = daemon.call("GET", "/api/v1/halt");
  CHECK(before.status == 200);
  CHECK_FALSE(before.json.truth_of("halted"));
  const Answer halted = daemon.call("POST", "/api/v1/halt", because);
  CHECK(halted.status == 200);
  CHECK(halted.json.truth_of("halted"));
  CHECK(halted.json.text_of("reason") == "a test");
  CHECK(halted.json.text_of("by") == "local");
  const Answer refused = daemon.call("POST", "/api/v1/orders", buy_some);
  CHECK(refused.status == 503);
  CHECK(refused.json.text_of("error_type") == "EmergencyBreakerActive");
  CHECK(refused.json.text_of("detail") == "new risk is halted by local: a test");
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(daemon.call("GET", "/health").json.truth_of("halted"));
  CHECK(daemon.call("GET", "/metrics").body.find("\nbelay_halted 1\n") != std::string::npos);
}

TEST_CASE("halt: asking twice is asking once, and resume takes new risk again") {
  Daemon daemon;
  daemon.connect();
  daemon.call("POST", "/api/v1/halt", because);
  const auto events = daemon.journal.records.size();
  CHECK(daemon.call("POST", "/api/v1/halt", R"({"reason":"again"})").json.text_of("reason") ==
        "a test");
  CHECK(daemon.journal.records.size() == events);
  const Answer open = daemon.call("POST", "/api/v1/resume");
  CHECK(open.status == 200);
  CHECK_FALSE(open.json.truth_of("halted"));
  CHECK(daemon.call("POST", "/api/v1/resume", R"({"reason":"looked at"})").status == 200);
  CHECK(daemon.call("POST", "/api/v1/orders", buy_some, "Prefer: respond-async\r\n").status == 202);
}

TEST_CASE("halt: a cancel passes") {
  Daemon daemon;
  daemon.connect();
  daemon.call("POST", "/api/v1/orders", buy_some, "Prefer: respond-async\r\n");
  daemon.acknowledge();
  daemon.call("POST", "/api/v1/halt", because);
  CHECK(daemon.call("DELETE", "/api/v1/orders/1").status == 202);
  CHECK(daemon.broker.canceled.size() == 1);
}

TEST_CASE("halt: the body is read strictly, and a wrong one names the field") {
  Daemon daemon;
  for (const char* body : {R"({"reason":""})", R"({"reason":5})", R"({})"}) {
    CAPTURE(body);
    const Answer answer = daemon.call("POST", "/api/v1/halt", body);
    CHECK(answer.status == 422);
    REQUIRE(answer.json.find("errors")->items().size() == 1);
    CHECK(answer.json.find("errors")->items()[0].text_of("field") == "reason");
  }
  CHECK(daemon.call("POST", "/api/v1/halt", R"({"reason":"x","why":"y"})").status == 422);
  CHECK(daemon.call("POST", "/api/v1/halt", "[]").status == 422);
  CHECK(daemon.call("POST", "/api/v1/halt", "{").status == 400);
  CHECK(daemon.call("POST", "/api/v1/halt").status == 400);
  CHECK(daemon.call("POST", "/api/v1/resume", R"({"reason":5})").status == 422);
  CHECK(daemon.call("DELETE", "/api/v1/halt").status == 405);
  CHECK(daemon.journal.records.size() == 2);  // nothing but the start
}

TEST_CASE("halt: it works without a broker") {
  Daemon daemon;
  CHECK(daemon.call("POST", "/api/v1/halt", because).json.truth_of("halted"));
}

TEST_CASE("halt: on a stalled disk the gate is closed at once, and the answer says what is known") {
  Daemon daemon;
  daemon.connect();
  daemon.journal.held = true;
  daemon.ask("POST", "/api/v1/halt", because);
  CHECK_FALSE(daemon.take().has_value());
  CHECK(daemon.engine.gate_closed());
  daemon.pass(std::chrono::seconds(30));
  daemon.journal.held = false;
  daemon.turn();
  CHECK(daemon.view.book().halted().has_value());
}

TEST_CASE("queue: an order that waits shows its lane, and none when it has gone") {
  Daemon daemon;
  daemon.connect();
  daemon.broker.slots = 0;
  const Answer waiting =
      daemon.call("POST", "/api/v1/orders", buy_some, "Prefer: respond-async\r\n");
  CHECK(waiting.status == 202);
  CHECK(waiting.json.text_of("lane") == "new");
  CHECK(daemon.call("GET", "/metrics").body.find("belay_queue_depth{lane=\"new\"} 1\n") !=
        std::string::npos);
  daemon.pass(std::chrono::seconds(2));
  CHECK(daemon.call("GET", "/metrics").body.find("belay_queue_wait_seconds{lane=\"new\"} 2\n") !=
        std::string::npos);
  daemon.broker.slots = 45;
  daemon.submit(core::Tick{});
  const Answer gone = daemon.call("GET", "/api/v1/orders/1");
  REQUIRE(gone.json.find("lane") != nullptr);
  CHECK(gone.json.find("lane")->is_null());
}

TEST_CASE("stall: protection is taken while the disk stalls, new risk is not") {
  Daemon daemon;
  daemon.connect();
  daemon.call("POST", "/api/v1/orders", buy_some, "Prefer: respond-async\r\n");
  core::BrokerExecution fill;
  fill.names = daemon.names(0);
  fill.account = core::AccountId("DU1");
  fill.contract.symbol = "AAPL";
  fill.contract.con_id = 265598;
  fill.execution.id = core::split_exec_id("e.1.01");
  fill.execution.last_qty = core::Quantity::from_int(10);
  fill.execution.last_px = core::Price(core::Decimal::from_int(190));
  daemon.submit(fill);
  daemon.journal.held = true;
  daemon.submit(core::Alarm{"test", "a commit begins"});
  daemon.pass(std::chrono::seconds(1));
  const Answer refused = daemon.call("POST", "/api/v1/orders", buy_some);
  CHECK(refused.status == 503);
  CHECK(refused.json.text_of("code") == "JOURNAL_STALLED");
  daemon.ask("POST", "/api/v1/orders",
             R"({"symbol":"AAPL","action":"SELL","order_type":"STP","quantity":10,)"
             R"("aux_price":180,"account":"DU1"})",
             "Prefer: respond-async\r\n");
  CHECK_FALSE(daemon.take().has_value());  // durable first
  daemon.journal.held = false;
  daemon.turn();
  daemon.turn();
  CHECK(daemon.take().value_or(Answer{}).status == 202);
  CHECK(daemon.broker.placed.size() == 2);
}
