// SPDX-License-Identifier: Apache-2.0
// Reads a TOML settings file into key and value texts. Keys are those of the table in any case;
// tables and arrays are refused. It does not know which keys exist.
#pragma once

#include <map>
#include <string>

#include "belay/base/result.hpp"

namespace belay::app {

/// Keys in upper case. The error names the file, the line and the key.
base::Result<std::map<std::string, std::string>> read_toml(const std::string& file);
base::Result<std::map<std::string, std::string>> parse_toml(const std::string& text,
                                                            const std::string& name);

}  // namespace belay::app
