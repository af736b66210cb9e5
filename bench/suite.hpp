// SPDX-License-Identifier: Apache-2.0
// The whole run: every mode in a process of its own against a gateway of its own, the modes
// interleaved over several rounds so that a disturbance of the machine meets all of them. It
// compares within a round and never judges an absolute figure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "bench/figures.hpp"

namespace belay::bench {

struct SuiteOptions {
  int rounds = 5;
  std::size_t orders = 2000;  ///< per mode with a disk at 1 outstanding; others scale with it
  std::string json;           ///< a file for all figures
  std::string dir;            ///< for journal files; empty: beside the program
  bool smoke = false;         ///< one small round; only completeness is checked
};

/// mode -> the figures of each round.
using Rounds = std::map<std::string, std::vector<Figures>>;

struct SuiteResult {
  Rounds latency;     ///< 1 outstanding, everything on one core
  Rounds throughput;  ///< 1000 outstanding, all cores
  Rounds in_process;  ///< inbound, memory, replay
  int failures = 0;
};

SuiteResult run_suite(const SuiteOptions& options);

// suite_report.cpp
void print_report(const SuiteResult& result, const SuiteOptions& options);
std::string to_json(const SuiteResult& result);

}  // namespace belay::bench
