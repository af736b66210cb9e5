// SPDX-License-Identifier: Apache-2.0
// Decimals against a second arithmetic of their own: strings of digits and 128-bit integers.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"
#include "belay/model/numbers.hpp"

using namespace belay::model;
using belay::base::Time;

namespace {

/// The decimal of `digits` with the point moved `places` to the left, by text alone.
std::string written(const std::string& digits, std::size_t places) {
  std::string text = digits;
  while (text.size() <= places) text.insert(text.begin(), '0');
  if (places > 0) text.insert(text.size() - places, ".");
  return text;
}
std::string magnitude_text(std::uint64_t units) {
  std::string text = written(std::to_string(units), 8);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("decimal property: printing agrees with moving the point in a string of digits") {
  CHECK(rc::check([](std::int64_t units) {
    if (units == INT64_MIN) return;
    const bool negative = units < 0;
    const auto magnitude = static_cast<std::uint64_t>(negative ? -units : units);
    const std::string expected = (negative ? "-" : "") + magnitude_text(magnitude);
    RC_ASSERT(Decimal::from_units(units).to_string() == expected);
    RC_ASSERT(Decimal::parse(expected) == Decimal::from_units(units));
  }));
}

TEST_CASE("decimal property: a text is taken exactly when it is a whole count of 1e-8 in range") {
  CHECK(rc::check([](std::uint64_t digits) {
    const auto places = *rc::gen::inRange<std::size_t>(0, 30);
    const auto exponent = *rc::gen::inRange<int>(-30, 30);
    const std::string text =
        written(std::to_string(digits), places) + "e" + std::to_string(exponent);
    // digits * 10^(exponent - places + 8), in 128 bits with a guard.
    Int128 units = static_cast<Int128>(digits);
    bool good = true;
    for (int shift = exponent - static_cast<int>(places) + 8; shift != 0 && units != 0;) {
      if (shift > 0) {
        units *= 10;
        --shift;
        if (units > INT64_MAX) {
          good = false;
          break;
        }
      } else {
        if (units % 10 != 0) {
          good = false;
          break;
        }
        units /= 10;
        ++shift;
      }
    }
    good = good && units <= INT64_MAX;
    const auto parsed = Decimal::parse(text);
    RC_ASSERT(parsed.has_value() == good);
    if (good) RC_ASSERT(parsed->units() == static_cast<std::int64_t>(units));
  }));
}

TEST_CASE("decimal property: sums and differences agree with 128 bits, or are nothing") {
  CHECK(rc::check([](std::int64_t a, std::int64_t b) {
    const auto fits = [](Int128 v) { return v >= INT64_MIN && v <= INT64_MAX; };
    const Int128 sum = Int128{a} + b;
    const Int128 difference = Int128{a} - b;
    const auto added = Decimal::add(Decimal::from_units(a), Decimal::from_units(b));
    const auto subtracted = Decimal::sub(Decimal::from_units(a), Decimal::from_units(b));
    RC_ASSERT(added.has_value() == fits(sum));
    if (added) RC_ASSERT(Int128{added->units()} == sum);
    RC_ASSERT(subtracted.has_value() == fits(difference));
    if (subtracted) RC_ASSERT(Int128{subtracted->units()} == difference);
  }));
}

TEST_CASE("decimal property: no text makes the parser read out of bounds or accept and lose") {
  CHECK(rc::check([] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0189.eE+-")));
    const auto parsed = Decimal::parse(text);
    if (parsed) RC_ASSERT(Decimal::parse(parsed->to_string()) == parsed);
  }));
}

TEST_CASE("average price property: within half a unit of the exact quotient at twelve places") {
  CHECK(rc::check([] {
    const auto fills = *rc::gen::container<std::vector<std::pair<std::int64_t, std::int64_t>>>(
        rc::gen::pair(rc::gen::inRange<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000),
                      rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000)));
    Notional total;
    Quantity quantity;
    for (const auto& [px, qty] : fills) {
      const Quantity part = *Quantity::make(Decimal::from_units(qty));
      total.units += times(Price(Decimal::from_units(px)), part).units;
      quantity = quantity + part;
    }
    const std::string text = average_price(total, quantity);
    if (fills.empty()) {
      RC_ASSERT(text == "0");
      return;
    }
    // The text back to a count of 1e-12, by hand.
    const bool negative = text.front() == '-';
    Int128 printed = 0;
    int places = -1;
    for (const char c : text.substr(negative ? 1 : 0)) {
      if (c == '.') {
        places = 0;
        continue;
      }
      printed = printed * 10 + (c - '0');
      if (places >= 0) ++places;
    }
    RC_ASSERT(places <= 12);
    for (int p = std::max(places, 0); p < 12; ++p) printed *= 10;
    if (negative) printed = -printed;
    // |printed * q - total * 1e4| * 2 <= q, where q counts 1e-8: both sides in units of 1e-20.
    const Int128 q = quantity.value().units();
    Int128 error = printed * q - total.units * 10'000;
    if (error < 0) error = -error;
    RC_ASSERT(error * 2 <= q);
  }));
}

TEST_CASE("time property: every instant prints, and those in the parser's range read back") {
  CHECK(rc::check([](std::int64_t ns) {
    const std::string text = belay::base::to_rfc3339(Time(ns));
    RC_ASSERT(text.size() == 30U);
    const auto back = belay::base::parse_rfc3339(text);
    if (back) RC_ASSERT(*back == Time(ns));
  }));
}
