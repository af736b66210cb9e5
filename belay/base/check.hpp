// SPDX-License-Identifier: Apache-2.0
// BELAY_CHECK: assertions that stay on in every build. A failed check is a bug of ours: it prints
// where and what, and aborts; a supervisor restarts and replay recovers. Never used on data that
// comes from outside.
#pragma once

namespace belay::base {
[[noreturn]] void check_failed(const char* file, int line, const char* expression);
}  // namespace belay::base

#define BELAY_CHECK(expression)        \
  ((expression) ? static_cast<void>(0) \
                : ::belay::base::check_failed(__FILE__, __LINE__, #expression))
