// SPDX-License-Identifier: Apache-2.0
// Figures that need no socket: the daemon fed with bytes directly. What a message from the broker
// costs beside a bare splitter, what a live order weighs, and how long a journal takes to replay.
#pragma once

#include <cstddef>
#include <string>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

/// `messages` mixed openOrder, orderStatus and execDetails over 1000 working orders.
base::Result<Figures> measure_inbound(std::size_t messages);
/// `orders` working orders at once, with a journal that keeps nothing.
/// Both, for what they allocate; fails when that is more than what is stated beside it.
base::Result<Figures> measure_allocations(std::size_t count);
base::Result<Figures> measure_memory(std::size_t orders);
/// A journal with `orders` working orders, written in `dir`, read back by a new daemon.
base::Result<Figures> measure_replay(std::size_t orders, const std::string& dir);

}  // namespace belay::bench
