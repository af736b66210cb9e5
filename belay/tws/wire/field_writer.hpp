// SPDX-License-Identifier: Apache-2.0
// FieldWriter: the visitor that appends a message as NUL-ended fields. What is not given is spelled
// as the real sender spells it, field by field. Fields are gathered in a small room before they go
// to the message: most are a byte or two. Internal to tws/wire.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

class FieldWriter {
 public:
  /// Appends to `out`, which must outlive the writer and is whole when the writer is gone.
  FieldWriter(std::string& out, int version) : out_(out), version_(version) {}
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;
  ~FieldWriter() { flush(); }

  int version() const { return version_; }
  static constexpr bool failed() { return false; }

  void constant(std::string_view field, int value);
  void filler(std::string_view field, std::string_view value);
  void text(std::string_view field, const std::string& value);
  void escaped(std::string_view field, const std::string& value);
  void conjunction(std::string_view field, bool value);
  void right(std::string_view field, const std::string& value, std::string_view none);
  void id(std::string_view field, std::int32_t value);
  void i32(std::string_view field, std::int32_t value) { id(field, value); }
  void i64(std::string_view field, std::int64_t value);
  void opt(std::string_view field, const std::optional<std::int32_t>& value, Unset unset);
  void opt_nz(std::string_view field, const std::optional<std::int32_t>& value, Unset unset);
  void opt64(std::string_view field, const std::optional<std::int64_t>& value);
  void tri(std::string_view field, const std::optional<bool>& value);
  void flag(std::string_view field, bool value);
  void real(std::string_view field, const Real& value, Unset unset);
  void real_nz(std::string_view field, const Real& value, Unset unset) {
    real(field, value.is_zero() ? Real() : value, unset);
  }
  void quantity(std::string_view field, const Real& value, Unset unset);

  template <class T>
  bool present(std::string_view field, const std::optional<T>& value) {
    flag(field, value.has_value());
    return value.has_value();
  }

  template <class T, class Walk>
  void list(std::string_view field, const std::vector<T>& values, std::size_t fields_each,
            Walk walk) {
    static_cast<void>(fields_each);
    i64(field, static_cast<std::int64_t>(values.size()));
    for (const T& value : values) walk(*this, value);
  }

  static constexpr void fail(std::string_view, DecodeReason) {}

 private:
  void put(std::string_view value);
  void word(std::string_view value);
  void flush() { out_.append(room_.data(), std::exchange(used_, 0)); }

  std::string& out_;
  int version_;
  std::size_t used_ = 0;
  std::array<char, 512> room_;
};

}  // namespace belay::tws::wire
