// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::app {
namespace {

template <std::size_t N>
const char* flag_in(const std::array<TextOption, N>& options, std::string_view field) {
  for (const TextOption& option : options) {
    if (option.field == field) return option.flag;
  }
  return nullptr;
}

}  // namespace

std::string typed_name(std::string_view field) {
  constexpr std::string_view contract = "contract.";
  const bool inner = field.substr(0, contract.size()) == contract;
  const std::string_view bare = inner ? field.substr(contract.size()) : field;
  const char* flag = flag_in(contract_options, bare);
  if (flag == nullptr) flag = flag_in(typed_elsewhere, bare);
  if (flag == nullptr && !inner) flag = flag_in(term_options, bare);
  if (flag == nullptr && !inner) flag = flag_in(order_options, bare);
  if (flag == nullptr) return std::string(field);
  std::string as_flag = fmt::format("--{}", field);
  std::replace(as_flag.begin(), as_flag.end(), '_', '-');
  return as_flag == flag ? as_flag : fmt::format("{} ({})", flag, field);
}

}  // namespace belay::app
