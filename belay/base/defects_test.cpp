// SPDX-License-Identifier: Apache-2.0
#include "belay/base/defects.hpp"

#include <doctest/doctest.h>

using namespace belay::base;

TEST_CASE("defects: every name reads back as its defect") {
  for (const Defect d : all_defects) {
    CAPTURE(name(d));
    CHECK(parse_defect(name(d)) == d);
  }
  CHECK(parse_defect("none") == Defect::none);
  CHECK_FALSE(parse_defect("").has_value());
  CHECK_FALSE(parse_defect("send_before").has_value());
}

TEST_CASE("defects: none is planted unless a test plants it") {
  for (const Defect d : all_defects) CHECK_FALSE(defect(d));
#ifdef BELAY_DEFECTS
  plant(Defect::fill_counted_twice);
  CHECK(defect(Defect::fill_counted_twice));
  CHECK_FALSE(defect(Defect::correction_added));
  plant(Defect::none);
  CHECK_FALSE(defect(Defect::fill_counted_twice));
#endif
}
