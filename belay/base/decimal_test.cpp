// SPDX-License-Identifier: Apache-2.0
#include "belay/base/decimal.hpp"

#include <doctest/doctest.h>

#include "belay/base/prng.hpp"

using belay::base::Decimal;
using belay::base::Prng;

namespace {
std::string through(std::string_view text) {
  const auto parsed = Decimal::parse(text);
  return parsed ? parsed->to_string() : "refused";
}
}  // namespace

TEST_CASE("decimal: plain and scientific texts are read exactly and printed in the shortest form") {
  const struct {
    const char* text;
    const char* shortest;
  } rows[] = {{"190.5", "190.5"},
              {"190.50", "190.5"},
              {"-0.01", "-0.01"},
              {"0", "0"},
              {"-0", "0"},
              {"-0.000", "0"},
              {"+1", "1"},
              {"00012", "12"},
              {".5", "0.5"},
              {"5.", "5"},
              {"1e-8", "0.00000001"},
              {"+10E+0", "10"},
              {"1.5e3", "1500"},
              {"15E-1", "1.5"},
              {"100000000e-8", "1"},
              {"0e9999", "0"},
              {"0.000000010", "0.00000001"},
              {"92233720368.54775807", "92233720368.54775807"},
              {"-92233720368.54775807", "-92233720368.54775807"},
              {"100", "100"}};
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(through(row.text) == row.shortest);
  }
}

TEST_CASE("decimal: what is no number, out of range or finer than 1e-8 is refused, never rounded") {
  for (const char* text : {"",
                           " ",
                           "-",
                           "+",
                           ".",
                           "e5",
                           "1e",
                           "1e+",
                           "1.2.3",
                           "1,5",
                           " 1",
                           "1 ",
                           "0x10",
                           "NaN",
                           "Infinity",
                           "1e-9",
                           "0.000000001",
                           "1.000000001",
                           "92233720368.54775808",
                           "-92233720368.54775808",
                           "1e11",
                           "1e99999",
                           "1e-99999",
                           "1e123456789123",
                           "12345678901234567890123456789012345678",
                           "--1",
                           "1-",
                           "1e5.0"}) {
    CAPTURE(text);
    CHECK(through(text) == "refused");
  }
  CHECK_FALSE(Decimal::parse(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("decimal: every count of 1e-8 survives printing and parsing") {
  Prng prng(7);
  for (int i = 0; i < 20'000; ++i) {
    auto units = static_cast<std::int64_t>(prng.next());
    if (units == INT64_MIN) continue;
    if (prng.chance(60)) units /= static_cast<std::int64_t>(1 + prng.below(1'000'000'000'000));
    const Decimal value = Decimal::from_units(units);
    const auto back = Decimal::parse(value.to_string());
    REQUIRE(back.has_value());
    REQUIRE(*back == value);
  }
}

TEST_CASE("decimal: sums and differences that leave the range are nothing") {
  const Decimal max = Decimal::from_units(INT64_MAX);
  const Decimal one = Decimal::from_units(1);
  CHECK_FALSE(Decimal::add(max, one).has_value());
  CHECK_FALSE(Decimal::sub(Decimal::from_units(INT64_MIN), one).has_value());
  CHECK(Decimal::add(max, Decimal::from_units(-1)) == Decimal::from_units(INT64_MAX - 1));
  CHECK(Decimal::sub(one, one) == Decimal());
}

TEST_CASE("decimal: a multiple of the step has no remainder") {
  CHECK(Decimal::parse("190.25")->is_multiple_of(*Decimal::parse("0.05")));
  CHECK_FALSE(Decimal::parse("190.26")->is_multiple_of(*Decimal::parse("0.05")));
  CHECK(Decimal::parse("-0.10")->is_multiple_of(*Decimal::parse("0.05")));
}

TEST_CASE("decimal: wide numbers print with their scale") {
  using belay::base::Int128;
  using belay::base::to_string;
  CHECK(to_string(Int128{0}, 16) == "0");
  CHECK(to_string(Int128{-5}, 1) == "-0.5");
  CHECK(to_string(Int128{INT64_MAX} * INT64_MAX, 16) == "8507059173023461584739.6907784232501249");
  CHECK(to_string(Int128{10'000'000'000'000'000}, 16) == "1");
  CHECK(to_string(Int128{INT64_MIN}, 8) == "-92233720368.54775808");
}
