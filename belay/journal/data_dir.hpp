// SPDX-License-Identifier: Apache-2.0
// DataDir: the directory that holds everything durable, made private and locked for this process.
// The lock is flock(2) on the file `lock`, so the kernel releases it when the process dies,
// however it dies. It opens no database.
#pragma once

#include <string>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::journal {

class DataDir {
 public:
  /// Creates `path` (0700, parents must exist) if needed and locks it. The error names the
  /// directory and the process that holds it. A directory, or a file of ours in it, that another
  /// user owns or can write is refused, and so is a file that is a link or has a second name.
  static base::Result<DataDir> open(const std::string& path);
  /// For a command that only reads: takes the lock, and creates and writes nothing.
  static base::Result<DataDir> look_at(const std::string& path);
  /// With every symbolic link on the way resolved: SQLite keeps the WAL beside the real file.
  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + "/journal.db"; }
  std::string views_path() const { return path_ + "/views.db"; }
  std::string lock_path() const { return path_ + "/lock"; }

 private:
  base::Status<> take_lock(const std::string& named, int flags);

  std::string path_;
  UniqueFd lock_;
};

}  // namespace belay::journal
