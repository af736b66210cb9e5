// SPDX-License-Identifier: Apache-2.0
// InstanceLock: at most one daemon of a user on this machine for one (host, port, client id) of a
// TWS. Two would share an id space at the broker, whatever their data directories are.
//
// The lock is an abstract unix socket name, which the kernel gives back when the process dies. It
// guards one network namespace of one machine, not a cluster. Anybody may take any such name, so it
// counts only when a process of our own user listens under it: another user cannot keep a daemon
// from starting. What is durable is guarded by the lock in the data directory, and the broker
// itself refuses a client id that is in use.
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
  /// Not empty: another user's process has the name, and nothing is locked.
  const std::string& taken_by() const { return taken_by_; }

 private:
  UniqueFd socket_;
  std::string taken_by_;
};

}  // namespace belay::journal
