// SPDX-License-Identifier: Apache-2.0
// A test that cannot fail proves nothing: every scenario is run without and with its defect.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/defects/scenarios.hpp"

using namespace belay::test;
using belay::base::Defect;

namespace {
std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> out;
  for (const auto list : {core_scenarios(), engine_scenarios(), broker_scenarios(),
                          archive_scenarios(), front_scenarios()}) {
    out.insert(out.end(), list.begin(), list.end());
  }
  return out;
}
}  // namespace

TEST_CASE("planted defects: every scenario holds in the program as it is") {
  belay::base::plant(Defect::none);
  for (const Scenario& scenario : all_scenarios()) {
    const std::string named(scenario.name);
    CAPTURE(named);
    CHECK(scenario.holds());
  }
}

TEST_CASE("planted defects: each is noticed by its scenario") {
  for (const Scenario& scenario : all_scenarios()) {
    const std::string named(scenario.name);
    CAPTURE(named);
    belay::base::plant(scenario.defect);
    CHECK_FALSE(scenario.holds());
    belay::base::plant(Defect::none);
  }
}

TEST_CASE("planted defects: every one but the journal's own has a scenario here") {
  const auto scenarios = all_scenarios();
  for (const Defect defect : belay::base::all_defects) {
    const bool here = std::any_of(scenarios.begin(), scenarios.end(),
                                  [&](const Scenario& s) { return s.defect == defect; });
    CAPTURE(name(defect));
    CHECK(here == (defect != Defect::journal_acks_before_sync));
  }
}
