// SPDX-License-Identifier: Apache-2.0
// POST /api/v1/orders, from the request to the answer that has the broker's word in it, of the real
// program and of a floor: the least HTTP server that makes the same promise (the order is synced
// before its frame leaves, the broker's answer before the caller has it). Each is a process of its
// own, against a gateway of its own; the caller is this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

struct RestOptions {
  bool floor = false;
  std::string belay;  ///< path of the program; unused by the floor
  std::size_t orders = 0;
  std::size_t connections = 1;
  std::optional<int> cpu;  ///< one core for caller, server and gateway
  std::string dir;
};

/// Latency as the caller sees it, orders a second, and the server's processor time for an order.
base::Result<Figures> measure_rest(const RestOptions& options);

// rest_floor.cpp: the floor as a program; prints "port=N" and serves until it is killed.
int serve_rest_floor(std::uint16_t gateway_port, const std::string& dir);

// rest_caller.cpp: every connection sends its next order when it has the answer to the last. Each
// must be answered with 201. `first` is the number of the first order: their keys differ.
base::Result<Figures> call_rest(std::uint16_t port, std::size_t first, std::size_t orders,
                                std::size_t connections);
/// The status of GET `path`; 0 when there is no answer.
int status_of(std::uint16_t port, const std::string& path);

}  // namespace belay::bench
