// SPDX-License-Identifier: Apache-2.0
// Text for whoever started the program, written past the log: why a start is refused, and the line
// that says that the daemon is ready.
#pragma once

#include <string_view>

namespace belay::app {

/// Writes as much of `text` as `fd` takes within a second. Never throws.
void tell(int fd, std::string_view text) noexcept;

}  // namespace belay::app
