// SPDX-License-Identifier: Apache-2.0
// KeptFiles: notices when files that are being written were removed, moved away or replaced.
// Writing and syncing would go on without an error, into a file that no later start will find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace belay::journal {

class KeptFiles {
 public:
  KeptFiles() = default;
  /// The files that have these names now. They are open: while they are, no other file can get
  /// their numbers.
  explicit KeptFiles(const std::vector<std::string>& paths);
  /// The first name that leads to no file or to another one by now; empty while there is none.
  std::string lost() const;

 private:
  struct File {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
  };
  std::vector<File> files_;
};

}  // namespace belay::journal
