// SPDX-License-Identifier: Apache-2.0
// FieldChecker: the visitor that looks for the first text a real server refuses from a client:
// anything but printable ASCII, TAB, CR and LF (official clients answer it with error 579 without
// sending). It counts fields as they would stand on the wire. Internal to tws/wire.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

class FieldChecker {
 public:
  FieldChecker(std::string_view message, int version) : message_(message), version_(version) {}

  int version() const { return version_; }
  static constexpr bool failed() { return false; }
  const std::optional<DecodeError>& found() const { return found_; }

  void constant(std::string_view, int) { ++index_; }
  void filler(std::string_view, std::string_view) { ++index_; }
  void text(std::string_view field, const std::string& value) {
    ++index_;
    if (!found_ && !std::all_of(value.begin(), value.end(), is_sendable)) {
      fail(field, DecodeReason::bad_text);
    }
  }
  void escaped(std::string_view field, const std::string& value) { text(field, value); }
  void conjunction(std::string_view, bool) { ++index_; }
  void right(std::string_view field, const std::string& value, std::string_view) {
    text(field, value);
  }
  void id(std::string_view, std::int32_t) { ++index_; }
  void i32(std::string_view, std::int32_t) { ++index_; }
  void i64(std::string_view, std::int64_t) { ++index_; }
  void opt(std::string_view, const std::optional<std::int32_t>&, Unset) { ++index_; }
  void opt_nz(std::string_view, const std::optional<std::int32_t>&, Unset) { ++index_; }
  void opt64(std::string_view, const std::optional<std::int64_t>&) { ++index_; }
  void tri(std::string_view, const std::optional<bool>&) { ++index_; }
  void flag(std::string_view, bool) { ++index_; }
  void real(std::string_view, const Real&, Unset) { ++index_; }
  void real_nz(std::string_view, const Real&, Unset) { ++index_; }
  void quantity(std::string_view, const Real&, Unset) { ++index_; }

  template <class T>
  bool present(std::string_view, const std::optional<T>& value) {
    ++index_;
    return value.has_value();
  }

  template <class T, class Walk>
  void list(std::string_view, const std::vector<T>& values, std::size_t, Walk walk) {
    ++index_;
    for (const T& value : values) walk(*this, value);
  }

  void fail(std::string_view field, DecodeReason reason) {
    if (!found_) found_ = DecodeError{message_, field, index_, reason};
  }

 private:
  static bool is_sendable(char c) {
    return (c >= 32 && c <= 126) || c == '\t' || c == '\r' || c == '\n';
  }

  std::string_view message_;
  int version_;
  int index_ = 0;  // the message id
  std::optional<DecodeError> found_;
};

}  // namespace belay::tws::wire
