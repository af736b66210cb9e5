// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Options slow(Options options = {}) {
  options.ack_delay = {milliseconds(100), milliseconds(100)};
  options.pending_cancel = true;
  return options;
}

TEST_CASE("restart with loss: placements that were not answered never came, their ids are free") {
  Bed bed(slow());
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.pass(milliseconds(200));
  bed.send(client, resting(2));
  bed.send(client, resting(3));
  bed.server.restart(bed.now, RestartLoss::unacknowledged);
  bed.pump();
  CHECK(client.closed);
  CHECK(bed.server.book().orders().size() == 1);
  bed.pass(seconds(1));
  Client& again = bed.start(1);
  CHECK(again.first<wire::NextValidId>().order_id == 2);
  again.take();
  bed.send(again, resting(2));
  bed.pass(milliseconds(100));
  CHECK(again.words().back() == "S(Submitted)");
}

TEST_CASE("restart with loss: the ids may stay used") {
  Bed bed(slow());
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.server.restart(bed.now, RestartLoss::unacknowledged_ids_burnt);
  CHECK(bed.server.book().orders().empty());
  Client& again = bed.start(1);
  CHECK(again.first<wire::NextValidId>().order_id == 2);
  again.take();
  bed.send(again, resting(1));
  CHECK(again.words() == Words{"E(103)"});
}

TEST_CASE("restart with loss: a cancel and a modification are forgotten, the order works on") {
  Bed bed(slow());
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.send(client, resting(2));
  bed.pass(milliseconds(200));
  bed.send(client, cancel(1));
  bed.send(client, resting(2, "151"));
  bed.server.restart(bed.now, RestartLoss::unacknowledged);
  bed.pass(seconds(1));
  Client& again = bed.start(1);
  CHECK(again.first<wire::OrderStatus>().status == "Submitted");
  CHECK(again.all<wire::OpenOrder>()[1].order.lmt_price.to_string() == "150");
  CHECK(bed.server.book().live().size() == 2);
}

TEST_CASE("restart without loss: what was not answered yet is carried out") {
  Bed bed(slow());
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.server.restart(bed.now);
  bed.pass(seconds(1));
  CHECK(bed.start(1).words().front() == "O(Submitted)");
}

TEST_CASE("outage: orders fill and end at the exchange, and nobody is told, now or later") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.send(client, resting(2, "140"));
  client.take();
  bed.server.begin_outage(1100, bed.now);
  bed.price("AAPL", "149", "149.02");
  const auto second = bed.server.book().copies({1, 2}).front();
  CHECK(bed.server.person_cancel(second, bed.now));
  bed.pump();
  CHECK(client.words() == Words{"E(1100)"});
  CHECK(bed.server.is_out());
  CHECK(bed.server.book().live().empty());
  bed.server.end_outage(1102, bed.now);
  bed.pass(seconds(1));
  CHECK(client.words() == Words{"E(1102)"});
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"X", "C", "execDetailsEnd"});
  bed.send(client, wire::ReqCompletedOrders{false});
  CHECK(client.words().size() == 3);
}

TEST_CASE("outage: requests and orders are lost, what the gateway knows itself is answered") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.server.begin_outage(2110, bed.now);
  bed.pump();
  client.take();
  bed.send(client, resting(1));
  bed.send(client, wire::ReqAllOpenOrders{});
  bed.send(client, wire::ReqPositions{});
  CHECK(client.take().empty());
  bed.send(client, wire::ReqCurrentTime{});
  bed.send(client, wire::ReqIds{});
  CHECK(client.words() == Words{"currentTime", "nextValidId"});
  Client& late = bed.start(2);
  CHECK(late.words() == Words{"managedAccounts", "nextValidId", "E(2110)"});
  bed.server.end_outage(1102, bed.now);
  bed.pass(seconds(1));
  CHECK(client.words() == Words{"E(1102)"});
  CHECK(bed.server.book().orders().empty());
  CHECK(bed.server.next_valid_id(1) == 1);
}

TEST_CASE("outage: with the switches on requests and orders wait for its end") {
  Options options;
  options.outage_orders = Options::InOutage::delayed;
  options.outage_requests = Options::InOutage::delayed;
  Bed bed(options);
  Client& client = bed.connect(1);
  Client& gone = bed.connect(2);
  bed.server.begin_outage(1100, bed.now);
  bed.pump();
  client.take();
  bed.send(client, resting(1));
  bed.send(client, wire::ReqAllOpenOrders{});
  bed.send(gone, resting(1));
  bed.send(gone, wire::ReqAllOpenOrders{});
  bed.hang_up(gone);
  CHECK(client.take().empty());
  bed.server.end_outage(1102, bed.now);
  bed.pump();
  CHECK(client.words() == Words{"E(1102)", "O(Submitted)", "S(Submitted)", "O(Submitted)",
                                "S(Submitted)", "openOrderEnd"});
  CHECK(bed.server.book().live().size() == 2);
}

TEST_CASE("outage: 1101 ends the subscriptions, 1102 keeps them") {
  for (const std::int32_t code : {1101, 1102}) {
    Bed bed;
    Client& client = bed.connect(1);
    bed.send(client, wire::ReqMktData{1, stock("AAPL"), "", false, false, ""});
    client.take();
    bed.server.begin_outage(1100, bed.now);
    bed.price("AAPL", "180", "180.02");
    bed.server.end_outage(code, bed.now);
    bed.pump();
    CHECK(client.words().back() == fmt::format("E({})", code));
    bed.price("AAPL", "181", "181.02");
    CHECK(client.take().empty() == (code == 1101));
  }
}

TEST_CASE("outage: after 1102 some of what was not told may still come") {
  Options options;
  options.late_reports_percent = 100;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  client.take();
  bed.server.begin_outage(1100, bed.now);
  bed.price("AAPL", "149", "149.02");
  bed.server.end_outage(1102, bed.now);
  bed.pump();
  CHECK(client.words() ==
        Words{"E(1100)", "E(1102)", "X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a modification in an outage: afterwards a second order with this id lives, too") {
  Options options;
  options.twin_on_outage_modify = true;
  Bed bed(options);
  Client& client = bed.connect(1);
  auto order = resting(1);
  order.order.order_ref = "b1.x.1";
  bed.send(client, order);
  client.take();
  bed.server.begin_outage(1100, bed.now);
  order.order.lmt_price = real("151");
  bed.send(client, order);
  CHECK(bed.server.book().live().size() == 1);
  bed.server.end_outage(1102, bed.now);
  bed.pump();
  CHECK(bed.server.book().live().size() == 2);
  CHECK(client.words() == Words{"E(1100)", "E(1102)", "O(Submitted)", "S(Submitted)"});
  bed.send(client, wire::ReqAllOpenOrders{});
  const auto both = client.all<wire::OpenOrder>();
  REQUIRE(both.size() == 2);
  CHECK(both[0].order_id == both[1].order_id);
  CHECK(both[0].order.order_ref == both[1].order.order_ref);
  CHECK(both[0].order.perm_id != both[1].order.perm_id);
  CHECK(both[0].order.lmt_price.to_string() == "150");
  CHECK(both[1].order.lmt_price.to_string() == "151");
  client.take();

  SUBCASE("each fills for itself") {
    bed.price("AAPL", "150.50", "150.60");
    CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
    CHECK(bed.server.book().live().size() == 1);
    bed.price("AAPL", "149.50", "149.60");
    CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
    CHECK(bed.server.book().positions().begin()->second.quantity == dec("200"));
  }
  SUBCASE("a cancel by the id ends both") {
    bed.send(client, cancel(1));
    CHECK(bed.server.book().live().empty());
  }
  SUBCASE("a cancel by the id may reach the newest only, then the other") {
    bed.server.options().newest_copy_only = true;
    bed.send(client, cancel(1));
    REQUIRE(bed.server.book().live().size() == 1);
    CHECK(*bed.server.book().live().begin() == both[0].order.perm_id);
    bed.send(client, cancel(1));
    CHECK(bed.server.book().live().empty());
    client.take();
    bed.send(client, cancel(1));
    CHECK(client.words() == Words{"E(10148)"});
  }
  SUBCASE("one is cancelled by hand, a modification reaches the other") {
    CHECK(bed.server.person_cancel(both[0].order.perm_id, bed.now));
    order.order.lmt_price = real("145");
    bed.send(client, order);
    CHECK(bed.server.book().find(both[1].order.perm_id)->limit == dec("145"));
  }
}

TEST_CASE("daily reset: DAY orders end, the past is not listed, positions stay") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  bed.send(client, resting(2));
  auto gtc = resting(3);
  gtc.order.tif = "GTC";
  bed.send(client, gtc);
  bed.pass(seconds(1));
  bed.server.daily_reset(bed.now);
  bed.pump();
  CHECK(client.closed);
  Client& again = bed.start(1);
  CHECK(again.first<wire::OpenOrder>().order_id == 3);
  CHECK(again.first<wire::NextValidId>().order_id == 4);
  again.take();
  bed.send(again, wire::ReqExecutions{});
  CHECK(again.words() == Words{"execDetailsEnd"});
  bed.send(again, wire::ReqCompletedOrders{false});
  CHECK(again.first<wire::CompletedOrder>().order_state.completed_status ==
        "Cancelled by System:\n");
  CHECK(again.first<wire::CompletedOrder>().order_state.status == "Cancelled");
  CHECK(again.words().size() == 2);
  bed.send(again, wire::ReqPositions{});
  CHECK(again.words() == Words{"position", "positionEnd"});
}

TEST_CASE("daily reset: the ended orders may belong to the day before") {
  Options options;
  options.expired_listed = false;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.server.daily_reset(bed.now);
  Client& again = bed.connect(1);
  bed.send(again, wire::ReqCompletedOrders{false});
  CHECK(again.words() == Words{"completedOrdersEnd"});
  CHECK(bed.server.book().live().empty());
}

TEST_CASE("daily reset: it may be an outage instead") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  client.take();
  bed.server.daily_reset(bed.now, ResetAs::outage);
  bed.pump();
  CHECK(client.words() == Words{"E(1100)"});
  CHECK_FALSE(client.closed);
  bed.server.end_outage(1102, bed.now);
  bed.pump();
  CHECK(client.words() == Words{"E(1102)"});
  bed.send(client, wire::ReqOpenOrders{});
  CHECK(client.words() == Words{"openOrderEnd"});
}

TEST_CASE("days: executions and finished orders are listed since midnight in New York") {
  Bed bed;  // 10:00 in New York
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "MKT"));
  bed.pass(hours(13) + seconds(3599));
  client.take();
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words().size() == 3);
  bed.pass(seconds(1));
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"execDetailsEnd"});
  bed.send(client, wire::ReqCompletedOrders{false});
  CHECK(client.words() == Words{"completedOrdersEnd"});
  bed.server.options().days_listed = 7;  // a TWS whose trade log is set wider
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words().size() == 3);
  wire::ReqExecutions today;
  today.last_n_days = 1;
  bed.send(client, today);
  CHECK(client.words() == Words{"execDetailsEnd"});
}

TEST_CASE("days: their border may lie elsewhere, and summer time is kept") {
  const auto at = [](std::string_view text) { return base::parse_rfc3339(text).value(); };
  Options options;
  options.day_begins_minute = 17 * 60 + 15;
  Bed bed(options);
  bed.connect(1);
  CHECK(bed.server.day_began() == at("2026-11-19T22:15:00Z"));
  bed.now = at("2027-07-01T21:14:59Z");
  bed.server.advance(bed.now);
  CHECK(bed.server.day_began() == at("2027-06-30T21:15:00Z"));
}

TEST_CASE("replay: a client that connects hears the executions of its day again") {
  Options options;
  options.replay_executions = true;
  options.master_client_id = 9;
  Bed bed(options);
  Client& client = bed.connect(1);
  Client& other = bed.connect(2);
  bed.send(client, place(1, "BUY", "1", "MKT"));
  bed.send(other, place(1, "BUY", "1", "MKT"));
  const auto id = client.first<wire::ExecDetails>().execution.exec_id;
  bed.hang_up(client);
  Client& again = bed.start(1);
  CHECK(again.first<wire::ExecDetails>().execution.exec_id == id);
  CHECK(again.first<wire::ExecDetails>().req_id == -1);
  CHECK(again.words().size() == 8);
  CHECK(bed.start(9).words().size() == 10);
}

TEST_CASE("logout: connections close and new ones are refused until somebody logs in") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.server.logout(bed.now);
  bed.pump();
  CHECK(client.closed);
  CHECK(bed.server.is_logged_out());
  CHECK(bed.accept().closed);
  bed.pass(hours(1));
  bed.server.login(bed.now);
  CHECK(bed.start(1).words().front() == "O(Submitted)");
}

}  // namespace
}  // namespace belay::simtws::test
