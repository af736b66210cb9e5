// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace belay::app {
inline constexpr const char* program_version = "0.1.0";
}  // namespace belay::app
