// SPDX-License-Identifier: Apache-2.0
#include "belay/base/line_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/utf8.hpp"

namespace belay::base {
namespace {

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
bool is_plain_ascii(char c) {
  return c >= 0x20 && c < 0x7f;
}
bool goes_on(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

bool is_plain(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  const bool separates = code == 0x2028 || code == 0x2029;
  const bool turns = code == 0x061c || code == 0x200e || code == 0x200f ||
                     (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !separates && !turns;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = is_ascii(text[0]) ? 1 : read_utf8(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

// As much of a text as is looked at: a cut goes through no letter.
std::string_view beginning(std::string_view text, std::size_t max) {
  constexpr std::size_t longest_letter = 4;
  std::size_t size = std::min(max, text.size());
  for (std::size_t i = 1; i < longest_letter && size > 0 && size < text.size(); ++i) {
    if (!goes_on(text[size])) break;
    --size;
  }
  return text.substr(0, size);
}

}  // namespace

std::string line_text(std::string_view text, std::size_t max) {
  if (text.size() <= max && is_line_text(text)) return std::string(text);
  const std::string_view shown = beginning(text, max);
  const bool latin = !is_utf8(shown);
  std::string out;
  std::size_t at = 0;
  while (at < shown.size() && out.size() < max) {
    const bool single = latin || is_ascii(shown[at]);
    const Utf8Char letter =
        single ? Utf8Char{static_cast<unsigned char>(shown[at]), 1} : read_utf8(shown.substr(at));
    if (is_plain_ascii(shown[at])) {
      out.push_back(shown[at]);
    } else if (is_plain(letter.point)) {
      append_utf8(letter.point, out);
    } else if (letter.point == '\n') {
      out += "\\n";
    } else if (letter.point == '\t') {
      out += "\\t";
    } else if (letter.point > 0xff) {
      out += fmt::format("\\u{{{:x}}}", letter.point);
    } else {
      out += fmt::format("\\x{:02x}", letter.point);
    }
    at += letter.size;
  }
  if (at < text.size()) out += fmt::format(" [and {} bytes more]", text.size() - at);
  return out;
}

}  // namespace belay::base
