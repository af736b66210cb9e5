// SPDX-License-Identifier: Apache-2.0
// Text for whoever started the program, past the log: a refusal of the start, the line that says it
// is ready.
#pragma once

#include <string_view>

namespace belay::app {

/// Writes as much of `text` as `fd` takes within a second. Never throws.
void tell(int fd, std::string_view text) noexcept;

}  // namespace belay::app
