// SPDX-License-Identifier: Apache-2.0
#include "belay/history/snapshot_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "belay/base/hash.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::history {

using engine::Snapshot;

namespace {

constexpr std::string_view magic = "belay snapshot 1\n";
constexpr std::string_view prefix = "snapshot-";

void put(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
}
std::uint64_t get(std::string_view bytes, std::size_t at, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}
constexpr std::size_t head_size = magic.size() + 8 + 8 + 4 + 8 + 4;

std::optional<std::uint64_t> seq_of(std::string_view name) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), seq);
  if (error != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
  if (name.size() >= 4 && name.substr(name.size() - 4) == ".tmp") return std::nullopt;
  return seq;
}

std::vector<SnapshotName> newest_first(const std::string& path) {
  std::vector<SnapshotName> found;
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return {};
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (const auto seq = seq_of(name)) found.push_back({*seq, name});
  }
  ::closedir(directory);
  std::sort(found.begin(), found.end(), [](const SnapshotName& a, const SnapshotName& b) {
    return std::tie(a.seq, a.name) > std::tie(b.seq, b.name);
  });
  return found;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

std::optional<std::string> read_file(const std::string& path) {
  const journal::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  const off_t size = ::lseek(fd.get(), 0, SEEK_END);
  if (size < 0) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got =
        ::pread(fd.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

std::string snapshot_bytes(const Snapshot& snapshot) {
  std::string out(magic);
  out.reserve(head_size + snapshot.state.size());
  put(out, snapshot.seq, 8);
  put(out, snapshot.format, 8);
  put(out, snapshot.check, 4);
  put(out, snapshot.state.size(), 8);
  put(out, base::crc32c(snapshot.state, base::crc32c(out)), 4);
  out += snapshot.state;
  return out;
}

std::optional<Snapshot> parse_snapshot(std::string_view bytes) {
  if (bytes.size() < head_size || bytes.substr(0, magic.size()) != magic) return std::nullopt;
  const std::string_view state = bytes.substr(head_size);
  if (get(bytes, magic.size() + 20, 8) != state.size()) return std::nullopt;
  const std::uint32_t check = base::crc32c(state, base::crc32c(bytes.substr(0, head_size - 4)));
  if (get(bytes, head_size - 4, 4) != check) return std::nullopt;
  Snapshot snapshot;
  snapshot.seq = get(bytes, magic.size(), 8);
  snapshot.format = get(bytes, magic.size() + 8, 8);
  snapshot.check = static_cast<std::uint32_t>(get(bytes, magic.size() + 16, 4));
  snapshot.state = std::string(state);
  return snapshot;
}

SnapshotName newest_snapshot(const std::string& directory) {
  const auto found = newest_first(directory);
  return found.empty() ? SnapshotName{} : found.front();
}

std::optional<Snapshot> SnapshotFiles::load(std::size_t nth) {
  std::size_t whole = 0;
  for (const auto& [seq, name] : newest_first(directory_)) {
    const auto bytes = read_file(directory_ + "/" + name);
    auto snapshot = bytes ? parse_snapshot(*bytes) : std::nullopt;
    if (snapshot && whole++ == nth) return snapshot;
  }
  return std::nullopt;
}

void SnapshotFiles::save(Snapshot snapshot) {
  busy_.store(true, std::memory_order_release);
  // A std::function holds only what can be copied.
  auto kept_alive = std::make_shared<const Snapshot>(std::move(snapshot));
  worker_.post([this, kept_alive] {
    if (!write(*kept_alive)) failed_.fetch_add(1, std::memory_order_relaxed);
    busy_.store(false, std::memory_order_release);
  });
}

bool SnapshotFiles::write(const Snapshot& snapshot) const {
  const std::string name =
      fmt::format("{}/{}{}-{:016x}", directory_, prefix, snapshot.seq, snapshot.format);
  const std::string temporary = name + ".tmp";
  ::unlink(temporary.c_str());  // of a life that ended in the middle
  {
    const journal::UniqueFd fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    const bool written =
        fd.valid() && write_all(fd.get(), snapshot_bytes(snapshot)) && ::fsync(fd.get()) == 0;
    if (!written) {
      ::unlink(temporary.c_str());
      return false;
    }
  }
  if (::rename(temporary.c_str(), name.c_str()) != 0) return false;
  const journal::UniqueFd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::fsync(directory.get());
  const auto files = newest_first(directory_);
  for (std::size_t i = kept; i < files.size(); ++i) {
    ::unlink((directory_ + "/" + files[i].name).c_str());
  }
  return true;
}

}  // namespace belay::history
