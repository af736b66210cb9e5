// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/tell.hpp"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace belay::app {

void tell(int fd, std::string_view text) noexcept {
  constexpr int patience_ms = 1'000;
  while (!text.empty()) {
    pollfd ready{fd, POLLOUT, 0};
    if (::poll(&ready, 1, patience_ms) <= 0) return;
    // A pipe that has room has room for so much.
    const ssize_t wrote = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (wrote == 0 || (errno != EINTR && errno != EAGAIN)) {
      return;
    }
  }
}

}  // namespace belay::app
