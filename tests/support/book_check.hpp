// SPDX-License-Identifier: Apache-2.0
// What tests ask of a book after each step. A walk through all orders after each step would make
// long stories quadratic, so a book of more than 64 orders is looked at once in as many steps.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>

#include "belay/base/defects.hpp"
#include "belay/core/facts/book.hpp"

namespace belay::test {

/// A planted defect may break the book: its own scenario says what catches it.
inline bool defect_is_planted() {
#ifdef BELAY_DEFECTS
  return !base::defect(base::Defect::none);
#else
  return false;
#endif
}

inline void check_book(const core::Book& book, std::size_t step) {
  const std::size_t orders = book.in_memory().size();
  if ((orders > 64 && step % orders != 0) || defect_is_planted()) return;
  const std::string broken = book.check();
  if (!broken.empty()) REQUIRE(broken == "");
}

}  // namespace belay::test
