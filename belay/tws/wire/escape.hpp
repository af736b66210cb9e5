// SPDX-License-Identifier: Apache-2.0
// Servers from version 153 on send characters beyond ASCII in error texts and names as \uXXXX, a
// pair of them beyond U+FFFF (official clients decode this as their language's unicode escapes).
// Deliberately less is undone than they undo: only escapes of non-ASCII characters, so "\n" and
// every other backslash stays as written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::tws::wire {

/// One character of valid UTF-8 (RFC 3629) beyond ASCII; `size` in bytes, 0 when there is none.
struct Utf8Char {
  std::uint32_t point = 0;
  std::size_t size = 0;
};
/// At the start of `text`, which is not empty.
Utf8Char read_utf8(std::string_view text);
/// `point` is above U+007F.
void append_utf8(std::uint32_t point, std::string& out);

/// \uXXXX of U+0080 and above becomes UTF-8; all else is kept, lone surrogates too.
std::string unescape(std::string_view text);

/// Valid UTF-8 beyond ASCII becomes \uXXXX; other bytes are kept.
void append_escaped(std::string_view text, std::string& out);

}  // namespace belay::tws::wire
