// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/data_dir.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>

#include "belay/journal/instance_lock.hpp"
#include "belay/journal/kept_files.hpp"
#include "belay/journal/test_dir.hpp"

namespace belay::journal {
namespace {

/// A child process that runs `hold`, says whether it succeeded, and lives until told to die.
template <class Hold>
class Child {
 public:
  explicit Child(Hold hold) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const auto held = hold();
      const char answer = held.has_value() ? 'y' : 'n';
      if (::write(ends[1], &answer, 1) == 1) ::pause();
      ::_exit(0);
    }
    char answer = 'n';
    const bool told = ::read(ends[0], &answer, 1) == 1;
    ::close(ends[0]);
    ::close(ends[1]);
    holds_ = told && answer == 'y';
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  bool holds() const { return holds_; }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  bool holds_ = false;
};

TEST_CASE("data directory: it is made private and says where its files are") {
  const TestDir dir;
  auto data = DataDir::open(dir.file("data"));
  REQUIRE(data.has_value());
  struct stat info {};
  REQUIRE(::stat(dir.file("data").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(data->journal_path() == dir.file("data/journal.db"));
  CHECK(data->views_path() == dir.file("data/views.db"));
  REQUIRE(::stat(dir.file("data/lock").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("data directory: a second process is refused with the directory and the holder's pid") {
  const TestDir dir;
  const std::string path = dir.file("data");
  Child child([&] { return DataDir::open(path); });
  REQUIRE(child.holds());
  const std::string pid = fmt::format("process {}", child.pid());
  auto mine = DataDir::open(path);
  REQUIRE_FALSE(mine.has_value());
  CHECK(mine.error().field == path);
  CHECK(mine.error().detail.find(pid) != std::string::npos);
  child.kill();  // as by kill -9: nobody tidies up, the kernel releases the lock
  CHECK(DataDir::open(path).has_value());
}

TEST_CASE("data directory: symbolic links on the way to it are resolved") {
  const TestDir dir;
  REQUIRE(::mkdir(dir.file("real").c_str(), 0700) == 0);
  REQUIRE(::symlink(dir.file("real").c_str(), dir.file("link").c_str()) == 0);
  auto data = DataDir::open(dir.file("link/data"));
  REQUIRE(data.has_value());
  CHECK(data->journal_path() == dir.file("real/data/journal.db"));
}

TEST_CASE("data directory: looked at, it is locked, and nothing is made or written in it") {
  const TestDir dir;
  const std::string path = dir.file("data");
  CHECK_FALSE(DataDir::look_at(path).has_value());
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  CHECK(DataDir::look_at(path).has_value());
  CHECK(std::filesystem::is_empty(path));
  std::ofstream(path + "/lock") << "2000000000\n";  // of a daemon that is gone
  {
    const auto data = DataDir::look_at(path);
    REQUIRE(data.has_value());
    CHECK(DataDir::open(path).error().detail.find("in use by another process") !=
          std::string::npos);
  }
  CHECK(std::filesystem::file_size(path + "/lock") == 11);
}

TEST_CASE("data directory: what cannot be one is refused with the reason") {
  const TestDir dir;
  std::ofstream(dir.file("file")) << "x";
  CHECK(DataDir::open(dir.file("file")).error().detail == "is not a directory");
  CHECK(DataDir::open(dir.file("no/parent")).error().detail.find("cannot be created") !=
        std::string::npos);
  REQUIRE(::mkdir(dir.file("open").c_str(), 0700) == 0);
  REQUIRE(::chmod(dir.file("open").c_str(), 0777) == 0);
  CHECK(DataDir::open(dir.file("open")).error().detail.find("chmod 700") != std::string::npos);
}

TEST_CASE("kept files: one that was removed, moved away or replaced is named, others are not") {
  const TestDir dir;
  const std::string path = dir.file("data/a");
  const auto make = [&] {
    std::filesystem::create_directory(dir.file("data"));
    std::ofstream(path) << "a";
  };
  make();
  std::ofstream(dir.file("data/b")) << "b";
  std::ifstream held(path);  // as the one who writes it does
  const KeptFiles files({path, dir.file("data/b")});
  std::ofstream(path, std::ios::app) << "more";
  CHECK(files.lost() == "");
  std::filesystem::remove(path);
  CHECK(files.lost() == path);
  CHECK(KeptFiles({path}).lost() == path);
  make();
  CHECK(files.lost() == path);
  const KeptFiles again({path});
  std::filesystem::rename(dir.file("data"), dir.file("moved"));
  CHECK(again.lost() == path);
  std::ofstream(dir.file("data")) << "a file where the directory was";
  CHECK(again.lost() == path);
}

TEST_CASE("data directory: a journal that is a symbolic link is refused with what to do instead") {
  const TestDir dir;
  REQUIRE(::mkdir(dir.file("data").c_str(), 0700) == 0);
  REQUIRE(::symlink(dir.file("elsewhere.db").c_str(), dir.file("data/journal.db").c_str()) == 0);
  for (const auto& refused :
       {DataDir::open(dir.file("data")).error(), DataDir::look_at(dir.file("data")).error()}) {
    CHECK(refused.field.find("journal.db") != std::string::npos);
    CHECK(refused.detail.find("link the whole directory") != std::string::npos);
  }
}

TEST_CASE("instance lock: one daemon per host, port and client id, until its process dies") {
  // A port number made from our pid keeps parallel test runs apart.
  const auto port = static_cast<std::uint16_t>(::getpid() % 60'000 + 1'000);
  Child child([&] { return InstanceLock::take("192.0.2.1", port, 7); });
  REQUIRE(child.holds());
  const auto refused = InstanceLock::take("192.0.2.1", port, 7);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().field == "CLIENT_ID");
  CHECK(refused.error().detail.find(fmt::format("process {}", child.pid())) != std::string::npos);
  CHECK(refused.error().detail.find("client id 7 at 192.0.2.1") != std::string::npos);
  CHECK(InstanceLock::take("192.0.2.1", port, 8).has_value());
  CHECK(InstanceLock::take("192.0.2.2", port, 7).has_value());
  child.kill();
  CHECK(InstanceLock::take("192.0.2.1", port, 7).has_value());
}

TEST_CASE("data directory: one that its group can write is refused with what to do") {
  const TestDir dir;
  const std::string path = dir.file("data");
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  for (const mode_t mode : {0770U, 0720U, 0702U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto refused = DataDir::open(path);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail.find("chmod 700 " + path) != std::string::npos);
  }
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  CHECK(DataDir::open(path).has_value());
}

TEST_CASE("data directory: a file of ours that is a link, or that others can write, is refused") {
  for (const char* name : {"lock", "journal.db", "journal.db-wal", "journal.db-shm", "views.db",
                           "views.db-wal", "snapshot-1-00.tmp"}) {
    CAPTURE(name);
    const TestDir dir;
    REQUIRE(::mkdir(dir.file("data").c_str(), 0700) == 0);
    const std::string target = dir.file("target");
    const std::string file = dir.file("data/") + name;
    std::ofstream(target) << "precious";
    REQUIRE(::symlink(target.c_str(), file.c_str()) == 0);
    CHECK(DataDir::open(dir.file("data")).error().field == file);
    REQUIRE(::unlink(file.c_str()) == 0);
    REQUIRE(::link(target.c_str(), file.c_str()) == 0);
    CHECK(DataDir::open(dir.file("data")).error().field == file);
    CHECK(std::filesystem::file_size(target) == 8);
    REQUIRE(::unlink(target.c_str()) == 0);
    REQUIRE(::chmod(file.c_str(), 0620) == 0);
    CHECK(DataDir::open(dir.file("data")).error().detail.find("chmod 600") != std::string::npos);
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(DataDir::open(dir.file("data")).has_value());
  }
}

TEST_CASE("data directory: what belongs to another user is refused") {
  if (::geteuid() != 0) return;  // only root can give files away
  const TestDir dir;
  REQUIRE(::mkdir(dir.file("data").c_str(), 0700) == 0);
  std::ofstream(dir.file("data/journal.db")).flush();
  REQUIRE(::chown(dir.file("data/journal.db").c_str(), 12345, 12345) == 0);
  CHECK(DataDir::open(dir.file("data")).error().detail.find("12345") != std::string::npos);
  REQUIRE(::chown(dir.file("data/journal.db").c_str(), 0, 0) == 0);
  REQUIRE(::chown(dir.file("data").c_str(), 12345, 12345) == 0);
  CHECK(DataDir::open(dir.file("data")).error().field == dir.file("data"));
}

TEST_CASE("instance lock: another user's process cannot keep a daemon from starting") {
  if (::geteuid() != 0) return;  // only root can be another user
  const auto port = static_cast<std::uint16_t>(::getpid() % 60'000 + 1'001);
  for (const bool listens : {true, false}) {
    CAPTURE(listens);
    Child hostage([&]() -> base::Status<> {
      sockaddr_un name{};
      name.sun_family = AF_UNIX;
      const std::string text = fmt::format("belay.0.192.0.2.1.{}.7", port);
      std::copy(text.begin(), text.end(), &name.sun_path[1]);
      const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
      const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
      const bool bound = ::setuid(12345) == 0 &&
                         ::bind(fd, reinterpret_cast<const sockaddr*>(&name), size) == 0 &&
                         (!listens || ::listen(fd, 1) == 0);
      return bound ? base::ok() : base::Status<>(base::fail("bind", "failed"));
    });
    REQUIRE(hostage.holds());
    const auto lock = InstanceLock::take("192.0.2.1", port, 7);
    REQUIRE(lock.has_value());
    CHECK(lock->taken_by() == (listens ? fmt::format("process {} of user 12345", hostage.pid())
                                       : "an unknown process"));
  }
}

TEST_CASE("instance lock: an address that does not fit a socket name is refused, not cut") {
  CHECK_FALSE(InstanceLock::take(std::string(200, 'h'), 7497, 0).has_value());
}

}  // namespace
}  // namespace belay::journal
