// SPDX-License-Identifier: Apache-2.0
#include "belay/base/toml.hpp"

#include <doctest/doctest.h>

#include <string>

#include "belay/base/prng.hpp"

using namespace belay::base;

TEST_CASE("toml: a text that trips the library's own checks is an error with its line") {
  for (const char* text : {"[\n", "[[\n", "[[[\n", "[.]\n", "a = [}\n", "-_=[},]:# \"]:"}) {
    CAPTURE(text);
    const auto parsed = parse_toml("a1 = 1\n" + std::string(text) + "b = 2\n");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().field == "line 2");
    CHECK_FALSE(parsed.error().detail.empty());
  }
}

TEST_CASE("toml: any short text is a table or an error") {
  const std::string letters = "[]{}.=\"'\n ,#a1-_+:T\t\\";
  Prng prng(1);
  int tables = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t n = prng.below(12) + 1; n > 0; --n) {
      text.push_back(letters[static_cast<std::size_t>(prng.below(letters.size()))]);
    }
    if (parse_toml(text)) ++tables;
  }
  CHECK(tables > 0);
}
