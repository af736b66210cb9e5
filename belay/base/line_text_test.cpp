// SPDX-License-Identifier: Apache-2.0
#include "belay/base/line_text.hpp"

#include <doctest/doctest.h>

namespace belay::base {

TEST_CASE("line text: plain text in any script stays as it is") {
  for (const char* text : {"", "BUY 10 AAPL @ 189.5",
                           "Order gr\xc3\xb6\xc3\x9f"
                           "er \xe6\xa0\xaa",
                           "\xf0\x9f\x98\x80", "a\\b"}) {
    CHECK(line_text(text, 100) == text);
  }
}

TEST_CASE("line text: nothing of it can end a line, ring a bell or move a cursor") {
  CHECK(line_text("a\nb\tc\r\x1b[2J\x07\x7f", 100) == "a\\nb\\tc\\x0d\\x1b[2J\\x07\\x7f");
  CHECK(line_text(std::string_view("a\0b", 3), 100) == "a\\x00b");
  CHECK(line_text("\xc2\x9b"
                  "2J",
                  100) == "\\x9b2J");  // the same command as ESC [ in one letter
  CHECK(line_text("\xe2\x80\xa8", 100) == "\\u{2028}");
  CHECK(line_text("\xe2\x80\xae"
                  "abc",
                  100) == "\\u{202e}abc");
}

TEST_CASE("line text: a text that is no UTF-8 is taken as Latin-1, and no letter is lost") {
  CHECK(line_text("gr\xf6\xdf"
                  "er",
                  100) ==
        "gr\xc3\xb6\xc3\x9f"
        "er");
  CHECK(line_text("\xed\xa0\x80\xf5", 100) == "\xc3\xad\xc2\xa0\\x80\xc3\xb5");
}

TEST_CASE("line text: a cut goes through no letter") {
  CHECK(line_text("ab\xe2\x82\xac", 4) == "ab [and 3 bytes more]");
  CHECK(line_text("ab\xe2\x82\xac", 5) == "ab\xe2\x82\xac");
}

TEST_CASE("line text: what is too long is cut, and how much is missing is said") {
  CHECK(line_text(std::string(10, 'x'), 4) == "xxxx [and 6 bytes more]");
  CHECK(line_text(std::string(10, 'x'), 10) == std::string(10, 'x'));
  const std::string long_line = line_text(std::string(5'000'000, '\x1b'), 4096);
  CHECK(long_line.size() < 4200);
}

}  // namespace belay::base
