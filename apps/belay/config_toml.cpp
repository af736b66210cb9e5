// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/config_toml.hpp"

#include <fmt/format.h>

#include "apps/belay/config.hpp"
#include "belay/base/toml.hpp"

namespace belay::app {
namespace {

// Numbers as they would be typed; a float in the shortest form that is the same number.
bool to_text(const toml::node& node, std::string& out) {
  if (const auto* text = node.as_string()) {
    out = text->get();
    return true;
  }
  if (const auto* whole = node.as_integer()) {
    out = fmt::format("{}", whole->get());
  } else if (const auto* number = node.as_floating_point()) {
    out = fmt::format("{}", number->get());
  } else if (const auto* flag = node.as_boolean()) {
    out = flag->get() ? "true" : "false";
  } else {
    return false;
  }
  return true;
}

}  // namespace

base::Result<std::map<std::string, std::string>> parse_toml(const std::string& text,
                                                            const std::string& name) {
  const auto parsed = base::parse_toml(text);
  if (!parsed) {
    return base::fail("--config",
                      fmt::format("{} {}: {}", name, parsed.error().field, parsed.error().detail));
  }
  std::map<std::string, std::string> out;
  for (const auto& [key, node] : *parsed) {
    std::string upper(key.str());
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    std::string value;
    if (!to_text(node, value)) {
      return base::fail(upper, fmt::format("{} in {}: expected a text, a number or true or false",
                                           key.str(), name));
    }
    if (!out.emplace(upper, value).second) {
      return base::fail(upper, fmt::format("{} is given twice in {}", upper, name));
    }
  }
  return out;
}

base::Result<std::map<std::string, std::string>> read_toml(const std::string& file) {
  const auto text = read_text_file(file);
  if (!text) return base::fail("--config", text.error().detail);
  if (!*text) return base::fail("--config", fmt::format("cannot read {}: there is none", file));
  return parse_toml(**text, file);
}

}  // namespace belay::app
