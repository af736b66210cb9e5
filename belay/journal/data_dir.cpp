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

/// Somebody else's files, or files that somebody else can change, are not ours to trust.
base::Status<> check_owner(const std::string& path, const struct stat& info) {
  if (info.st_uid != ::geteuid()) {
    return base::fail(path, fmt::format("belongs to the user with number {}, this process runs as "
                                        "{}: run it as that user, or chown it",
                                        info.st_uid, ::geteuid()));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::fail(path,
                      fmt::format("{} can write to it (mode {:04o}); run: chmod {} {}",
                                  (info.st_mode & S_IWOTH) != 0 ? "everybody" : "its group",
                                  info.st_mode & 07777, S_ISDIR(info.st_mode) ? 700 : 600, path));
  }
  return base::ok();
}

bool begins(std::string_view name, std::string_view with) {
  return name.substr(0, with.size()) == with;
}

/// What a start trusts: the files of the journal, of the history, snapshots, the lock.
bool is_ours(std::string_view name) {
  return begins(name, "journal.db") || begins(name, "views.db") || begins(name, "snapshot-") ||
         name == "lock";
}

/// Behind a link or a second name of a file there may be anything. SQLite would keep the WAL beside
/// the file that a link names: two directories would hold one journal.
base::Status<> check_files(const std::filesystem::path& directory) {
  std::error_code error;
  auto entries = std::filesystem::directory_iterator(directory, error);
  if (error) return base::fail(directory.string(), "cannot be read: " + error.message());
  for (const auto& entry : entries) {
    if (!is_ours(entry.path().filename().string())) continue;
    const std::string name = entry.path().string();
    struct stat info {};
    if (::lstat(name.c_str(), &info) != 0) continue;  // gone meanwhile
    if (S_ISLNK(info.st_mode)) {
      return base::fail(name,
                        "it is a symbolic link: move the file here, or link the whole directory");
    }
    if (!S_ISREG(info.st_mode)) return base::fail(name, "it is no ordinary file: move it away");
    if (info.st_nlink > 1) {
      return base::fail(name,
                        "it has a second name (a hard link), under which it could be "
                        "changed: copy it, and put the copy in its place");
    }
    if (auto safe = check_owner(name, info); !safe) return safe;
  }
  return base::ok();
}

base::Result<std::string> checked(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return failed(path, "the data directory cannot be read");
  if (!S_ISDIR(info.st_mode)) return base::fail(path, "is not a directory");
  if (auto safe = check_owner(path, info); !safe) return base::Failure<base::Error>{safe.error()};
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return base::fail(path, "the path cannot be resolved: " + error.message());
  if (auto safe = check_files(real); !safe) return base::Failure<base::Error>{safe.error()};
  return real.string();
}

}  // namespace

base::Status<> DataDir::take_lock(const std::string& named, int flags) {
  const std::string name = lock_path();
  lock_ = UniqueFd(::open(name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
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
