// SPDX-License-Identifier: Apache-2.0
// Numbers of the model from what a test writes.
#pragma once

#include "belay/model/numbers.hpp"

namespace belay::test {

inline model::Price price(const char* text) {
  return model::Price(*model::Decimal::parse(text));
}
inline model::Quantity shares(std::int64_t count) {
  return model::Quantity::from_int(count);
}

}  // namespace belay::test
