// SPDX-License-Identifier: Apache-2.0
// How frames behind a broken one are recognised. The checksum of a frame runs on from the frame
// before, so the plain walk ends at the first broken frame. But each frame stores the running
// checksum, so the next one can be verified from there again: from the stored value when the
// damage is in the page or in the frame's numbers, and from the value computed over the bytes when
// the damage is in the stored checksum itself. After one damaged frame one of the two always fits.
//
// What counts as evidence of loss. SQLite syncs each commit before the next transaction writes
// (synchronous=FULL), and this journal begins a new generation at every start (checkpoint RESTART
// and one write), so nothing of an earlier torn transaction keeps the current salts. Hence a crash
// leaves frames of at most one transaction behind the last synced commit, with at most one commit
// mark, at its end. Anything more from the broken frame on was acknowledged.
#include "belay/journal/wal_check.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <optional>

namespace belay::journal {
namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::uint32_t magic_little = 0x377f0682;  // the lowest bit tells the checksums' order
constexpr std::uint32_t magic_big = 0x377f0683;
constexpr std::uint32_t wal_version = 3007000;
constexpr std::uint32_t our_page_size = 4096;
constexpr std::size_t sector = 512;

std::uint32_t big32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

struct Sum {
  std::uint32_t s0 = 0;
  std::uint32_t s1 = 0;
  friend bool operator==(Sum, Sum) = default;
};

Sum add(Sum sum, std::string_view bytes, bool big_endian) {
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint32_t first = big32(bytes, at);
    std::uint32_t second = big32(bytes, at + 4);
    if (!big_endian) {
      first = __builtin_bswap32(first);
      second = __builtin_bswap32(second);
    }
    sum.s0 += first + sum.s1;
    sum.s1 += second + sum.s0;
  }
  return sum;
}

struct Salts {
  std::uint32_t salt1 = 0;
  std::uint32_t salt2 = 0;
  friend bool operator==(Salts, Salts) = default;
};

struct Header {
  bool valid = false;
  bool big_endian = false;
  std::uint32_t page_size = our_page_size;
  Salts salts;
  Sum stored;
  Sum computed;
};

Header read_header(std::string_view bytes) {
  Header header;
  const std::uint32_t magic = big32(bytes, 0);
  const bool known_magic = magic == magic_little || magic == magic_big;
  header.big_endian = known_magic ? magic == magic_big : std::endian::native == std::endian::big;
  const std::uint32_t page_size = big32(bytes, 8);
  const bool known_size = page_size >= 512 && page_size <= 65536 && std::has_single_bit(page_size);
  if (known_size) header.page_size = page_size;
  header.salts = Salts{big32(bytes, 16), big32(bytes, 20)};
  header.stored = Sum{big32(bytes, 24), big32(bytes, 28)};
  header.computed = add(Sum{}, bytes.substr(0, 24), header.big_endian);
  header.valid = known_magic && known_size && big32(bytes, 4) == wal_version &&
                 header.stored == header.computed;
  return header;
}

/// The two values that the next frame's checksum may have been computed from.
struct Seeds {
  Sum stored;    ///< as the frame before says
  Sum computed;  ///< over the frame before
};

struct Frame {
  std::uint32_t page = 0;
  bool commit = false;
  Salts salts;
  bool intact = false;  ///< a page number, and the checksum fits from one of the seeds
  /// The commit mark and the salts lie in one sector, which a disk writes whole or not at all: if
  /// the salts are ours the mark is ours too, even when the page did not arrive.
  bool mark_with_salts = false;
  Seeds next;
};

class Walk {
 public:
  Walk(std::string_view bytes, const Header& header)
      : bytes_(bytes), header_(header), step_(frame_header_size + header.page_size) {}

  std::uint64_t count() const { return (bytes_.size() - header_size) / step_; }

  Frame frame(std::uint64_t index, const Seeds& seeds) const {
    const std::size_t at = header_size + static_cast<std::size_t>(index) * step_;
    const std::string_view bytes = bytes_.substr(at, step_);
    Frame frame;
    frame.page = big32(bytes, 0);
    frame.commit = big32(bytes, 4) != 0;
    frame.salts = Salts{big32(bytes, 8), big32(bytes, 12)};
    frame.mark_with_salts = (at + 4) / sector == (at + 15) / sector;
    const Sum stored{big32(bytes, 16), big32(bytes, 20)};
    const Sum computed = sum(seeds.stored, bytes);
    const bool fits = stored == computed || stored == sum(seeds.computed, bytes);
    frame.intact = frame.page != 0 && fits;
    frame.next = Seeds{stored, fits ? stored : computed};
    return frame;
  }

 private:
  Sum sum(Sum seed, std::string_view frame) const {
    return add(add(seed, frame.substr(0, 8), header_.big_endian), frame.substr(frame_header_size),
               header_.big_endian);
  }
  std::string_view bytes_;
  const Header& header_;
  std::size_t step_;
};

/// With an unreadable header SQLite takes the whole WAL as empty. The header is synced before the
/// first frame is written, so no crash leaves commits behind a broken one.
WalReport behind_broken_header(const Walk& walk, const Header& header, WalReport report) {
  Seeds seeds{header.stored, header.computed};
  std::optional<Salts> salts;
  for (std::uint64_t i = 0; i < walk.count(); ++i) {
    const Frame frame = walk.frame(i, seeds);
    seeds = frame.next;
    if (!frame.intact) continue;
    if (!salts) salts = frame.salts;
    if (frame.salts == *salts && frame.commit) ++report.transactions_lost;
  }
  if (report.transactions_lost > 0) report.state = WalState::broken_inside;
  return report;
}

WalReport behind_broken_frame(const Walk& walk, const Header& header, Seeds seeds,
                              WalReport report) {
  std::uint64_t marks = 0;
  bool unfinished = false;  // frames of a transaction that began after the last mark
  bool ours = false;
  for (std::uint64_t i = report.frames_sound; i < walk.count(); ++i) {
    const bool first = i == report.frames_sound;
    const Frame frame = walk.frame(i, seeds);
    seeds = frame.next;
    const bool same = frame.salts == header.salts;
    // The first broken frame counts although it cannot verify: with our salts it is a frame of
    // this generation, and with an intact sum it is one whose salts were hit.
    const bool counted =
        first ? frame.intact || (same && frame.mark_with_salts) : frame.intact && same;
    ours = ours || same || counted;
    if (!counted) continue;
    if (frame.commit) {
      ++marks;
      unfinished = false;
    } else {
      unfinished = marks > 0;
    }
  }
  if (!ours) {
    report.state = report.frames_sound == 0 ? WalState::empty : WalState::sound;
    return report;
  }
  report.transactions_lost = marks + (unfinished ? 1 : 0);
  report.state = report.transactions_lost > 1 ? WalState::broken_inside : WalState::torn_tail;
  return report;
}

}  // namespace

WalReport inspect_wal(std::string_view bytes) {
  WalReport report;
  if (bytes.size() < header_size) return report;
  const Header header = read_header(bytes);
  const Walk walk(bytes, header);
  report.header_sound = header.valid;
  report.page_size = header.page_size;
  report.frames_in_file = walk.count();
  if (!header.valid) return behind_broken_header(walk, header, report);
  Seeds seeds{header.stored, header.stored};
  for (std::uint64_t i = 0; i < walk.count(); ++i) {
    const Frame frame = walk.frame(i, seeds);
    if (frame.salts != header.salts || !frame.intact) {
      report.broken_frame = i + 1;
      return behind_broken_frame(walk, header, seeds, report);
    }
    ++report.frames_sound;
    report.sound_bytes = header_size + report.frames_sound * (frame_header_size + header.page_size);
    if (frame.commit) report.frames_committed = report.frames_sound;
    seeds = frame.next;
  }
  if (report.frames_sound > 0) {
    report.state =
        report.frames_sound == report.frames_committed ? WalState::sound : WalState::torn_tail;
  }
  return report;
}

std::string describe_damage(const WalReport& report) {
  const std::string where =
      report.broken_frame == 0
          ? std::string("the file's header is damaged")
          : fmt::format("frame {} of {} is damaged", report.broken_frame, report.frames_in_file);
  return fmt::format(
      "{}, and valid frames of at least {} transactions lie at or behind it; opening would drop"
      " them without a word. Nothing was changed. Copy the whole data directory, check the disk,"
      " then restore journal.db and journal.db-wal from the same copy (docs/RUNBOOK.md). Do not"
      " remove this file: the rows from {} on would be lost, and orders that they tell of could be"
      " sent again.",
      where, report.transactions_lost,
      report.broken_frame == 0 ? "its beginning" : fmt::format("frame {}", report.broken_frame));
}

}  // namespace belay::journal
