// SPDX-License-Identifier: Apache-2.0
// /ready: 200 exactly when a new order is taken, else the reason.
#include <doctest/doctest.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

constexpr const char* buy_at_market =
    R"({"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1})";

core::LinkStatus link(const std::string& phase) {
  core::LinkStatus out;
  out.phase = phase;
  out.connected = true;
  return out;
}

// /ready, /health and /metrics say the same; gives the reason, empty when ready.
std::string not_ready(Daemon& d) {
  const Answer ready = d.call("GET", "/ready");
  const bool open = ready.status == 200;
  CHECK((open || ready.status == 503));
  const Answer health = d.call("GET", "/health");
  CHECK(health.json.truth_of("ready") == open);
  CHECK(health.json.text_of("not_ready_because") == ready.json.text_of("detail"));
  const std::string line = open ? "belay_ready 1\n" : "belay_ready 0\n";
  CHECK(d.call("GET", "/metrics").body.find(line) != std::string::npos);
  return std::string(ready.json.text_of("detail"));
}

}  // namespace

TEST_CASE("ready: a halt, a full disk and a link that needs a person are 503 with the reason") {
  Daemon d;
  d.view.set_link(link("ready"));
  d.connect();
  CHECK(not_ready(d) == "");
  d.call("POST", "/api/v1/halt", R"({"reason":"a test"})");
  CHECK(not_ready(d) == "new risk is halted by local: a test");
  CHECK(d.call("GET", "/ready").json.text_of("code") == "HALTED");
  CHECK(d.call("POST", "/api/v1/orders", buy_at_market).status == 503);
  d.call("POST", "/api/v1/resume");
  CHECK(not_ready(d) == "");
  d.engine.refuse_new("the disk is nearly full");
  CHECK(not_ready(d) == "the disk is nearly full");
  CHECK(d.call("POST", "/api/v1/orders", buy_at_market).status == 503);
  d.engine.refuse_new("");
  core::LinkStatus live = link("needs_person");
  live.detail = "only live accounts: U1";
  live.action = "log in to a paper account";
  d.view.set_link(live);
  CHECK(not_ready(d) == "a person is needed: only live accounts: U1");
  CHECK(d.call("GET", "/ready").json.find("suggestions")->items().at(0).text() ==
        "log in to a paper account");
}

TEST_CASE("ready: while the calendar keeps new risk back it is 503 until the window ends") {
  engine::EngineOptions options;
  options.core.calendar.daily_reset = *core::Window::parse("10:00-11:00 America/New_York");
  Daemon d({}, 20'000, options);  // it is 10:00 there
  d.view.set_link(link("ready"));
  d.connect();
  CHECK(not_ready(d).find("2026-11-21T16:00:00") != std::string::npos);
  CHECK(d.call("GET", "/ready").headers.at("retry-after") == "3600");
  CHECK(d.call("POST", "/api/v1/orders", buy_at_market).status == 503);
}

TEST_CASE("ready: used up ids are 503 with that reason, those of one purpose are not") {
  Daemon d;
  d.view.set_link(link("ready"));
  d.submit(core::SessionUp{0, core::broker_number_max, {{core::AccountId("DU1"), true}}});
  d.submit(core::SnapshotDone{});
  CHECK(not_ready(d) == "");
  d.ask("POST", "/api/v1/orders", buy_at_market);
  d.acknowledge();
  d.take();
  CHECK(not_ready(d).find("used up its broker order ids (RANGE_EXHAUSTED)") != std::string::npos);
  CHECK(d.call("GET", "/ready").status == 503);
  CHECK(d.call("POST", "/api/v1/orders", buy_at_market).status == 409);

  engine::EngineOptions options;
  options.core.ids.ranges = *core::parse_id_ranges("manual=1-1,scanner=2-2");
  Daemon ranges({}, 20'000, options);
  ranges.view.set_link(link("ready"));
  ranges.submit(core::SessionUp{0, 5, {{core::AccountId("DU1"), true}}});
  ranges.submit(core::SnapshotDone{});
  CHECK(not_ready(ranges) == "");
}

TEST_CASE("resume: while a file halts it is refused with the file's name, and nothing changes") {
  Daemon d;
  d.connect();
  d.call("POST", "/api/v1/halt", R"({"reason":"a test"})");
  d.halt_file = "data/HALT";
  const Answer refused = d.call("POST", "/api/v1/resume");
  CHECK(refused.status == 503);
  CHECK(refused.json.text_of("detail").find("data/HALT") != std::string::npos);
  CHECK(d.call("GET", "/api/v1/halt").json.truth_of("halted"));
  d.halt_file.clear();
  CHECK(d.call("POST", "/api/v1/resume").status == 200);
}
