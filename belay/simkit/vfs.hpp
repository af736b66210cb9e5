// SPDX-License-Identifier: Apache-2.0
// SimVfs: SimDisk offered to SQLite as a VFS under a name of its own, so that the simulation runs
// the real library. Randomness comes from the seed, time and sleep are virtual. It has no shared
// memory: a WAL database on it needs locking_mode EXCLUSIVE. SQLite's generator belongs to the
// whole process, so for runs that must repeat exactly, run one seed per process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "belay/base/time.hpp"
#include "belay/simkit/disk.hpp"

namespace belay::simkit {

class SimVfs {
 public:
  SimVfs(SimDisk& disk, std::uint64_t seed);
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;
  ~SimVfs();  ///< every connection must be closed before

  const std::string& name() const;
  /// Makes SQLite's own generator (WAL salts) start again from `seed`.
  void reseed(std::uint64_t seed);
  void set_now(base::Time now);
  /// Virtual time that SQLite asked to sleep since the last call.
  base::Duration take_slept();

  struct State;  ///< behind SQLite's C functions; defined in vfs.cpp

 private:
  std::unique_ptr<State> state_;
};

}  // namespace belay::simkit
