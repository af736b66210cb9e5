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
  /// directory and the process that holds it. A directory that everybody can write is refused.
  static base::Result<DataDir> open(const std::string& path);
  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + "/journal.db"; }
  std::string views_path() const { return path_ + "/views.db"; }

 private:
  std::string path_;
  UniqueFd lock_;
};

}  // namespace belay::journal
