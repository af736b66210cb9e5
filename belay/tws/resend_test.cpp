// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/resend.hpp"

#include <doctest/doctest.h>

#include "belay/tws/wire/gateway_words.hpp"
#include "tests/support/numbers.hpp"

using namespace belay::tws;
using namespace belay::core;
using belay::test::price;

namespace {

wire::OpenOrder shown(const char* type) {
  wire::OpenOrder message;
  message.order_id = 9;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.order.action = "SELL";
  message.order.order_type = type;
  message.order.total_quantity = wire::Real::from_int(5);
  message.order.lmt_price = *wire::Real::parse("0.0");
  message.order.aux_price = *wire::Real::parse("0.0");
  message.order.trail_stop_price = *wire::Real::parse("191");
  message.order.shares_allocation = "1.0/DU1/100";
  message.order.parent_id = 4;
  message.order.tif = "GTD";
  message.order.good_till_date = "20261231-21:00:00";
  wire::apply_gateway_words(message.order);
  return message;
}
TermsPatch quantity(int to) {
  TermsPatch patch;
  patch.order_qty = Quantity::from_int(to);
  return patch;
}

}  // namespace

TEST_CASE("resend: what the server added by itself is not sent back") {
  const auto request = changed(shown("MKT"), quantity(6), true);
  REQUIRE(request.has_value());
  const wire::Order& order = request->order;
  CHECK(order.total_quantity.to_decimal() == Decimal::from_int(6));
  CHECK_FALSE(order.lmt_price.is_set());
  CHECK_FALSE(order.aux_price.is_set());
  CHECK_FALSE(order.trail_stop_price.is_set());
  CHECK(order.shares_allocation.empty());
  CHECK(order.delta_neutral_order_type.empty());
  CHECK(order.adjusted_order_type.empty());
  CHECK(order.transmit);
  CHECK(order.good_till_date == "20261231-21:00:00");
  CHECK(order.parent_id == 4);
}

TEST_CASE("resend: a parent that is gone is not named again") {
  CHECK(changed(shown("MKT"), quantity(6), false)->order.parent_id == 0);
}

TEST_CASE("resend: each change lands in the field of its type") {
  TermsPatch patch;
  patch.stop_px = price("180");
  CHECK(changed(shown("STP"), patch, true)->order.aux_price.to_decimal() == Decimal::from_int(180));
  CHECK(changed(shown("TRAIL"), patch, true)->order.trail_stop_price.to_decimal() ==
        Decimal::from_int(180));
  TermsPatch trail;
  trail.trail_percent = Decimal::from_int(2);
  const auto request = changed(shown("TRAIL"), trail, true);
  CHECK(request->order.trailing_percent.to_decimal() == Decimal::from_int(2));
  CHECK_FALSE(request->order.aux_price.is_set());
  TermsPatch day;
  day.time_in_force = TimeInForce::day;
  CHECK(changed(shown("MKT"), day, true)->order.tif == "DAY");
  CHECK(changed(shown("MKT"), day, true)->order.good_till_date.empty());
}

TEST_CASE("resend: an order with parts that no message shows is refused with the reason") {
  const auto refused = [](auto alter) {
    wire::OpenOrder order = shown("LMT");
    alter(order);
    return !changed(order, quantity(6), true).has_value();
  };
  CHECK_FALSE(refused([](auto&) {}));
  CHECK(refused([](auto& o) { o.order.order_type = "PEG MID"; }));
  CHECK(refused([](auto& o) { o.order.algo_strategy = "Vwap"; }));
  CHECK(refused([](auto& o) { o.order.scale_price_increment = wire::Real::from_int(1); }));
  CHECK(refused([](auto& o) { o.order.delta_neutral_order_type = "MKT"; }));
  CHECK(refused([](auto& o) { o.contract.sec_type = "BAG"; }));
  CHECK(refused([](auto& o) {
    o.order.conditions.push_back({.type = wire::OrderCondition::execution,
                                  .value = "",
                                  .exchange = "ANY",
                                  .sec_type = "STK",
                                  .symbol = "IBM"});
  }));
}

TEST_CASE("resend: an answer is recognised by the values, not by how they are written") {
  wire::OpenOrder asked = shown("LMT");
  wire::OpenOrder told = asked;
  asked.order.lmt_price = *wire::Real::parse("151");
  told.order.lmt_price = *wire::Real::parse("151.00");
  CHECK(same_terms(asked.order, told.order));
  told.order.lmt_price = *wire::Real::parse("151.01");
  CHECK_FALSE(same_terms(asked.order, told.order));
}
