// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/demo_command.hpp"

namespace belay::app {

int run_demo_command(const std::vector<std::string>&) {
  return 1;
}

}  // namespace belay::app
