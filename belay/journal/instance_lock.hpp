// SPDX-License-Identifier: Apache-2.0
// InstanceLock: at most one daemon on this machine for one (host, port, client id) of a TWS. Two
// would share an id space at the broker, whatever their data directories are. It is an abstract
// unix socket name, which the kernel gives back when the process dies; it guards one network
// namespace of one machine, not a cluster.
#pragma once

#include <cstdint>
#include <string>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::journal {

class InstanceLock {
 public:
  /// `host` is the resolved address, so that two names of one machine meet.
  static base::Result<InstanceLock> take(const std::string& host, std::uint16_t port,
                                         std::int32_t client_id);

 private:
  UniqueFd socket_;
};

}  // namespace belay::journal
