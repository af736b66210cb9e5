// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/descriptors.hpp"

#include <doctest/doctest.h>

using namespace belay::app;

TEST_CASE("descriptors: callers never take those that the broker and the journal need") {
  CHECK(callers_below(20'000, 4096) == 4096);
  CHECK(callers_below(1024, 4096) == 1024 - 128);
  CHECK(callers_below(256, 4096) == 256 - 64);
  CHECK(callers_below(64, 4096) == 32);
  CHECK(callers_below(20, 4096) == 8);
  CHECK(callers_below(1024, 100) == 100);
}
