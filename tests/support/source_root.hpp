// SPDX-License-Identifier: Apache-2.0
// Where the project lies, for tests that read its files: ctest runs them in its folder, and a
// person there or below it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>

namespace belay::test {

inline std::filesystem::path source_root() {
  std::filesystem::path at = std::filesystem::current_path();
  while (!std::filesystem::exists(at / "belay/core/core.hpp") && at != at.root_path()) {
    at = at.parent_path();
  }
  REQUIRE_MESSAGE(at != at.root_path(), "run this test in the project's folder");
  return at;
}

}  // namespace belay::test
