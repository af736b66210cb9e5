// SPDX-License-Identifier: Apache-2.0
#include "belay/model/order.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

#include "belay/model/order_terms.hpp"
#include "tests/support/numbers.hpp"

using namespace belay::model;
using belay::base::Time;
using belay::test::price;

namespace {

OrderSpec limit_order() {
  OrderSpec spec;
  spec.account = AccountId("DU1");
  spec.contract.symbol = "AAPL";
  spec.ord_type = OrdType::limit;
  spec.terms.order_qty = Quantity::from_int(100);
  spec.terms.price = price("190.5");
  return spec;
}
OrderSpec of_type(OrdType type) {
  OrderSpec spec = limit_order();
  spec.ord_type = type;
  spec.terms.price.reset();
  const OrdTypeRow& row = row_of(type);
  if (row.price == Use::must) spec.terms.price = price("190.5");
  if (row.stop_px == Use::must) spec.terms.stop_px = price("191");
  if (row.trails()) spec.terms.trail_amount = price("2");
  if (row.limit_offset == Use::must) spec.terms.limit_offset = price("0.1");
  return spec;
}
OrderSpec combination() {
  OrderSpec spec = limit_order();
  spec.contract.sec_type = SecurityType::combination;
  spec.contract.legs = {{265598, 2, Side::buy, "SMART"}, {272093, 1, Side::sell, "SMART"}};
  spec.terms.price = price("-39.97");
  return spec;
}
OrderSpec option() {
  OrderSpec spec = limit_order();
  spec.contract.sec_type = SecurityType::option;
  spec.contract.last_trade_date = "20261218";
  spec.contract.strike = price("190");
  spec.contract.right = "C";
  return spec;
}

struct Rule {
  const char* name;
  const char* field;  // what the finding must name
  OrderSpec base;
  std::function<void(OrderSpec&)> spoil;
};

}  // namespace

TEST_CASE("validate: good orders of every type have no finding") {
  for (const OrdTypeRow& row : ord_type_rows) {
    if (row.value == OrdType::other) continue;
    CAPTURE(row.name);
    CHECK(validate(of_type(row.value)).empty());
    for (const TifRow& tif : tif_rows) {
      OrderSpec spec = of_type(row.value);
      spec.terms.time_in_force = tif.value;
      if (tif.value == TimeInForce::good_till_date) spec.terms.expire_time = Time(1);
      CAPTURE(tif.name);
      CHECK(validate(spec).empty() == row.tifs.contains(tif.value));
    }
  }
  CHECK(validate(combination()).empty());
  for (const SecurityType type : {SecurityType::crypto, SecurityType::cfd, SecurityType::bond}) {
    OrderSpec spec = limit_order();
    spec.contract.sec_type = type;
    CHECK(validate(spec).empty());
  }
  CHECK(validate(option()).empty());
  OrderSpec by_con_id = limit_order();
  by_con_id.contract.symbol.clear();
  by_con_id.contract.currency.clear();
  by_con_id.contract.con_id = 265598;
  CHECK(validate(by_con_id).empty());
  OrderSpec percent = of_type(OrdType::trailing_stop);
  percent.terms.trail_amount.reset();
  percent.terms.trail_percent = *Decimal::parse("1.5");
  CHECK(validate(percent).empty());
  OrderSpec dated = limit_order();
  dated.terms.time_in_force = TimeInForce::good_till_date;
  dated.terms.expire_time = Time(1);
  CHECK(validate(dated).empty());
  OrderSpec future = limit_order();  // some futures trade below zero
  future.contract.sec_type = SecurityType::future;
  future.contract.last_trade_date = "202612";
  future.terms.price = price("-37.63");
  CHECK(validate(future).empty());
}

TEST_CASE("validate: each broken rule names its field") {
  const OrderSpec limit = limit_order();
  const std::string long_text(65, 'A');
  const Rule rules[] = {
      {"no symbol", "contract.symbol", limit, [](OrderSpec& s) { s.contract.symbol.clear(); }},
      {"negative con_id", "contract.con_id", limit, [](OrderSpec& s) { s.contract.con_id = -1; }},
      {"con_id beyond the wire's 32 bits", "contract.con_id", limit,
       [](OrderSpec& s) { s.contract.con_id = 5'000'000'000; }},
      {"unknown type of security", "contract.sec_type", limit,
       [](OrderSpec& s) { s.contract.sec_type = SecurityType::other; }},
      {"no exchange", "contract.exchange", limit, [](OrderSpec& s) { s.contract.exchange = ""; }},
      {"no currency", "contract.currency", limit, [](OrderSpec& s) { s.contract.currency = ""; }},
      {"control character", "contract.symbol", limit,
       [](OrderSpec& s) { s.contract.symbol = std::string("A\0B", 3); }},
      {"not ASCII", "contract.local_symbol", limit,
       [](OrderSpec& s) { s.contract.local_symbol = "\xc3\xa9"; }},
      {"too long", "contract.trading_class", limit,
       [&](OrderSpec& s) { s.contract.trading_class = long_text; }},
      {"too long", "contract.primary_exchange", limit,
       [&](OrderSpec& s) { s.contract.primary_exchange = long_text; }},
      {"too long", "contract.multiplier", limit,
       [&](OrderSpec& s) { s.contract.multiplier = long_text; }},
      {"future without a date", "contract.last_trade_date", limit,
       [](OrderSpec& s) { s.contract.sec_type = SecurityType::future; }},
      {"a date of seven digits", "contract.last_trade_date", option(),
       [](OrderSpec& s) { s.contract.last_trade_date = "2026121"; }},
      {"a date with a letter", "contract.last_trade_date", option(),
       [](OrderSpec& s) { s.contract.last_trade_date = "2026121x"; }},
      {"option without strike", "contract.strike", option(),
       [](OrderSpec& s) { s.contract.strike.reset(); }},
      {"a strike of nothing", "contract.strike", option(),
       [](OrderSpec& s) { s.contract.strike = price("0"); }},
      {"a strike below nothing", "contract.strike", option(),
       [](OrderSpec& s) { s.contract.strike = price("-5"); }},
      {"option without right", "contract.right", option(),
       [](OrderSpec& s) { s.contract.right = "X"; }},
      {"nothing to trade", "total_quantity", limit,
       [](OrderSpec& s) { s.terms.order_qty = Quantity(); }},
      {"a type that we do not place", "order_type", limit,
       [](OrderSpec& s) { s.ord_type = OrdType::other; }},
      {"limit without price", "limit_price", limit, [](OrderSpec& s) { s.terms.price.reset(); }},
      {"stop limit without price", "limit_price", of_type(OrdType::stop_limit),
       [](OrderSpec& s) { s.terms.price.reset(); }},
      {"market with price", "limit_price", of_type(OrdType::market),
       [](OrderSpec& s) { s.terms.price = price("1"); }},
      {"stop without stop price", "aux_price", of_type(OrdType::stop),
       [](OrderSpec& s) { s.terms.stop_px.reset(); }},
      {"stop limit without stop price", "aux_price", of_type(OrdType::stop_limit),
       [](OrderSpec& s) { s.terms.stop_px.reset(); }},
      {"limit with stop price", "aux_price", limit,
       [](OrderSpec& s) { s.terms.stop_px = price("1"); }},
      {"trail without amount", "trail_amount", of_type(OrdType::trailing_stop),
       [](OrderSpec& s) { s.terms.trail_amount.reset(); }},
      {"trail with both", "trail_amount", of_type(OrdType::trailing_stop),
       [](OrderSpec& s) { s.terms.trail_percent = Decimal::from_int(1); }},
      {"limit with trail", "trail_percent", limit,
       [](OrderSpec& s) { s.terms.trail_percent = Decimal::from_int(1); }},
      {"trail by zero", "trail_amount", of_type(OrdType::trailing_stop),
       [](OrderSpec& s) { s.terms.trail_amount = price("0"); }},
      {"trail by a hundred percent", "trail_percent", of_type(OrdType::trailing_stop),
       [](OrderSpec& s) {
         s.terms.trail_amount.reset();
         s.terms.trail_percent = Decimal::from_int(100);
       }},
      {"negative price of a stock", "limit_price", limit,
       [](OrderSpec& s) { s.terms.price = price("-1"); }},
      {"negative stop price of a stock", "aux_price", of_type(OrdType::stop),
       [](OrderSpec& s) { s.terms.stop_px = price("-1"); }},
      {"a stock for nothing", "limit_price", limit,
       [](OrderSpec& s) { s.terms.price = price("0"); }},
      {"a stop at nothing", "aux_price", of_type(OrdType::stop),
       [](OrderSpec& s) { s.terms.stop_px = price("0"); }},
      {"a time in force that we do not place", "time_in_force", limit,
       [](OrderSpec& s) { s.terms.time_in_force = TimeInForce::other; }},
      {"GTD without date", "good_till_date", limit,
       [](OrderSpec& s) { s.terms.time_in_force = TimeInForce::good_till_date; }},
      {"date without GTD", "good_till_date", limit,
       [](OrderSpec& s) { s.terms.expire_time = Time(1); }},
      {"trail with a limit offset", "limit_offset", of_type(OrdType::trailing_stop),
       [](OrderSpec& s) { s.terms.limit_offset = price("1"); }},
      {"trail limit without its offset", "limit_offset", of_type(OrdType::trailing_stop_limit),
       [](OrderSpec& s) { s.terms.limit_offset.reset(); }},
      {"trail limit with a limit", "limit_price", of_type(OrdType::trailing_stop_limit),
       [](OrderSpec& s) { s.terms.price = price("190"); }},
      {"a relative order with two distances", "percent_offset", of_type(OrdType::relative),
       [](OrderSpec& s) {
         s.terms.stop_px = price("0.05");
         s.terms.percent_offset = Decimal::from_int(1);
       }},
      {"on close for longer than a day", "time_in_force", of_type(OrdType::market_on_close),
       [](OrderSpec& s) { s.terms.time_in_force = TimeInForce::good_till_cancel; }},
      {"a stop at the opening", "time_in_force", of_type(OrdType::stop),
       [](OrderSpec& s) { s.terms.time_in_force = TimeInForce::at_opening; }},
      {"an index", "contract.sec_type", limit,
       [](OrderSpec& s) { s.contract.sec_type = SecurityType::index; }},
      {"one leg", "contract.legs", combination(), [](OrderSpec& s) { s.contract.legs.pop_back(); }},
      {"legs of a stock", "contract.legs", limit,
       [](OrderSpec& s) { s.contract.legs = combination().contract.legs; }},
      {"a combination by number", "contract.con_id", combination(),
       [](OrderSpec& s) { s.contract.con_id = 28812380; }},
      {"a leg without a contract", "contract.legs.con_id", combination(),
       [](OrderSpec& s) { s.contract.legs[0].con_id = 0; }},
      {"none of a leg", "contract.legs.ratio", combination(),
       [](OrderSpec& s) { s.contract.legs[0].ratio = 0; }},
      {"a leg that trades nowhere", "contract.legs.exchange", combination(),
       [](OrderSpec& s) { s.contract.legs[1].exchange.clear(); }},
      {"a long account", "account", limit,
       [](OrderSpec& s) { s.account = AccountId(std::string(33, 'D')); }},
      {"an account with a line break", "account", limit,
       [](OrderSpec& s) { s.account = AccountId("DU1\n"); }},
      {"a long purpose", "purpose", limit, [&](OrderSpec& s) { s.purpose = long_text; }},
  };
  for (const Rule& rule : rules) {
    CAPTURE(rule.name);
    REQUIRE(validate(rule.base).empty());
    OrderSpec spec = rule.base;
    rule.spoil(spec);
    const auto findings = validate(spec);
    REQUIRE_FALSE(findings.empty());
    bool named = false;
    for (const auto& finding : findings) {
      CHECK_FALSE(finding.detail.empty());
      if (finding.field == rule.field) named = true;
    }
    CHECK(named);
  }
}

TEST_CASE("validate: all broken rules are told at once") {
  OrderSpec spec = limit_order();
  spec.contract.symbol.clear();
  spec.terms.order_qty = Quantity();
  spec.terms.price.reset();
  CHECK(validate(spec).size() == 3);
}

TEST_CASE("patch: only given terms change") {
  const OrderTerms before = limit_order().terms;
  CHECK(TermsPatch{}.is_empty());
  CHECK(apply(TermsPatch{}, before) == before);
  TermsPatch patch;
  patch.price = price("191");
  CHECK_FALSE(patch.is_empty());
  OrderTerms expected = before;
  expected.price = price("191");
  CHECK(apply(patch, before) == expected);
}

TEST_CASE("patch: every member alone makes it not empty and lands in its term") {
  OrderTerms before = limit_order().terms;
  const auto changed = [&](auto set) {
    TermsPatch patch;
    set(patch);
    CHECK_FALSE(patch.is_empty());
    CHECK(apply(patch, before) != before);
  };
  changed([](TermsPatch& p) { p.order_qty = Quantity::from_int(7); });
  changed([](TermsPatch& p) { p.price = price("7"); });
  changed([](TermsPatch& p) { p.stop_px = price("7"); });
  changed([](TermsPatch& p) { p.trail_amount = price("7"); });
  changed([](TermsPatch& p) { p.trail_percent = Decimal::from_int(7); });
  changed([](TermsPatch& p) { p.time_in_force = TimeInForce::good_till_cancel; });
  changed([](TermsPatch& p) { p.expire_time = Time(7); });
  changed([](TermsPatch& p) { p.good_after_time = Time(7); });
  changed([](TermsPatch& p) { p.outside_rth = true; });
  changed([](TermsPatch& p) { p.limit_offset = price("7"); });
  changed([](TermsPatch& p) { p.percent_offset = Decimal::from_int(7); });
}

TEST_CASE("patch: the two distances of a relative order replace each other") {
  OrderTerms terms = of_type(OrdType::relative).terms;
  TermsPatch patch;
  patch.percent_offset = Decimal::from_int(1);
  terms = apply(patch, terms);
  patch = TermsPatch{};
  patch.stop_px = price("0.05");
  terms = apply(patch, terms);
  CHECK(terms.stop_px == price("0.05"));
  CHECK_FALSE(terms.percent_offset.has_value());
}

TEST_CASE("terms: each has a number of its own in the journal, ascending, and a field of its own") {
  int last = 0;
  std::set<std::string> fields;
  for_each_term([&](const auto& term) {
    CAPTURE(term.name);
    CHECK(term.number > last);
    last = term.number;
    if (*term.field != '\0') CHECK(fields.insert(term.field).second);
  });
  CHECK(last == 16);
}

TEST_CASE("types: what protects waits for a worse price, and is no order if touched") {
  std::string words;
  for (const OrdTypeRow& row : ord_type_rows) {
    if (row.protects) words += std::string(row.name) + ";";
  }
  CHECK(words == "STP;STP LMT;TRAIL;TRAIL LIMIT;");
}

TEST_CASE("patch: amount and percent of a trailing stop replace each other, and GTD its date") {
  OrderTerms terms = of_type(OrdType::trailing_stop).terms;
  TermsPatch patch;
  patch.trail_percent = Decimal::from_int(2);
  terms = apply(patch, terms);
  CHECK_FALSE(terms.trail_amount.has_value());
  patch = TermsPatch{};
  patch.trail_amount = price("3");
  terms = apply(patch, terms);
  CHECK_FALSE(terms.trail_percent.has_value());
  terms.time_in_force = TimeInForce::good_till_date;
  terms.expire_time = Time(5);
  patch = TermsPatch{};
  patch.time_in_force = TimeInForce::day;
  CHECK_FALSE(apply(patch, terms).expire_time.has_value());
}
