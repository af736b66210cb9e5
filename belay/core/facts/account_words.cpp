// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/account_words.hpp"

#include <fmt/format.h>

namespace belay::core {

base::Error unknown_account(const std::vector<std::string>& known, std::string_view asked) {
  const std::string_view shown = asked.substr(0, 64);
  return {"account", known.empty()
                         ? fmt::format("the broker has not told its accounts yet, so nobody knows "
                                       "\"{}\"",
                                       shown)
                         : fmt::format("there is no account \"{}\"; expected one of {}", shown,
                                       fmt::join(known, ", "))};
}

}  // namespace belay::core
