// SPDX-License-Identifier: Apache-2.0
// What the border takes of numbers that mean none, that carry noise, or that do not fit.
#include "belay/tws/border.hpp"

#include <doctest/doctest.h>

#include "belay/tws/translate.hpp"
#include "tests/support/numbers.hpp"

using namespace belay::tws;
using namespace belay::core;
using belay::test::price;
using belay::tws::wire::Real;

namespace {

wire::OpenOrder shown_by_gateway(const char* type = "LMT") {
  wire::OpenOrder message;
  message.order_id = 42;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.order.action = "SELL";
  message.order.order_type = type;
  message.order.total_quantity = *Real::parse("100");
  message.order.lmt_price = *Real::parse("190.50");
  message.order.aux_price = *Real::parse("2.0");
  message.order.trail_stop_price = *Real::parse("189.5");
  message.order.tif = "GTC";
  message.order.client_id = 3;
  message.order.perm_id = 77;
  message.order.order_ref = "b1.0.1";
  message.order_state.status = "Submitted";
  return message;
}

}  // namespace

TEST_CASE("translate: the noise of a double is rounded away, whatever its magnitude") {
  wire::OpenOrder message = shown_by_gateway();
  const struct {
    const char* written;
    const char* taken;
  } rows[] = {
      {"101.30000000000001", "101.3"},         {"190.123456789", "190.12345679"},
      {"0.30000000000000004", "0.3"},          {"-0.000000005", "-0.00000001"},
      {"1.0000000000000002E-7", "0.0000001"},  {"9223372036.85477581", "9223372036.85477581"},
      {"99999999.99999999999999", "100000000"}};
  for (const auto& row : rows) {
    CAPTURE(row.written);
    message.order.lmt_price = *Real::parse(row.written);
    const auto order = from_wire(message);
    REQUIRE(order.has_value());
    CHECK(order.left_out.empty());
    CHECK(order->spec->terms.price == price(row.taken));
  }
}

TEST_CASE("translate: what does not fit is nothing and has a name, and the rest is taken") {
  wire::OpenOrder message = shown_by_gateway();
  message.order.lmt_price = *Real::parse("123456789012345678901234567890");
  const auto order = from_wire(message);
  REQUIRE(order.has_value());
  CHECK_FALSE(order->spec->terms.price.has_value());
  REQUIRE(order.left_out.size() == 1);
  CHECK(order.left_out[0].field == "lmtPrice");
  CHECK(order->names.broker_id == BrokerOrderId{3, 42});
  message = shown_by_gateway();
  message.order.total_quantity = *Real::parse("-5");
  CHECK(from_wire(message).left_out[0].field == "totalQuantity");
  CHECK(from_wire(message)->spec->terms.price == price("190.5"));
  message.order.total_quantity = Real::infinity();
  CHECK(from_wire(message).left_out.empty());
}

TEST_CASE("translate: a side that is no known word describes no order and no fill") {
  wire::OpenOrder message = shown_by_gateway();
  message.order.action = "";
  CHECK_FALSE(from_wire(message).has_value());
  CHECK(from_wire(message).left_out[0].field == "action");
}

TEST_CASE("translate: all terms of an order that is not placed here are read") {
  wire::OpenOrder message = shown_by_gateway("TRAIL");
  message.order.aux_price = *Real::parse("0.0");
  message.order.trailing_percent = *Real::parse("2.5");
  const auto trail = from_wire(message);
  CHECK(trail->spec->terms.trail_percent == Decimal::parse("2.5"));
  CHECK_FALSE(trail->spec->terms.trail_amount.has_value());
  message = shown_by_gateway("TRAIL LIMIT");
  message.order.lmt_price_offset = *Real::parse("0.1");
  const auto limit = from_wire(message);
  CHECK(limit->spec->terms.trail_amount == price("2"));
  CHECK(limit->spec->terms.stop_px == price("189.5"));
  CHECK(limit->spec->terms.limit_offset == price("0.1"));
  CHECK_FALSE(limit->spec->terms.price.has_value());  // it moves with the trigger
  const auto touched = from_wire(shown_by_gateway("LIT"));
  CHECK(touched->spec->terms.price == price("190.5"));
  CHECK(touched->spec->terms.stop_px == price("2"));
  message = shown_by_gateway("REL");
  message.order.lmt_price = *Real::parse("0.0");
  message.order.percent_offset = *Real::parse("0.02");
  const auto relative = from_wire(message);
  CHECK_FALSE(relative->spec->terms.price.has_value());
  CHECK(relative->spec->terms.stop_px == price("2"));
  CHECK(relative->spec->terms.percent_offset == Decimal::parse("0.02"));
  message = shown_by_gateway("MKT");
  message.order.total_quantity = *Real::parse("0");
  message.order.cash_qty = *Real::parse("500");
  message.contract.sec_type = "WAR";
  message.order.tif = "Minutes";
  const auto money = from_wire(message);
  CHECK(money->spec->terms.cash_qty == Decimal::parse("500"));
  CHECK(money->spec->contract.raw_sec_type == "WAR");
  CHECK(money->spec->terms.raw_time_in_force == "Minutes");
}

TEST_CASE("translate: times of an order are read in their zone, and else kept as words") {
  wire::OpenOrder message = shown_by_gateway();
  message.order.tif = "GTD";
  message.order.good_till_date = "20261231 16:00:00 US/Eastern";
  message.order.good_after_time = "20261201-09:30:00";
  const auto dated = from_wire(message);
  CHECK(belay::base::to_rfc3339(*dated->spec->terms.expire_time) ==
        "2026-12-31T21:00:00.000000000Z");
  CHECK(belay::base::to_rfc3339(*dated->spec->terms.good_after_time) ==
        "2026-12-01T09:30:00.000000000Z");
  message.order.good_till_date = "20261231 16:00:00 Mars/Olympus";
  const auto elsewhere = from_wire(message);
  CHECK_FALSE(elsewhere->spec->terms.expire_time.has_value());
  CHECK(elsewhere->spec->terms.raw_expire_time == "20261231 16:00:00 Mars/Olympus");
}

TEST_CASE("translate: a fill of no readable size or side is no fill and no bust") {
  wire::ExecDetails good;
  good.order_id = 42;
  good.execution.exec_id = "e.1.01";
  good.execution.side = "BOT";
  good.execution.shares = *Real::parse("40");
  good.execution.perm_id = 77;
  REQUIRE(from_wire(good).has_value());
  CHECK_FALSE(from_wire(good)->execution.last_px.has_value());  // nobody told it: never zero
  for (const char* shares : {"NaN", "", "1.7976931348623157E308", "2147483647", "-40", "1e-300",
                             "Infinity", "123456789012345678901234567890"}) {
    CAPTURE(shares);
    wire::ExecDetails bad = good;
    bad.execution.shares = *Real::parse_quantity(shares);
    CHECK_FALSE(from_wire(bad).has_value());
    REQUIRE_FALSE(from_wire(bad).left_out.empty());
    CHECK(from_wire(bad).left_out.back().field == "shares");
  }
  for (const char* side : {"", "B", "bot", "UNKNOWN"}) {
    CAPTURE(side);
    wire::ExecDetails bad = good;
    bad.execution.side = side;
    CHECK_FALSE(from_wire(bad).has_value());
    CHECK(from_wire(bad).left_out.back().field == "side");
  }
}

TEST_CASE("translate: an id that means none, or that no order can have, is no id") {
  wire::OpenOrder message = shown_by_gateway();
  for (const std::int32_t id : {2147483647, 2147483646, 2147000000, 0}) {
    CAPTURE(id);
    message.order_id = id;
    REQUIRE(from_wire(message).has_value());
    CHECK_FALSE(from_wire(message)->names.broker_id.has_value());
    CHECK(from_wire(message)->names.permanent_id == PermanentId(77));
  }
  message.order_id = 42;
  message.order.client_id = 2147483647;
  CHECK_FALSE(from_wire(message)->names.broker_id.has_value());
  for (const std::int64_t id : {INT64_MAX, std::int64_t{2147483647}, std::int64_t{-1}}) {
    CAPTURE(id);
    message.order.perm_id = id;
    CHECK_FALSE(from_wire(message)->names.permanent_id.has_value());
  }
  CHECK(next_id_of(2147483647) == 0);
  CHECK(next_id_of(-1) == 0);
  CHECK(next_id_of(17) == 17);
}

TEST_CASE("translate: a status tells what the broker says the fills cost") {
  wire::OrderStatus status;
  status.perm_id = 77;
  status.status = "Filled";
  status.filled = *Real::parse("0.30000000000000004");
  status.avg_fill_price = *Real::parse("189.50000000000003");
  status.last_fill_price = *Real::parse("0.0");
  const auto shown = from_wire(status);
  REQUIRE(shown.has_value());
  CHECK(shown->filled == Quantity::make(*Decimal::parse("0.3")));
  CHECK(shown->avg_px == price("189.5"));
  CHECK_FALSE(shown->last_px.has_value());
  status.filled = Real();
  CHECK_FALSE(from_wire(status)->filled.has_value());
}

TEST_CASE("translate: a position that cannot be read is there all the same") {
  wire::Position message;
  message.account = "DU1";
  message.contract.con_id = 265598;
  message.contract.symbol = "AAPL";
  message.position = *Real::parse("0.123456789");
  message.avg_cost = *Real::parse("1.7976931348623157E308");
  CHECK(from_wire(message)->quantity == Decimal::parse("0.12345679"));
  CHECK(from_wire(message)->avg_cost.empty());
  message.position = Real();
  const auto unread = from_wire(message);
  REQUIRE(unread.has_value());
  CHECK_FALSE(unread->quantity.has_value());
  CHECK(unread.left_out[0].field == "position");
}

TEST_CASE("translate: account values that mean none are none") {
  wire::AccountSummary message;
  message.tag = "BuyingPower";
  for (const char* none : {"", "NaN", "1.7976931348623157E308", "Infinity", "2147483647"}) {
    message.value = none;
    CHECK(from_wire(message)->value.empty());
    CHECK(from_wire(message).left_out.empty());
  }
  message.value = "300000.00";
  CHECK(from_wire(message)->value == "300000.00");
}

TEST_CASE(
    "translate: an amount of an account that is no number is not known, and left out by name") {
  wire::AccountSummary message;
  message.tag = "BuyingPower";
  for (const char* text : {"n/a", "-", "1.234,00", "12 000", "INDIVIDUAL", "9e300"}) {
    CAPTURE(text);
    message.value = text;
    const auto taken = from_wire(message);
    REQUIRE(taken.has_value());
    CHECK(taken->value.empty());
    REQUIRE(taken.left_out.size() == 1);
    CHECK(taken.left_out[0].field == "value");
  }
  // Words by nature, and what nobody asked for.
  for (const auto& [tag, words] :
       {std::pair("AccountType", "INDIVIDUAL"), std::pair("AccountReady", "true"),
        std::pair("Currency", "USD")}) {
    message.tag = tag;
    message.value = words;
    CHECK(from_wire(message)->value == words);
    CHECK(from_wire(message).left_out.empty());
  }
}
