// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/clean_text.hpp"

#include <algorithm>
#include <cstdint>

#include "belay/tws/wire/escape.hpp"

namespace belay::tws::wire {
namespace {

constexpr std::string_view cut_mark = "...";

bool is_plain(char c) {
  return c >= 32 && c < 127;
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 128;
}

// C1 controls, line and paragraph separators, and what turns or hides text.
bool is_unprintable(std::uint32_t point) {
  return point < 0xA0 || point == 0x2028 || point == 0x2029 || point == 0xFEFF ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = is_ascii(text[0]) ? 1 : read_utf8(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

std::string clean_text(std::string_view bytes, std::size_t max_bytes) {
  if (bytes.size() <= max_bytes && std::all_of(bytes.begin(), bytes.end(), is_plain)) {
    return std::string(bytes);
  }
  // What is cut anyway is not looked at; a character that the cut goes through says nothing.
  constexpr std::size_t longest_character = 4;
  const bool longer = bytes.size() > max_bytes + longest_character;
  std::string_view rest = bytes.substr(0, max_bytes + longest_character);
  while (longer && !rest.empty() && (static_cast<unsigned char>(rest.back()) & 0xC0U) == 0x80U) {
    rest.remove_suffix(1);
  }
  if (longer && !rest.empty() && !is_ascii(rest.back())) rest.remove_suffix(1);
  const bool latin = !is_utf8(rest);
  std::string out;
  std::size_t kept = 0;  // as much of `out` as leaves room for the mark
  while (!rest.empty()) {
    std::size_t size = 1;
    if (is_ascii(rest[0])) {
      out.push_back(is_plain(rest[0]) ? rest[0] : ' ');
    } else {
      const Utf8Char found =
          latin ? Utf8Char{static_cast<unsigned char>(rest[0]), 1} : read_utf8(rest);
      size = found.size;
      if (is_unprintable(found.point)) {
        out.push_back(' ');
      } else {
        append_utf8(found.point, out);
      }
    }
    rest.remove_prefix(size);
    if (out.size() + cut_mark.size() <= max_bytes) kept = out.size();
    if (out.size() > max_bytes) break;
  }
  if (out.size() > max_bytes || longer) {
    out.resize(kept);
    out += cut_mark;
  }
  return out;
}

}  // namespace belay::tws::wire
