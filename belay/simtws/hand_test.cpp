// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a person at the screen: changes and ends a client's order, and the client sees it") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  const PermId id = client.first<wire::OpenOrder>().order.perm_id;
  client.take();
  CHECK(bed.server.person_change(id, {dec("151"), std::nullopt, dec("80")}, bed.now));
  bed.pump();
  CHECK(client.first<wire::OpenOrder>().order.lmt_price.to_string() == "151");
  CHECK(client.first<wire::OpenOrder>().order.total_quantity.to_string() == "80");
  CHECK(client.first<wire::OpenOrder>().order.perm_id == id);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.price("AAPL", "150.90", "150.95");
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
  CHECK_FALSE(bed.server.person_change(id, {dec("152"), std::nullopt, std::nullopt}, bed.now));
  CHECK_FALSE(bed.server.person_cancel(id, bed.now));
  bed.send(client, resting(2));
  client.take();
  const PermId second = bed.server.book().copies({1, 2}).front();
  CHECK_FALSE(
      bed.server.person_change(second, {dec("151.005"), std::nullopt, std::nullopt}, bed.now));
  CHECK(bed.server.person_cancel(second, bed.now));
  bed.pump();
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("a person at the screen: a manual order is placed, changed, filled and ended") {
  Bed bed;
  Client& zero = bed.connect(0);
  const auto hand = resting(0);
  const auto id = bed.server.place_manual(hand.contract, hand.order, bed.now);
  REQUIRE(id);
  CHECK(bed.server.person_change(*id, {dec("149"), std::nullopt, std::nullopt}, bed.now));
  CHECK(bed.server.fill_order(*id, dec("40"), std::nullopt, bed.now));
  CHECK_FALSE(bed.server.fill_order(*id, dec("61"), std::nullopt, bed.now));
  CHECK(bed.server.person_cancel(*id, bed.now));
  bed.pump();
  CHECK(zero.first<wire::ExecDetails>().order_id == 0);
  CHECK(zero.first<wire::ExecDetails>().execution.price.to_string() == "149");
  CHECK(zero.words().back() == "E(202)");
  CHECK(bed.server.book().find(*id)->filled == dec("40"));
}

TEST_CASE("binding: the perm id stays, the order id becomes negative and can be used") {
  Options options;
  options.bind_resubmits = true;
  Bed bed(options);
  Client& zero = bed.connect(0);
  const auto hand = resting(0);
  const auto id = bed.server.place_manual(hand.contract, hand.order, bed.now);
  bed.pump();
  zero.take();
  bed.send(zero, wire::ReqOpenOrders{});
  CHECK(zero.first<wire::OrderBound>().perm_id == *id);
  CHECK(zero.first<wire::OrderBound>().order_id == -1);
  CHECK(zero.first<wire::OpenOrder>().order_id == -1);
  // It went to the exchange anew.
  CHECK(zero.words() == Words{"orderBound", "O(PreSubmitted)", "S(PreSubmitted)", "O(Submitted)",
                              "S(Submitted)", "O(Submitted)", "S(Submitted)", "openOrderEnd"});
  auto change = resting(-1, "151");
  bed.send(zero, change);
  CHECK(zero.first<wire::OpenOrder>().order.lmt_price.to_string() == "151");
  zero.take();
  bed.send(zero, cancel(-1));
  CHECK(zero.words().back() == "E(202)");
  CHECK(bed.server.book().find(*id)->status == Status::cancelled);
}

TEST_CASE("binding: other clients and other requests bind nothing") {
  Bed bed;
  Client& zero = bed.connect(0);
  Client& one = bed.connect(1);
  const auto hand = resting(0);
  REQUIRE(bed.server.place_manual(hand.contract, hand.order, bed.now));
  bed.pump();
  zero.take();
  bed.send(one, wire::ReqOpenOrders{});
  bed.send(zero, wire::ReqAllOpenOrders{});
  CHECK(zero.first<wire::OpenOrder>().order_id == 0);
  CHECK(one.words() == Words{"openOrderEnd"});
  bed.send(one, cancel(0));
  CHECK(one.words() == Words{"E(10147)"});
}

TEST_CASE("orders of clients that are not connected: live, change, fill and end") {
  Bed bed;
  Client& one = bed.connect(1);
  const auto order = resting(0);
  const auto first = bed.server.place_as(7, order.contract, order.order, bed.now);
  const auto second = bed.server.place_as(7, order.contract, order.order, bed.now);
  CHECK(first == 1);
  CHECK(second == 2);
  CHECK_FALSE(bed.server.place_as(7, stock("NOPE"), order.order, bed.now));
  bed.pump();
  CHECK(one.take().empty());
  bed.send(one, wire::ReqAllOpenOrders{});
  CHECK(one.first<wire::OpenOrder>().order.client_id == 7);
  CHECK(one.words().size() == 5);
  bed.server.change_as(7, 1, order.contract, resting(0, "151").order, bed.now);
  bed.price("AAPL", "150.50", "150.60");
  bed.server.cancel_as(7, 2, bed.now);
  CHECK(bed.server.book().live().empty());
  bed.send(one, wire::ReqExecutions{});
  CHECK(one.first<wire::ExecDetails>().execution.client_id == 7);
  one.take();
  bed.send(one, wire::ReqCompletedOrders{false});
  CHECK(one.words().size() == 3);
  CHECK(bed.server.next_valid_id(7) == 4);
}

TEST_CASE("cross-client cancel: of several orders with this id the newest that lives") {
  Options options;
  options.cross_client_cancel = true;
  Bed bed(options);
  Client& one = bed.connect(1);
  const auto order = resting(0);
  bed.server.place_as(7, order.contract, order.order, bed.now);
  bed.server.place_as(8, order.contract, order.order, bed.now);
  bed.send(one, cancel(1));
  CHECK(bed.server.book().find(bed.server.book().copies({8, 1}).front())->is_live() == false);
  CHECK(bed.server.book().find(bed.server.book().copies({7, 1}).front())->is_live());
  bed.server.options().cross_client_cancel = false;
  one.take();
  bed.send(one, cancel(1));
  CHECK(one.words() == Words{"E(10147)"});
}

TEST_CASE("ids set back: one in use names the order that lives, a finished one a new order") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  bed.send(client, place(2, "BUY", "1", "MKT"));
  client.take();
  bed.server.set_next_valid_id(1, 1);
  bed.send(client, wire::ReqIds{});
  CHECK(client.first<wire::NextValidId>().order_id == 1);
  client.take();
  bed.send(client, resting(1, "151"));
  CHECK(bed.server.book().orders().size() == 2);
  bed.send(client, resting(2));
  CHECK(bed.server.book().orders().size() == 3);
  bed.send(client, cancel(2));
  CHECK(client.words().back() == "E(202)");
  CHECK(bed.server.next_valid_id(1) == 3);
}

TEST_CASE("corrections: later lists have the last revision, or all with the switch on") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  const std::string id = client.first<wire::ExecDetails>().execution.exec_id;
  client.take();
  CHECK(bed.server.correct_execution(id, dec("90"), dec("189"), bed.now));
  bed.pump();
  client.take();
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.first<wire::ExecDetails>().execution.exec_id.substr(id.size() - 2) == "02");
  CHECK(client.words().size() == 3);
  bed.send(client, wire::ReqPositions{});
  CHECK(client.first<wire::Position>().position.to_string() == "90");
  client.take();
  bed.send(client, wire::ReqCompletedOrders{false});
  const auto done = client.first<wire::CompletedOrder>();
  CHECK(done.order.filled_quantity.to_string() == "90");
  CHECK(done.order_state.completed_status == "Filled Size: 90");
  client.take();
  bed.server.options().all_revisions = true;
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words().size() == 5);
}

TEST_CASE("a correction of a live order's quantity shows the order anew") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  const PermId id = client.first<wire::OpenOrder>().order.perm_id;
  CHECK(bed.server.fill_order(id, dec("60"), dec("150"), bed.now));
  bed.pump();
  const std::string exec = client.first<wire::ExecDetails>().execution.exec_id;
  client.take();
  CHECK(bed.server.bust_execution(exec, bed.now));
  bed.pump();
  CHECK(client.first<wire::OrderStatus>().remaining.to_string() == "100");
  CHECK(client.words() == Words{"X", "O(Submitted)", "S(Submitted)", "C"});
}

TEST_CASE("end markers: those named are lost, so many times or always") {
  Options options;
  options.lose_end_of = {"execDetailsEnd", "completedOrdersEnd"};
  options.lose_end_times = 1;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqExecutions{});
  bed.send(client, wire::ReqCompletedOrders{false});
  CHECK(client.take().empty());
  CHECK(bed.log.back().find("\"lost_outbound\"") != std::string::npos);
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"execDetailsEnd"});
  bed.server.options().lose_end_times = 0;
  bed.send(client, wire::ReqExecutions{});
  bed.send(client, wire::ReqAllOpenOrders{});
  CHECK(client.words() == Words{"openOrderEnd"});
}

TEST_CASE("an instant fill may have no orderStatus at all") {
  Options options;
  options.instant_fill_status = false;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words() == Words{"X", "C"});
  bed.send(client, resting(2));
  CHECK(client.words().size() == 2);
  bed.price("AAPL", "149", "149.02");
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a refusal by the risk check: the error may come last, and Cancelled before it") {
  using RejectOrder = Options::RejectOrder;
  const auto told = [](RejectOrder how) {
    Options options;
    options.reject_order = how;
    Rule rule;
    rule.action = Rule::Do::reject;
    options.rules.push_back(rule);
    Bed bed(options);
    Client& client = bed.connect(1);
    bed.send(client, resting(1));
    CHECK(bed.server.book().live().empty());
    return client.words();
  };
  CHECK(told(RejectOrder::error_first) == Words{"E(201)", "O(Inactive)", "S(Inactive)"});
  CHECK(told(RejectOrder::status_first) == Words{"O(Inactive)", "S(Inactive)", "E(201)"});
  CHECK(told(RejectOrder::then_cancelled) == Words{"S(Inactive)", "S(Cancelled)", "E(201)"});
}

TEST_CASE("codes nobody knows: about an order that works, before its first openOrder or later") {
  Options options;
  Rule rule;
  rule.warning_code = 9876;
  rule.warning_text = "Something unheard of";
  options.rules.push_back(rule);
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, resting(1));
  CHECK(client.first<wire::ErrMsg>().id == 1);
  CHECK(client.words().front() == "E(9876)");
  bed.server.say_error(1, 1, 9877, "Something else", bed.now);
  bed.server.say_error(2, 1, 9877, "Nobody is there", bed.now);
  bed.pump();
  CHECK(client.words() == Words{"E(9877)"});
  CHECK(bed.server.book().live().size() == 1);
}

}  // namespace
}  // namespace belay::simtws::test
