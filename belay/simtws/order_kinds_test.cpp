// SPDX-License-Identifier: Apache-2.0
// Kinds of orders, and refusals, as they were recorded from live gateways. Each case names the
// recording.
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

TEST_CASE("a trailing stop limit: its limit follows its stop, and once touched it rests there") {
  // api_order_trailing_cancel_aapl.
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "SELL", "100", "TRAIL LIMIT", "", "1.00");
  order.order.lmt_price_offset = real("0.05");
  order.order.trail_stop_price = real("200");
  bed.send(client, order);
  CHECK(client.first<wire::OpenOrder>().order.lmt_price.to_string() == "199.95");
  CHECK(client.first<wire::OrderStatus>().why_held == "trigger");
  CHECK(client.words() ==
        Words{"O(PreSubmitted)", "S(PreSubmitted)", "O(Submitted)", "S(Submitted)"});
}

TEST_CASE("an order if touched: waits for the better price and has no word for it") {
  // order_type_matrix: LIT, whyHeld empty.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MIT", "", "189"));
  CHECK(client.first<wire::OrderStatus>().why_held.empty());
  client.take();
  bed.price("AAPL", "188.99", "189.01");
  CHECK(client.take().empty());
  bed.price("AAPL", "188.98", "189");
  CHECK(client.first<wire::ExecDetails>().execution.price.to_string() == "189");
}

TEST_CASE("a limit too far through the market: cancelled with the edge of the band") {
  // order_type_matrix 381, order_rejects.
  Bed bed;
  Client& client = bed.connect(1);
  bed.price("AAPL", "292.84", "292.85");
  bed.send(client, place(1, "BUY", "100", "LMT", "350.62"));
  CHECK(client.first<wire::ErrMsg>().error_string ==
        "Order Canceled - reason:We cannot accept an order at a limit price at or more aggressive "
        "than 301.449496. Please submit your order <br>using a limit price that is closer to the "
        "current market price of 292.84. or convert your order to an <br>algorithmic Order "
        "(IBALGO)");
  CHECK(client.words() == Words{"O(PendingCancel)", "S(PendingCancel)", "O(PendingCancel)",
                                "S(PendingCancel)", "S(Cancelled)", "E(202)"});
  bed.send(client, place(2, "BUY", "100", "LMT", "301.44"));
  CHECK(client.all<wire::ExecDetails>().size() == 1);
}

TEST_CASE(
    "an attribute that may not be given: the order stays untransmitted until it is discarded") {
  // tif_attribute_matrix 585, order_type_matrix 402.
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "3", "LMT", "150");
  order.order.min_qty = 2;
  bed.send(client, order);
  CHECK(client.words() == Words{"E(10256)"});
  bed.send(client, wire::ReqAllOpenOrders{});
  CHECK(client.words() == Words{"openOrderEnd"});
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)", "E(161)"});
  bed.send(client, wire::ReqGlobalCancel{});
  CHECK(client.words() == Words{"E(161)"});
  bed.send(client, place(2, "BUY", "3", "FEELINGS", "150"));
  CHECK(client.words() == Words{"E(321)"});
  bed.send(client, wire::CancelOrder{2, "", "", std::nullopt});
  CHECK(client.words() == Words{"E(10147)"});
}

TEST_CASE("the cost of a position holds its commission, and a profit is less both") {
  // order_fill: -2.016569 for one share bought at 309.16 and sold at 309.15.
  Bed bed;
  Client& client = bed.connect(1);
  bed.price("AAPL", "309.15", "309.16");
  bed.send(client, place(1, "BUY", "1", "MKT"));
  const auto& position = bed.server.book().positions().begin()->second;
  CHECK(position.average_cost().to_string() == "310.160003");
  client.take();
  bed.send(client, place(2, "SELL", "1", "MKT"));
  const auto report = client.first<wire::CommissionReport>();
  CHECK(report.commission.to_string() == "1.006566");
  CHECK(report.realized_pnl.to_string() == "-2.016569");
}

TEST_CASE("a what-if looks at what is held: closing gives margin back, and equity pays") {
  // sv225_whatif: margins before, change, after; the equity falls by the commission, no range of
  // it.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  const auto ask = [&](const char* side, const char* quantity) {
    auto order = place(2, side, quantity, "MKT");
    order.order.what_if = true;
    bed.send(client, order);
    const auto state = client.first<wire::OpenOrder>().order_state;
    CHECK(client.words() == Words{"O(PreSubmitted)"});
    const auto number = [](const wire::Real& value) { return *value.to_decimal(); };
    CHECK(number(state.after.init_margin).units() ==
          number(state.before.init_margin).units() + number(state.change.init_margin).units());
    CHECK(number(state.change.equity_with_loan).units() == -number(state.commission).units());
    CHECK_FALSE(state.min_commission.is_set());
    CHECK_FALSE(state.max_commission.is_set());
    return state;
  };
  // The last trade stands at 190.
  CHECK(ask("SELL", "100").before.init_margin.to_string() == "4750");
  CHECK(ask("SELL", "100").change.init_margin.to_string() == "-4750");
  CHECK(ask("SELL", "100").after.init_margin.to_string() == "0");
  CHECK(ask("SELL", "40").change.maint_margin.to_string() == "-1900");
  CHECK(ask("SELL", "300").change.init_margin.to_string() == "4750");  // 100 long to 200 short
  CHECK(ask("BUY", "100").change.init_margin.to_string() == "4750.5");
  // What it says of now is what the account says.
  bed.send(client, wire::ReqAccountSummary{1, "All", "InitMarginReq"});
  CHECK(client.first<wire::AccountSummary>().value == "4750.00");
}

TEST_CASE("a hedge takes its size from its parent") {
  // api_hedge_order_aapl.
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  auto hedge = place(2, "SELL", "0", "LMT", "250");
  hedge.order.parent_id = 1;
  hedge.order.hedge_type = "P";
  hedge.order.hedge_param = "0.8";
  bed.send(client, hedge);
  CHECK(client.first<wire::OpenOrder>().order.total_quantity.to_string() == "80");
  CHECK(client.first<wire::OpenOrder>().order.lmt_price.to_string() == "0.01");
  CHECK(client.first<wire::OrderStatus>().why_held == "child");
}

// Not recorded: what IB's documents say of these kinds, as far as a market without a depth can
// show.
TEST_CASE("a midprice order: it bids the middle of the quote when it comes, up to its cap") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MIDPRICE"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.send(client, place(2, "BUY", "100", "MIDPRICE", "190"));
  client.take();
  bed.price("AAPL", "189.99", "190.01");  // the middle was 190.01
  CHECK(client.all<wire::ExecDetails>().size() == 1);
  CHECK(client.first<wire::ExecDetails>().order_id == 1);
}

TEST_CASE("a relative order: its distance may be a percentage, and a change pegs it anew") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "SELL", "100", "REL");
  order.order.percent_offset = real("0.001");  // of 190.02, less than a tick
  bed.send(client, order);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  order.order.total_quantity = real("50");
  bed.send(client, order);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.price("AAPL", "190.01", "190.03");
  CHECK(client.first<wire::ExecDetails>().execution.shares.to_string() == "50");
}

TEST_CASE("an order for the opening waits for it, then trades or is over") {
  Bed bed;
  Client& client = bed.connect(1);
  auto market = place(1, "BUY", "100", "MKT");
  auto limit = resting(2);
  auto auction = place(3, "BUY", "100", "MTL", "150");
  market.order.tif = limit.order.tif = "OPG";
  auction.order.tif = "AUC";
  for (const auto& order : {market, limit, auction}) bed.send(client, order);
  CHECK(client.words() == Words{"O(PreSubmitted)", "S(PreSubmitted)", "O(PreSubmitted)",
                                "S(PreSubmitted)", "O(PreSubmitted)", "S(PreSubmitted)"});
  bed.pass(std::chrono::hours(72));  // to Monday, 10:00
  CHECK(client.all<wire::ExecDetails>().size() == 1);
  CHECK(client.first<wire::ExecDetails>().order_id == 1);
  std::string last[4];
  for (const auto& status : client.all<wire::OrderStatus>()) {
    if (status.order_id <= 3) last[status.order_id] = status.status;
  }
  CHECK(last[1] == "Filled");
  CHECK(last[2] == "Cancelled");
  CHECK(last[3] == "Submitted");  // a limit order from then on
  auto stop = place(4, "SELL", "100", "STP", "", "180");
  stop.order.tif = "OPG";
  client.take();
  bed.send(client, stop);
  CHECK(client.words() == Words{"E(111)"});
}

}  // namespace
}  // namespace belay::simtws::test
