// SPDX-License-Identifier: Apache-2.0
// How the other files of this folder reach the io_context inside a Loop. Not for use outside
// belay/net; it only names Asio's type and pulls in none of its headers.
#pragma once

#include <array>

#include "belay/net/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace belay::net {

/// What one callback reads from a socket at most.
using ReadBuffer = std::array<char, 16 * 1024>;

struct LoopAccess {
  static boost::asio::io_context& context(Loop& loop);
  /// Of all streams: it holds bytes only while one of them hands them on.
  static ReadBuffer& read_buffer(Loop& loop);
};

}  // namespace belay::net
