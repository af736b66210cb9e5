// SPDX-License-Identifier: Apache-2.0
// The one door to the TOML library. Some broken texts (a line of "[" alone) trip its assertions,
// and a settings file would end the process; here they are errors like any other.
#pragma once

#include <string_view>

#include "belay/base/result.hpp"

namespace belay::base::detail {
[[noreturn]] void toml_assertion();
}

#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#define TOML_ASSERT(expr) ((expr) ? void() : ::belay::base::detail::toml_assertion())
#include <toml++/toml.h>

namespace belay::base {

// The table that `text` says. Error: field "line N" (from 1) and the reason; nothing is thrown.
Result<toml::table> parse_toml(std::string_view text);

}  // namespace belay::base
