// SPDX-License-Identifier: Apache-2.0
// How the other files of this folder reach the io_context inside a Loop. Not for use outside
// belay/net; it only names Asio's type and pulls in none of its headers.
#pragma once

#include "belay/net/loop.hpp"

namespace boost::asio {
class io_context;
}

namespace belay::net {

struct LoopAccess {
  static boost::asio::io_context& context(Loop& loop);
};

}  // namespace belay::net
