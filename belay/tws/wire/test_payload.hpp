// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder.
#pragma once

#include <string>

#include "belay/tws/wire/codec.hpp"

namespace belay::tws::wire {

/// The message as it is sent, without the length before it.
template <class Message>
std::string payload(const Message& message, int version) {
  std::string frame;
  encode(message, version, frame);
  return frame.substr(4);
}

}  // namespace belay::tws::wire
