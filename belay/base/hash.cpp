// SPDX-License-Identifier: Apache-2.0
#include "belay/base/hash.hpp"

#include <array>
#include <bit>

namespace belay::base {
namespace {

std::uint64_t load_le(std::string_view bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

}  // namespace

Hash128 hash128(std::string_view bytes) {
  constexpr std::uint64_t key0 = 0x62656c61792d6b30ULL;
  constexpr std::uint64_t key1 = 0x62656c61792d6b31ULL;
  SipState s{key0 ^ 0x736f6d6570736575ULL, key1 ^ 0x646f72616e646f6dULL ^ 0xee,
             key0 ^ 0x6c7967656e657261ULL, key1 ^ 0x7465646279746573ULL};
  const std::uint64_t length_byte = static_cast<std::uint64_t>(bytes.size()) << 56U;
  while (bytes.size() >= 8) {
    const std::uint64_t word = load_le(bytes, 8);
    s.v3 ^= word;
    s.round();
    s.round();
    s.v0 ^= word;
    bytes.remove_prefix(8);
  }
  const std::uint64_t last = length_byte | load_le(bytes, bytes.size());
  s.v3 ^= last;
  s.round();
  s.round();
  s.v0 ^= last;
  s.v2 ^= 0xee;
  for (int i = 0; i < 4; ++i) s.round();
  Hash128 out;
  out.low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  s.v1 ^= 0xdd;
  for (int i = 0; i < 4; ++i) s.round();
  out.high = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  return out;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const char c : bytes) {
    crc = crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xffU] ^ (crc >> 8U);
  }
  return ~crc;
}

}  // namespace belay::base
