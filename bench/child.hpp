// SPDX-License-Identifier: Apache-2.0
// A program that is run beside the one that measures: its lines of output, its processor time. It
// is killed with its owner.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::bench {

class Child {
 public:
  struct Options {
    std::vector<std::string> command;  ///< a path first
    std::string directory;             ///< it runs in; with it comes an empty environment
    std::string log;                   ///< file for its stderr; empty: ours
  };
  static base::Result<Child> start(const Options& options);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// The next line that it prints; nothing at its end, or when none comes for so long.
  std::optional<std::string> line(int timeout_ms = -1);
  /// Of all its threads, those that ended too.
  std::int64_t cpu_ns() const;
  /// Waits for its end; true when it ended with 0.
  bool succeeded();

 private:
  Child(pid_t pid, journal::UniqueFd out) : pid_(pid), out_(std::move(out)) {}
  pid_t pid_ = -1;
  journal::UniqueFd out_;
  std::string text_;
};

/// The path of this program.
std::string own_path();

}  // namespace belay::bench
