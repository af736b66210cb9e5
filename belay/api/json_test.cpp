// SPDX-License-Identifier: Apache-2.0
#include "belay/api/json.hpp"

#include <doctest/doctest.h>

using belay::api::Json;

TEST_CASE("json: numbers keep the text they were written with") {
  for (const char* text : {"0", "-0", "190.50", "1e-8", "123456789012345678901234567890", "0.1E+2",
                           "1.000000000000000000000000000001"}) {
    CAPTURE(text);
    const auto json = Json::parse(text);
    REQUIRE(json.has_value());
    CHECK(json->is_number());
    CHECK(json->text() == text);
  }
}

TEST_CASE("json: every kind of value is read") {
  const auto json = Json::parse(R"( {"a":[1,"x",true,null,{"b":false}],"c":"\u00e9\n"} )");
  REQUIRE(json.has_value());
  const auto& items = json->find("a")->items();
  REQUIRE(items.size() == 5);
  CHECK(items[0].text() == "1");
  CHECK(items[1].is_string());
  CHECK(items[2].as_bool());
  CHECK(items[3].is_null());
  CHECK_FALSE(items[4].truth_of("b"));
  CHECK(json->text_of("c") == "\xc3\xa9\n");
  CHECK(json->find("d") == nullptr);
}

TEST_CASE("json: an empty object and an object of objects are told from arrays") {
  CHECK(Json::parse("{}")->is_object());
  CHECK(Json::parse("[]")->is_array());
  CHECK(Json::parse(R"({"a":{},"b":[]})")->find("a")->is_object());
  CHECK(Json::parse(R"({"":1})")->text_of("") == "1");
}

TEST_CASE("json: what is not exactly one JSON text is refused with its position") {
  for (const char* text :
       {"",         " ",      "{",   "[1,]",  "{\"a\":}",  "{'a':1}", "nul",    "NaN",
        "Infinity", "-",      "01",  "1.",    ".5",        "+1",      "0x10",   "1 2",
        "{} x",     "\"\t\"", "\"a", "[1 2]", "{\"a\" 1}", "\"\\x\"", "// c\n1"}) {
    CAPTURE(text);
    const auto json = Json::parse(text);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().detail.find("at byte") != std::string::npos);
  }
}

TEST_CASE("json: a member given twice is refused by name, at any level") {
  const auto json = Json::parse(R"({"a":{"limit_price":1,"limit_price":2}})");
  REQUIRE_FALSE(json.has_value());
  CHECK(json.error().detail.find("limit_price") != std::string::npos);
  CHECK(Json::parse(R"({"a":1,"b":{"a":1}})").has_value());
}

TEST_CASE("json: text that is not UTF-8 is refused, also surrogates and a NUL") {
  CHECK_FALSE(Json::parse("\"\xff\"").has_value());
  CHECK_FALSE(Json::parse("\"\xc0\xaf\"").has_value());
  CHECK_FALSE(Json::parse("\"\xed\xa0\x80\"").has_value());
  CHECK_FALSE(Json::parse(R"("\ud800")").has_value());
  CHECK_FALSE(Json::parse(std::string_view("1\0", 2)).has_value());
  CHECK(Json::parse("\"\xf0\x9f\x98\x80\"").has_value());
}

TEST_CASE("json: 32 levels are read and 33 are refused") {
  const std::string deep = std::string(32, '[') + std::string(32, ']');
  CHECK(Json::parse(deep).has_value());
  CHECK_FALSE(Json::parse("[" + deep + "]").has_value());
  CHECK_FALSE(Json::parse(std::string(60'000, '[')).has_value());
}
