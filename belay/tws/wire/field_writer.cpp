// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/field_writer.hpp"

#include <algorithm>
#include <charconv>

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
      return "1.7976931348623157E308";
    case Unset::minimum:
      return "-9223372036854775808";
  }
  return "";
}

}  // namespace

void FieldWriter::put(std::string_view value) {
  const std::size_t begin = out_.size();
  out_.append(value);
  out_.push_back('\0');
  if (value.find('\0') == std::string_view::npos) return;
  // A NUL would end the field here and shift every later one.
  std::replace(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end() - 1, '\0', '?');
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
  put(value ? "a" : "o");
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
  put(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void FieldWriter::opt(std::string_view field, const std::optional<std::int32_t>& value,
                      Unset unset) {
  if (value) return id(field, *value);
  put(unset_int(unset));
}

void FieldWriter::opt_nz(std::string_view field, const std::optional<std::int32_t>& value,
                         Unset unset) {
  if (value && *value != 0) return id(field, *value);
  put(unset_int(unset));
}

void FieldWriter::opt64(std::string_view field, const std::optional<std::int64_t>& value) {
  if (value) return i64(field, *value);
  put("9223372036854775807");
}

void FieldWriter::tri(std::string_view, const std::optional<bool>& value) {
  put(!value ? "" : *value ? "1" : "0");
}

void FieldWriter::flag(std::string_view, bool value) {
  put(value ? "1" : "0");
}

void FieldWriter::real(std::string_view, const Real& value, Unset unset) {
  if (!value.is_set()) return put(unset_real(unset));
  value.append_to(out_);
  out_.push_back('\0');
}

void FieldWriter::quantity(std::string_view field, const Real& value, Unset unset) {
  real(field, value, unset);
}

}  // namespace belay::tws::wire
