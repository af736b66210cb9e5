// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/data_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace belay::journal {
namespace {

base::Failure<base::Error> failed(const std::string& path, const char* what) {
  return base::fail(path, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// The name of a new directory is durable only when its parent is synced.
void sync_parent(const std::string& path) {
  std::string_view name = path;
  while (name.size() > 1 && name.back() == '/') name.remove_suffix(1);
  const std::size_t slash = name.rfind('/');
  std::string parent(".");
  if (slash != std::string_view::npos) parent = name.substr(0, slash == 0 ? 1 : slash);
  const UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid()) ::fsync(fd.get());
}

std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string pid;
  for (ssize_t i = 0; i < got; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    pid.push_back(c);
  }
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

base::Result<DataDir> DataDir::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    sync_parent(path);
  } else if (errno != EEXIST) {
    return failed(path, "the data directory cannot be created");
  }
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return failed(path, "the data directory cannot be read");
  if (!S_ISDIR(info.st_mode)) return base::fail(path, "is not a directory");
  if ((info.st_mode & S_IWOTH) != 0) {
    return base::fail(path, "everybody can write to the data directory; run: chmod 700 " + path);
  }
  DataDir directory;
  directory.path_ = path;
  const std::string name = path + "/lock";
  directory.lock_ = UniqueFd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const int fd = directory.lock_.get();
  if (fd < 0) return failed(name, "the lock file cannot be opened");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(name, "the lock cannot be taken");
    return base::fail(path, fmt::format("the data directory is in use by {}; stop it first or "
                                        "choose another directory (BELAY_DATA_DIR)",
                                        holder(fd)));
  }
  // The pid is for people; the lock is what counts, so a pid that cannot be written is no error.
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) == 0) {
    const ssize_t written = ::pwrite(fd, pid.data(), pid.size(), 0);
    (void)written;
  }
  return directory;
}

}  // namespace belay::journal
