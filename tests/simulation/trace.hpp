// SPDX-License-Identifier: Apache-2.0
// Trace: a running hash of everything that crossed a socket, with its virtual time. Two runs of a
// seed are the same run when their hashes are the same, on any compiler.
#pragma once

#include <cstdint>
#include <string_view>

#include "belay/base/time.hpp"

namespace belay::simulation {

class Trace {
 public:
  void add(base::Time time, std::string_view what, std::string_view bytes) {
    mix(static_cast<std::uint64_t>(time.unix_ns()));
    for (const char c : what) mix(static_cast<unsigned char>(c));
    for (const char c : bytes) mix(static_cast<unsigned char>(c));
    ++entries_;
  }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t entries() const { return entries_; }

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ULL; }  // FNV-1a
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t entries_ = 0;
};

}  // namespace belay::simulation
