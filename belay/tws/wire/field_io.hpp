// SPDX-License-Identifier: Apache-2.0
// What the field walks are written against: the spellings of "not given" and the concept that lets
// one walk take a mutable message (reading) and a const one (writing, printing). The visitors are
// field_reader.hpp, field_writer.hpp and field_printer.hpp. Internal to tws/wire: its users include
// codec.hpp.
//
// A visitor `io` offers, each call being one field unless said otherwise:
//   version()                       the server version the walk gates on
//   failed()                        reading only: an earlier field was bad
//   constant(name, n)               a version number: written, read and ignored, not printed
//   filler(name, text)              a field without meaning: the same
//   text / escaped / conjunction    strings; error texts and names with \uXXXX; "a" or "o"
//   right(name, s, none)            "C" or "P"; "?" and "0" read as none
//   id / i32 / i64                  integers; i32 reads "" and 2147483647 as its default
//   opt / opt_nz / opt64 / tri      optional ones; _nz: zero is "not given" too
//   flag                            0 or 1
//   real / real_nz / quantity       decimals
//   present(name, optional)         the 0 or 1 that tells whether a part follows
//   list(name, vector, n, walk)     a count, then n or more fields per element
// and may offer stretch(walk), see below.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "belay/tws/wire/codec.hpp"

namespace belay::tws::wire {

/// How a writer spells "not given". Readers take all spellings.
enum class Unset : std::uint8_t {
  empty,       // ""
  zero,        // 0
  zero_point,  // 0.0
  maximum,     // 2147483647, or 1.7976931348623157E308
  minimum,     // -9223372036854775808: the gateway's for some quantities
};

/// M is T or const T.
template <class M, class T>
concept Like = std::same_as<std::remove_const_t<M>, T>;

/// Fields that are mostly the same, byte for byte, in the next message of the kind. What they are
/// goes by nothing outside of stretches.
template <class Io, class Walk>
void stretch(Io& io, Walk walk) {
  if constexpr (requires { io.stretch(walk); }) {
    io.stretch(walk);
  } else {
    walk();
  }
}

}  // namespace belay::tws::wire
