// SPDX-License-Identifier: Apache-2.0
// FieldPrinter: the visitor that prints a message as JSON members under IB's field names. Constants
// and fillers are left out, what is not given is null, lists are arrays of objects. Internal to
// tws/wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/json_writer.hpp"
#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

class FieldPrinter {
 public:
  /// Prints into the object that `out` has open.
  FieldPrinter(base::JsonWriter& out, int version) : out_(out), version_(version) {}

  int version() const { return version_; }
  static constexpr bool failed() { return false; }

  static constexpr void constant(std::string_view, int) {}
  static constexpr void filler(std::string_view, std::string_view) {}
  void text(std::string_view field, const std::string& value) { out_.field(field, value); }
  void escaped(std::string_view field, const std::string& value) { out_.field(field, value); }
  void conjunction(std::string_view field, bool value) { out_.field(field, value ? "a" : "o"); }
  void right(std::string_view field, const std::string& value, std::string_view) {
    out_.field(field, value);
  }
  void id(std::string_view field, std::int32_t value) { i64(field, value); }
  void i32(std::string_view field, std::int32_t value) { i64(field, value); }
  void i64(std::string_view field, std::int64_t value) { out_.field(field, value); }
  void opt(std::string_view field, const std::optional<std::int32_t>& value, Unset) {
    value ? i64(field, *value) : absent(field);
  }
  void opt_nz(std::string_view field, const std::optional<std::int32_t>& value, Unset unset) {
    opt(field, value, unset);
  }
  void opt64(std::string_view field, const std::optional<std::int64_t>& value) {
    value ? i64(field, *value) : absent(field);
  }
  void tri(std::string_view field, const std::optional<bool>& value) {
    value ? flag(field, *value) : absent(field);
  }
  void flag(std::string_view field, bool value) { out_.field(field, value); }
  void real(std::string_view field, const Real& value, Unset) {
    out_.key(field);
    if (!value.is_set()) {
      out_.null();
    } else if (value.is_finite()) {
      out_.number(value.to_string());
    } else {
      out_.string(value.to_string());
    }
  }
  void real_nz(std::string_view field, const Real& value, Unset unset) {
    real(field, value, unset);
  }
  void quantity(std::string_view field, const Real& value, Unset unset) {
    real(field, value, unset);
  }

  template <class T>
  bool present(std::string_view field, const std::optional<T>& value) {
    flag(field, value.has_value());
    return value.has_value();
  }

  template <class T, class Walk>
  void list(std::string_view field, const std::vector<T>& values, std::size_t, Walk walk) {
    out_.key(field).begin_array();
    for (const T& value : values) {
      out_.begin_object();
      walk(*this, value);
      out_.end_object();
    }
    out_.end_array();
  }

  static constexpr void fail(std::string_view, DecodeReason) {}

 private:
  void absent(std::string_view field) { out_.key(field).null(); }

  base::JsonWriter& out_;
  int version_;
};

}  // namespace belay::tws::wire
