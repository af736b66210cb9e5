// SPDX-License-Identifier: Apache-2.0
// Where alerts go, as it stands in the settings: an address and the words of a command. Text in,
// values out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"

namespace belay::app {

struct HttpUrl {
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";
};
/// http://host[:port][/path]; nothing else is spoken.
base::Result<HttpUrl> parse_http_url(std::string_view text);

/// Words separated by spaces; single or double quotes keep a word together. No shell is involved.
base::Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace belay::app
