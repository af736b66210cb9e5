// SPDX-License-Identifier: Apache-2.0
#include "belay/base/prng.hpp"

#include <doctest/doctest.h>

using belay::base::Prng;

TEST_CASE("prng: a seed gives the same numbers for ever") {
  Prng prng(0);  // the published first outputs of SplitMix64 from 0
  CHECK(prng.next() == 0xe220a8397b1dcdafULL);
  CHECK(prng.next() == 0x6e789e6aa1b965f4ULL);
}

TEST_CASE("prng: numbers stay between their ends, over the whole range too") {
  Prng prng(1);
  for (int i = 0; i < 1'000; ++i) {
    const auto small = prng.between(-2, 2);
    CHECK(small >= -2);
    CHECK(small <= 2);
    CHECK(prng.between(INT64_MIN, INT64_MIN + 1) <= INT64_MIN + 1);
    static_cast<void>(prng.between(INT64_MIN, INT64_MAX));
  }
  CHECK(prng.between(7, 7) == 7);
  CHECK_FALSE(prng.chance(0));
  CHECK(prng.chance(100));
}

TEST_CASE("prng: a fork's draws do not disturb its origin") {
  Prng a(5);
  Prng b(5);
  Prng child = a.fork();
  static_cast<void>(b.fork());
  for (int i = 0; i < 10; ++i) static_cast<void>(child.next());
  CHECK(a.next() == b.next());
}
