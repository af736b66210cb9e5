// SPDX-License-Identifier: Apache-2.0
#include "belay/simkit/disk.hpp"

#include <algorithm>
#include <utility>

namespace belay::simkit {

/// How one crash treats unsynced sectors. Drawn once per crash, so that some crashes lose nearly
/// all, some nearly nothing, and some leave garbage where a file grew.
struct SimDisk::Loss {
  unsigned keep_percent = 0;
  bool tear = false;
  bool garbage = false;

  static Loss draw(base::Prng& prng) {
    constexpr unsigned keeps[] = {0, 10, 50, 50, 90, 100};
    Loss loss;
    loss.keep_percent = keeps[prng.below(std::size(keeps))];
    loss.tear = prng.chance(50);
    loss.garbage = prng.chance(25);
    return loss;
  }
};

DiskStatus SimDisk::begin_operation() {
  if (!powered_) return DiskStatus::io_error;
  ++operations_;
  if (plan_.cut_power_at == operations_) {
    powered_ = false;
    return DiskStatus::io_error;
  }
  return plan_.fail_at == operations_ ? DiskStatus::io_error : DiskStatus::done;
}

DiskStatus SimDisk::create(const std::string& name) {
  if (!powered_) return DiskStatus::io_error;
  files_.try_emplace(name);
  return DiskStatus::done;
}

const std::string* SimDisk::view(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second.seen;
}

std::uint64_t SimDisk::free_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [name, file] : files_) used += file.seen.size();
  return used >= plan_.capacity ? 0 : plan_.capacity - used;
}

void SimDisk::apply(std::string& image, const Change& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.truncate) {
    image.resize(offset, '\0');
    return;
  }
  if (image.size() < offset + change.bytes.size()) {
    image.resize(offset + change.bytes.size(), '\0');
  }
  std::copy(change.bytes.begin(), change.bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(offset));
}

DiskStatus SimDisk::write(const std::string& name, std::uint64_t offset, std::string_view bytes) {
  const DiskStatus begun = begin_operation();
  if (begun != DiskStatus::done) return begun;
  const auto found = files_.find(name);
  if (found == files_.end()) return DiskStatus::missing;
  File& file = found->second;
  const std::uint64_t end = offset + bytes.size();
  if (end > file.seen.size() && end - file.seen.size() > free_bytes()) return DiskStatus::no_space;
  Change change{false, offset, std::string(bytes)};
  apply(file.seen, change);
  file.unsynced.push_back(std::move(change));
  return DiskStatus::done;
}

DiskStatus SimDisk::truncate(const std::string& name, std::uint64_t size) {
  const DiskStatus begun = begin_operation();
  if (begun != DiskStatus::done) return begun;
  const auto found = files_.find(name);
  if (found == files_.end()) return DiskStatus::missing;
  Change change{true, size, ""};
  apply(found->second.seen, change);
  found->second.unsynced.push_back(std::move(change));
  return DiskStatus::done;
}

DiskStatus SimDisk::sync(const std::string& name) {
  const DiskStatus begun = begin_operation();
  if (!powered_) return begun;
  ++syncs_;
  delay_ += plan_.sync_takes;
  if (plan_.stall_sync_at == syncs_) delay_ += plan_.stall;
  const auto found = files_.find(name);
  if (found == files_.end()) return DiskStatus::missing;
  File& file = found->second;
  if (begun != DiskStatus::done || plan_.fail_sync_at == syncs_) {
    // The kernel drops the dirty flag of pages whose write-back failed, so the cache shows what
    // the disk may never have got (the "fsyncgate" of 2018).
    settle(file, prng_);
    return DiskStatus::io_error;
  }
  for (const Change& change : file.unsynced) apply(file.durable, change);
  file.unsynced.clear();
  // The first sync of a new file syncs its directory too: SQLite does so for journals and WALs,
  // and journaling file systems do it by themselves. What was removed before stays removed.
  if (!file.durable_name) removed_.clear();
  file.durable_name = true;
  return DiskStatus::done;
}

DiskStatus SimDisk::remove(const std::string& name, bool sync_directory) {
  const DiskStatus begun = begin_operation();
  if (begun != DiskStatus::done) return begun;
  const auto found = files_.find(name);
  if (found == files_.end()) return DiskStatus::missing;
  if (!sync_directory && found->second.durable_name) removed_[name] = std::move(found->second);
  if (sync_directory) removed_.erase(name);
  files_.erase(found);
  return DiskStatus::done;
}

void SimDisk::apply_some(std::string& image, const Change& change, const Loss& loss,
                         base::Prng& prng) {
  if (change.truncate) {
    if (prng.chance(loss.keep_percent)) apply(image, change);
    return;
  }
  std::size_t at = 0;
  while (at < change.bytes.size()) {
    const std::uint64_t offset = change.offset + at;
    std::size_t count = std::min(change.bytes.size() - at, sector - offset % sector);
    const std::size_t next = at + count;
    bool keep = prng.chance(loss.keep_percent);
    if (loss.tear && prng.chance(10)) {
      // A prefix of the sector arrives.
      const std::size_t units = (offset % sector + count) / tear_unit;
      const std::size_t end = prng.below(units + 1) * tear_unit;
      const std::size_t begin = offset % sector;
      count = end > begin ? std::min(count, end - begin) : 0;
      keep = count > 0;
    }
    if (keep) {
      const std::size_t old_size = image.size();
      apply(image, Change{false, offset, change.bytes.substr(at, count)});
      // Where the file grew over sectors that never came there are zeros, or what lay there.
      for (std::size_t i = old_size; loss.garbage && i < offset; ++i) {
        image[i] = static_cast<char>(static_cast<unsigned char>(prng.below(256)));
      }
    }
    at = next;
  }
}

void SimDisk::settle(File& file, base::Prng& prng) {
  const Loss loss = Loss::draw(prng);
  for (const Change& change : file.unsynced) apply_some(file.durable, change, loss, prng);
  file.unsynced.clear();
}

void SimDisk::crash(base::Prng& prng) {
  for (auto& [name, file] : removed_) {
    if (prng.chance(50)) files_.try_emplace(name, std::move(file));
  }
  removed_.clear();
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    settle(file, prng);
    if (!file.durable_name && file.durable.empty() && prng.chance(50)) {
      it = files_.erase(it);
      continue;
    }
    file.durable_name = true;
    file.seen = file.durable;
    ++it;
  }
  ++boot_;
  powered_ = true;
  plan_ = DiskPlan{};
  delay_ = base::Duration{0};
}

void SimDisk::process_died() {
  ++boot_;
  powered_ = true;
  plan_ = DiskPlan{};
  delay_ = base::Duration{0};
}

base::Duration SimDisk::take_delay() {
  return std::exchange(delay_, base::Duration{0});
}

void SimDisk::flip(const std::string& name, std::uint64_t offset, unsigned char mask) {
  const auto found = files_.find(name);
  BELAY_CHECK(found != files_.end());
  const auto at = static_cast<std::size_t>(offset);
  for (std::string* image : {&found->second.seen, &found->second.durable}) {
    if (at >= image->size()) continue;
    (*image)[at] = static_cast<char>(static_cast<unsigned char>((*image)[at]) ^ mask);
  }
}

}  // namespace belay::simkit
