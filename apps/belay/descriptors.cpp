// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace belay::app {
namespace {

constexpr std::size_t kept_most = 128;
constexpr std::size_t kept_least = 32;
constexpr std::size_t callers_least = 8;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::size_t{1} << 20U : limit.rlim_cur;
}

std::size_t callers_below(std::size_t limit, std::size_t wanted) {
  const std::size_t kept = std::clamp(limit / 4, kept_least, kept_most);
  const std::size_t room = limit > kept ? limit - kept : 0;
  return std::max(callers_least, std::min(wanted, room));
}

}  // namespace belay::app
