// SPDX-License-Identifier: Apache-2.0
// A std::variant for many alternatives that many files see: the code that copies, moves and
// destroys fifty alternatives is compiled once, and not again in every file that holds one.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace belay::base {

template <class T, class Variant>
inline constexpr bool is_alternative = false;
template <class T, class... Alternatives>
inline constexpr bool is_alternative<T, std::variant<Alternatives...>> =
    (std::is_same_v<T, Alternatives> || ...);

/// Used as the variant that it is: std::visit, std::get_if and std::holds_alternative take it.
/// List::Variant names the alternatives. The header that names a OneOf ends with
///   extern template class base::OneOf<List>;
/// and one .cpp has the same without `extern`.
template <class List>
class OneOf : public List::Variant {
 public:
  using Variant = typename List::Variant;
  static constexpr std::size_t size = std::variant_size_v<Variant>;
  template <std::size_t Index>
  using Alternative = std::variant_alternative_t<Index, Variant>;

  OneOf();
  OneOf(const OneOf& other);
  OneOf(OneOf&& other) noexcept;
  OneOf& operator=(const OneOf& other);
  OneOf& operator=(OneOf&& other) noexcept;
  ~OneOf();

  template <class T>
  requires is_alternative<T, Variant> OneOf(T alternative)
      : Variant(std::in_place_type<T>, std::move(alternative)) {}
  template <std::size_t Index>
  explicit OneOf(std::in_place_index_t<Index> index) : Variant(index) {}
};

// Defined out of the class, so that they are not inline.
template <class List>
OneOf<List>::OneOf() = default;
template <class List>
OneOf<List>::OneOf(const OneOf& other) = default;
template <class List>
OneOf<List>::OneOf(OneOf&& other) noexcept = default;
template <class List>
OneOf<List>& OneOf<List>::operator=(const OneOf& other) = default;
template <class List>
OneOf<List>& OneOf<List>::operator=(OneOf&& other) noexcept = default;
template <class List>
OneOf<List>::~OneOf() = default;

}  // namespace belay::base
