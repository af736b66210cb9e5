// SPDX-License-Identifier: Apache-2.0
// The lives of orders as they were recorded from live gateways. Each case names where the order of
// messages was seen (public recordings and issue threads).
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a resting limit: Submitted at once") {
  // Case 1; exact captures of June 2026, delayed_success_modify.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
}

TEST_CASE("a resting limit: on other days PreSubmitted comes before") {
  // Case 1; stress_rapid_fire of April 2026: eight of ten orders did this.
  Options options;
  Rule rule;
  rule.first = Rule::First::both;
  options.rules = {rule};
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words() ==
        Words{"O(PreSubmitted)", "S(PreSubmitted)", "O(Submitted)", "S(Submitted)"});
}

TEST_CASE("a resting limit: with duplicates on, every pair comes twice") {
  // Case 1: identical pairs were recorded four to five times.
  Options options;
  options.duplicate_status = true;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "O(Submitted)", "S(Submitted)"});
}

TEST_CASE("a cancel: Cancelled, error 202, and no PendingCancel of an order that worked") {
  // Case 2; no exact capture has one.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.first<wire::ErrMsg>().id == 1);
  CHECK(client.first<wire::ErrMsg>().error_string == "Order Canceled - reason:");
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("a cancel before the acknowledgement: shown as PendingCancel, then cancelled") {
  // Case 2; exact captures of orders for the close, empty_tif_default.
  Options options;
  options.ack_delay = {seconds(5), seconds(5)};
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MOC"));
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  bed.pass(seconds(5));
  CHECK(client.words() == Words{"O(PendingCancel)", "S(PendingCancel)", "S(Cancelled)", "E(202)"});
}

TEST_CASE("a cancel: PendingCancel may come first, and so may the error") {
  // Case 2: both were seen.
  Options options;
  options.pending_cancel = true;
  options.cancel_error_first = true;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(PendingCancel)", "E(202)", "S(Cancelled)"});
}

TEST_CASE("a market order: execution before the Filled pair, commission last") {
  // Case 3; sv225_order_fill_aapl and ibkr-go place_order_mkt_buy_aapl.
  Bed bed;
  Client& client = bed.connect(7);
  auto order = place(1, "BUY", "100", "MKT");
  order.order.order_ref = "b1.abc.42";
  bed.send(client, order);
  const auto exec = client.first<wire::ExecDetails>();
  const auto report = client.first<wire::CommissionReport>();
  CHECK(exec.req_id == -1);
  CHECK(exec.order_id == 1);
  CHECK(exec.execution.side == "BOT");
  CHECK(exec.execution.price.to_string() == "190.02");
  CHECK(exec.execution.shares.to_string() == "100");
  CHECK(exec.execution.client_id == 7);
  CHECK(exec.execution.order_ref == "b1.abc.42");
  CHECK(exec.execution.time == "20261120 10:00:00 US/Eastern");
  CHECK(exec.execution.exec_id.size() == 23);
  CHECK(exec.execution.exec_id.substr(0, 9) == "0000e0d5.");
  CHECK(exec.execution.exec_id.substr(17) == ".01.01");
  CHECK(report.exec_id == exec.execution.exec_id);
  CHECK(report.commission.to_string() == "1.0003");  // what the exchange takes included
  CHECK_FALSE(report.realized_pnl.is_set());
  const auto statuses = client.all<wire::OrderStatus>();
  CHECK(statuses.back().filled.to_string() == "100");
  CHECK(statuses.back().remaining.to_string() == "0");
  CHECK(statuses.back().avg_fill_price.to_string() == "190.02");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a market order: its commission may come much later") {
  // Case 3: 0.1 to 1 s in all exact captures.
  Options options;
  options.commission_delay = {milliseconds(700), milliseconds(700)};
  Bed bed(options);
  Client& client = bed.connect(7);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)"});
  bed.pass(milliseconds(700));
  CHECK(client.first<wire::OpenOrder>().order_state.commission.to_string() == "1.0003");
  CHECK(client.words() == Words{"O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a market order: the Filled status may be missing altogether") {
  // Case 3: documented for fast market orders (nautilus_trader#3958).
  Options options;
  options.filled_status = false;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "C"});
}

TEST_CASE("partial fills: the status stays Submitted, every part has its execution") {
  // Section 8: there is no PartiallyFilled.
  Options options;
  Rule rule;
  rule.action = Rule::Do::fill;
  rule.parts = {{dec("30"), milliseconds(10)}, {dec("70"), milliseconds(20)}};
  options.rules = {rule};
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.pass(milliseconds(10));
  CHECK(client.first<wire::OrderStatus>().filled.to_string() == "30");
  CHECK(client.first<wire::OrderStatus>().remaining.to_string() == "70");
  CHECK(client.first<wire::ExecDetails>().execution.price.to_string() == "150");
  CHECK(client.words() ==
        Words{"X", "O(Submitted)", "S(Submitted)", "O(Submitted)", "S(Submitted)", "C"});
  bed.pass(milliseconds(20));
  CHECK(client.first<wire::ExecDetails>().execution.cum_qty.to_string() == "100");
  // The minimum was paid with the first execution.
  CHECK(client.first<wire::CommissionReport>().commission.to_string() == "0.00021");
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("transmit=false: silence until the family is sent, and the ids are used") {
  // Case 4; recorded: no message at all for untransmitted orders.
  Bed bed;
  Client& client = bed.connect(1);
  auto parent = place(1, "BUY", "100", "LMT", "150");
  parent.order.transmit = false;
  bed.send(client, parent);
  auto target = place(2, "SELL", "100", "LMT", "250");
  target.order.parent_id = 1;
  target.order.transmit = false;
  bed.send(client, target);
  bed.pass(seconds(5));
  CHECK(client.take().empty());
  CHECK(bed.server.next_valid_id(1) == 3);
  bed.send(client, wire::ReqAllOpenOrders{});
  CHECK(client.words() == Words{"openOrderEnd"});
  auto stop = place(3, "SELL", "100", "STP", "", "140");
  stop.order.parent_id = 1;
  bed.send(client, stop);
  const auto statuses = client.all<wire::OrderStatus>();
  REQUIRE(statuses.size() == 3);
  CHECK(statuses[0].order_id == 1);
  CHECK(statuses[1].why_held == "child");
  CHECK(statuses[1].parent_id == 1);
  CHECK(statuses[2].why_held == "child,trigger");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "O(PreSubmitted)",
                                "S(PreSubmitted)", "O(PreSubmitted)", "S(PreSubmitted)"});
}

TEST_CASE("transmit=false: a person can transmit the order by hand") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "100", "LMT", "150");
  order.order.transmit = false;
  bed.send(client, order);
  CHECK(client.take().empty());
  CHECK(bed.server.transmit(1, 1, bed.now));
  bed.pump();
  CHECK(client.words().size() == 2);
  CHECK_FALSE(bed.server.transmit(1, 1, bed.now));
}

TEST_CASE("a bracket after hours: each member is warned, children held and tied together") {
  // Case 5; sv225_bracket_aapl.
  Options options;
  options.respect_hours = true;
  Bed bed(options);
  bed.now = base::parse_rfc3339("2026-11-21T01:00:00Z").value();  // Friday, 20:00 in New York
  Client& client = bed.connect(1);
  auto parent = place(1, "BUY", "1", "MKT");
  parent.order.transmit = false;
  auto target = place(2, "SELL", "1", "LMT", "2000");
  target.order.parent_id = 1;
  target.order.transmit = false;
  auto stop = place(3, "SELL", "1", "STP", "", "140");
  stop.order.parent_id = 1;
  bed.send(client, parent);
  bed.send(client, target);
  bed.send(client, stop);
  const auto orders = client.all<wire::OpenOrder>();
  REQUIRE(orders.size() == 4);
  CHECK(orders[1].order.oca_group == std::to_string(orders[0].order.perm_id));
  CHECK(orders[3].order.oca_group == orders[1].order.oca_group);
  CHECK(orders[3].order.oca_type == 3);
  CHECK(orders[1].order.parent_id == 1);
  CHECK(client.first<wire::ErrMsg>().error_string ==
        "Order Message:\nBUY 1 AAPL NASDAQ.NMS\nWarning: Your order will not be placed at the "
        "exchange until 2026-11-23 09:30:00 US/Eastern.");
  CHECK(client.words() == Words{"E(399)", "O(PreSubmitted)", "S(PreSubmitted)", "O(PreSubmitted)",
                                "S(PreSubmitted)", "E(399)", "O(PreSubmitted)", "S(PreSubmitted)",
                                "E(399)", "O(PreSubmitted)", "S(PreSubmitted)"});
  bed.pass(seconds(1));
  CHECK(client.words().size() == 6);  // each pair once more
  // On Monday the parent trades; its children stay held, their activation is not modelled.
  bed.pass(std::chrono::hours(24 * 3));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
  CHECK(bed.server.book().live().size() == 2);
}

TEST_CASE("a bracket: cancelling the parent cancels its children, a child leaves the rest") {
  // Case 5.
  Options options;
  options.pending_cancel = false;
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "LMT", "150"));
  for (const OrderId id : {2, 3, 4}) {
    auto child = place(id, "SELL", "1", "LMT", "250");
    child.order.parent_id = 1;
    bed.send(client, child);
  }
  client.take();
  bed.send(client, wire::CancelOrder{3, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)"});
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() ==
        Words{"S(Cancelled)", "E(202)", "S(Cancelled)", "E(202)", "S(Cancelled)", "E(202)"});
}

TEST_CASE("a lone stop: held for its trigger, trades when the market touches it") {
  // Case 5: whyHeld "trigger"; ibkr-go api_order_stop_cancel_aapl.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "SELL", "100", "STP", "", "185"));
  CHECK(client.first<wire::OrderStatus>().why_held == "trigger");
  CHECK(client.first<wire::OpenOrder>().order.lmt_price.to_string() == "185.03");
  CHECK(client.words() == Words{"O(PreSubmitted)", "S(PreSubmitted)"});
  // Told twice; the limit that means nothing is in the first openOrder only.
  bed.pass(seconds(1));
  CHECK(client.first<wire::OpenOrder>().order.lmt_price.is_zero());
  CHECK(client.words() == Words{"O(PreSubmitted)", "S(PreSubmitted)"});
  bed.price("AAPL", "185.01", "185.03");
  CHECK(client.take().empty());
  bed.price("AAPL", "184.99", "185.01");
  CHECK(client.first<wire::ExecDetails>().execution.price.to_string() == "184.99");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a stop limit: after its trigger it rests at its limit") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "SELL", "100", "STP LMT", "186", "185"));
  client.take();
  bed.price("AAPL", "184", "184.02");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.price("AAPL", "186", "186.02");
  CHECK(client.first<wire::ExecDetails>().execution.price.to_string() == "186");
}

TEST_CASE("a trailing stop: follows the market one way and trades on the way back") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "SELL", "100", "TRAIL", "", "1.00"));
  CHECK(client.first<wire::OpenOrder>().order.trail_stop_price.to_string() == "189");
  // Clients read the second field of this name.
  CHECK(client.first<wire::OpenOrder>().order.adjusted_trail_stop_price.to_string() == "189");
  bed.pass(seconds(1));
  client.take();
  bed.price("AAPL", "195", "195.02");
  bed.price("AAPL", "194.01", "194.03");
  CHECK(client.take().empty());
  bed.price("AAPL", "194", "194.02");
  CHECK(client.first<wire::ExecDetails>().execution.price.to_string() == "194");
  // It trades straight from its trigger; exact capture order_type_matrix.
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("an IOC that cannot fill: PendingCancel, Cancelled, and no error 202") {
  // Case 6; recorded on a paper account (ibkr-go api_order_type_matrix_aapl).
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "100", "LMT", "150");
  order.order.tif = "IOC";
  bed.send(client, order);
  Words statuses;
  for (const auto& one : client.all<wire::OrderStatus>()) statuses.push_back(one.status);
  CHECK(statuses == Words{"PendingCancel", "Cancelled"});
  CHECK(client.all<wire::ErrMsg>().empty());
}

TEST_CASE("a FOK: Inactive when it cannot fill, whole when it can") {
  // Case 6.
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "100", "LMT", "150");
  order.order.tif = "FOK";
  bed.send(client, order);
  CHECK(client.words() == Words{"O(Inactive)", "S(Inactive)"});
  order = place(2, "BUY", "100", "LMT", "191");
  order.order.tif = "FOK";
  bed.send(client, order);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a refusal at validation: the error alone; by the risk check: Inactive after it") {
  // Case 7; sv225_rejects_aapl and ib_insync#554.
  Options options;
  Rule rule;
  rule.action = Rule::Do::reject;
  rule.text = "Order rejected - reason:no";
  rule.symbol = "MSFT";
  options.rules = {rule};
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "NONSENSE"));
  CHECK(client.words() == Words{"E(321)"});
  auto order = place(2, "BUY", "100", "MKT");
  order.contract = stock("MSFT");
  bed.send(client, order);
  CHECK(client.words() == Words{"E(201)", "O(Inactive)", "S(Inactive)"});
  CHECK(bed.server.book().live().empty());
}

TEST_CASE("a refused modification: the original lives on unchanged and nothing is cancelled") {
  // Case 8; ib_insync#502.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  bed.send(client, place(1, "BUY", "100", "LMT", "150.005"));
  CHECK(client.words() == Words{"E(110)"});
  bed.send(client, place(1, "SELL", "100", "LMT", "150"));
  CHECK(client.words() == Words{"E(105)"});
  auto other = place(1, "BUY", "100", "LMT", "150");
  other.contract = stock("IBM");
  bed.send(client, other);
  CHECK(client.words() == Words{"E(105)"});
  bed.send(client, wire::ReqOpenOrders{});
  const auto order = client.first<wire::OpenOrder>();
  CHECK(order.order.lmt_price.to_string() == "150");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "openOrderEnd"});
}

TEST_CASE("a modification: same order and perm id with the new words, and it can fill") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  const auto before = client.first<wire::OpenOrder>();
  client.take();
  bed.send(client, place(1, "BUY", "50", "LMT", "151"));
  const auto after = client.first<wire::OpenOrder>();
  CHECK(after.order.perm_id == before.order.perm_id);
  CHECK(after.order.lmt_price.to_string() == "151");
  CHECK(after.order.total_quantity.to_string() == "50");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.send(client, place(1, "BUY", "50", "LMT", "191"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a modification: a limit becomes a market order, and fills") {
  // Exact capture delayed_success_modify; error 329 was never seen for it.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.first<wire::OpenOrder>().order.order_type == "MKT");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                "O(Filled)", "S(Filled)", "C"});
}

TEST_CASE("a what-if: one openOrder with margins, no status, no order") {
  // Case 9; sv225_whatif_aapl.
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "100", "LMT", "150");
  order.order.what_if = true;
  bed.send(client, order);
  const auto answer = client.first<wire::OpenOrder>();
  CHECK(answer.order_state.change.init_margin.to_string() == "3750");
  CHECK(answer.order_state.commission.to_string() == "1.0003");
  CHECK(client.words() == Words{"O(PreSubmitted)"});
  CHECK(bed.server.book().orders().empty());
}

TEST_CASE("a cancel too many: 10147 unknown, 10148 finished, 161 for what a global cancel finds") {
  // Case 10; recorded texts.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::CancelOrder{99, "", "", std::nullopt});
  CHECK(client.first<wire::ErrMsg>().error_string ==
        "OrderId 99 that needs to be cancelled is not found.");
  CHECK(client.words() == Words{"E(10147)"});
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.first<wire::ErrMsg>().error_string.find("state: Cancelled") != std::string::npos);
  CHECK(client.words() == Words{"E(10148)"});
  bed.send(client, place(2, "BUY", "100", "LMT", "150"));
  client.take();
  bed.send(client, wire::ReqGlobalCancel{});
  CHECK(client.first<wire::ErrMsg>().error_string.find("state.  Order permId =") !=
        std::string::npos);
  CHECK(client.words() == Words{"E(161)", "S(Cancelled)", "E(202)"});
  bed.send(client, wire::CancelOrder{2, "", "", std::nullopt});
  CHECK(client.words() == Words{"E(10148)"});
  // What ended a while ago is forgotten.
  bed.pass(seconds(20));
  bed.send(client, wire::ReqGlobalCancel{});
  CHECK(client.take().empty());
}

TEST_CASE("a modification of a filled order: 104 as documented, or the recorded silence") {
  // Case 11.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.send(client, place(1, "BUY", "200", "MKT"));
  CHECK(client.words() == Words{"E(104)"});
  bed.server.options().modify_filled_error = false;
  bed.send(client, place(1, "BUY", "200", "MKT"));
  CHECK(client.take().empty());
  CHECK(bed.server.book().executions().size() == 1);
}

TEST_CASE("a reconnect: live orders before the accounts, and nothing that was missed") {
  // Case 12; sv225_rejects_aapl, connect burst with open orders.
  Bed bed;
  Client& first = bed.connect(1);
  bed.send(first, place(1, "BUY", "100", "LMT", "150"));
  bed.send(first, place(2, "BUY", "100", "LMT", "149"));
  bed.hang_up(first);
  bed.price("AAPL", "149.50", "149.60");
  Client& again = bed.start(1);
  CHECK(again.first<wire::NextValidId>().order_id == 3);
  CHECK(again.words() == Words{"O(Submitted)", "S(Submitted)", "openOrderEnd", "managedAccounts",
                               "nextValidId", "E(2104)", "E(2104)", "E(2106)", "E(2158)"});
  bed.send(again, wire::ReqExecutions{});
  CHECK(again.words() == Words{"X", "C", "execDetailsEnd"});
  bed.hang_up(again);
  bed.server.options().download_open_orders = false;
  CHECK(bed.start(1).words() ==
        Words{"managedAccounts", "nextValidId", "E(2104)", "E(2104)", "E(2106)", "E(2158)"});
}

}  // namespace
}  // namespace belay::simtws::test
