// SPDX-License-Identifier: Apache-2.0
// Servers from version 153 on send characters beyond ASCII in error texts and names as \uXXXX, a
// pair of them beyond U+FFFF (official clients decode this as their language's unicode escapes).
// Deliberately less is undone than they undo: only escapes of non-ASCII characters, so "\n" and
// every other backslash stays as written.
#pragma once

#include <string>
#include <string_view>

namespace belay::tws::wire {

/// \uXXXX of U+0080 and above becomes UTF-8; all else is kept, lone surrogates too.
std::string unescape(std::string_view text);

/// Valid UTF-8 beyond ASCII becomes \uXXXX; other bytes are kept.
void append_escaped(std::string_view text, std::string& out);

}  // namespace belay::tws::wire
