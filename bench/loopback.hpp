// SPDX-License-Identifier: Apache-2.0
// Sockets of 127.0.0.1 for what is measured against: plain calls, so that nothing of Belay's own
// network is in a floor.
#pragma once

#include <cstdint>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::bench {

struct Listener {
  journal::UniqueFd socket;
  std::uint16_t port = 0;
};

/// Port 0 takes any.
base::Result<Listener> listen_on_loopback(std::uint16_t port);
/// The next one who connects, not blocking; invalid when nobody does.
journal::UniqueFd accept_one(const Listener& listener);
base::Result<journal::UniqueFd> connect_to_loopback(std::uint16_t port);

/// epoll_ctl with the descriptor as its own mark.
void watch(int epoll, int fd, std::uint32_t events, int operation);

}  // namespace belay::bench
