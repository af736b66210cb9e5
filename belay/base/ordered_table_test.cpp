// SPDX-License-Identifier: Apache-2.0
#include "belay/base/ordered_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "belay/base/prng.hpp"

namespace belay::base {
namespace {

struct Entry {
  using Key = std::uint64_t;
  std::uint64_t key = 0;
  std::uint64_t value = 0;
  bool vacant() const { return key == 0; }
  static std::uint64_t place(const Key& key) { return key; }
};

template <unsigned Bits>
void compare_with_a_map(std::uint64_t seed, std::uint64_t mask) {
  Prng prng(seed);
  OrderedTable<Entry, Bits> table;
  std::map<std::uint64_t, std::uint64_t> model;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t key = (prng.next() & mask) | 1U;
    const std::uint64_t value = prng.next();
    if (prng.chance(70)) {
      table.put({key, value});
      model.insert_or_assign(key, value);
    } else {
      CHECK(table.erase(key) == (model.erase(key) != 0));
    }
    const std::uint64_t asked = (prng.next() & mask) | 1U;
    const Entry* found = table.find(asked);
    const auto known = model.find(asked);
    REQUIRE((found != nullptr) == (known != model.end()));
    if (found != nullptr) REQUIRE(found->value == known->second);
  }
  REQUIRE(table.size() == model.size());
  std::vector<std::uint64_t> walked;
  table.for_each([&](const Entry& entry) {
    walked.push_back(entry.key);
    CHECK(model.at(entry.key) == entry.value);
  });
  std::vector<std::uint64_t> expected;
  for (const auto& [key, value] : model) expected.push_back(key);
  CHECK(walked == expected);
}

}  // namespace

TEST_CASE("ordered table: holds what a map holds, in the map's order") {
  compare_with_a_map<8>(1, ~std::uint64_t{0});
  compare_with_a_map<1>(2, ~std::uint64_t{0});
  // Keys that crowd in a few places make long runs and reach the last slot.
  compare_with_a_map<4>(3, 0xf000'0000'0000'0fffU);
  compare_with_a_map<2>(4, 0xffffU);
}

TEST_CASE("ordered table: a million entries take little more than themselves") {
  Prng prng(5);
  OrderedTable<Entry> table;
  for (int i = 0; i < 1'000'000; ++i) table.put({prng.next() | 1U, 1});
  CHECK(table.bytes() < table.size() * sizeof(Entry) * 3 / 2);
}

}  // namespace belay::base
