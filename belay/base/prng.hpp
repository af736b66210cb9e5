// SPDX-License-Identifier: Apache-2.0
// A seeded generator (SplitMix64) for simulations, tests and jitter that is handed in. Never a
// source of secrets.
#pragma once

#include <cstdint>

#include "belay/base/check.hpp"

namespace belay::base {

class Prng {
 public:
  constexpr explicit Prng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    BELAY_CHECK(bound > 0);
    return next() % bound;
  }
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    BELAY_CHECK(low <= high);
    // In unsigned numbers: the distance of the ends need not fit in a signed one.
    const auto first = static_cast<std::uint64_t>(low);
    const std::uint64_t span = static_cast<std::uint64_t>(high) - first;
    const std::uint64_t step = span == UINT64_MAX ? next() : below(span + 1);
    return static_cast<std::int64_t>(first + step);
  }
  /// True `percent` times in a hundred.
  bool chance(unsigned percent) { return below(100) < percent; }
  /// An independent generator, so that one consumer's draws do not disturb another's.
  Prng fork() { return Prng(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace belay::base
