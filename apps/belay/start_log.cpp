// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

namespace belay::app {

StartLog::Begun StartLog::begin(base::Time now, base::Duration window) const {
  std::vector<std::int64_t> recent;
  {
    std::ifstream file(path_);
    for (std::int64_t at = 0; file >> at;) {
      // Times from the future are of a clock that was set back since: they say nothing.
      if (at <= now.unix_ns() && now.unix_ns() - at <= window.count()) recent.push_back(at);
    }
  }
  Begun begun{recent.size(), ""};
  recent.push_back(now.unix_ns());
  constexpr std::size_t kept_max = 1'000;
  const std::size_t first = recent.size() > kept_max ? recent.size() - kept_max : 0;
  const std::string fresh = path_ + ".tmp";
  {
    std::ofstream file(fresh, std::ios::trunc);
    for (std::size_t i = first; i < recent.size(); ++i) file << recent[i] << '\n';
    file.close();
    // Without a sync: what a power loss takes is a count of starts before the power was lost.
    if (file && std::rename(fresh.c_str(), path_.c_str()) == 0) return begun;
  }
  begun.not_noted = path_ + ": " + std::strerror(errno);
  return begun;
}

void StartLog::good() const {
  std::remove(path_.c_str());
}

}  // namespace belay::app
