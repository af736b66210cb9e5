// SPDX-License-Identifier: Apache-2.0
// What a test run may lack: input that lies beside the project.
#pragma once

#include <cstdlib>
#include <string_view>

namespace belay::test {

/// True when the environment says that the recordings may be missing (BELAY_WITHOUT="vectors").
inline bool vectors_may_be_missing() {
  const char* without = std::getenv("BELAY_WITHOUT");
  return without != nullptr && std::string_view(without).find("vectors") != std::string_view::npos;
}

}  // namespace belay::test
