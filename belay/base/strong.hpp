// SPDX-License-Identifier: Apache-2.0
// Strong<Tag, Rep>: a value that cannot be mistaken for another of the same representation.
// Explicit construction, ordering, no arithmetic.
#pragma once

#include <compare>
#include <utility>

namespace belay::base {

template <class Tag, class Rep>
class Strong {
 public:
  using rep = Rep;
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(std::move(value)) {}
  constexpr const Rep& value() const { return value_; }
  friend auto operator<=>(const Strong&, const Strong&) = default;
  friend bool operator==(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

}  // namespace belay::base
