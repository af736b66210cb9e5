// SPDX-License-Identifier: Apache-2.0
// The fake gateway as a process of its own: one thread, epoll, loopback only. It carries the bytes
// of GatewaySession and nothing else. The child dies with its parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "belay/base/result.hpp"

namespace belay::bench {

class FakeGateway {
 public:
  /// Forks; `cpu` pins the child to one core.
  static base::Result<FakeGateway> start(std::optional<int> cpu);
  FakeGateway(FakeGateway&& other) noexcept;
  FakeGateway& operator=(FakeGateway&&) = delete;
  ~FakeGateway();
  std::uint16_t port() const { return port_; }

 private:
  FakeGateway(pid_t child, std::uint16_t port) : child_(child), port_(port) {}
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

/// Serves on 127.0.0.1 in this process for as long as it lives; port 0 takes any. Prints the port.
int serve_gateway(std::uint16_t port);

}  // namespace belay::bench
