// SPDX-License-Identifier: Apache-2.0
#include "belay/base/hash.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "belay/base/hash_map.hpp"
#include "belay/base/prng.hpp"

using belay::base::crc32c;
using belay::base::hash128;

TEST_CASE("hash: CRC-32C has its published check values") {
  CHECK(crc32c("123456789") == 0xE3069283U);
  CHECK(crc32c("") == 0U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);    // RFC 3720 B.4
  CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43U);  // RFC 3720 B.4
}

TEST_CASE("hash: a CRC continues from the one before") {
  CHECK(crc32c("56789", crc32c("1234")) == crc32c("123456789"));
}

// The key is part of the format: fingerprints made from it are compared across versions. The
// values were computed by an independent program from the paper's definition.
TEST_CASE("hash: the 128-bit hash keeps its values for ever") {
  CHECK(hash128("") == belay::base::Hash128{0xa35bf5dfa3bc617aULL, 0xee2890d62148c9abULL});
  CHECK(hash128("a") == belay::base::Hash128{0xd6d21962a0dee63eULL, 0x5fb71b755776b8a4ULL});
  CHECK(hash128("1234567") == belay::base::Hash128{0x2e875e21f25640a6ULL, 0x51225908f5ceb88eULL});
  CHECK(hash128("12345678") == belay::base::Hash128{0xe6d9810e3aff52c7ULL, 0xc70d96f0b4c0fd39ULL});
  CHECK(hash128("123456789") == belay::base::Hash128{0x96225ebf9367a74bULL, 0xfe26243db40b24ebULL});
  CHECK(hash128("b1.0123456789ab.42") ==
        belay::base::Hash128{0x629f27b2f2894840ULL, 0x830934254f85b681ULL});
}

TEST_CASE("hash: every length, every byte and every position matters") {
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::string bytes;
  for (int length = 0; length < 64; ++length) {
    const auto hash = hash128(bytes);
    CHECK(seen.insert({hash.low, hash.high}).second);
    bytes.push_back('\0');
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = '\x80';
    const auto hash = hash128(changed);
    CHECK(seen.insert({hash.low, hash.high}).second);
  }
}

TEST_CASE("hash map: put replaces, find sees, erase forgets") {
  belay::base::HashMap<int, std::string> map;
  CHECK(map.find(1) == nullptr);
  map.put(1, "one");
  map.put(1, "uno");
  REQUIRE(map.find(1) != nullptr);
  CHECK(*map.find(1) == "uno");
  CHECK(map.size() == 1);
  map.at_or_make(2) += "two";
  CHECK(map.contains(2));
  CHECK(map.erase(1));
  CHECK_FALSE(map.erase(1));
  map.clear();
  CHECK(map.size() == 0);
}

TEST_CASE("hash map: after any puts and erases it holds what a plain map holds") {
  belay::base::Prng random(7);
  for (const std::uint64_t keys : {3U, 20U, 400U}) {
    belay::base::HashMap<std::uint64_t, std::string> map;
    std::map<std::uint64_t, std::string> plain;
    for (int i = 0; i < 4'000; ++i) {
      const std::uint64_t key = random.below(keys) << (random.below(2) * 40);
      if (random.below(5) < 2) {
        CHECK(map.erase(key) == (plain.erase(key) == 1));
      } else {
        plain[key] = std::to_string(i);
        map.put(key, std::to_string(i));
      }
      REQUIRE(map.size() == plain.size());
    }
    for (std::uint64_t key = 0; key < keys; ++key) {
      for (const std::uint64_t each : {key, key << 40U}) {
        const auto it = plain.find(each);
        const std::string* found = map.find(each);
        REQUIRE((found != nullptr) == (it != plain.end()));
        if (found != nullptr) CHECK(*found == it->second);
      }
    }
  }
}
