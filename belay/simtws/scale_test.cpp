// SPDX-License-Identifier: Apache-2.0
// The simulation with many orders. What is looked at and what is kept is bounded; the numbers of
// orders are such that anything quadratic would not end in time.
#include "belay/simtws/price_watch.hpp"
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Without a log and without clients that decode: what remains is the server.
struct Bare {
  explicit Bare(Options options) : server(std::move(options)) {}
  void place(ClientId client, const wire::PlaceOrder& order) {
    server.place_as(client, order.contract, order.order, now);
    server.take_output();
  }
  Server server;
  base::Time now = base::parse_rfc3339("2026-11-20T15:00:00Z").value();
};

SimOrder order_at(PermId id, bool is_buy, Kind kind, std::string_view price) {
  SimOrder out;
  out.perm_id = id;
  out.con_id = 1;
  out.is_buy = is_buy;
  out.kind = kind;
  out.acknowledged = true;
  out.status = Status::submitted;
  (kind == Kind::limit ? out.limit : out.stop) = dec(price);
  return out;
}

TEST_CASE("price watch: a quote names the orders it reaches, oldest first, and no others") {
  PriceWatch watch;
  watch.watch(order_at(9, true, Kind::limit, "100.00"));
  watch.watch(order_at(2, true, Kind::limit, "99.99"));
  watch.watch(order_at(3, false, Kind::limit, "100.01"));
  watch.watch(order_at(4, true, Kind::stop, "100.00"));
  watch.watch(order_at(5, false, Kind::stop, "99.98"));
  SimOrder trail = order_at(6, true, Kind::trail, "200");
  watch.watch(trail);
  Quote quote;
  quote.bid = dec("99.99");
  quote.ask = dec("100.00");
  CHECK(watch.touched(1, quote) == std::vector<PermId>{4, 6, 9});
  CHECK(watch.touched(2, quote).empty());
  quote.bid = dec("99.98");
  quote.ask = dec("99.99");
  CHECK(watch.touched(1, quote) == std::vector<PermId>{2, 5, 6, 9});
  watch.watch(order_at(9, true, Kind::limit, "99.00"));
  trail.waits = true;
  watch.watch(trail);
  watch.forget(5);
  CHECK(watch.touched(1, quote) == std::vector<PermId>{2});
}

TEST_CASE("scale: ten thousand open orders, and a market that moves under them") {
  Options options;
  options.open_orders_max = 1'000'000;
  options.market_step = milliseconds(500);
  Bare bare(options);
  for (OrderId id = 1; id <= 10'000; ++id) {
    bare.place(1 + id % 3, test::place(id, "BUY", "10", "LMT", id % 2 == 0 ? "150" : "151"));
  }
  CHECK(bare.server.book().live().size() == 10'000);
  for (int step = 0; step < 20'000; ++step) {
    bare.now = bare.now + milliseconds(500);
    bare.server.advance(bare.now);
  }
  CHECK(bare.server.book().live().size() == 10'000);
  bare.server.set_price("AAPL", dec("150.50"), dec("150.60"), bare.now);
  CHECK(bare.server.book().live().size() == 5'000);
  CHECK(bare.server.book().executions().size() == 5'000);
}

TEST_CASE("scale: many families and cancels with their children") {
  Options options;
  options.open_orders_max = 1'000'000;
  Bare bare(options);
  for (OrderId id = 1; id <= 3'000; id += 3) {
    auto parent = test::place(id, "BUY", "10", "LMT", "150");
    parent.order.transmit = false;
    auto stop = test::place(id + 1, "SELL", "10", "STP", "", "140");
    stop.order.parent_id = id;
    stop.order.transmit = false;
    auto target = test::place(id + 2, "SELL", "10", "LMT", "200");
    target.order.parent_id = id;
    bare.place(1, parent);
    bare.place(1, stop);
    bare.place(1, target);
  }
  CHECK(bare.server.book().live().size() == 3'000);
  for (OrderId id = 1; id <= 3'000; id += 3) bare.server.cancel_as(1, id, bare.now);
  CHECK(bare.server.book().live().empty());
}

TEST_CASE("scale: finished orders and executions are kept up to the limit, however many come") {
  Options options;
  options.history_max = 1'000;
  Bare bare(options);
  const auto order = test::place(0, "BUY", "1", "MKT");
  for (int i = 0; i < 20'000; ++i) {
    bare.place(1, order);
    bare.now = bare.now + milliseconds(1);
  }
  CHECK(bare.server.book().orders().size() == 1'000);
  CHECK(bare.server.book().executions().size() <= 2'000);
  CHECK(bare.server.book().positions().begin()->second.quantity == dec("20000"));
  CHECK(bare.server.next_valid_id(1) == 20'001);
}

}  // namespace
}  // namespace belay::simtws::test
