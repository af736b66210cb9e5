// SPDX-License-Identifier: Apache-2.0
// Orders as they were encoded once (the history's rows and OrderRecalled), and what they must
// always be read as. Bytes are only ever added; BELAY_WRITE_GOLDEN=1 adds some and writes the texts
// anew, for a change of what the text of an order shows.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/book_text.hpp"
#include "tests/support/random_order.hpp"

using namespace belay::core;
using namespace belay::test;

namespace {

std::string hex_of(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}
std::string bytes_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}
std::string text_of(const Order& order) {
  return belay::base::json_quote(order_text(order));
}

struct Line {
  std::string bytes;
  std::string text;
};
std::vector<Line> lines() {
  std::ifstream file(BELAY_GOLDEN_ORDERS);
  std::vector<Line> out;
  for (std::string row; std::getline(file, row);) {
    if (row.empty() || row.front() == '#') continue;
    const auto space = row.find(' ');
    out.push_back({bytes_of(row.substr(0, space)), row.substr(space + 1)});
  }
  return out;
}

}  // namespace

TEST_CASE("golden orders: what was written once is read as it was, for ever") {
  constexpr std::uint64_t count = 16;
  if (std::getenv("BELAY_WRITE_GOLDEN") != nullptr) {
    const auto old = lines();
    std::ofstream file(BELAY_GOLDEN_ORDERS);
    file << "# bytes of an encoded order, and what they say\n";
    for (const Line& line : old) {
      file << hex_of(line.bytes) << ' ' << text_of(*decode_order(line.bytes)) << '\n';
    }
    belay::base::Prng prng(2026 + old.size());
    for (std::uint64_t i = old.size() + 1; i <= count; ++i) {
      const Order order = random_order(prng, OrderId(i));
      file << hex_of(encode_order(order)) << ' ' << text_of(order) << '\n';
    }
  }
  const auto all = lines();
  CHECK(all.size() >= count);
  for (const Line& line : all) {
    const auto order = decode_order(line.bytes);
    REQUIRE(order.has_value());
    CHECK(text_of(*order) == line.text);
  }
}
