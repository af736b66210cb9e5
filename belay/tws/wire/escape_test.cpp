// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/escape.hpp"

#include <doctest/doctest.h>

#include <string>

#include "belay/base/prng.hpp"

namespace belay::tws::wire {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(text, out);
  return out;
}

TEST_CASE("escape: characters beyond ASCII travel as unicode escapes") {
  CHECK(escaped("caf\xc3\xa9") == "caf\\u00e9");
  CHECK(escaped("\xe2\x82\xac \xf0\x9f\x98\x80") == "\\u20ac \\ud83d\\ude00");
  CHECK(unescape("caf\\u00E9") == "caf\xc3\xa9");
  CHECK(unescape("\\u20ac \\ud83d\\ude00") == "\xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST_CASE("escape: every other backslash stays as written") {
  for (const char* text : {"a\\nb", "\\", "\\u", "\\u12", "\\uzzzz", "\\u0041", "\\u0000",
                           "C:\\users", "\\ud83d", "\\ude00", "\\ud83d\\n", "\\ud83d\\u0041"}) {
    CHECK_MESSAGE(unescape(text) == text, text);
    CHECK_MESSAGE(escaped(text) == text, text);
  }
}

TEST_CASE("escape: bytes that are not UTF-8 are kept") {
  for (const char* text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    CHECK(escaped(text) == text);
  }
}

TEST_CASE("escape: what was unescaped is the same after going out and in again") {
  base::Prng prng(9);
  const std::string pieces[] = {"\\", "u", "00e9", "d83d", "\\ude00", "\xc3", "\xa9", "a", "\\u"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = prng.below(10); n > 0; --n) text += pieces[prng.below(9)];
    const std::string once = unescape(text);
    const std::string twice = unescape(escaped(once));
    CHECK(unescape(escaped(twice)) == twice);
  }
}

}  // namespace
}  // namespace belay::tws::wire
