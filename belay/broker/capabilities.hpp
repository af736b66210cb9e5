// SPDX-License-Identifier: Apache-2.0
// What a broker can do, as data: who needs one of these asks for it and never for the broker's
// name.
#pragma once

#include <cstdint>

namespace belay::broker {

/// How an order gets the name that its broker knows it by.
enum class IdScheme : std::uint8_t {
  rising,  ///< we give it: a number above all that were used before
  any,     ///< we give it: whatever was not used before
};

/// Kinds of one-cancels-all that the broker itself carries out.
struct OcaKinds {
  bool cancel = false;        ///< a fill of one cancels the others
  bool reduce = false;        ///< a fill of one reduces the others
  bool without_race = false;  ///< the broker works one at a time, so that two cannot fill
};

struct Capabilities {
  IdScheme ids = IdScheme::rising;
  bool native_brackets = false;  ///< a family is sent at once, and the broker holds its children
  bool modify_in_place = false;  ///< terms of a working order can be changed
  bool tag_read_back = false;    ///< our tag comes back with what is told of the order
  OcaKinds oca = {};
  unsigned messages_a_second = 0;  ///< the pacing limit; 0: none
};

}  // namespace belay::broker
