// SPDX-License-Identifier: Apache-2.0
// Orders for an amount of money (cashQty): who may give one, and what it buys. No recording shows
// one; codes and texts are IB's documented ones, and who meets which is what people reported
// (ib_insync#407, nautilus_trader#4309, Lean.Brokerages.InteractiveBrokers#260).
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

wire::Contract of(const std::string& symbol, const std::string& type, const std::string& exchange) {
  wire::Contract out = stock(symbol);
  out.sec_type = type;
  out.exchange = exchange;
  return out;
}

wire::PlaceOrder bitcoin(OrderId id, const std::string& side, std::string_view quantity,
                         std::string_view amount, const std::string& type = "MKT",
                         std::string_view limit = "") {
  auto out = place(id, side, quantity, type, limit);
  out.contract = of("BTC", "CRYPTO", "PAXOS");
  out.order.cash_qty = real(amount);
  if (type == "MKT") out.order.tif = "IOC";
  return out;
}

wire::PlaceOrder euros(OrderId id, std::string_view amount, const std::string& type,
                       std::string_view limit = "") {
  auto out = place(id, "BUY", "", type, limit);
  out.contract = of("EUR", "CASH", "IDEALPRO");
  out.order.cash_qty = real(amount);
  return out;
}

TEST_CASE("an amount of money for shares: 10244, with the order's own id") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(5, "BUY", "", "MKT");
  order.order.cash_qty = real("500");
  bed.send(client, order);
  CHECK(client.first<wire::ErrMsg>().id == 5);
  CHECK(client.first<wire::ErrMsg>().error_string == "Cash Quantity cannot be used for this order");
  CHECK(client.words() == Words{"E(10244)"});
  // An amount of zero is none, as clients send it with every order.
  order = place(6, "BUY", "1", "MKT");
  order.order.cash_qty = real("0");
  bed.send(client, order);
  CHECK(client.all<wire::ExecDetails>().size() == 1);
}

TEST_CASE("an amount of money for euros: whole units at the limit, or at the ask") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, euros(1, "10000", "LMT", "1.08"));
  CHECK(client.first<wire::OpenOrder>().order.total_quantity.is_zero());
  CHECK(client.first<wire::OpenOrder>().order.cash_qty.to_string() == "10000");
  CHECK(client.first<wire::OrderStatus>().remaining.to_string() == "9259");
  client.take();
  bed.send(client, euros(2, "10000", "MKT"));
  CHECK(client.first<wire::ExecDetails>().execution.shares.to_string() == "9216");
  CHECK(client.all<wire::OrderStatus>().back().status == "Filled");
  client.take();
  bed.send(client, euros(3, "1", "MKT"));
  CHECK(client.words() == Words{"E(321)"});
}

TEST_CASE("an amount of money cannot be changed: 10241, and the order lives on") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, euros(1, "10000", "LMT", "1.08"));
  client.take();
  bed.send(client, euros(1, "20000", "LMT", "1.08"));
  CHECK(client.words() == Words{"E(10241)"});
  CHECK(bed.server.book().live().size() == 1);
}

TEST_CASE("crypto is bought for an amount and sold in parts of a coin") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.price("BTC", "79085.5", "79085.75");
  bed.send(client, bitcoin(1, "BUY", "", "20"));
  const auto bought = client.first<wire::ExecDetails>().execution;
  CHECK(bought.shares.to_string() == "0.00025289");  // as a live order of 20 dollars did
  CHECK(bought.price.to_string() == "79085.75");
  CHECK(client.all<wire::OrderStatus>().back().status == "Filled");
  client.take();
  bed.send(client, bitcoin(2, "SELL", "0.00025289", ""));
  CHECK(client.first<wire::ExecDetails>().execution.side == "SLD");
  client.take();
  bed.send(client, bitcoin(3, "BUY", "0.001", "", "LMT", "70000"));
  CHECK(client.first<wire::OrderStatus>().remaining.to_string() == "0.001");
}

TEST_CASE("crypto: what may not be asked for has a code of its own") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, bitcoin(1, "BUY", "1", ""));
  CHECK(client.words() == Words{"E(10289)"});
  bed.send(client, bitcoin(2, "SELL", "", "20"));
  CHECK(client.words() == Words{"E(10244)"});
  bed.send(client, bitcoin(3, "BUY", "", "20", "LMT", "70000"));
  CHECK(client.words() == Words{"E(10244)"});
  bed.send(client, bitcoin(4, "BUY", "1", "20"));
  CHECK(client.words() == Words{"E(10293)"});
  auto day = bitcoin(5, "BUY", "", "20");
  day.order.tif = "DAY";
  bed.send(client, day);
  CHECK(client.first<wire::ErrMsg>().error_string == "Invalid time in force:DAY");
  CHECK(client.words() == Words{"E(10052)"});
}

}  // namespace
}  // namespace belay::simtws::test
