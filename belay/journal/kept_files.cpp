// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/kept_files.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace belay::journal {

KeptFiles::KeptFiles(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    struct stat info {};
    (void)::stat(path.c_str(), &info);  // what is gone already has the numbers of no file
    files_.push_back({path, info.st_dev, info.st_ino});
  }
}

std::string KeptFiles::lost() const {
  for (const File& file : files_) {
    struct stat info {};
    if (::stat(file.path.c_str(), &info) == 0) {
      if (info.st_dev != file.device || info.st_ino != file.inode) return file.path;
    } else if (errno == ENOENT || errno == ENOTDIR) {
      return file.path;
    }
    // Any other error says nothing about the file, and what is written is told by the write.
  }
  return "";
}

}  // namespace belay::journal
