// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/real.hpp"

#include <charconv>

namespace belay::tws::wire {
namespace {

constexpr int max_digits = 18;
constexpr int max_scientific = 308;      // DBL_MAX is 1.797...e308
constexpr int plain_exponent = -40;      // smaller numbers print as 1E-41
constexpr int smallest_exponent = -400;  // below every double; such a text is zero, inexactly
constexpr int exponent_cap = 99'999;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (folded != lower[i]) return false;
  }
  return true;
}

// The digits of a number text: its first 18 significant ones and where the point stands.
struct Digits {
  std::int64_t mantissa = 0;
  int kept = 0;  // significant digits in mantissa
  int exponent = 0;
  bool inexact = false;
  bool any = false;

  void add(char c, bool after_point) {
    any = true;
    const int digit = c - '0';
    if (mantissa == 0 && digit == 0) {
      if (after_point) move_point(-1);
      return;
    }
    if (kept < max_digits) {
      mantissa = mantissa * 10 + digit;
      ++kept;
      if (after_point) move_point(-1);
      return;
    }
    if (digit != 0) inexact = true;
    if (!after_point) move_point(1);
  }

  // A text with more digits than any number needs is no longer followed exactly.
  void move_point(int by) {
    if (exponent <= -exponent_cap || exponent >= exponent_cap) {
      inexact = true;
    } else {
      exponent += by;
    }
  }
};

// Reads "e-5" at `pos`; false when it is no exponent.
bool read_exponent(std::string_view text, std::size_t& pos, int& exponent) {
  ++pos;
  bool negative = false;
  if (pos < text.size() && (text[pos] == '+' || text[pos] == '-')) negative = text[pos++] == '-';
  const std::size_t begin = pos;
  int value = 0;
  for (; pos < text.size() && is_digit(text[pos]); ++pos) {
    if (value < exponent_cap) value = value * 10 + (text[pos] - '0');
  }
  exponent += negative ? -value : value;
  return pos != begin;
}

// True for the magnitudes every client uses for "not given": the C++ client prints DBL_MAX with 14
// digits, so the bound is 1.79e308 and not DBL_MAX itself.
bool is_maximum(std::int64_t mantissa, int kept, int exponent) {
  const int scientific = exponent + kept - 1;
  if (scientific != max_scientific) return scientific > max_scientific;
  std::int64_t leading = mantissa;
  for (int i = kept; i > 3; --i) leading /= 10;
  for (int i = kept; i < 3; ++i) leading *= 10;
  return leading >= 179;
}

}  // namespace

std::optional<Real> Real::parse(std::string_view text) {
  if (text.empty()) return Real();
  if (text == maximum_text) return Real();
  std::size_t pos = 0;
  bool negative = false;
  if (text[0] == '+' || text[0] == '-') negative = text[pos++] == '-';
  const std::string_view word = text.substr(pos);
  if (equal_ignoring_case(word, "infinity") || equal_ignoring_case(word, "inf")) {
    return Real(0, 0, negative ? State::minus_infinite : State::infinite);
  }
  // A Java server prints a number it could not compute as NaN: nothing is given.
  if (equal_ignoring_case(word, "nan")) return Real();

  Digits digits;
  bool after_point = false;
  for (; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (c == '.' && !after_point) {
      after_point = true;
    } else if (is_digit(c)) {
      digits.add(c, after_point);
    } else {
      break;
    }
  }
  if (!digits.any) return std::nullopt;
  int exponent = digits.exponent;
  if (pos < text.size() && (text[pos] == 'e' || text[pos] == 'E')) {
    if (!read_exponent(text, pos, exponent)) return std::nullopt;
  }
  if (pos != text.size()) return std::nullopt;

  std::int64_t mantissa = digits.mantissa;
  if (mantissa == 0) {
    if (exponent > 0) exponent = 0;
    if (exponent < smallest_exponent) exponent = smallest_exponent;
    return Real(0, static_cast<std::int16_t>(exponent), State::finite);
  }
  if (is_maximum(mantissa, digits.kept, exponent)) return Real();
  if (exponent < smallest_exponent) return Real(0, 0, State::finite, true);
  int kept = digits.kept;
  for (; exponent > 0 && kept < max_digits; --exponent, ++kept) mantissa *= 10;
  return Real(negative ? -mantissa : mantissa, static_cast<std::int16_t>(exponent), State::finite,
              digits.inexact);
}

std::optional<Real> Real::parse_quantity(std::string_view text) {
  if (text == "9223372036854775807" || text == "-9223372036854775808") return Real();
  // By its value: 02147483647 and 2.147483647E9 are spellings of the same maximum.
  constexpr std::int64_t int_max = 2'147'483'647;
  const auto read = parse(text);
  return read && read->to_decimal() == base::Decimal::from_int(int_max) ? Real() : read;
}

Real Real::from_decimal(base::Decimal value) {
  std::int64_t mantissa = value.units();
  std::int16_t exponent = -base::Decimal::scale;
  for (; exponent < 0 && mantissa % 10 == 0; ++exponent) mantissa /= 10;
  if (mantissa > -1'000'000'000'000'000'000 && mantissa < 1'000'000'000'000'000'000) {
    return Real(mantissa, exponent, State::finite);
  }
  return Real(mantissa / 10, static_cast<std::int16_t>(exponent + 1), State::finite, true);
}

std::optional<base::Decimal> Real::to_decimal() const {
  if (!is_finite() || inexact_) return std::nullopt;
  std::int64_t units = mantissa_;
  int shift = exponent_ + base::Decimal::scale;
  if (units == 0) return base::Decimal();
  for (; shift < 0; ++shift) {
    if (units % 10 != 0) return std::nullopt;
    units /= 10;
  }
  for (; shift > 0; --shift) {
    if (__builtin_mul_overflow(units, std::int64_t{10}, &units)) return std::nullopt;
  }
  return base::Decimal::from_units(units);
}

std::optional<base::Decimal> Real::rounded() const {
  if (!is_finite()) return std::nullopt;
  std::int64_t units = mantissa_;
  int shift = exponent_ + base::Decimal::scale;
  if (shift < -max_digits || units == 0) return base::Decimal();
  for (; shift < -1; ++shift) units /= 10;
  if (shift == -1) {
    // The last digit decides, the ones before it were below a half of it.
    const std::int64_t last = units % 10;
    units = units / 10 + (last >= 5 ? 1 : last <= -5 ? -1 : 0);
  }
  for (; shift > 0; --shift) {
    if (__builtin_mul_overflow(units, std::int64_t{10}, &units)) return std::nullopt;
  }
  return base::Decimal::from_units(units);
}

void Real::append_to(std::string& out) const {
  switch (state_) {
    case State::unset:
      return;
    case State::infinite:
      out += "Infinity";
      return;
    case State::minus_infinite:
      out += "-Infinity";
      return;
    case State::finite:
      break;
  }
  char digits[24];
  const std::int64_t magnitude = mantissa_ < 0 ? -mantissa_ : mantissa_;
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, magnitude);
  static_cast<void>(error);
  const auto count = static_cast<int>(end - digits);
  if (mantissa_ < 0) out.push_back('-');
  if (exponent_ > 0 || exponent_ < plain_exponent) {
    out.append(digits, end);
    out.push_back('E');
    out += std::to_string(exponent_);
    return;
  }
  const int scale = -exponent_;
  if (scale == 0) {
    out.append(digits, end);
    return;
  }
  if (count > scale) {
    out.append(digits, static_cast<std::size_t>(count - scale));
    out.push_back('.');
    out.append(digits + (count - scale), end);
    return;
  }
  out += "0.";
  out.append(static_cast<std::size_t>(scale - count), '0');
  out.append(digits, end);
}

std::string Real::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace belay::tws::wire
