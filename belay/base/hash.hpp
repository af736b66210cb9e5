// SPDX-License-Identifier: Apache-2.0
// Hashes that are the same on every machine and compiler: SipHash-2-4 with 128-bit output (key
// fingerprints; the function of Aumasson and Bernstein with a fixed key) and CRC-32C (row checks).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace belay::base {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};
Hash128 hash128(std::string_view bytes);

/// CRC-32C (Castagnoli), continuing from `seed` (0 at the start).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace belay::base
