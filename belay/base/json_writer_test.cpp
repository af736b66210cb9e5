// SPDX-License-Identifier: Apache-2.0
#include "belay/base/json_writer.hpp"

#include <doctest/doctest.h>

#include "belay/base/prng.hpp"

using belay::base::json_quote;
using belay::base::JsonWriter;
using namespace std::string_literals;

TEST_CASE("json writer: commas stand between members and elements, nowhere else") {
  JsonWriter json;
  json.begin_object().field("a", "x").key("b").begin_array().integer(1).null().end_array();
  json.key("c").begin_object().end_object().field("d", true).end_object();
  CHECK(json.str() == R"({"a":"x","b":[1,null],"c":{},"d":true})");
}

TEST_CASE("json writer: control characters, quotes and backslashes are escaped") {
  CHECK(json_quote("\"\\\n\r\t\x01\x7f"s) == R"("\"\\\n\r\t\u0001\u007f")");
  CHECK(json_quote("\0"s) == R"("\u0000")");
}

TEST_CASE("json writer: valid UTF-8 passes unchanged") {
  for (const char* text :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x82\xac"}) {
    CHECK(json_quote(text) == "\""s + text + "\"");
  }
}

TEST_CASE("json writer: bytes that are not UTF-8 become the replacement character, one each") {
  const struct {
    std::string bytes;
    const char* quoted;
  } rows[] = {{"\x80", R"("\ufffd")"},
              {"\xc0\x80", R"("\ufffd\ufffd")"},                      // overlong
              {"\xc1\xbf", R"("\ufffd\ufffd")"},                      // overlong
              {"\xe0\x9f\xbf", R"("\ufffd\ufffd\ufffd")"},            // overlong
              {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},            // a surrogate
              {"\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")"},  // above U+10FFFF
              {"\xf5\x80", R"("\ufffd\ufffd")"},
              {"\xe2\x82", R"("\ufffd\ufffd")"},  // cut off
              {"\xff", R"("\ufffd")"},
              {"a\xe2", R"("a\ufffd")"}};
  for (const auto& row : rows) CHECK(json_quote(row.bytes) == row.quoted);
}

TEST_CASE("json writer: random bytes give one printable literal without raw control characters") {
  belay::base::Prng prng(5);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes(static_cast<std::size_t>(prng.below(12)), '\0');
    for (char& c : bytes) c = static_cast<char>(prng.next());
    const std::string quoted = json_quote(bytes);
    for (std::size_t k = 0; k < quoted.size(); ++k) {
      REQUIRE(static_cast<unsigned char>(quoted[k]) >= 0x20);
      if (k > 0 && k + 1 < quoted.size() && quoted[k] == '"') REQUIRE(quoted[k - 1] == '\\');
    }
  }
}
