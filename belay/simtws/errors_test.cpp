// SPDX-License-Identifier: Apache-2.0
// Each error code with what provokes it. Codes and texts as in recorded traffic and IB's list of
// message codes.
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

// The codes a new order is answered with.
Words answer(const wire::PlaceOrder& order, const Options& options = {}) {
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, order);
  Words out = client.words();
  if (!bed.server.book().live().empty()) out.emplace_back("lives");
  return out;
}

TEST_CASE("error 103: an id that was used or passed over is refused") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(10, "BUY", "1", "LMT", "150"));
  client.take();
  bed.send(client, place(9, "BUY", "1", "LMT", "150"));
  CHECK(client.first<wire::ErrMsg>().id == 9);
  CHECK(client.first<wire::ErrMsg>().error_string == "Duplicate order id");
  CHECK(client.words() == Words{"E(103)"});
  bed.send(client, wire::CancelOrder{10, "", "", std::nullopt});
  client.take();
  bed.send(client, place(10, "BUY", "1", "LMT", "150"));
  CHECK(client.words() == Words{"E(103)"});
}

TEST_CASE("error 103: a refused placement burns its id") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "NONSENSE"));
  CHECK(client.words() == Words{"E(321)"});
  bed.send(client, place(1, "BUY", "1", "LMT", "150"));
  CHECK(client.words() == Words{"E(103)"});
}

TEST_CASE("error 110: prices off the tick, on every price of the order") {
  CHECK(answer(place(1, "BUY", "1", "LMT", "150.005")) == Words{"E(110)"});
  CHECK(answer(place(1, "SELL", "1", "STP", "", "150.001")) == Words{"E(110)"});
  CHECK(answer(place(1, "SELL", "1", "STP LMT", "150", "150.001")) == Words{"E(110)"});
  CHECK(answer(place(1, "SELL", "1", "TRAIL", "", "0.005")) == Words{"E(110)"});
  auto euro = place(1, "BUY", "20000", "LMT", "1.05005");
  euro.contract.symbol = "EUR";
  euro.contract.sec_type = "CASH";
  euro.contract.exchange = "IDEALPRO";
  CHECK(answer(euro).back() == "lives");
  euro.order.lmt_price = real("1.05001");
  CHECK(answer(euro) == Words{"E(110)"});
}

TEST_CASE("error 111: a stop cannot be immediate") {
  auto order = place(1, "SELL", "1", "STP", "", "150");
  order.order.tif = "IOC";
  CHECK(answer(order) == Words{"E(111)"});
}

TEST_CASE("error 135 and 201: a child of an unknown and of a finished parent") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "MKT"));
  client.take();
  auto child = place(2, "SELL", "1", "LMT", "250");
  child.order.parent_id = 77;
  bed.send(client, child);
  CHECK(client.first<wire::ErrMsg>().error_string == "Can't find order with id =77");
  CHECK(client.words() == Words{"E(135)"});
  child.order_id = 3;
  child.order.parent_id = 1;
  bed.send(client, child);
  CHECK(client.words() == Words{"E(201)"});
}

TEST_CASE("error 200: no such contract, a wrong currency, an ambiguous one") {
  auto order = place(1, "BUY", "1", "MKT");
  order.contract.symbol = "NOSUCH";
  CHECK(answer(order) == Words{"E(200)"});
  order = place(1, "BUY", "1", "MKT");
  order.contract.currency = "CHF";
  CHECK(answer(order) == Words{"E(200)"});
  order = place(1, "BUY", "1", "MKT");
  order.contract.con_id = 265598;
  order.contract.symbol.clear();
  CHECK(answer(order).front() == "O(Submitted)");
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqContractDetails{5, stock("NOSUCH")});
  CHECK(client.first<wire::ErrMsg>().id == 5);
  CHECK(client.words() == Words{"E(200)"});
}

TEST_CASE("error 201: the twenty-first order on one side of a contract, the other side is free") {
  Bed bed;
  Client& client = bed.connect(1);
  OrderId id = 1;
  for (; id <= 20; ++id) bed.send(client, place(id, "BUY", "1", "LMT", "150"));
  client.take();
  bed.send(client, place(id++, "BUY", "1", "LMT", "150"));
  CHECK(client.words() == Words{"E(201)", "O(Inactive)", "S(Inactive)"});
  bed.send(client, place(id++, "SELL", "1", "LMT", "250"));
  CHECK(client.words().size() == 2);
  auto other = place(id++, "BUY", "1", "LMT", "150");
  other.contract = stock("IBM");
  bed.send(client, other);
  CHECK(client.words().size() == 2);
}

TEST_CASE("error 201: a good-till date that has passed") {
  auto order = place(1, "BUY", "1", "LMT", "150");
  order.order.tif = "GTD";
  order.order.good_till_date = "20200101 12:00:00 US/Eastern";
  CHECK(answer(order) == Words{"E(201)"});
}

TEST_CASE("error 321: words that make no order") {
  CHECK(answer(place(1, "HOLD", "1", "MKT")) == Words{"E(321)"});
  CHECK(answer(place(1, "BUY", "0", "MKT")) == Words{"E(321)"});
  CHECK(answer(place(1, "BUY", "-5", "MKT")) == Words{"E(321)"});
  CHECK(answer(place(1, "BUY", "1", "LMT")) == Words{"E(321)"});
  CHECK(answer(place(1, "BUY", "1", "LMT", "-1")) == Words{"E(321)"});
  auto order = place(1, "BUY", "1", "MKT");
  order.order.tif = "SOON";
  CHECK(answer(order) == Words{"E(321)"});
  order = place(1, "BUY", "1", "MKT");
  order.order.account = "U7654321";
  CHECK(answer(order) == Words{"E(321)"});
  order = place(1, "BUY", "1", "MKT");
  order.contract.exchange.clear();
  CHECK(answer(order) == Words{"E(321)"});
}

TEST_CASE("error 399: an order outside regular hours, when hours are respected") {
  Options options;
  options.respect_hours = true;
  Bed bed(options);
  bed.now = base::parse_rfc3339("2026-11-21T15:00:00Z").value();  // a Saturday
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "MKT"));
  CHECK(client.words() == Words{"E(399)", "O(PreSubmitted)", "S(PreSubmitted)"});
  auto order = place(2, "BUY", "1", "MKT");
  order.order.outside_rth = true;
  bed.send(client, order);
  CHECK(client.words().back() == "C");
}

TEST_CASE("error 436: with several accounts one must be named") {
  Options options;
  options.accounts = {"DU1", "DU2"};
  auto order = place(1, "BUY", "1", "LMT", "150");
  CHECK(answer(order, options) == Words{"E(436)"});
  order.order.account = "DU2";
  CHECK(answer(order, options).back() == "lives");
}

TEST_CASE("error 203: an index has prices and takes no orders") {
  auto order = place(1, "BUY", "1", "MKT");
  order.contract = stock("SPX");
  order.contract.sec_type = "IND";
  order.contract.exchange = "CBOE";
  CHECK(answer(order) == Words{"E(203)"});
  order.order.what_if = true;
  CHECK(answer(order) == Words{"E(203)"});
}

TEST_CASE("errors 10243 and 10268 to 10270: fractions and flags the API refuses") {
  CHECK(answer(place(1, "BUY", "1.5", "MKT")) == Words{"E(10243)"});
  auto order = place(1, "BUY", "1", "MKT");
  order.order.e_trade_only = true;
  CHECK(answer(order) == Words{"E(10268)"});
  order = place(1, "BUY", "1", "MKT");
  order.order.firm_quote_only = true;
  CHECK(answer(order) == Words{"E(10269)"});
  order = place(1, "BUY", "1", "MKT");
  order.order.nbbo_price_cap = real("1");
  CHECK(answer(order) == Words{"E(10270)"});
}

TEST_CASE("error 322, 354, 300 and 10167: requests for data that cannot be served") {
  Bed bed;
  Client& client = bed.connect(1);
  const wire::ReqMktData request{7, stock("AAPL"), "", false, false, ""};
  bed.send(client, request);
  client.take();
  bed.send(client, request);
  CHECK(client.words() == Words{"E(322)"});
  bed.send(client, wire::CancelMktData{99});
  CHECK(client.words() == Words{"E(300)"});
  for (const int id : {1, 2})
    bed.send(client, wire::ReqAccountSummary{id, "All", "NetLiquidation"});
  client.take();
  bed.send(client, wire::ReqAccountSummary{3, "All", "NetLiquidation"});
  CHECK(client.words() == Words{"E(322)"});
  bed.server.options().live_market_data = false;
  bed.send(client, wire::ReqMktData{8, stock("AAPL"), "", false, false, ""});
  CHECK(client.words() == Words{"E(354)"});
  bed.send(client, wire::ReqMarketDataType{3});
  bed.send(client, wire::ReqMktData{8, stock("AAPL"), "", false, false, ""});
  CHECK(client.first<wire::MarketDataType>().market_data_type == 3);
  CHECK(client.first<wire::TickPrice>().tick_type == 66);
  CHECK(client.words().front() == "E(10167)");
}

}  // namespace
}  // namespace belay::simtws::test
