// SPDX-License-Identifier: Apache-2.0
#include "tests/judge/judge.hpp"

#include "tests/judge/facts.hpp"

namespace belay::judging {

std::vector<std::string> judge(const Evidence& evidence) {
  const Facts facts(evidence);
  Findings out = facts.unreadable;
  check_identity(evidence, facts, out);
  check_executions(evidence, facts, out);
  check_states(evidence, facts, out);
  check_conduct(evidence, facts, out);
  for (const auto& complaint : evidence.complaints)
    out.push_back("a caller complains: " + complaint);
  return out;
}

}  // namespace belay::judging
