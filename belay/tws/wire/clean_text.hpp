// SPDX-License-Identifier: Apache-2.0
// Texts from outside as people, logs and journals can hold them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace belay::tws::wire {

/// One line of valid UTF-8, at most `max_bytes` long (16 or more). Bytes that are no UTF-8 are
/// taken as Latin-1, all of them or none. Control characters, line ends and marks that turn the
/// direction of writing become blanks. A longer text is cut and ends with "...".
std::string clean_text(std::string_view bytes, std::size_t max_bytes);

}  // namespace belay::tws::wire
