// SPDX-License-Identifier: Apache-2.0
#include "belay/base/decimal.hpp"

#include <algorithm>

namespace belay::base {
namespace {

constexpr Int128 int64_max = INT64_MAX;

// Splits "12.34e-5" into digits and exponent. Digits beyond what Int128 can hold are refused
// unless they are leading zeros or cancel out as trailing zeros.
struct Scanned {
  Int128 mantissa;
  int exponent;
  bool negative;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Scanned> scan(std::string_view text) {
  std::size_t pos = 0;
  Scanned out{0, 0, false};
  if (pos < text.size() && (text[pos] == '+' || text[pos] == '-'))
    out.negative = text[pos++] == '-';
  int digit_count = 0;
  int significant = 0;
  bool after_point = false;
  for (; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    ++digit_count;
    if (out.mantissa != 0 || c != '0') ++significant;
    if (significant > 36) return std::nullopt;
    out.mantissa = out.mantissa * 10 + (c - '0');
    if (after_point) --out.exponent;
  }
  if (digit_count == 0) return std::nullopt;
  if (pos < text.size() && (text[pos] == 'e' || text[pos] == 'E')) {
    ++pos;
    bool negative = false;
    if (pos < text.size() && (text[pos] == '+' || text[pos] == '-')) negative = text[pos++] == '-';
    int exponent = 0;
    const std::size_t begin = pos;
    for (; pos < text.size() && is_digit(text[pos]); ++pos) {
      if (exponent > 9999) return std::nullopt;
      exponent = exponent * 10 + (text[pos] - '0');
    }
    if (pos == begin) return std::nullopt;
    out.exponent += negative ? -exponent : exponent;
  }
  if (pos != text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  std::optional<Scanned> scanned = scan(text);
  if (!scanned) return std::nullopt;
  Int128 units = scanned->mantissa;
  if (units == 0) return Decimal(0);
  int shift = scanned->exponent + scale;
  for (; shift < 0; ++shift) {
    if (units % 10 != 0) return std::nullopt;
    units /= 10;
  }
  for (; shift > 0; --shift) {
    if (units > int64_max) return std::nullopt;
    units *= 10;
  }
  if (units > int64_max) return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(units);
  return Decimal(scanned->negative ? -magnitude : magnitude);
}

std::string Decimal::to_string() const {
  return base::to_string(units_, scale);
}

std::optional<Decimal> Decimal::add(Decimal a, Decimal b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.units_, b.units_, &sum)) return std::nullopt;
  return Decimal(sum);
}

std::optional<Decimal> Decimal::sub(Decimal a, Decimal b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.units_, b.units_, &difference)) return std::nullopt;
  return Decimal(difference);
}

std::string to_string(Int128 units, int scale) {
  const bool negative = units < 0;
  std::string reversed;
  int position = 0;
  bool significant = false;
  while (units != 0 || position <= scale) {
    const int digit = static_cast<int>(units % 10);
    const int magnitude = digit < 0 ? -digit : digit;
    units /= 10;
    if (position == scale && significant) reversed.push_back('.');
    if (position >= scale || magnitude != 0 || significant) {
      reversed.push_back(static_cast<char>('0' + magnitude));
      if (position < scale) significant = true;
    }
    ++position;
  }
  if (negative) reversed.push_back('-');
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace belay::base
