// SPDX-License-Identifier: Apache-2.0
#include "belay/base/line_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace belay::base {
namespace {

struct Letter {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  ///< 0: the first byte begins no letter
};

// Shortest forms only, no surrogates, up to U+10FFFF.
Letter letter_at(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = first & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  const std::uint32_t least = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least || surrogate || code > 0x10ffff) return {};
  return {code, bytes};
}

bool is_plain(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  const bool separates = code == 0x2028 || code == 0x2029;
  const bool turns = code == 0x061c || code == 0x200e || code == 0x200f ||
                     (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !separates && !turns;
}

}  // namespace

std::string line_text(std::string_view text, std::size_t max) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size() && out.size() < max) {
    const Letter letter = letter_at(text.substr(at, 4));
    if (letter.bytes != 0 && is_plain(letter.code)) {
      out += text.substr(at, letter.bytes);
    } else if (text[at] == '\n') {
      out += "\\n";
    } else if (text[at] == '\t') {
      out += "\\t";
    } else if (letter.code > 0xff) {
      out += fmt::format("\\u{{{:x}}}", letter.code);
    } else {
      // A control character of two bytes too: what it means is its number.
      const std::uint32_t code =
          letter.bytes != 0 ? letter.code : static_cast<unsigned char>(text[at]);
      out += fmt::format("\\x{:02x}", code);
    }
    at += letter.bytes == 0 ? 1 : letter.bytes;
  }
  if (at < text.size()) out += fmt::format(" [and {} bytes more]", text.size() - at);
  return out;
}

}  // namespace belay::base
