// SPDX-License-Identifier: Apache-2.0
#include "belay/base/check.hpp"

#include <cstdio>  // tidy: allow io because a failed check says where before it aborts
#include <cstdlib>

namespace belay::base {
void check_failed(const char* file, int line, const char* expression) {
  // tidy: allow io because a failed check says where before it aborts
  std::fprintf(stderr, "belay: check failed at %s:%d: %s\n", file, line, expression);
  std::abort();
}
}  // namespace belay::base
