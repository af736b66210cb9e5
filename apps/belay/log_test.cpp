// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "belay/journal/test_dir.hpp"

namespace belay::app {

using namespace std::chrono_literals;

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}
std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// How many lines the log says were lost, in one line or in several.
std::uint64_t told_lost(const std::string& text) {
  std::istringstream lines(text);
  std::uint64_t sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find(" lines of the log were lost");
    if (end != std::string::npos) sum += std::stoull(line.substr(line.rfind(' ', end - 1) + 1));
  }
  return sum;
}
std::size_t lines_that_tell(const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(" lines of the log were lost"); at != std::string::npos;
       at = text.find(" lines of the log were lost", at + 1)) {
    ++count;
  }
  return count;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::string read_some() const {
    std::string out(1 << 20, '\0');
    const ssize_t got = ::read(ends[0], out.data(), out.size());
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  int ends[2] = {-1, -1};
};

std::unique_ptr<LogWriter> writer(LogWriter::Options options) {
  auto opened = LogWriter::open(std::move(options));
  REQUIRE(opened.has_value());
  return std::move(*opened);
}

}  // namespace

TEST_CASE("log: one event is one line, whatever its text holds") {
  const journal::TestDir dir;
  Log log(writer({.path = dir.file("log")}), "info");
  log(LogLevel::info, "notice: x\n2026-01-01T00:00:00Z error FATAL\r\x1b[2J");
  log(LogLevel::warning, std::string(5'000'000, 'x'));
  log(LogLevel::debug, "not of this level");
  log.flush();
  const std::string text = contents(dir.file("log"));
  CHECK(lines_of(text) == 2);
  CHECK(text.find("\\n2026-01-01") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 10'000);
}

TEST_CASE("log: a full device drops lines, and nothing else happens") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  auto to_full = writer({.fd = full});
  for (int i = 0; i < 100; ++i) to_full->write("a line");
  CHECK(to_full->flush(2s));
  CHECK(to_full->dropped() == 100);
  ::close(full);
}

TEST_CASE("log: the reader of the pipe is gone, and the process lives on") {
  Pipe pipe;
  auto to_pipe = writer({.fd = pipe.ends[1]});
  ::close(std::exchange(pipe.ends[0], -1));
  to_pipe->write("one");
  to_pipe->write("two");
  CHECK(to_pipe->flush(2s));
  CHECK(to_pipe->dropped() == 2);
}

TEST_CASE("log: a pipe that nobody reads holds up nothing, takes bounded memory, and tells later") {
  Pipe pipe;
  auto to_pipe = writer({.fd = pipe.ends[1], .bytes_max = 64 << 10});
  const std::string line(1000, 'x');
  for (int i = 0; i < 10'000; ++i) to_pipe->write(line);
  CHECK_FALSE(to_pipe->flush(20ms));
  const std::uint64_t dropped = to_pipe->dropped();
  CHECK(dropped > 9'000);
  std::string all;
  while (!to_pipe->flush(10ms)) all += pipe.read_some();
  to_pipe->write("the end");
  CHECK(to_pipe->flush(2s));
  all += pipe.read_some();
  CHECK(told_lost(all) == dropped);
  CHECK(all.find("the end") != std::string::npos);
  CHECK(lines_of(all) == 10'000 - dropped + 1 + lines_that_tell(all));
}

TEST_CASE("log: a writer whose pipe is stuck can be given up") {
  Pipe pipe;
  auto to_pipe = writer({.fd = pipe.ends[1]});
  for (int i = 0; i < 1000; ++i) to_pipe->write(std::string(1000, 'x'));
  CHECK_FALSE(to_pipe->flush(20ms));
  to_pipe.reset();
}

TEST_CASE("log: a file that was moved away is opened again by its name") {
  const journal::TestDir dir;
  auto to_file = writer({.path = dir.file("log")});
  to_file->write("before");
  CHECK(to_file->flush(2s));
  std::filesystem::rename(dir.file("log"), dir.file("log.1"));
  to_file->write("still the old one");
  CHECK(to_file->flush(2s));
  CHECK(to_file->reopen().has_value());
  to_file->write("after");
  CHECK(to_file->flush(2s));
  CHECK(contents(dir.file("log.1")) == "before\nstill the old one\n");
  CHECK(contents(dir.file("log")) == "after\n");
}

TEST_CASE("log: a file that cannot be opened again leaves the old one in use") {
  const journal::TestDir dir;
  auto to_file = writer({.path = dir.file("log")});
  std::filesystem::rename(dir.file("log"), dir.file("log.1"));
  std::filesystem::create_directory(dir.file("log"));
  CHECK_FALSE(to_file->reopen().has_value());
  to_file->write("goes on");
  CHECK(to_file->flush(2s));
  CHECK(contents(dir.file("log.1")) == "goes on\n");
}

TEST_CASE("log: a link, a pipe and a directory are no file to log to") {
  const journal::TestDir dir;
  std::ofstream(dir.file("target")) << "precious";
  std::filesystem::create_symlink(dir.file("target"), dir.file("link"));
  REQUIRE(::mkfifo(dir.file("fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(dir.file("directory"));
  for (const char* name : {"link", "fifo", "directory"}) {
    CAPTURE(name);
    const auto opened = LogWriter::open({.path = dir.file(name)});
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().field == dir.file(name));
  }
  CHECK(contents(dir.file("target")) == "precious");
}

}  // namespace belay::app
