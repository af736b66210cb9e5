// SPDX-License-Identifier: Apache-2.0
// Commit latency of the journal's adapters beside a raw preallocated file (pwrite + fdatasync) in
// the same run, because only the ratio says something: the disk and its caches differ by machine.
// Usage: bench_journal [directory] [commits]. The directory must be on the disk in question.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "belay/base/check.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"

namespace {

using belay::engine::AppendOutcome;
using belay::engine::JournalRecord;
using belay::journal::SqliteInlineJournal;
using belay::journal::SqliteSettings;
using belay::journal::SqliteThreadJournal;
using Clock = std::chrono::steady_clock;

constexpr std::size_t payload_size = 200;

void measure(const char* name, std::uint64_t commits,
             const std::function<void(std::uint64_t)>& commit) {
  std::vector<std::int64_t> times;
  for (std::uint64_t seq = 1; seq <= commits; ++seq) {
    const auto begin = Clock::now();
    commit(seq);
    times.push_back(std::chrono::nanoseconds(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) { return times[times.size() * percent / 100] / 1000; };
  fmt::print("{:<24} {:>8} us p50 {:>8} us p99 {:>8} us max\n", name, at(50), at(99),
             times.back() / 1000);
}

std::vector<JournalRecord> one(std::uint64_t seq) {
  std::vector<JournalRecord> batch(1);
  batch[0].seq = seq;
  batch[0].epoch = 1;
  batch[0].payload.assign(payload_size, 'x');
  return batch;
}

SqliteSettings settings_in(const std::string& directory, const char* name) {
  SqliteSettings settings;
  settings.path = directory + "/" + name;
  return settings;
}

void measure_raw(const std::string& directory, std::uint64_t commits) {
  const int fd = ::open((directory + "/raw").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  BELAY_CHECK(fd >= 0);
  const std::string zeros(1U << 20U, '\0');
  for (int i = 0; i < 5; ++i) {
    BELAY_CHECK(::pwrite(fd, zeros.data(), zeros.size(), i * off_t{1U << 20U}) > 0);
  }
  BELAY_CHECK(::fsync(fd) == 0);
  const std::string frame(4096, 'x');  // what one row costs the WAL
  measure("raw pwrite + fdatasync", commits, [&](std::uint64_t seq) {
    const auto at = static_cast<off_t>((seq % 1000) * frame.size());
    BELAY_CHECK(::pwrite(fd, frame.data(), frame.size(), at) > 0);
    BELAY_CHECK(::fdatasync(fd) == 0);
  });
  ::close(fd);
}

void measure_inline(const std::string& directory, std::uint64_t commits) {
  auto journal = SqliteInlineJournal::open(settings_in(directory, "inline.db"));
  BELAY_CHECK(journal.has_value());
  measure("sqlite inline", commits, [&](std::uint64_t seq) {
    (*journal)->append(1, seq, one(seq));
    BELAY_CHECK((*journal)->poll()->outcome == AppendOutcome::durable);
  });
}

void measure_thread(const std::string& directory, std::uint64_t commits, bool spin) {
  auto journal = SqliteThreadJournal::open(settings_in(directory, spin ? "spin.db" : "thread.db"),
                                           {.spin = spin});
  BELAY_CHECK(journal.has_value());
  measure(spin ? "sqlite thread, spinning" : "sqlite thread, eventfd", commits,
          [&](std::uint64_t seq) {
            (*journal)->append(1, seq, one(seq));
            auto answer = (*journal)->poll();
            while (!answer) {
              pollfd wait{(*journal)->notify_fd(), POLLIN, 0};
              if (!spin) ::poll(&wait, 1, -1);
              answer = (*journal)->poll();
            }
            BELAY_CHECK(answer->outcome == AppendOutcome::durable);
          });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : ".";
  const std::uint64_t commits = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000;
  std::string directory = parent + "/bench-journal-XXXXXX";
  if (commits == 0 || ::mkdtemp(directory.data()) == nullptr) {
    fmt::print(stderr, "usage: bench_journal [directory] [commits]\n");
    return 2;
  }
  measure_raw(directory, commits);
  measure_inline(directory, commits);
  measure_thread(directory, commits, false);
  measure_thread(directory, commits, true);
  for (const char* name : {"raw", "inline.db", "thread.db", "spin.db"}) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      ::unlink((directory + "/" + name + suffix).c_str());
    }
  }
  ::rmdir(directory.c_str());
  return 0;
}
