// SPDX-License-Identifier: Apache-2.0
// belay_judge: reads the evidence of a run from a directory (docs/TESTING.md) and says what promise
// was broken. Exit status 0: none; 1: findings; 2: no evidence.
#include <cstdio>

#include "tests/judge/judge.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: belay_judge DIRECTORY\n");
    return 2;
  }
  belay::judging::Evidence evidence;
  if (const std::string why = belay::judging::load(argv[1], evidence); !why.empty()) {
    std::fprintf(stderr, "belay_judge: %s\n", why.c_str());
    return 2;
  }
  const auto findings = belay::judging::judge(evidence);
  for (const auto& finding : findings) std::printf("FOUND: %s\n", finding.c_str());
  std::printf("belay_judge: %zu lines of the broker, %zu requests, %zu events, %zu findings\n",
              evidence.broker_log.size(), evidence.records.size(), evidence.events.size(),
              findings.size());
  return findings.empty() ? 0 : 1;
}
