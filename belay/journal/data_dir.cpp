// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/data_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
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

/// The pid in the lock file; a command that only reads leaves that of a process long gone.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  pid_t pid = 0;
  if (got > 0) std::from_chars(text.data(), text.data() + got, pid);
  const bool lives = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  return lives ? fmt::format("process {}", pid) : "another process";
}

base::Result<std::string> checked(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return failed(path, "the data directory cannot be read");
  if (!S_ISDIR(info.st_mode)) return base::fail(path, "is not a directory");
  if ((info.st_mode & S_IWOTH) != 0) {
    return base::fail(path, "everybody can write to the data directory; run: chmod 700 " + path);
  }
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return base::fail(path, "the path cannot be resolved: " + error.message());
  // SQLite keeps the WAL beside the file that a link names: two directories would hold one journal.
  if (const auto journal = real / "journal.db"; std::filesystem::is_symlink(journal, error)) {
    return base::fail(journal.string(),
                      "it is a symbolic link: move the file here, or link the whole directory");
  }
  return real.string();
}

}  // namespace

base::Status<> DataDir::take_lock(const std::string& named, int flags) {
  const std::string name = lock_path();
  lock_ = UniqueFd(::open(name.c_str(), flags | O_CLOEXEC, 0600));
  if (!lock_.valid()) {
    // Without the file nobody has ever held the lock.
    if (errno == ENOENT && (flags & O_CREAT) == 0) return base::ok();
    return failed(name, "the lock file cannot be opened");
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return base::ok();
  if (errno != EWOULDBLOCK) return failed(name, "the lock cannot be taken");
  return base::fail(named, fmt::format("the data directory is in use by {}; stop it first or "
                                       "choose another directory (BELAY_DATA_DIR)",
                                       holder(lock_.get())));
}

base::Result<DataDir> DataDir::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    sync_parent(path);
  } else if (errno != EEXIST) {
    return failed(path, "the data directory cannot be created");
  }
  auto real = checked(path);
  if (!real) return base::Failure<base::Error>{real.error()};
  DataDir directory;
  directory.path_ = std::move(*real);
  if (auto locked = directory.take_lock(path, O_RDWR | O_CREAT); !locked) {
    return base::Failure<base::Error>{locked.error()};
  }
  const int fd = directory.lock_.get();
  // The pid is for people; the lock is what counts, so a pid that cannot be written is no error.
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) == 0) {
    const ssize_t written = ::pwrite(fd, pid.data(), pid.size(), 0);
    (void)written;
  }
  return directory;
}

base::Result<DataDir> DataDir::look_at(const std::string& path) {
  auto real = checked(path);
  if (!real) return base::Failure<base::Error>{real.error()};
  DataDir directory;
  directory.path_ = std::move(*real);
  if (auto locked = directory.take_lock(path, O_RDONLY); !locked) {
    return base::Failure<base::Error>{locked.error()};
  }
  return directory;
}

}  // namespace belay::journal
