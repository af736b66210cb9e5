// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

TEST_CASE("echo: every field nobody models comes back in openOrder as it was sent") {
  Bed bed;
  Client& client = bed.connect(3);
  auto order = place(1, "BUY", "100", "LMT", "150.00");
  order.order.order_ref = "b1.ref.9";
  order.order.oca_group = "pair";
  order.order.oca_type = 2;
  order.order.hidden = true;
  order.order.display_size = 10;
  order.order.algo_strategy = "Adaptive";
  order.order.algo_params = {{"adaptivePriority", "Normal"}};
  order.order.discretionary_amt = real("0.05");
  order.order.model_code = "m";
  order.order.rule_80a = "I";
  order.order.good_till_date = "";
  order.order.not_held = true;
  order.order.ext_operator = "op";
  bed.send(client, order);
  const wire::OpenOrder back = client.first<wire::OpenOrder>();
  CHECK(back.order.order_ref == "b1.ref.9");
  CHECK(back.order.oca_group == "pair");
  CHECK(back.order.oca_type == 2);
  CHECK(back.order.hidden);
  CHECK(back.order.display_size == 10);
  CHECK(back.order.algo_strategy == "Adaptive");
  CHECK(back.order.algo_params == order.order.algo_params);
  CHECK(back.order.discretionary_amt == real("0.05"));
  CHECK(back.order.model_code == "m");
  CHECK(back.order.rule_80a == "I");
  CHECK(back.order.not_held);
  CHECK(back.order.ext_operator == "op");
  CHECK(back.order.lmt_price.to_string() == "150.00");
  CHECK(back.order.account == "DU1234567");
  CHECK(back.order.client_id == 3);
  CHECK(back.contract.con_id == 265598);
  CHECK(back.contract.trading_class == "NMS");
}

TEST_CASE("perm ids: grow by account, and stay with the order") {
  Options options;
  options.accounts = {"DU1", "DU2"};
  Bed bed(options);
  Client& client = bed.connect(1);
  std::vector<PermId> ids;
  for (OrderId id = 1; id <= 4; ++id) {
    auto order = place(id, "BUY", "1", "LMT", "150");
    order.order.account = id % 2 == 0 ? "DU2" : "DU1";
    bed.send(client, order);
    ids.push_back(client.take().size() == 2 ? bed.server.book().orders().rbegin()->first : 0);
  }
  const auto& orders = bed.server.book().orders();
  CHECK(orders.size() == 4);
  CHECK(ids[3] == ids[1] + 1);
  bed.send(client, wire::ReqOpenOrders{});
  CHECK(client.all<wire::OpenOrder>().size() == 4);
  for (const auto& one : client.all<wire::OpenOrder>()) {
    CHECK(orders.count(one.order.perm_id) == 1);
  }
}

TEST_CASE("contractData: AAPL with id, tick, market rules and hours") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqContractDetails{5, stock("AAPL")});
  const auto data = client.first<wire::ContractData>();
  CHECK(data.req_id == 5);
  CHECK(data.contract.con_id == 265598);
  CHECK(data.contract.primary_exchange == "NASDAQ");
  CHECK(data.details.min_tick.to_string() == "0.01");
  CHECK(data.details.long_name == "APPLE INC");
  CHECK(data.details.market_rule_ids == "26,26,26,26,26,26,26,26");
  CHECK(data.details.liquid_hours.find("20261120:0930-20261120:1600;20261121:CLOSED") == 0);
  CHECK(client.words() == Words{"contractData", "contractDataEnd"});
}

TEST_CASE("contractData: the front future is found by symbol, month, date and id") {
  Bed bed;
  Client& client = bed.connect(1);
  wire::Contract asked;
  asked.symbol = "ES";
  asked.sec_type = "FUT";
  asked.exchange = "CME";
  bed.send(client, wire::ReqContractDetails{1, asked});
  const auto front = client.first<wire::ContractData>();
  CHECK(front.contract.local_symbol == "ESZ6");
  CHECK(front.details.last_trade_date == "20261218");
  CHECK(front.contract.multiplier == "50");
  for (const char* month : {"202612", "20261218"}) {
    asked.last_trade_date_or_contract_month = month;
    client.take();
    bed.send(client, wire::ReqContractDetails{1, asked});
    CHECK(client.words() == Words{"contractData", "contractDataEnd"});
  }
  asked.last_trade_date_or_contract_month = "202609";
  bed.send(client, wire::ReqContractDetails{1, asked});
  CHECK(client.words() == Words{"E(200)"});
  wire::Contract by_id;
  by_id.con_id = front.contract.con_id;
  bed.send(client, wire::ReqContractDetails{1, by_id});
  CHECK(client.first<wire::ContractData>().contract.symbol == "ES");
}

TEST_CASE("market rule: 26 is a cent; an unknown one is an error") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqMarketRule{26});
  const auto rule = client.first<wire::MarketRule>();
  REQUIRE(rule.price_increments.size() == 1);
  CHECK(rule.price_increments[0].increment.to_string() == "0.01");
  client.take();
  bed.send(client, wire::ReqMarketRule{4711});
  CHECK(client.words() == Words{"E(321)"});
}

TEST_CASE("market data: a whole quote first, then what moves, until cancelled") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqMktData{1, stock("AAPL"), "", false, false, ""});
  CHECK(client.first<wire::MarketDataType>().market_data_type == 1);
  CHECK(client.first<wire::TickPrice>().price.to_string() == "190");
  CHECK(client.words().size() == 15);
  bed.price("IBM", "200", "200.02");
  CHECK(client.take().empty());
  bed.price("AAPL", "191", "191.02");
  CHECK(client.first<wire::TickPrice>().price.to_string() == "191");
  client.take();
  bed.send(client, wire::CancelMktData{1});
  bed.price("AAPL", "192", "192.02");
  CHECK(client.take().empty());
  bed.send(client, wire::ReqMktData{2, stock("AAPL"), "", true, false, ""});
  CHECK(client.words().back() == "tickSnapshotEnd");
}

TEST_CASE("positions: what executions add up to, told live until cancelled") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.send(client, wire::ReqPositions{});
  const auto held = client.first<wire::Position>();
  CHECK(held.position.to_string() == "100");
  CHECK(held.avg_cost.to_string() == "190.030003");
  CHECK(held.contract.exchange == "NASDAQ");
  CHECK(client.words() == Words{"position", "positionEnd"});
  bed.send(client, place(2, "SELL", "130", "MKT"));
  CHECK(client.first<wire::Position>().position.to_string() == "-30");
  CHECK(client.first<wire::Position>().avg_cost.to_string() == "189.98819569");
  // Bought at 190.02, sold at 190.00: 100 shares lose 2.00, and their commissions of both sides.
  CHECK(client.first<wire::CommissionReport>().realized_pnl.to_string() == "-4.18073076");
  client.take();
  bed.send(client, wire::CancelPositions{});
  bed.send(client, place(3, "BUY", "30", "MKT"));
  CHECK(client.all<wire::Position>().empty());
  client.take();
  bed.send(client, wire::ReqPositions{});
  CHECK(client.words() == Words{"position", "positionEnd"});  // closed today
}

TEST_CASE("account summary: asked tags only, and cash moves with trades") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.send(client, wire::ReqAccountSummary{9, "All", "NetLiquidation,TotalCashValue"});
  const auto values = client.all<wire::AccountSummary>();
  REQUIRE(values.size() == 2);
  CHECK(values[0].tag == "NetLiquidation");
  CHECK(values[0].value == "999996.99");  // two cents of spread on 100 shares and the commission
  CHECK(values[1].value == "980996.99");
  CHECK(client.words().back() == "accountSummaryEnd");
  bed.send(client, wire::CancelAccountSummary{9});
  bed.send(client, wire::ReqAccountSummary{10, "All", "$LEDGER:ALL"});
  const auto ledger = client.all<wire::AccountSummary>();
  CHECK(std::any_of(ledger.begin(), ledger.end(),
                    [](const auto& one) { return one.currency == "BASE"; }));
}

TEST_CASE("account updates: values, portfolio, time and the end") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.send(client, wire::ReqAccountUpdates{true, ""});
  const auto line = client.first<wire::PortfolioValue>();
  CHECK(line.position.to_string() == "100");
  CHECK(line.unrealized_pnl.to_string() == "-3.0003");
  CHECK(client.first<wire::AcctUpdateTime>().time_stamp == "10:00");
  CHECK(client.words().back() == "acctDownloadEnd");
  bed.send(client, place(2, "SELL", "100", "MKT"));
  CHECK(client.first<wire::PortfolioValue>().position.to_string() == "0");
  client.take();
  bed.send(client, wire::ReqPositionsMulti{4, "DU1234567", ""});
  CHECK(client.words() == Words{"positionMulti", "positionMultiEnd"});  // closed today
  bed.send(client, wire::ReqAccountUpdatesMulti{5, "DU1234567", "", false});
  CHECK(client.words().back() == "accountUpdateMultiEnd");
  bed.send(client, wire::ReqPnl{6, "DU1234567", ""});
  CHECK(client.first<wire::Pnl>().realized_pnl.to_string() == "-4.4115");
}

TEST_CASE("executions: filtered by client, symbol, side and time") {
  Bed bed;
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(1, "BUY", "10", "MKT"));
  bed.pass(std::chrono::minutes(10));
  auto sell = place(1, "SELL", "20", "MKT");
  sell.contract = stock("IBM");
  bed.send(two, sell);
  one.take();
  const auto ask = [&](const wire::ReqExecutions& filter) {
    bed.send(one, filter);
    std::string shares;
    for (const auto& x : one.all<wire::ExecDetails>()) {
      CHECK(x.req_id == filter.req_id);
      shares += x.execution.shares.to_string() + " ";
    }
    CHECK(one.words().back() == "execDetailsEnd");
    return shares;
  };
  wire::ReqExecutions filter;
  filter.req_id = 5;
  CHECK(ask(filter) == "10 20 ");
  filter.client_id = 2;
  CHECK(ask(filter) == "20 ");
  filter = {};
  filter.symbol = "AAPL";
  CHECK(ask(filter) == "10 ");
  filter = {};
  filter.side = "SELL";
  CHECK(ask(filter) == "20 ");
  filter = {};
  filter.time = "20261120 10:05:00 US/Eastern";
  CHECK(ask(filter) == "20 ");
  filter = {};
  filter.time = "20261120-15:05:00";
  CHECK(ask(filter) == "20 ");
  filter = {};
  filter.specific_dates = {"20261119"};
  CHECK(ask(filter).empty());
}

TEST_CASE("completed orders: by perm id, a filled one with a total of zero") {
  Bed bed;
  Client& client = bed.connect(1);
  auto filled = place(1, "BUY", "100", "MKT");
  filled.order.order_ref = "b1.x.1";
  bed.send(client, filled);
  bed.send(client, place(2, "BUY", "100", "LMT", "150"));
  bed.send(client, wire::CancelOrder{2, "", "", std::nullopt});
  client.take();
  bed.send(client, wire::ReqCompletedOrders{true});
  const auto orders = client.all<wire::CompletedOrder>();
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].order.order_ref == "b1.x.1");
  CHECK(orders[0].order_state.status == "Filled");
  CHECK(orders[0].order.total_quantity.to_string() == "0");
  CHECK(orders[0].order.filled_quantity.to_string() == "100");
  CHECK(orders[0].order_state.completed_time == "20261120 10:00:00 US/Eastern");
  CHECK(orders[1].order_state.status == "Cancelled");
  CHECK(orders[1].order.total_quantity.to_string() == "100");
  CHECK(orders[1].order_state.completed_status == "Cancelled by Trader");
}

TEST_CASE("time: seconds for all, milliseconds from version 197") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqCurrentTime{});
  bed.send(client, wire::ReqCurrentTimeInMillis{});
  CHECK(client.first<wire::CurrentTime>().time == 1795186800);
  CHECK(client.first<wire::CurrentTimeInMillis>().time_in_millis == 1795186800000);
  client.take();
  bed.send(client, wire::SetServerLogLevel{5});
  bed.send(client, wire::ReqManagedAccts{});
  bed.send(client, wire::ReqUserInfo{3});
  CHECK(client.words() == Words{"managedAccounts", "userInfo"});
}

TEST_CASE("good after and good till: an order wakes and dies at its times") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "10", "MKT");
  order.order.good_after_time = "20261120 10:01:00 US/Eastern";
  bed.send(client, order);
  CHECK(client.words() == Words{"O(PreSubmitted)", "S(PreSubmitted)"});
  bed.pass(std::chrono::minutes(1));
  CHECK(client.words().back() == "C");
  order = place(2, "BUY", "10", "LMT", "150");
  order.order.tif = "GTD";
  order.order.good_till_date = "20261120 10:02:00 US/Eastern";
  bed.send(client, order);
  client.take();
  bed.pass(std::chrono::minutes(1));
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("futures: the multiplier counts in cost and gain, not in cash") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "2", "MKT");
  order.contract = {};
  order.contract.symbol = "MES";
  order.contract.sec_type = "FUT";
  order.contract.exchange = "CME";
  bed.send(client, order);
  client.take();
  bed.send(client, wire::ReqPositions{});
  CHECK(client.first<wire::Position>().avg_cost.to_string() == "29501.87");
  bed.price("MES", "5910.00", "5910.25");
  order.order_id = 2;
  order.order.action = "SELL";
  client.take();
  bed.send(client, order);
  // Two contracts of five dollars a point gain 9.75 points each, less the commissions of both.
  CHECK(client.first<wire::CommissionReport>().realized_pnl.to_string() == "95.02");
  bed.send(client, wire::ReqAccountSummary{9, "All", "TotalCashValue"});
  CHECK(client.first<wire::AccountSummary>().value == "1000095.02");
}

}  // namespace
}  // namespace belay::simtws::test
