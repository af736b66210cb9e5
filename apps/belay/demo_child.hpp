// SPDX-License-Identifier: Apache-2.0
// DemoChild: this same program started again with other arguments, in a clean environment and in a
// directory of the demo. It ends with its parent, however the parent ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/journal/unique_fd.hpp"

namespace belay::app {

class DemoChild {
 public:
  DemoChild() = default;
  DemoChild(DemoChild&& other) noexcept;
  DemoChild& operator=(DemoChild&& other) noexcept;
  ~DemoChild() { kill_9(); }

  /// Returns when the child has printed its first line, which names 127.0.0.1 and its port. What it
  /// says on stderr is appended to `directory`/`name`.err.
  static base::Result<DemoChild> start(const std::vector<std::string>& arguments,
                                       const std::string& directory, const std::string& name);

  std::uint16_t port() const { return port_; }
  bool alive();
  /// SIGKILL; back when the process is gone.
  void kill_9();
  /// SIGTERM, and SIGKILL when that does not help within 5 seconds.
  void stop();

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  journal::UniqueFd out_;
};

}  // namespace belay::app
