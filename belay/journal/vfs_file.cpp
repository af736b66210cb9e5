// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/vfs_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace belay::journal {
namespace {
// The unix VFS writes (length & 0x1ffff) bytes in one call and takes 0 for a full disk (os_unix.c,
// seekAndWriteFd), so pieces stay below 128 KiB.
constexpr std::size_t chunk = 1U << 16U;

/// A file opened through a VFS, in memory of the size the VFS asks for.
class VfsFile {
 public:
  VfsFile() = default;
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  ~VfsFile() {
    if (open_) raw()->pMethods->xClose(raw());
  }

  /// False without an error: there is no such file.
  base::Result<bool> open(const std::string& path, const std::string& vfs_name, int flags) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(vfs_name.empty() ? nullptr : vfs_name.c_str());
    if (vfs == nullptr) return base::fail(path, "no SQLite VFS is called " + vfs_name);
    // The name must live as long as the file.
    name_.assign(static_cast<std::size_t>(vfs->mxPathname) + 2, '\0');
    if (vfs->xFullPathname(vfs, path.c_str(), vfs->mxPathname, name_.data()) != SQLITE_OK) {
      return base::fail(path, "the path cannot be resolved");
    }
    int exists = 0;
    vfs->xAccess(vfs, name_.data(), SQLITE_ACCESS_EXISTS, &exists);
    if (exists == 0) return false;
    const auto size = static_cast<std::size_t>(vfs->szOsFile);
    memory_.resize(size / sizeof(std::max_align_t) + 1);
    const int code = vfs->xOpen(vfs, name_.data(), raw(), flags | SQLITE_OPEN_WAL, nullptr);
    open_ = raw()->pMethods != nullptr;  // by contract to be closed even when opening failed
    if (code != SQLITE_OK) {
      return base::fail(path, fmt::format("cannot be opened: {}", sqlite3_errstr(code)));
    }
    return true;
  }
  sqlite3_file* raw() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  const sqlite3_io_methods& methods() { return *raw()->pMethods; }

 private:
  std::vector<char> name_;
  std::vector<std::max_align_t> memory_;
  bool open_ = false;
};
}  // namespace

base::Result<std::string> read_through_vfs(const std::string& path, const std::string& vfs) {
  VfsFile file;
  const auto opened = file.open(path, vfs, SQLITE_OPEN_READONLY);
  if (!opened) return base::Failure<base::Error>{opened.error()};
  if (!*opened) return std::string();
  sqlite3_int64 length = 0;
  if (file.methods().xFileSize(file.raw(), &length) != SQLITE_OK) {
    return base::fail(path, "its size cannot be read");
  }
  std::string bytes(static_cast<std::size_t>(length), '\0');
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const auto count = static_cast<int>(std::min(chunk, bytes.size() - at));
    const int read =
        file.methods().xRead(file.raw(), bytes.data() + at, count, static_cast<sqlite3_int64>(at));
    if (read != SQLITE_OK) {
      return base::fail(path, fmt::format("cannot be read at {}: {}", at, sqlite3_errstr(read)));
    }
  }
  return bytes;
}

base::Status<> rewrite_through_vfs(const std::string& path, const std::string& vfs,
                                   std::string_view bytes) {
  VfsFile file;
  const auto opened = file.open(path, vfs, SQLITE_OPEN_READWRITE);
  if (!opened) return base::Failure<base::Error>{opened.error()};
  if (!*opened) return base::fail(path, "has vanished");
  int code = SQLITE_OK;
  for (std::size_t at = 0; code == SQLITE_OK && at < bytes.size(); at += chunk) {
    const auto count = static_cast<int>(std::min(chunk, bytes.size() - at));
    code =
        file.methods().xWrite(file.raw(), bytes.data() + at, count, static_cast<sqlite3_int64>(at));
  }
  if (code == SQLITE_OK) code = file.methods().xSync(file.raw(), SQLITE_SYNC_NORMAL);
  if (code == SQLITE_OK) return base::ok();
  return base::fail(path, fmt::format("cannot be written again: {}", sqlite3_errstr(code)));
}

}  // namespace belay::journal
