// SPDX-License-Identifier: Apache-2.0
// SnapshotFiles: the Snapshots port over files `snapshot-<seq>-<format>` in the data directory. The
// worker writes a file whole and synced under another name, then renames it. The newest two are
// kept. A file that is torn or damaged fails its check and is ignored.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/engine/snapshot_port.hpp"
#include "belay/history/worker.hpp"

namespace belay::history {

/// The bytes of a file: a head with a check of everything, then the state.
std::string snapshot_bytes(const engine::Snapshot& snapshot);
/// Nothing when the bytes are not a whole snapshot.
std::optional<engine::Snapshot> parse_snapshot(std::string_view bytes);

struct SnapshotName {
  std::uint64_t seq = 0;  ///< up to which event it was made
  std::string name;       ///< empty: there is none
};
/// The latest of a directory, whole or not.
SnapshotName newest_snapshot(const std::string& directory);

class SnapshotFiles final : public engine::Snapshots {
 public:
  SnapshotFiles(std::string directory, Worker& worker)
      : directory_(std::move(directory)), worker_(worker) {}
  ~SnapshotFiles() override { worker_.drain(); }

  std::optional<engine::Snapshot> load(std::size_t nth) override;
  void save(engine::Snapshot snapshot) override;
  bool busy() const override { return busy_.load(std::memory_order_acquire); }
  /// Saves that could not be written.
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kept = 2;
  bool write(const engine::Snapshot& snapshot) const;

  std::string directory_;
  Worker& worker_;
  std::atomic<bool> busy_{false};
  std::atomic<std::uint64_t> failed_{0};
};

}  // namespace belay::history
