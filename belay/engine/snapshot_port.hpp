// SPDX-License-Identifier: Apache-2.0
// The Snapshots port: a cache of the state, so that a start reads only what came later in the
// journal. A snapshot that does not fit costs nothing: the journal is replayed then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace belay::engine {

struct Snapshot {
  std::uint64_t seq = 0;     ///< of the last event in it
  std::uint64_t format = 0;  ///< of the state's bytes; another program's says another number
  std::uint32_t check = 0;   ///< the journal's row check at seq: it is this journal's
  std::string state;
};

class Snapshots {
 public:
  Snapshots() = default;
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;
  virtual ~Snapshots() = default;

  /// The n-th newest (from 0) that is whole; nothing when there are no more.
  virtual std::optional<Snapshot> load(std::size_t nth) = 0;
  /// Writes it some time soon, all or nothing. A failure is harmless and is not told here.
  virtual void save(Snapshot snapshot) = 0;
  /// An earlier save is not done yet.
  virtual bool busy() const = 0;
};

}  // namespace belay::engine
