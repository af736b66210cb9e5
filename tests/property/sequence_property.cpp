// SPDX-License-Identifier: Apache-2.0
// The same facts give the same book whatever their sequence: every permutation of short days, and
// random interleavings of long ones, doubled, or cut short and begun anew.
#include <doctest/doctest.h>

#include <numeric>

#include "tests/support/fact_day.hpp"

using namespace belay::test;
using belay::base::Prng;

TEST_CASE("sequence property: every permutation of a short day gives the same book") {
  using Short = FactDay::Short;
  for (const Short which :
       {Short::combination, Short::equal_parts, Short::averages, Short::order}) {
    CAPTURE(static_cast<int>(which));
    const FactDay day = FactDay::small(which);
    REQUIRE(day.size() >= 4);
    REQUIRE(day.size() <= 8);
    const std::string expected = day.told_in_sequence();
    std::vector<std::size_t> order(day.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
      const std::string got = day.tell(order);
      if (got != expected) {
        CAPTURE(doctest::toString(order.size()));
        REQUIRE(got == expected);
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_CASE("sequence property: 10,000 interleavings of a day, doubled and cut, give the same book") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const FactDay day(seed);
    const std::string expected = day.told_in_sequence();
    Prng prng(seed * 1000);
    for (int i = 0; i < 20; ++i) {
      const auto sequence = day.interleaving(prng);
      const std::string got = day.tell(sequence);
      if (got != expected) {
        CAPTURE(seed);
        CAPTURE(i);
        REQUIRE(got == expected);
      }
    }
  }
}
