// SPDX-License-Identifier: Apache-2.0
// A temporary directory for the tests of this folder, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "belay/base/check.hpp"

namespace belay::journal {

class TestDir {
 public:
  TestDir() {
    std::string name = (std::filesystem::temp_directory_path() / "belay-test-XXXXXX").string();
    BELAY_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TestDir(const TestDir&) = delete;
  TestDir& operator=(const TestDir&) = delete;
  ~TestDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace belay::journal
