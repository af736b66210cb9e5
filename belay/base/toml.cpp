// SPDX-License-Identifier: Apache-2.0
#include "belay/base/toml.hpp"

#include <fmt/format.h>

#include <exception>
#include <string>

namespace belay::base {
namespace {

struct Assertion : std::exception {};

bool trips(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const Assertion&) {
    return true;
  }
  return false;
}

// The library has no place for an assertion: the first line whose end trips it.
std::size_t line_that_trips(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1)) {
    if (trips(text.substr(0, end + 1))) return line;
    ++line;
  }
  return line;
}

}  // namespace

void detail::toml_assertion() {
  // tidy: allow throw because the library knows no other way out of an assertion
  throw Assertion{};
}

Result<toml::table> parse_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(fmt::format("line {}", error.source().begin.line),
                std::string(error.description()));
  } catch (const Assertion&) {
    return fail(fmt::format("line {}", line_that_trips(text)),
                "no TOML: expected key = value or a table in brackets");
  }
}

}  // namespace belay::base
