// SPDX-License-Identifier: Apache-2.0
// SimDisk: a deterministic disk in memory that loses what was not synced. Each file has what a
// reader sees, what would survive a power loss, and the writes in between; a crash keeps a seeded
// subset of their sectors. Faults come by plan: the n-th operation or sync fails, power is cut,
// space runs out, a sync stalls in virtual time. It knows no SQLite (vfs.hpp) and no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/base/time.hpp"

namespace belay::simkit {

enum class DiskStatus : std::uint8_t { done, io_error, no_space, missing };

/// Operations are counted from 1: each write, truncate, sync and remove is one.
struct DiskPlan {
  std::optional<std::uint64_t> cut_power_at;  ///< it and everything after fails until crash()
  std::optional<std::uint64_t> fail_at;       ///< this operation fails with an I/O error, once
  std::optional<std::uint64_t> fail_sync_at;  ///< the n-th sync (counted apart) fails, once
  std::uint64_t capacity = UINT64_MAX;        ///< of all files together
  base::Duration sync_takes{0};
  std::optional<std::uint64_t> stall_sync_at;  ///< the n-th sync takes `stall` more
  base::Duration stall{0};
};

class SimDisk {
 public:
  static constexpr std::size_t sector = 512;
  /// A torn sector is torn at a multiple of this: nothing is known to tear below a cache line.
  static constexpr std::size_t tear_unit = 64;

  explicit SimDisk(std::uint64_t seed) : prng_(seed) {}

  DiskStatus create(const std::string& name);  ///< keeps a file that is there
  DiskStatus write(const std::string& name, std::uint64_t offset, std::string_view bytes);
  DiskStatus truncate(const std::string& name, std::uint64_t size);
  /// After success everything written before survives a crash. After a failure each sector
  /// written since the last sync did or did not reach the disk, reads still show it, and no later
  /// sync makes up for it.
  DiskStatus sync(const std::string& name);
  DiskStatus remove(const std::string& name, bool sync_directory);
  /// What a reader sees; nullptr: no such file.
  const std::string* view(const std::string& name) const;
  bool powered() const { return powered_; }
  /// Nothing is written from here on; dying connections can be closed without harm. Then crash().
  void cut_power() { powered_ = false; }

  /// Power is lost and comes back: of each file survives what was synced and a subset, chosen by
  /// `prng`, of what was not. Open handles of before are invalid (see boot()).
  void crash(base::Prng& prng);
  /// The process died and the machine lives on: what was written is still there, synced or not.
  void process_died();
  /// Counts the crashes; a handle opened in an earlier boot is dead.
  std::uint64_t boot() const { return boot_; }

  void set_plan(const DiskPlan& plan) { plan_ = plan; }
  /// Starts counting operations and syncs from zero.
  void restart_count() { operations_ = syncs_ = 0; }
  std::uint64_t operations() const { return operations_; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t free_bytes() const;
  /// Virtual time that syncs took since the last call.
  base::Duration take_delay();
  /// Changes bytes behind everybody's back, in what is seen and in what is durable.
  void flip(const std::string& name, std::uint64_t offset, unsigned char mask);

 private:
  struct Change {
    bool truncate = false;
    std::uint64_t offset = 0;  ///< or the new size
    std::string bytes;
  };
  struct File {
    std::string seen;
    std::string durable;
    std::vector<Change> unsynced;
    bool durable_name = false;  ///< survives a crash as a file, if only empty
  };
  struct Loss;
  DiskStatus begin_operation();
  static void apply(std::string& image, const Change& change);
  static void apply_some(std::string& image, const Change& change, const Loss& loss,
                         base::Prng& prng);
  void settle(File& file, base::Prng& prng);

  std::map<std::string, File> files_;
  std::map<std::string, File> removed_;  ///< removed without a synced directory: may come back
  base::Prng prng_;
  DiskPlan plan_;
  std::uint64_t operations_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t boot_ = 1;
  bool powered_ = true;
  base::Duration delay_{0};
};

}  // namespace belay::simkit
