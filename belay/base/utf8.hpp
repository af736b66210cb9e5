// SPDX-License-Identifier: Apache-2.0
// UTF-8, one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::base {

/// One character of valid UTF-8 (RFC 3629) beyond ASCII; `size` in bytes, 0 when there is none.
struct Utf8Char {
  std::uint32_t point = 0;
  std::size_t size = 0;
};
/// At the start of `text`, which is not empty.
Utf8Char read_utf8(std::string_view text);
/// `point` is above U+007F.
void append_utf8(std::uint32_t point, std::string& out);

}  // namespace belay::base
