// SPDX-License-Identifier: Apache-2.0
// Combinations of two contracts (BAG). Recorded: how one is shown and cancelled
// (sv225/api_combo_option_vertical). What a fill tells is not recorded; its parts are those that
// IB's documents name: the whole, then each leg, with a commission for each leg.
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

constexpr std::int32_t apple = 265598;
constexpr std::int32_t microsoft = 272093;

wire::ComboLeg leg(std::int32_t con_id, std::int32_t ratio, const std::string& action) {
  wire::ComboLeg out;
  out.con_id = con_id;
  out.ratio = ratio;
  out.action = action;
  out.exchange = "SMART";
  return out;
}

// Two shares of AAPL (190.00 to 190.02) less one of MSFT (420.00 to 420.02).
wire::Contract spread() {
  wire::Contract out = stock("AAPL");
  out.sec_type = "BAG";
  out.combo_legs = {leg(apple, 2, "BUY"), leg(microsoft, 1, "SELL")};
  return out;
}

wire::PlaceOrder order_of(OrderId id, const std::string& side, std::string_view quantity,
                          const std::string& type, std::string_view limit = "") {
  auto out = place(id, side, quantity, type, limit);
  out.contract = spread();
  return out;
}

TEST_CASE("a combination: it is shown with its legs, and cancelled as any order") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, order_of(1, "BUY", "1", "LMT", "-45"));
  const auto contract = client.first<wire::OpenOrder>().contract;
  CHECK(contract.con_id == 28812380);
  CHECK(contract.sec_type == "BAG");
  CHECK(contract.local_symbol == "AAPL");
  CHECK(contract.trading_class == "COMB");
  CHECK(contract.combo_legs_descrip == "265598|2,272093|-1");
  CHECK(contract.combo_legs == spread().combo_legs);
  client.take();
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("a combination fills when its legs allow: the whole, each leg, a commission for each") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, order_of(1, "BUY", "10", "LMT", "-39.97"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.price("MSFT", "420.01", "420.03");  // 2 x 190.02 - 420.01
  const auto fills = client.all<wire::ExecDetails>();
  REQUIRE(fills.size() == 3);
  CHECK(fills[0].contract.sec_type == "BAG");
  CHECK(fills[0].execution.shares.to_string() == "10");
  CHECK(fills[0].execution.price.to_string() == "-39.97");
  CHECK(fills[1].contract.con_id == apple);
  CHECK(fills[1].execution.side == "BOT");
  CHECK(fills[1].execution.cum_qty.to_string() == "20");
  CHECK(fills[1].execution.price.to_string() == "190.02");
  CHECK(fills[2].contract.con_id == microsoft);
  CHECK(fills[2].execution.side == "SLD");
  CHECK(fills[2].execution.price.to_string() == "420.01");
  CHECK(client.all<wire::OrderStatus>().back().avg_fill_price.to_string() == "-39.97");
  CHECK(client.all<wire::CommissionReport>().size() == 2);
  CHECK(client.words() == Words{"X", "X", "X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)",
                                "C", "O(Filled)", "S(Filled)", "C"});
  // The account holds the legs, and nothing of the whole.
  CHECK(bed.server.book().positions().size() == 2);
  CHECK(bed.server.book().positions().at({"DU1234567", microsoft}).quantity == dec("-10"));
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"X", "X", "X", "C", "C", "execDetailsEnd"});
}

TEST_CASE("a combination in parts: the sums of a leg are its own") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, order_of(1, "SELL", "10", "LMT", "-30"));
  client.take();
  const PermId perm_id = *bed.server.book().live().begin();
  REQUIRE(bed.server.fill_order(perm_id, dec("4"), dec("-40"), bed.now));
  REQUIRE(bed.server.fill_order(perm_id, dec("6"), dec("-40"), bed.now));
  bed.pump();
  const auto fills = client.all<wire::ExecDetails>();
  REQUIRE(fills.size() == 6);
  CHECK(fills[3].execution.cum_qty.to_string() == "10");
  CHECK(fills[4].execution.side == "SLD");
  CHECK(fills[4].execution.cum_qty.to_string() == "20");
  CHECK(fills[5].execution.cum_qty.to_string() == "10");
  // A correction is of the whole; what the account holds of it is the legs' affair.
  REQUIRE(bed.server.book().positions().at({"DU1234567", apple}).quantity == dec("-20"));
}

TEST_CASE("a combination: quotes, a what-if, and what it is not") {
  Bed bed;
  Client& client = bed.connect(1);
  wire::ReqMktData data;
  data.req_id = 7;
  data.contract = spread();
  bed.send(client, data);
  const auto ticks = client.all<wire::TickPrice>();
  REQUIRE(ticks.size() >= 2);
  CHECK(ticks[0].price.to_string() == "-40.02");
  CHECK(ticks[1].price.to_string() == "-39.96");
  client.take();
  bed.price("AAPL", "190.5", "190.52");
  CHECK(client.first<wire::TickPrice>().price.to_string() == "-39.02");
  client.take();
  auto order = order_of(1, "BUY", "10", "MKT");
  order.order.what_if = true;
  bed.send(client, order);
  // A quarter of twenty shares and of ten.
  CHECK(client.first<wire::OpenOrder>().order_state.change.init_margin.to_string() == "2002.6");
  client.take();
  bed.send(client, wire::ReqContractDetails{8, spread()});
  CHECK(client.first<wire::ErrMsg>().id == 8);
  CHECK(client.words() == Words{"E(321)"});
  order = order_of(2, "BUY", "10", "MKT");
  order.contract.combo_legs.clear();
  bed.send(client, order);
  CHECK(client.words() == Words{"E(321)"});
  order = order_of(3, "BUY", "10", "MKT");
  order.contract.combo_legs[0].con_id = 1;
  bed.send(client, order);
  CHECK(client.words() == Words{"E(200)"});
  order = order_of(4, "BUY", "10", "LMT");
  order.order.order_combo_leg_prices = {real("190"), real("421")};
  bed.send(client, order);
  CHECK(client.words() == Words{"E(10058)"});
}

TEST_CASE("a combination of options with prices of its legs: its limit is their sum") {
  // sv225/api_combo_option_vertical: LMT without a limit, NonGuaranteed.
  Bed bed;
  Client& client = bed.connect(1);
  wire::Contract option = stock("AAPL");
  option.sec_type = "OPT";
  option.strike = real("200");
  option.right = "C";
  bed.send(client, wire::ReqContractDetails{1, option});
  const auto found = client.all<wire::ContractData>();
  REQUIRE(found.size() == 2);
  client.take();
  auto order = order_of(1, "BUY", "1", "LMT");
  order.contract.combo_legs = {leg(found[0].contract.con_id, 1, "SELL"),
                               leg(found[1].contract.con_id, 1, "BUY")};
  order.order.order_combo_leg_prices = {real("0.04"), real("0.06")};
  order.order.smart_combo_routing_params = {{"NonGuaranteed", "1"}};
  bed.send(client, order);
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  CHECK(bed.server.book().orders().begin()->second.limit == dec("0.02"));
  bed.price("AAPL", "10", "10.02");  // both are worth next to nothing
  CHECK(client.all<wire::ExecDetails>().size() == 3);
}

}  // namespace
}  // namespace belay::simtws::test
