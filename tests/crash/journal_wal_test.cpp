// SPDX-License-Identifier: Apache-2.0
// Damage in a real WAL written by the store: every flipped bit is refused or loses nothing.
#include <doctest/doctest.h>

#include "belay/journal/wal_check.hpp"
#include "tests/crash/journal_life.hpp"

namespace belay::crash {
namespace {

using journal::inspect_wal;
using journal::WalReport;
using journal::WalState;

constexpr const char* wal_name = "journal.db-wal";
constexpr std::uint64_t frame_size = 4096 + 24;

/// A journal whose WAL holds `batches` commits of this generation, left by a killed process.
void fill(JournalLife& life, int batches) {
  auto settings = life.settings();
  settings.checkpoint_frames = 1'000'000;
  settings.idle_checkpoint_frames = 1'000'000;
  life.use(settings);
  REQUIRE(life.start());
  for (int i = 0; i < batches; ++i) REQUIRE(life.append_one(i % 4 == 3 ? 3 : 1));
}

std::string wal_of(JournalLife& life) {
  const std::string* bytes = life.disk().view(wal_name);
  REQUIRE(bytes != nullptr);
  return *bytes;
}

std::string flipped(std::string bytes, std::uint64_t at) {
  const auto index = static_cast<std::size_t>(at);
  bytes[index] = static_cast<char>(static_cast<unsigned char>(bytes[index]) ^ (1U << (at % 8)));
  return bytes;
}

TEST_CASE("wal check: what the store wrote is sound") {
  JournalLife life(21);
  fill(life, 30);
  const WalReport report = inspect_wal(wal_of(life));
  CHECK(report.state == WalState::sound);
  CHECK(report.page_size == 4096);
  CHECK(report.frames_committed == report.frames_sound);
  CHECK(report.frames_sound >= 30);
}

TEST_CASE("wal check: one flipped bit before the last two commits is always refused") {
  JournalLife life(22);
  fill(life, 20);
  const std::string bytes = wal_of(life);
  const WalReport before = inspect_wal(bytes);
  REQUIRE(before.state == WalState::sound);
  // Leave the last batches out: damage in the very last transaction looks like a torn tail.
  const std::uint64_t last = 32 + (before.frames_sound - 6) * frame_size;
  for (std::uint64_t at = 0; at < last; at += at % frame_size < 64 ? 1 : 101) {
    const WalReport report = inspect_wal(flipped(bytes, at));
    CHECK_MESSAGE(report.state == WalState::broken_inside, "byte ", at);
  }
}

TEST_CASE("wal check: damage in the last commit but one is refused too") {
  JournalLife life(27);
  fill(life, 3);
  REQUIRE(life.append_one(1));
  REQUIRE(life.append_one(1));
  REQUIRE(life.append_one(1));
  const std::string bytes = wal_of(life);
  const std::uint64_t frames = inspect_wal(bytes).frames_sound;
  const std::uint64_t begin = 32 + (frames - 2) * frame_size;
  for (std::uint64_t at = 0; at < frame_size; at += at < 64 ? 1 : 17) {
    if (at >= 4 && at < 8) continue;  // the commit mark itself may vanish
    const WalReport report = inspect_wal(flipped(bytes, begin + at));
    CHECK_MESSAGE(report.state == WalState::broken_inside, "byte ", at, " of the frame");
    CHECK(report.broken_frame == frames - 1);
    CHECK(report.transactions_lost == 2);
  }
}

TEST_CASE("wal check: the store refuses to start over a broken WAL and names frame and remedy") {
  JournalLife life(23);
  fill(life, 20);
  life.disk().flip(wal_name, 32 + 4 * frame_size + 1000, 0x10);
  life.crash();
  CHECK_FALSE(life.start());
  CHECK(life.error().find("journal.db-wal") != std::string::npos);
  CHECK(life.error().find("frame 5 of") != std::string::npos);
  CHECK(life.error().find("Copy the whole data directory") != std::string::npos);
  CHECK(life.error().find("the rows from frame 5 on would be lost") != std::string::npos);
  CHECK(life.error().find("Do not remove this file") != std::string::npos);
  CHECK_MESSAGE(life.disk().view(wal_name) != nullptr, "nothing was changed");
}

TEST_CASE("wal check: a file cut anywhere is a torn tail or sound, never damage") {
  JournalLife life(24);
  fill(life, 12);
  const std::string bytes = wal_of(life);
  for (std::size_t size = 0; size < bytes.size(); size += size % frame_size < 64 ? 1 : 211) {
    const WalReport report = inspect_wal(std::string_view(bytes).substr(0, size));
    CHECK_MESSAGE(report.state != WalState::broken_inside, "cut at ", size);
  }
}

TEST_CASE("wal check: a transaction that lost any of its own frames is a torn tail") {
  JournalLife life(25);
  fill(life, 8);
  const std::string before = wal_of(life);
  const std::uint64_t frames = inspect_wal(before).frames_sound;
  REQUIRE(life.append_one(400));  // one transaction of many frames
  std::string bytes = wal_of(life);
  const std::uint64_t after = inspect_wal(bytes).frames_sound;
  REQUIRE(after > frames + 4);
  for (std::uint64_t frame = frames; frame < after; ++frame) {
    std::string torn = bytes;
    torn.replace(static_cast<std::size_t>(32 + frame * frame_size), frame_size,
                 std::string(frame_size, '\0'));
    CHECK(inspect_wal(torn).state != WalState::broken_inside);
    CHECK(inspect_wal(flipped(bytes, 32 + frame * frame_size + 2000)).state !=
          WalState::broken_inside);
  }
}

TEST_CASE("wal check: frames of an older generation behind the end are not ours") {
  JournalLife life(26);
  fill(life, 30);
  const std::uint64_t old_frames = inspect_wal(wal_of(life)).frames_sound;
  life.close();
  REQUIRE(life.start());  // moves all to the database and begins a new generation
  REQUIRE(life.append_one(1));
  const WalReport report = inspect_wal(wal_of(life));
  CHECK(report.frames_in_file >= old_frames);
  CHECK(report.frames_sound < old_frames);
  CHECK(report.state == WalState::sound);
  CHECK(inspect_wal(flipped(wal_of(life), 32 + (old_frames - 3) * frame_size + 9)).state ==
        WalState::sound);
}

TEST_CASE("wal check: no file, an empty one and zeros hold nothing") {
  CHECK(inspect_wal("").state == WalState::empty);
  CHECK(inspect_wal(std::string(31, 'x')).state == WalState::empty);
  CHECK(inspect_wal(std::string(100'000, '\0')).state == WalState::empty);
  CHECK(inspect_wal(std::string(100'000, '\x5a')).state == WalState::empty);
}

}  // namespace
}  // namespace belay::crash
