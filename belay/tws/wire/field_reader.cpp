// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/field_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "belay/tws/wire/escape.hpp"

namespace belay::tws::wire {
namespace {

constexpr std::int32_t unset_i32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t unset_i64 = std::numeric_limits<std::int64_t>::max();

// Integers as clients write them: also "+5" and "10.0". Nothing when it is no whole number or does
// not fit.
template <class Int>
std::optional<Int> parse_int(std::string_view text) {
  Int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  const auto real = Real::parse(text);
  if (!real || !real->is_finite() || real->is_inexact()) return std::nullopt;
  std::int64_t whole = real->mantissa();
  if (real->exponent() > 0) return std::nullopt;
  for (int shift = real->exponent(); shift < 0 && whole != 0; ++shift) {
    if (whole % 10 != 0) return std::nullopt;
    whole /= 10;
  }
  if (whole < std::numeric_limits<Int>::min() || whole > std::numeric_limits<Int>::max()) {
    return std::nullopt;
  }
  return static_cast<Int>(whole);
}

}  // namespace

FieldReader::FieldReader(std::string_view payload, int version)
    : payload_(payload), version_(version) {
  fields_left_ = static_cast<std::size_t>(std::count(payload.begin(), payload.end(), '\0'));
}

void FieldReader::fail(std::string_view field, DecodeReason reason) {
  if (!error_) error_ = DecodeError{message_, field, std::max(index_, 0), reason};
}

std::optional<std::string_view> FieldReader::take(std::string_view field) {
  if (error_) return std::nullopt;
  ++index_;
  if (fields_left_ == 0) {
    // Bytes without their NUL are a field that was cut, not the end of the message.
    fail(field, pos_ == payload_.size() ? DecodeReason::under_run : DecodeReason::bad_text);
    return std::nullopt;
  }
  const std::size_t end = payload_.find('\0', pos_);
  const std::string_view value = payload_.substr(pos_, end - pos_);
  pos_ = end + 1;
  --fields_left_;
  return value;
}

void FieldReader::constant(std::string_view field, int value) {
  static_cast<void>(value);
  take(field);
}

void FieldReader::filler(std::string_view field, std::string_view value) {
  static_cast<void>(value);
  take(field);
}

void FieldReader::text(std::string_view field, std::string& value) {
  if (const auto taken = take(field)) value = *taken;
}

void FieldReader::escaped(std::string_view field, std::string& value) {
  if (const auto taken = take(field)) value = unescape(*taken);
}

void FieldReader::conjunction(std::string_view field, bool& value) {
  const auto taken = take(field);
  if (!taken) return;
  if (*taken != "a" && *taken != "o") return fail(field, DecodeReason::bad_text);
  value = *taken == "a";
}

void FieldReader::right(std::string_view field, std::string& value, std::string_view none) {
  static_cast<void>(none);
  const auto taken = take(field);
  if (taken && *taken != "?" && *taken != "0") value = *taken;
}

void FieldReader::id(std::string_view field, std::int32_t& value) {
  const auto taken = take(field);
  if (!taken || taken->empty()) return;
  const auto number = parse_int<std::int32_t>(*taken);
  if (!number) return fail(field, DecodeReason::bad_number);
  value = *number;
}

void FieldReader::i32(std::string_view field, std::int32_t& value) {
  std::int32_t number = unset_i32;
  id(field, number);
  if (number != unset_i32) value = number;
}

void FieldReader::i64(std::string_view field, std::int64_t& value) {
  const auto taken = take(field);
  if (!taken || taken->empty()) return;
  const auto number = parse_int<std::int64_t>(*taken);
  if (!number) return fail(field, DecodeReason::bad_number);
  value = *number;
}

void FieldReader::opt(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  static_cast<void>(unset);
  std::int32_t number = unset_i32;
  id(field, number);
  if (number != unset_i32) value = number;
}

void FieldReader::opt_nz(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  opt(field, value, unset);
  if (value == 0) value.reset();
}

void FieldReader::opt64(std::string_view field, std::optional<std::int64_t>& value) {
  std::int64_t number = unset_i64;
  i64(field, number);
  if (number != unset_i64) value = number;
}

void FieldReader::tri(std::string_view field, std::optional<bool>& value) {
  std::optional<std::int32_t> number;
  opt(field, number, Unset::empty);
  if (number) value = *number != 0;
}

void FieldReader::flag(std::string_view field, bool& value) {
  std::int32_t number = 0;
  id(field, number);
  value = number != 0;
}

void FieldReader::real(std::string_view field, Real& value, Unset unset) {
  static_cast<void>(unset);
  const auto taken = take(field);
  if (!taken) return;
  const auto number = Real::parse(*taken);
  if (!number) return fail(field, DecodeReason::bad_number);
  value = *number;
}

void FieldReader::real_nz(std::string_view field, Real& value, Unset unset) {
  real(field, value, unset);
  if (value.is_zero()) value = Real();
}

void FieldReader::quantity(std::string_view field, Real& value, Unset unset) {
  static_cast<void>(unset);
  const auto taken = take(field);
  if (!taken) return;
  const auto number = Real::parse_quantity(*taken);
  if (!number) return fail(field, DecodeReason::bad_number);
  value = *number;
}

std::size_t FieldReader::read_count(std::string_view field, std::size_t fields_each) {
  std::int32_t count = 0;
  i32(field, count);
  if (error_) return 0;
  if (count < 0) {
    fail(field, DecodeReason::bad_number);
    return 0;
  }
  const auto wanted = static_cast<std::size_t>(count);
  if (wanted > max_list || wanted * fields_each > fields_left_) {
    fail(field, DecodeReason::too_many);
    return 0;
  }
  return wanted;
}

void FieldReader::rest(std::vector<std::string>& out) {
  if (error_) return;
  if (fields_left_ > max_rest) return fail("trailing", DecodeReason::too_many);
  out.reserve(out.size() + fields_left_);
  while (fields_left_ > 0) {
    if (const auto taken = take("trailing")) out.emplace_back(*taken);
  }
  if (pos_ != payload_.size()) {
    ++index_;
    fail("trailing", DecodeReason::bad_text);
  }
}

}  // namespace belay::tws::wire
