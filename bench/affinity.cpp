// SPDX-License-Identifier: Apache-2.0
#include "bench/affinity.hpp"

#include <sched.h>

#include <cstddef>
#include <thread>

namespace belay::bench {

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void pin_away_from(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const std::size_t cpus = std::thread::hardware_concurrency();
  for (std::size_t i = 0; i < cpus; ++i) {
    if (i != static_cast<std::size_t>(cpu)) CPU_SET(i, &set);
  }
  if (CPU_COUNT(&set) > 0) ::sched_setaffinity(0, sizeof set, &set);
}

int last_cpu() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  int last = 0;
  for (std::size_t i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) last = static_cast<int>(i);
  }
  return last;
}

}  // namespace belay::bench
