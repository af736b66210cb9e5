// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/clean_text.hpp"

#include <doctest/doctest.h>

using namespace belay::tws::wire;

TEST_CASE("clean text: what is one plain line stays as it is") {
  CHECK(clean_text("Order rejected - reason: no", 100) == "Order rejected - reason: no");
  CHECK(clean_text("Stra\xc3\x9f"
                   "e \xe2\x82\xac",
                   100) ==
        "Stra\xc3\x9f"
        "e \xe2\x82\xac");
  CHECK(clean_text("", 100).empty());
}

TEST_CASE("clean text: bytes that are no UTF-8 are taken as Latin-1, and no letter is lost") {
  CHECK(clean_text("Auftrag ung\xfcltig", 100) == "Auftrag ung\xc3\xbcltig");
  CHECK(clean_text("\xe9", 100) == "\xc3\xa9");
}

TEST_CASE("clean text: nothing in it can break a line, a terminal or the direction of writing") {
  CHECK(clean_text("a\nb\rc\x1b[31md\ae\x7f", 100) == "a b c [31md e ");
  CHECK(clean_text("a\xc2\x85"
                   "b\xe2\x80\xa8"
                   "c\xe2\x80\xae"
                   "d",
                   100) == "a b c d");
}

TEST_CASE("clean text: a long text is cut between two characters") {
  const std::string long_text(5'000'000, 'x');
  const std::string cut = clean_text(long_text, 20);
  CHECK(cut == std::string(17, 'x') + "...");
  std::string euros;
  for (int i = 0; i < 100; ++i) euros += "\xe2\x82\xac";
  const std::string few = clean_text(euros, 20);
  CHECK(few.size() <= 20);
  CHECK(few == euros.substr(0, 15) + "...");
  CHECK(clean_text(std::string(20, 'y'), 20) == std::string(20, 'y'));
}
