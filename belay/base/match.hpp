// SPDX-License-Identifier: Apache-2.0
// match: a std::visit with a branch for each alternative, or for those that a concept names.
// Without a catch-all among the branches a new alternative does not compile until somebody has said
// what becomes of it.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace belay::base {

template <class... Branches>
struct Overloaded : Branches... {
  using Branches::operator()...;
};

template <class Variant, class... Branches>
decltype(auto) match(Variant&& value, Branches&&... branches) {
  return std::visit(Overloaded<std::decay_t<Branches>...>{std::forward<Branches>(branches)...},
                    std::forward<Variant>(value));
}

template <class T, class... Types>
concept is_one_of = (std::is_same_v<T, Types> || ...);

}  // namespace belay::base
