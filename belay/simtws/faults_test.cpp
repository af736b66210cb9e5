// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/test_client.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;

TEST_CASE("restart: every connection breaks, orders, executions and ids stay") {
  Bed bed;
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(1, "BUY", "100", "LMT", "150"));
  bed.send(one, place(2, "BUY", "100", "MKT"));
  bed.server.restart(bed.now);
  bed.pump();
  CHECK(one.closed);
  CHECK(two.closed);
  Client& again = bed.start(1);
  CHECK(again.first<wire::OpenOrder>().order_id == 1);
  CHECK(again.first<wire::NextValidId>().order_id == 3);
  again.take();
  bed.send(again, wire::ReqExecutions{});
  CHECK(again.words() == Words{"X", "C", "execDetailsEnd"});
}

TEST_CASE("a lost inbound message: the n-th is never processed, its loss is logged") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.lose_inbound(1, 2);
  bed.send(client, place(1, "BUY", "1", "LMT", "150"));
  bed.send(client, place(2, "BUY", "1", "LMT", "150"));
  CHECK(bed.log.back().find("lost_inbound") != std::string::npos);
  bed.send(client, place(3, "BUY", "1", "LMT", "150"));
  CHECK(bed.server.book().orders().size() == 2);
}

TEST_CASE("a lost outbound message: the end of a listing can be missing") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.server.lose_outbound(1, 3);
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"X", "C"});
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"X", "C", "execDetailsEnd"});
}

TEST_CASE("a correction: revision 02, and everything counts with it") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  const std::string id = client.first<wire::ExecDetails>().execution.exec_id;
  client.take();
  CHECK(bed.server.correct_execution(id, dec("100"), dec("189.50"), bed.now));
  bed.pump();
  const auto next = client.first<wire::ExecDetails>();
  CHECK(next.execution.exec_id == id.substr(0, id.size() - 2) + "02");
  CHECK(next.execution.price.to_string() == "189.5");
  CHECK(next.execution.avg_price.to_string() == "189.5");
  CHECK(client.words() == Words{"X", "C"});
  bed.send(client, wire::ReqPositions{});
  CHECK(client.first<wire::Position>().avg_cost.to_string() == "189.510003");
  bed.send(client, wire::ReqAccountSummary{1, "All", "TotalCashValue"});
  CHECK(client.first<wire::AccountSummary>().value == "981048.99");
  CHECK_FALSE(bed.server.correct_execution(id, dec("1"), dec("1"), bed.now));
  CHECK(bed.server.correct_execution(next.execution.exec_id, dec("90"), dec("189"), bed.now));
}

TEST_CASE("a correction: later executions are counted again on top of it") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  const std::string id = client.first<wire::ExecDetails>().execution.exec_id;
  bed.send(client, place(2, "SELL", "60", "MKT"));
  CHECK(bed.server.correct_execution(id, dec("50"), dec("190"), bed.now));
  const auto& position = bed.server.book().positions().begin()->second;
  CHECK(position.quantity == dec("-10"));
  // Sold at 190.00, less a sixth of the commission.
  CHECK(position.average_cost() < dec("189.98"));
  CHECK(position.average_cost() > dec("189.97"));
  // Both commissions, and no more: bought and sold at 190.
  CHECK(position.realized < 0);
}

TEST_CASE("a bust: the execution comes back with no shares and the position is flat") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  const std::string id = client.first<wire::ExecDetails>().execution.exec_id;
  client.take();
  CHECK(bed.server.bust_execution(id, bed.now));
  bed.pump();
  CHECK(client.first<wire::ExecDetails>().execution.shares.to_string() == "0");
  CHECK(bed.server.book().positions().begin()->second.quantity == dec("0"));
  CHECK_FALSE(bed.server.bust_execution("no such", bed.now));
}

TEST_CASE("a second copy: same id and reference, another perm id; a cancel ends both") {
  Options options;
  options.pending_cancel = false;
  Bed bed(options);
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "100", "LMT", "150");
  order.order.order_ref = "b1.x.1";
  bed.send(client, order);
  const PermId first = client.first<wire::OpenOrder>().order.perm_id;
  client.take();
  const auto second = bed.server.duplicate_order(1, 1, bed.now);
  bed.pump();
  REQUIRE(second);
  CHECK(*second != first);
  CHECK(client.first<wire::OpenOrder>().order.perm_id == *second);
  CHECK(client.first<wire::OpenOrder>().order.order_ref == "b1.x.1");
  CHECK(client.first<wire::OpenOrder>().order_id == 1);
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)", "S(Cancelled)", "E(202)"});
  CHECK(bed.server.book().live().empty());
  CHECK_FALSE(bed.server.duplicate_order(1, 1, bed.now));
}

TEST_CASE("notices: a system message reaches every started client") {
  Bed bed;
  Client& one = bed.connect(1);
  Client& waiting = bed.greet();
  bed.server.notice(1100, "Connectivity between IBKR and Trader Workstation has been lost.",
                    bed.now);
  bed.pump();
  CHECK(one.first<wire::ErrMsg>().id == -1);
  CHECK(one.words() == Words{"E(1100)"});
  CHECK(waiting.take().empty());
}

TEST_CASE("extra trailing field: executions and commissions end with one field more") {
  Options options;
  options.extra_trailing_field = true;
  Bed bed(options);
  Client& client = bed.connect(1);
  client.raw.clear();
  bed.send(client, place(1, "BUY", "1", "MKT"));
  // The submitter is the last field a decoder knows at version 200.
  CHECK(client.raw.find(std::string("simtws\0\0", 8)) != std::string::npos);
  CHECK(client.words().size() == 8);
}

TEST_CASE("delays: a fill may overtake a cancel, and the cancel then comes too late") {
  Options options;
  options.ack_delay = {milliseconds(100), milliseconds(100)};
  options.pending_cancel = true;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  bed.pass(milliseconds(100));
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(PendingCancel)"});
  bed.price("AAPL", "149", "149.02");
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
  bed.pass(milliseconds(200));
  CHECK(client.take().empty());
}

TEST_CASE("bytes after a close, and closes of unknown connections, are ignored") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.disconnect_client(1, bed.now);
  bed.pump();
  CHECK(client.closed);
  bed.send(client, wire::ReqIds{1});
  CHECK(client.take().empty());
  bed.server.on_closed(client.conn, bed.now);
  bed.server.on_closed(4711, bed.now);
  bed.server.disconnect(4711, bed.now);
  CHECK(bed.start(1).words().size() == 6);
}

TEST_CASE("history: finished orders beyond the limit are forgotten, live ones never") {
  Options options;
  options.history_max = 5;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "LMT", "150"));
  for (OrderId id = 2; id <= 40; ++id) bed.send(client, place(id, "BUY", "1", "MKT"));
  CHECK(bed.server.book().orders().size() <= 11);
  CHECK(bed.server.book().executions().size() <= 10);
  CHECK(bed.server.book().live().size() == 1);
  CHECK(bed.server.book().positions().begin()->second.quantity == dec("39"));
}

TEST_CASE("market: a walk in whole ticks that stays near where it began") {
  Market market(3, milliseconds(100));
  base::Time now = base::parse_rfc3339("2026-11-20T15:00:00Z").value();
  market.advance(now);
  bool moved = false;
  for (int i = 0; i < 5000; ++i) {
    now = now + milliseconds(100);
    moved = !market.advance(now).empty() || moved;
    const Quote& quote = *market.quote(265598);
    REQUIRE(quote.bid < quote.ask);
    REQUIRE(quote.bid.is_multiple_of(dec("0.01")));
    REQUIRE(quote.bid > dec("185"));
    REQUIRE(quote.bid < dec("195"));
  }
  CHECK(moved);
}

TEST_CASE("market: the front future rolls on the third Friday, the old one stays listed") {
  Market market(3, base::Duration{});
  market.advance(base::parse_rfc3339("2026-12-17T15:00:00Z").value());
  wire::Contract asked;
  asked.symbol = "ES";
  asked.sec_type = "FUT";
  REQUIRE(market.resolve(asked).size() == 1);
  CHECK(market.resolve(asked).front()->local_symbol == "ESZ6");
  market.advance(base::parse_rfc3339("2026-12-18T15:00:00Z").value());
  asked.local_symbol = "ESH7";
  CHECK(market.resolve(asked).size() == 1);
  asked.local_symbol = "ESZ6";
  CHECK(market.resolve(asked).size() == 1);
}

TEST_CASE("times: New York with its daylight saving, in IB's words") {
  const auto at = [](std::string_view text) { return base::parse_rfc3339(text).value(); };
  CHECK(ib_time(at("2026-01-15T14:30:00Z")) == "20260115 09:30:00 US/Eastern");
  CHECK(ib_time(at("2026-07-15T13:30:00Z")) == "20260715 09:30:00 US/Eastern");
  CHECK(ib_time(at("2026-03-08T06:59:59Z")) == "20260308 01:59:59 US/Eastern");
  CHECK(ib_time(at("2026-03-08T07:00:00Z")) == "20260308 03:00:00 US/Eastern");
  CHECK(ib_time(at("2026-11-01T05:59:59Z")) == "20261101 01:59:59 US/Eastern");
  CHECK(ib_time(at("2026-11-01T06:00:00Z")) == "20261101 01:00:00 US/Eastern");
  CHECK(parse_ib_time("20260715 09:30:00 US/Eastern") == at("2026-07-15T13:30:00Z"));
  CHECK(parse_ib_time("20260115  09:30:00") == at("2026-01-15T14:30:00Z"));
  CHECK(parse_ib_time("20260115-09:30:00") == at("2026-01-15T09:30:00Z"));
  CHECK(parse_ib_time("20260115 09:30:00 UTC") == at("2026-01-15T09:30:00Z"));
  CHECK_FALSE(parse_ib_time(""));
  CHECK_FALSE(parse_ib_time("2026-01-15"));
  CHECK_FALSE(parse_ib_time("20261315 09:30:00"));
  CHECK(in_regular_hours(at("2026-11-20T14:30:00Z")));
  CHECK_FALSE(in_regular_hours(at("2026-11-20T14:29:59Z")));
  CHECK_FALSE(in_regular_hours(at("2026-11-20T21:00:00Z")));
  CHECK_FALSE(in_regular_hours(at("2026-11-21T15:00:00Z")));
  CHECK(next_regular_open(at("2026-11-20T21:00:00Z")) == at("2026-11-23T14:30:00Z"));
}

}  // namespace
}  // namespace belay::simtws::test
