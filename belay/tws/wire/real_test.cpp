// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/real.hpp"

#include <doctest/doctest.h>

#include <string>

#include "belay/base/prng.hpp"

namespace belay::tws::wire {
namespace {

std::string read_back(std::string_view text) {
  const auto real = Real::parse(text);
  return real ? real->to_string() : "refused";
}

TEST_CASE("real: the written scale is kept") {
  for (const char* text : {"190.50", "0.0", "0", "100", "-0.57", "0.0001", "300000.00",
                           "291.6234436", "-103.92738339177643", "999999999999999999"}) {
    CHECK(read_back(text) == text);
  }
}

TEST_CASE("real: other spellings of a number become the plain one") {
  CHECK(read_back("+10E+0") == "10");
  CHECK(read_back("+1E+2") == "100");
  CHECK(read_back("1e-8") == "0.00000001");
  CHECK(read_back("5.") == "5");
  CHECK(read_back(".5") == "0.5");
  CHECK(read_back("007") == "7");
  CHECK(read_back("-0.0") == "0.0");
  CHECK(read_back("1E20") == "100000000000000000E3");
  CHECK(read_back("2.5e-45") == "25E-46");
}

TEST_CASE("real: every maximum means not given") {
  for (const char* text :
       {"", "1.7976931348623157E308", "1.7976931348623157e+308", "1.7976931348623e+308", "1.79e308",
        "-1.7976931348623157E308", "1e309", "1e99999999999", "NaN", "179E306"}) {
    const auto real = Real::parse(text);
    REQUIRE_MESSAGE(real, text);
    CHECK_FALSE_MESSAGE(real->is_set(), text);
    CHECK(real->to_string().empty());
  }
  CHECK(Real::parse("1.78e308")->is_finite());
  CHECK(Real::parse("2147483647")->is_set());
}

TEST_CASE("real: the integer maxima mean not given for a quantity only") {
  for (const char* text : {"2147483647", "9223372036854775807", "-9223372036854775808"}) {
    CHECK_FALSE(Real::parse_quantity(text)->is_set());
    CHECK(Real::parse(text)->is_set());
  }
  CHECK(Real::parse_quantity("2147483646")->is_set());
}

TEST_CASE("real: a maximum of a quantity means not given however it is spelled") {
  for (const char* text : {"2147483647", "02147483647", "2147483647.0", "2.147483647E9"}) {
    CAPTURE(text);
    CHECK(*Real::parse_quantity(text) == Real());
  }
  CHECK_FALSE(*Real::parse_quantity("2147483646") == Real());
}

TEST_CASE("real: infinity is its own state") {
  CHECK(Real::parse("Infinity")->state() == Real::State::infinite);
  CHECK(Real::parse("-Infinity")->state() == Real::State::minus_infinite);
  CHECK(read_back("inf") == "Infinity");
  CHECK_FALSE(Real::infinity().to_decimal());
}

TEST_CASE("real: what is not a number is refused") {
  for (const char* text : {" 1", "1 ", "--1", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1,5",
                           "Infinity1", "None", "?"}) {
    CHECK_FALSE_MESSAGE(Real::parse(text), text);
  }
}

TEST_CASE("real: beyond 18 digits the value is marked inexact and gives no decimal") {
  const auto real = Real::parse("1234567890.1234567891");
  REQUIRE(real);
  CHECK(real->is_inexact());
  CHECK(real->to_string() == "1234567890.12345678");
  CHECK_FALSE(real->to_decimal());
  CHECK_FALSE(Real::parse("1.000000000000000000000000")->is_inexact());
  CHECK(Real::parse("1e-500")->is_inexact());
}

TEST_CASE("real: to_decimal gives only what is exact in 1e-8") {
  CHECK(Real::parse("190.50")->to_decimal() == base::Decimal::parse("190.5"));
  CHECK(Real::parse("0.00000001")->to_decimal() == base::Decimal::from_units(1));
  CHECK(Real::parse("0.000000010")->to_decimal() == base::Decimal::from_units(1));
  CHECK_FALSE(Real::parse("0.000000001")->to_decimal());
  CHECK(Real::parse("92233720368.54775807")->is_inexact());
  CHECK_FALSE(Real::parse("1e12")->to_decimal());
  CHECK_FALSE(Real().to_decimal());
}

TEST_CASE("real: from_decimal prints the shortest form and comes back") {
  CHECK(Real::from_decimal(*base::Decimal::parse("190.5")).to_string() == "190.5");
  CHECK(Real::from_decimal(*base::Decimal::parse("-100")).to_string() == "-100");
  CHECK(Real::from_decimal(base::Decimal()).to_string() == "0");
  base::Prng prng(7);
  for (int i = 0; i < 2000; ++i) {
    const auto value =
        base::Decimal::from_units(prng.between(-999'999'999'999'999'999, 999'999'999'999'999'999) /
                                  (prng.chance(50) ? 1 : 1'000'000));
    const Real real = Real::from_decimal(value);
    CHECK(real.to_decimal() == value);
    CHECK(Real::parse(real.to_string()) == real);
  }
}

TEST_CASE("real: whatever is read prints a text that reads the same") {
  base::Prng prng(11);
  const std::string alphabet = "0123456789.eE+-";
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (auto n = prng.below(26); n > 0; --n) text += alphabet[prng.below(alphabet.size())];
    const auto real = Real::parse(text);
    if (!real || real->is_inexact()) continue;
    ++read;
    const auto again = Real::parse(real->to_string());
    REQUIRE_MESSAGE(again, text);
    CHECK_MESSAGE(*again == *real, text);
  }
  CHECK(read > 1000);
}

}  // namespace
}  // namespace belay::tws::wire
