// SPDX-License-Identifier: Apache-2.0
// Two bots, a manual trader and Belay on one simulated gateway.
#include "tests/clients/floor.hpp"

using namespace belay;
using namespace belay::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* ours =
    R"({"symbol":"AAPL","action":"BUY","order_type":"LMT","quantity":10,"limit_price":"150"})";

/// A floor where everybody has an order.
struct Busy : Floor {
  explicit Busy(std::int32_t client_id = 7, bool bind_manual = false)
      : Floor(client_id, bind_manual), one(connect(1)), two(connect(2)) {
    send(one, sim::place(1, "BUY", "5", "LMT", "150"));
    send(two, sim::place(1, "SELL", "3", "LMT", "250"));
    hand = by_hand(sim::place(0, "BUY", "2", "LMT", "149"));
    REQUIRE(call("POST", "/api/v1/orders", ours).status == 201);
    // What others did since our lists were read is known after the next lists.
    relist();
  }
  void relist() {
    cut();
    pass(seconds(10));
    REQUIRE(call("GET", "/ready").status == 200);
  }
  const api::Json& row(const Answer& list, std::string_view owner) const {
    for (const api::Json& each : list.json.find("orders")->items()) {
      if (each.text_of("owner") == owner) return each;
    }
    FAIL("no order of " << owner);
    return list.json;
  }
  sim::Client& one;
  sim::Client& two;
  simtws::PermId hand = 0;
};

}  // namespace

TEST_CASE("floor: every order is listed with its owner, whoever placed it") {
  Busy floor;
  const Answer all = floor.call("GET", "/api/v1/orders/all");
  CHECK(floor.row(all, "client 1").text_of("client_id") == "1");
  CHECK(floor.row(all, "client 2").text_of("client_id") == "2");
  CHECK(floor.row(all, "ours").text_of("client_id") == "7");
  const api::Json& manual = floor.row(all, "manual");
  CHECK(manual.text_of("client_id") == "0");
  CHECK(manual.text_of("perm_id") == std::to_string(floor.hand));
  CHECK(manual.find("broker_order_id")->is_null());
  CHECK(all.json.find("orders")->items().size() == 4);
  CHECK(floor.call("GET", "/api/v1/orders").json.find("orders")->items().size() == 1);
}

TEST_CASE("floor: connecting as any client touches nobody's orders and binds nothing") {
  for (const std::int32_t client : {0, 7}) {
    Busy floor(client);
    CHECK(floor.seen(client, "reqAllOpenOrders") >= 1);
    CHECK(floor.seen(client, "reqOpenOrders") == 0);
    CHECK(floor.seen(client, "reqAutoOpenOrders") == 0);
    CHECK(floor.order(floor.hand).text("owner") == "manual");
    CHECK(floor.server().book().orders().at(floor.hand).key.second == 0);
  }
}

TEST_CASE("floor: a cancel in another client's name waits for its id, and leaves the main link") {
  Busy floor;
  const int closed_before = floor.seen(7, "closed");
  const Answer refused = floor.call("DELETE", "/api/v1/orders/tws:1:1?foreign=true");
  CHECK(refused.status == 409);
  CHECK(refused.text("detail").find("client 1, which is connected") != std::string::npos);
  CHECK_FALSE(floor.one.closed);
  floor.hang_up(floor.one);
  const Answer done = floor.call("DELETE", "/api/v1/orders/tws:1:1?foreign=true");
  CHECK(done.status == 200);
  CHECK(done.text("status") == "Cancelled");
  CHECK(floor.seen(7, "closed") == closed_before);
  CHECK(floor.seen(7, "cancelOrder") == 0);
  CHECK(floor.seen(1, "cancelOrder") == 1);
  // The same number under our id is still our order.
  const Answer mine = floor.call("GET", "/api/v1/orders/tws:7:1");
  CHECK(mine.text("status") == "Submitted");
  // The owner comes back to a free id.
  sim::Client& again = floor.connect(1);
  CHECK_FALSE(again.closed);
}

TEST_CASE("floor: an id is given back after 5 s even when the server never answers") {
  Busy floor;
  floor.hang_up(floor.two);
  // The cancel is lost on its way: the first message of client 2 after startApi.
  floor.lose(2, 1);
  floor.ask("DELETE", "/api/v1/orders/tws:2:1?foreign=true");
  floor.pass(milliseconds(4900));
  CHECK(floor.connect(2).closed);  // held
  floor.pass(milliseconds(200));
  CHECK_FALSE(floor.connect(2).closed);
  CHECK(floor.call("GET", "/api/v1/orders/tws:2:1").text("status") == "PendingCancel");
}

TEST_CASE("floor: an order made by hand is nobody's to cancel until it is bound") {
  Busy floor(0);
  const Answer refused =
      floor.call("DELETE", fmt::format("/api/v1/orders/perm:{}?foreign=true", floor.hand));
  CHECK(refused.status == 409);
  CHECK(refused.text("detail").find("by hand") != std::string::npos);
}

TEST_CASE(
    "floor: with binding a manual order is ours to cancel and not to change, and marked as bound") {
  Busy floor(0, true);
  const Answer bound = floor.order(floor.hand);
  CHECK(bound.text("owner") == "bound");
  CHECK(bound.text("broker_order_id") == "-1");
  bool flagged = false;
  for (const api::Json& flag : bound.json.find("flags")->items()) {
    if (flag.text() == "bound") flagged = true;
  }
  CHECK(flagged);
  const std::string path = fmt::format("/api/v1/orders/perm:{}", floor.hand);
  const Answer changed = floor.call("PUT", path, R"({"limit_price":"148"})");
  CHECK(changed.status == 409);
  CHECK(changed.text("detail").find("changed only where it was made") != std::string::npos);
  // One made while we are connected is bound as it is made.
  const auto later = floor.by_hand(sim::place(0, "SELL", "1", "LMT", "260"));
  CHECK(floor.order(later).text("owner") == "bound");
  CHECK(floor.call("DELETE", path).status == 202);
  floor.pass(seconds(1));
  CHECK(floor.order(floor.hand).text("status") == "Cancelled");
  CHECK(floor.order(later).text("status") == "Submitted");
}

TEST_CASE("floor: cancel-all by scope: ours, the account's, everything") {
  Busy floor;
  floor.hang_up(floor.two);
  const auto outcomes = [&](const char* query) {
    std::map<std::string, std::string> out;
    const Answer answer = floor.call("DELETE", std::string("/api/v1/orders/cancel-all?") + query);
    CHECK(answer.status == 200);
    for (const api::Json& each : answer.json.find("orders")->items()) {
      out[std::string(each.text_of("owner"))] = each.text_of("outcome");
    }
    return out;
  };
  using Outcomes = std::map<std::string, std::string>;
  CHECK(outcomes("scope=own&dry_run=true") == Outcomes{{"ours", "would_cancel"}});
  CHECK(outcomes("scope=account&account=DU1234567&foreign=true") ==
        Outcomes{{"client 1", "requested"},
                 {"client 2", "requested"},
                 {"manual", "refused"},
                 {"ours", "requested"}});
  floor.pass(seconds(1));
  // Client 1 is connected, so its order stays; client 2's id was free.
  CHECK(outcomes("scope=account&account=DU1234567&dry_run=true") ==
        Outcomes{{"client 1", "refused"}, {"manual", "refused"}});
  CHECK(outcomes("scope=all") == Outcomes{{"client 1", "requested"}, {"manual", "requested"}});
  floor.pass(seconds(1));
  CHECK(floor.server().book().live().empty());
  CHECK(floor.seen(7, "reqGlobalCancel") == 1);
}
