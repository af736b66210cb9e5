// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/vfs_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace belay::journal {
namespace {
struct CloseFile {
  void operator()(sqlite3_file* file) const {
    if (file->pMethods != nullptr) file->pMethods->xClose(file);
  }
};
constexpr std::size_t chunk = 1U << 20U;
}  // namespace

base::Result<std::string> read_through_vfs(const std::string& path, const std::string& vfs_name) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(vfs_name.empty() ? nullptr : vfs_name.c_str());
  if (vfs == nullptr) return base::fail(path, "no SQLite VFS is called " + vfs_name);
  std::vector<char> full(static_cast<std::size_t>(vfs->mxPathname) + 2, '\0');
  if (vfs->xFullPathname(vfs, path.c_str(), vfs->mxPathname, full.data()) != SQLITE_OK) {
    return base::fail(path, "the path cannot be resolved");
  }
  int exists = 0;
  vfs->xAccess(vfs, full.data(), SQLITE_ACCESS_EXISTS, &exists);
  if (exists == 0) return std::string();
  // A VFS lays its own file object over this memory; max_align_t suits any of them.
  const auto size = static_cast<std::size_t>(vfs->szOsFile);
  std::vector<std::max_align_t> memory(size / sizeof(std::max_align_t) + 1);
  std::unique_ptr<sqlite3_file, CloseFile> file(reinterpret_cast<sqlite3_file*>(memory.data()));
  const int opened =
      vfs->xOpen(vfs, full.data(), file.get(), SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL, nullptr);
  if (opened != SQLITE_OK) {
    return base::fail(path, fmt::format("cannot be opened: {}", sqlite3_errstr(opened)));
  }
  sqlite3_int64 length = 0;
  if (file->pMethods->xFileSize(file.get(), &length) != SQLITE_OK) {
    return base::fail(path, "its size cannot be read");
  }
  std::string bytes(static_cast<std::size_t>(length), '\0');
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const auto count = static_cast<int>(std::min(chunk, bytes.size() - at));
    const int read =
        file->pMethods->xRead(file.get(), bytes.data() + at, count, static_cast<sqlite3_int64>(at));
    if (read != SQLITE_OK) {
      return base::fail(path, fmt::format("cannot be read at {}: {}", at, sqlite3_errstr(read)));
    }
  }
  return bytes;
}

}  // namespace belay::journal
