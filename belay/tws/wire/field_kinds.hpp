// SPDX-License-Identifier: Apache-2.0
// FieldKinds: the visitor that tells of each field of a message, in wire order, what stands there.
// Internal to random_message.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/random_message.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

class FieldKinds {
 public:
  explicit FieldKinds(int version) : version_(version) {}

  int version() const { return version_; }
  static constexpr bool failed() { return false; }
  static constexpr void fail(std::string_view, DecodeReason) {}
  std::vector<FieldPlace> take() { return std::move(places_); }

  void constant(std::string_view field, int) { add(field, FieldKind::text); }
  void filler(std::string_view field, std::string_view) { add(field, FieldKind::text); }
  void text(std::string_view field, const std::string&) { add(field, FieldKind::text); }
  void escaped(std::string_view field, const std::string&) { add(field, FieldKind::text); }
  void conjunction(std::string_view field, bool) { add(field, FieldKind::text); }
  void right(std::string_view field, const std::string&, std::string_view) {
    add(field, FieldKind::text);
  }
  void id(std::string_view field, std::int32_t) { add(field, FieldKind::number); }
  void i32(std::string_view field, std::int32_t) {
    add(field, field == "type" ? FieldKind::deciding : FieldKind::number);
  }
  void i64(std::string_view field, std::int64_t) { add(field, FieldKind::number); }
  void opt(std::string_view field, const std::optional<std::int32_t>&, Unset) {
    add(field, FieldKind::number);
  }
  void opt_nz(std::string_view field, const std::optional<std::int32_t>&, Unset) {
    add(field, FieldKind::number);
  }
  void opt64(std::string_view field, const std::optional<std::int64_t>&) {
    add(field, FieldKind::number);
  }
  void tri(std::string_view field, const std::optional<bool>&) { add(field, FieldKind::number); }
  void flag(std::string_view field, bool) { add(field, FieldKind::number); }
  void real(std::string_view field, const Real&, Unset) {
    add(field, field == "scalePriceIncrement" ? FieldKind::deciding : FieldKind::number);
  }
  void real_nz(std::string_view field, const Real&, Unset) { add(field, FieldKind::number); }
  void quantity(std::string_view field, const Real&, Unset) { add(field, FieldKind::number); }

  template <class T>
  bool present(std::string_view field, const std::optional<T>& value) {
    add(field, FieldKind::deciding);
    return value.has_value();
  }
  template <class T, class Walk>
  void list(std::string_view field, const std::vector<T>& values, std::size_t, Walk walk) {
    add(field, FieldKind::deciding);
    for (const T& value : values) walk(*this, value);
  }

 private:
  void add(std::string_view field, FieldKind kind) { places_.push_back({field, kind}); }

  int version_;
  std::vector<FieldPlace> places_;
};

}  // namespace belay::tws::wire
