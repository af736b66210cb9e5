// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/disk_room.hpp"

#include <sys/statvfs.h>

namespace belay::journal {

DiskRoom judge_room(std::uint64_t free_bytes, const RoomLimits& limits, bool refusing) {
  const std::uint64_t edge = refusing ? limits.accept_again_above : limits.refuse_new_below;
  return DiskRoom{free_bytes, free_bytes < edge};
}

std::optional<std::uint64_t> free_bytes_at(const std::string& path) {
  struct statvfs room {};
  if (::statvfs(path.c_str(), &room) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
}

}  // namespace belay::journal
