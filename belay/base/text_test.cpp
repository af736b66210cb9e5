// SPDX-License-Identifier: Apache-2.0
#include "belay/base/text.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace belay::base {

TEST_CASE("a text of any length is read back as it was given") {
  for (std::size_t size : {0U, 1U, 6U, 7U, 8U, 9U, 63U, 64U, 65U, 1000U}) {
    const std::string words(size, 'x');
    const Text text = words;
    CHECK(text.view() == words);
    CHECK(text == words);
    CHECK(text.size() == size);
    CHECK(text.empty() == words.empty());
    CHECK(Text(text) == text);
  }
}

TEST_CASE("bytes that are no letters are kept, zeros too") {
  const std::string zeros("\0\0a", 3);
  CHECK(Text(zeros).view() == zeros);
  CHECK(Text(std::string(3, '\0')) != Text());
  CHECK(Text(std::string(3, '\0')) != Text(std::string(4, '\0')));
  CHECK(Text("\xff\xfe") == std::string_view("\xff\xfe"));
}

TEST_CASE("texts compare like the strings that they hold") {
  const std::vector<std::string> words{"", "A", "AAPL", "AAPLAAPL", "AAPLAAPM", "B", "Zzzzzzzzzz"};
  for (const auto& a : words) {
    for (const auto& b : words) {
      CHECK((Text(a) == Text(b)) == (a == b));
      CHECK((Text(a) < Text(b)) == (a < b));
      CHECK((Text(a) < b) == (a < b));
    }
  }
}

TEST_CASE("a text outlives what it was copied from, on any thread") {
  Text kept;
  {
    const Text first = std::string(40, 'q');
    std::thread other([&] { kept = first; });
    other.join();
  }
  for (int i = 0; i < 5000; ++i) CHECK(Text("forget me " + std::to_string(i)).size() > 10);
  CHECK(kept == std::string(40, 'q'));
}

TEST_CASE("a text that was moved from is empty") {
  Text from = "more than eight bytes";
  const Text to = std::move(from);
  CHECK(to == "more than eight bytes");
  CHECK(from.empty());
}

TEST_CASE("equal texts of one thread mostly share their bytes") {
  const Text a = std::string("DU1234567");
  const Text b = std::string("DU1234567");
  CHECK(static_cast<const void*>(a.view().data()) == static_cast<const void*>(b.view().data()));
  CHECK(Text::block_bytes(7) == 0);
  CHECK(Text::block_bytes(9) > 9);
}

}  // namespace belay::base
