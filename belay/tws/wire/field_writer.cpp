// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/field_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "belay/tws/wire/escape.hpp"

namespace belay::tws::wire {
namespace {

std::string_view unset_int(Unset unset) {
  switch (unset) {
    case Unset::empty:
      return "";
    case Unset::zero:
    case Unset::zero_point:
      return "0";
    case Unset::maximum:
    case Unset::minimum:
      return "2147483647";
  }
  return "";
}

std::string_view unset_real(Unset unset) {
  switch (unset) {
    case Unset::empty:
      return "";
    case Unset::zero:
      return "0";
    case Unset::zero_point:
      return "0.0";
    case Unset::maximum:
      return Real::maximum_text;
    case Unset::minimum:
      return "-9223372036854775808";
  }
  return "";
}

}  // namespace

// One that has no NUL in it.
inline void FieldWriter::word(std::string_view value) {
  if (value.size() >= room_.size() - used_) {
    flush();
    if (value.size() >= room_.size()) {
      out_.append(value);
      value = "";
    }
  }
  if (!value.empty()) std::memcpy(room_.data() + used_, value.data(), value.size());
  used_ += value.size();
  room_[used_++] = '\0';
}

void FieldWriter::put(std::string_view value) {
  if (value.find('\0') == std::string_view::npos) return word(value);
  // A NUL would end the field here and shift every later one.
  std::string clean(value);
  std::replace(clean.begin(), clean.end(), '\0', '?');
  word(clean);
}

void FieldWriter::constant(std::string_view field, int value) {
  id(field, value);
}

void FieldWriter::filler(std::string_view, std::string_view value) {
  put(value);
}

void FieldWriter::text(std::string_view, const std::string& value) {
  put(value);
}

void FieldWriter::escaped(std::string_view, const std::string& value) {
  std::string escaped;
  append_escaped(value, escaped);
  put(escaped);
}

void FieldWriter::conjunction(std::string_view, bool value) {
  word(value ? "a" : "o");
}

void FieldWriter::right(std::string_view, const std::string& value, std::string_view none) {
  put(value.empty() ? none : std::string_view(value));
}

void FieldWriter::id(std::string_view field, std::int32_t value) {
  i64(field, value);
}

void FieldWriter::i64(std::string_view, std::int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  static_cast<void>(error);
  word(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void FieldWriter::opt(std::string_view field, const std::optional<std::int32_t>& value,
                      Unset unset) {
  if (value) return id(field, *value);
  word(unset_int(unset));
}

void FieldWriter::opt_nz(std::string_view field, const std::optional<std::int32_t>& value,
                         Unset unset) {
  if (value && *value != 0) return id(field, *value);
  word(unset_int(unset));
}

void FieldWriter::opt64(std::string_view field, const std::optional<std::int64_t>& value) {
  if (value) return i64(field, *value);
  word("9223372036854775807");
}

void FieldWriter::tri(std::string_view, const std::optional<bool>& value) {
  word(!value ? "" : *value ? "1" : "0");
}

void FieldWriter::flag(std::string_view, bool value) {
  word(value ? "1" : "0");
}

void FieldWriter::real(std::string_view, const Real& value, Unset unset) {
  if (!value.is_set()) return word(unset_real(unset));
  if (value.is_finite() && value.exponent() == 0) return i64("", value.mantissa());
  flush();
  value.append_to(out_);
  word("");
}

void FieldWriter::quantity(std::string_view field, const Real& value, Unset unset) {
  real(field, value, unset);
}

}  // namespace belay::tws::wire
