// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder write, and settings with which nothing is written ahead of time.
#pragma once

#include <string>
#include <vector>

#include "belay/journal/sqlite_journal.hpp"
#include "belay/journal/test_dir.hpp"

namespace belay::journal {

/// Rows `first` and up.
inline std::vector<engine::JournalRecord> batch(std::uint64_t epoch, std::uint64_t first,
                                                std::size_t count) {
  std::vector<engine::JournalRecord> records(count);
  for (std::size_t i = 0; i < count; ++i) {
    records[i].seq = first + i;
    records[i].epoch = epoch;
    records[i].payload = "row " + std::to_string(first + i);
  }
  return records;
}

inline SqliteSettings cold(const std::string& path) {
  SqliteSettings settings;
  settings.path = path;
  settings.warm_bytes = 0;
  settings.busy_timeout_ms = 0;
  return settings;
}
inline SqliteSettings cold(const TestDir& dir) {
  return cold(dir.file("journal.db"));
}

}  // namespace belay::journal
