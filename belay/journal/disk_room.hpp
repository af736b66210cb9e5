// SPDX-License-Identifier: Apache-2.0
// How much room the disk has, and when new risk must be refused so that cancels and fills can
// still be recorded. The warmed WAL file is a reserve of its own: about a thousand commits fit
// into it without one new block, so no extra reserve file is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace belay::journal {

struct RoomLimits {
  std::uint64_t refuse_new_below = 64ULL << 20U;
  /// Above the other, so that a disk at the edge does not switch with every file that comes or
  /// goes.
  std::uint64_t accept_again_above = 96ULL << 20U;
};

struct DiskRoom {
  std::uint64_t free_bytes = 0;
  bool refuse_new = false;
};

/// `refusing` is the answer given last time.
DiskRoom judge_room(std::uint64_t free_bytes, const RoomLimits& limits, bool refusing);
/// What an ordinary process may still write on the file system that holds `path`.
std::optional<std::uint64_t> free_bytes_at(const std::string& path);

}  // namespace belay::journal
