// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/vfs_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "belay/journal/test_dir.hpp"

namespace belay::journal {
namespace {

// SQLite's own unix VFS writes at most 0x1ffff bytes in one call, and a multiple of 0x20000 not at
// all (os_unix.c, seekAndWriteFd): pages and frames never come near, a rewritten WAL does.
TEST_CASE("vfs file: a file of any size is read and written again through the real VFS") {
  const TestDir dir;
  std::ofstream(dir.file("file")) << "the VFS takes the mode of a WAL from its database";
  for (const std::size_t size : {2UL, 4096UL, 0x1ffffUL, 0x20000UL, 0x24380UL, 3'000'001UL}) {
    CAPTURE(size);
    const std::string path = dir.file("file-wal");
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 4096);
    std::ofstream(path, std::ios::binary) << bytes;
    const auto first = read_through_vfs(path, "");
    REQUIRE_MESSAGE(first.has_value(), (first ? "" : first.error().detail));
    CHECK(*first == bytes);
    for (char& c : bytes) c = static_cast<char>(c + 1);
    const auto written = rewrite_through_vfs(path, "", bytes);
    CHECK_MESSAGE(written.has_value(), (written ? "" : written.error().detail));
    CHECK(*read_through_vfs(path, "") == bytes);
  }
}

}  // namespace
}  // namespace belay::journal
