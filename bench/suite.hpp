// SPDX-License-Identifier: Apache-2.0
// The whole run: every step in a process of its own against a gateway of its own, the steps
// interleaved over several rounds so that a disturbance of the machine meets all of them. It
// compares within a round (table.hpp) and fails only when a step does not finish.
#pragma once

#include <cstddef>
#include <string>

#include "bench/table.hpp"

namespace belay::bench {

struct SuiteOptions {
  int rounds = 5;
  std::size_t orders = 2000;        ///< per mode with a disk at 1 outstanding; others scale with it
  std::size_t million = 1'000'000;  ///< orders of the long life
  std::string only;                 ///< a regular expression: rows with an id that it finds
  std::string dir;                  ///< for journal files; empty: beside the program
  bool smoke = false;               ///< one small round; only completeness is checked
};

struct SuiteResult {
  Steps steps;
  int failures = 0;
};

SuiteResult run_suite(const SuiteOptions& options);

// suite_report.cpp
void print_report(const SuiteResult& result);
std::string to_json(const SuiteResult& result);

}  // namespace belay::bench
