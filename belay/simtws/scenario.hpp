// SPDX-License-Identifier: Apache-2.0
// A scenario: options, rules and timed events of the simulated TWS as a TOML text
// (docs/simulated-tws.md lists the keys). A key that is not known is refused by its name, so that a
// misspelt rule never passes as no rule. Reading the file is the caller's.
#pragma once

#include <string_view>

#include "belay/base/result.hpp"
#include "belay/simtws/options.hpp"

namespace belay::simtws {

/// `base` with what the text changes. The error's field names the key and the place
/// ("rule 2: parts 1: after_ms").
base::Result<Options> parse_scenario(std::string_view text, Options base);

}  // namespace belay::simtws
