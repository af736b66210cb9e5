// SPDX-License-Identifier: Apache-2.0
// Looks for damage inside an SQLite WAL file before SQLite opens it. SQLite stops at the first
// frame whose checksum does not fit and silently drops everything behind it: one flipped bit in
// the middle loses every later commit, although each was synced. A torn tail (a crash while the
// last transaction was being written) looks alike and is normal. This file tells the two apart; it
// repairs nothing. Format: sqlite.org/fileformat2.html, section 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belay::journal {

enum class WalState : std::uint8_t {
  empty,          ///< no file, no frames, or only frames of an older generation
  sound,          ///< every frame of this generation verifies
  torn_tail,      ///< the last transaction is incomplete; it was never acknowledged
  broken_inside,  ///< acknowledged transactions would be dropped: refuse to start
};

struct WalReport {
  WalState state = WalState::empty;
  bool header_sound = false;
  std::uint32_t page_size = 0;
  std::uint64_t frames_in_file = 0;
  std::uint64_t frames_sound = 0;       ///< what SQLite will read
  std::uint64_t sound_bytes = 0;        ///< the header and these frames
  std::uint64_t frames_committed = 0;   ///< of those, up to the last commit mark
  std::uint64_t broken_frame = 0;       ///< counted from 1; 0: the file's header is broken
  std::uint64_t transactions_lost = 0;  ///< that can be recognised from the broken frame on
};

WalReport inspect_wal(std::string_view bytes);
/// For an operator: what is broken, what would be lost, what to do.
std::string describe_damage(const WalReport& report);

}  // namespace belay::journal
