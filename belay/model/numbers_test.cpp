// SPDX-License-Identifier: Apache-2.0
#include "belay/model/numbers.hpp"

#include <doctest/doctest.h>

#include "tests/support/numbers.hpp"

using namespace belay::model;
using belay::test::price;

namespace {
Quantity quantity(const char* text) {
  return *Quantity::make(*Decimal::parse(text));
}
}  // namespace

TEST_CASE("quantity: a negative number is none, and arithmetic never goes below zero or wraps") {
  CHECK_FALSE(Quantity::make(*Decimal::parse("-0.00000001")).has_value());
  CHECK(Quantity::from_int(-3).is_zero());
  CHECK((quantity("1") - quantity("2")).is_zero());
  CHECK(quantity("3") - quantity("2.5") == quantity("0.5"));
  const Quantity max = *Quantity::make(Decimal::from_units(INT64_MAX));
  CHECK(max + quantity("1") == max);
}

TEST_CASE("average price: finite averages are exact") {
  CHECK(average_price({}, Quantity()) == "0");
  CHECK(average_price(times(price("190.5"), quantity("100")), quantity("100")) == "190.5");
  Notional sum = times(price("10"), quantity("1"));
  sum.units += times(price("10.01"), quantity("1")).units;
  CHECK(average_price(sum, quantity("2")) == "10.005");
  CHECK(average_price(times(price("-37.63"), quantity("2")), quantity("2")) == "-37.63");
}

TEST_CASE("average price: endless averages round half away from zero at twelve places") {
  Notional sum = times(price("1"), quantity("1"));  // 1 / 3
  CHECK(average_price(sum, quantity("3")) == "0.333333333333");
  sum = times(price("2"), quantity("1"));
  CHECK(average_price(sum, quantity("3")) == "0.666666666667");
  sum = times(price("-2"), quantity("1"));
  CHECK(average_price(sum, quantity("3")) == "-0.666666666667");
}

TEST_CASE("average price: the largest price and quantity fit") {
  const Price high(Decimal::from_units(INT64_MAX));
  const Quantity many = *Quantity::make(Decimal::from_units(INT64_MAX));
  CHECK(average_price(times(high, many), many) == "92233720368.54775807");
}
