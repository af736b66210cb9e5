// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/start_log.hpp"

#include <cstdio>
#include <fstream>
#include <vector>

namespace belay::app {

std::size_t StartLog::begin(base::Time now, base::Duration window) const {
  std::vector<std::int64_t> recent;
  {
    std::ifstream file(path_);
    for (std::int64_t at = 0; file >> at;) {
      // Times from the future are of a clock that was set back since: they say nothing.
      if (at <= now.unix_ns() && now.unix_ns() - at <= window.count()) recent.push_back(at);
    }
  }
  const std::size_t before = recent.size();
  recent.push_back(now.unix_ns());
  constexpr std::size_t kept_max = 1'000;
  const std::size_t first = recent.size() > kept_max ? recent.size() - kept_max : 0;
  const std::string fresh = path_ + ".tmp";
  {
    std::ofstream file(fresh, std::ios::trunc);
    for (std::size_t i = first; i < recent.size(); ++i) file << recent[i] << '\n';
    file.close();
    if (!file) return before;
  }
  // Without a sync: what a power loss takes is a count of starts before the power was lost.
  std::rename(fresh.c_str(), path_.c_str());
  return before;
}

void StartLog::good() const {
  std::remove(path_.c_str());
}

}  // namespace belay::app
