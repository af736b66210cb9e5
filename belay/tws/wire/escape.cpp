// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/escape.hpp"

#include <cstdint>
#include <optional>

#include "belay/base/utf8.hpp"

namespace belay::tws::wire {
namespace {

using CodePoint = std::uint32_t;

constexpr std::size_t escape_size = 6;  // \uXXXX

std::optional<CodePoint> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<CodePoint>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<CodePoint>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<CodePoint>(c - 'A' + 10);
  return std::nullopt;
}

// The unit of an escape at the start of `text`.
std::optional<CodePoint> read_unit(std::string_view text) {
  if (text.size() < escape_size || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  CodePoint unit = 0;
  for (std::size_t i = 2; i < escape_size; ++i) {
    const auto digit = hex_digit(text[i]);
    if (!digit) return std::nullopt;
    unit = unit << 4U | *digit;
  }
  return unit;
}

bool is_high(CodePoint unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(CodePoint unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

void append_unit(CodePoint unit, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (unsigned shift = 16; shift > 0;) {
    shift -= 4;
    out.push_back(digits[(unit >> shift) & 0xFU]);
  }
}

}  // namespace

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto unit = text[0] == '\\' ? read_unit(text) : std::nullopt;
    const bool keep = !unit || *unit < 0x80 || is_low(*unit);
    if (!keep && is_high(*unit)) {
      const auto low = read_unit(text.substr(escape_size));
      if (low && is_low(*low)) {
        base::append_utf8(0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00), out);
        text.remove_prefix(2 * escape_size);
        continue;
      }
    }
    if (keep || is_high(*unit)) {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    base::append_utf8(*unit, out);
    text.remove_prefix(escape_size);
  }
  return out;
}

void append_escaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const base::Utf8Char found = base::read_utf8(text);
    if (found.size == 0) {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    if (found.point < 0x10000) {
      append_unit(found.point, out);
    } else {
      append_unit(0xD800 + ((found.point - 0x10000) >> 10U), out);
      append_unit(0xDC00 + ((found.point - 0x10000) & 0x3FFU), out);
    }
    text.remove_prefix(found.size);
  }
}

}  // namespace belay::tws::wire
