// SPDX-License-Identifier: Apache-2.0
// One clean line of any text: for logs and terminals, which take some characters for commands.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace belay::base {

/// `text` as one line of valid UTF-8: control characters, line and paragraph separators and marks
/// that turn the direction of writing are written as \n, \t, \xHH or \u{HHHH}. A text that is no
/// UTF-8 is taken as Latin-1, so that no letter is lost. What is longer than `max` bytes is cut,
/// with the number of bytes left out. A backslash stays as it is.
std::string line_text(std::string_view text, std::size_t max);
/// True when it is that already, and printable ASCII; most texts are.
inline bool is_line_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace belay::base
