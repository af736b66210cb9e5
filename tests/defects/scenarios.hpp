// SPDX-License-Identifier: Apache-2.0
// A scenario holds in the program as it is, and must be broken by the defect that is planted beside
// it. One list for each place where bugs live.
#pragma once

#include <span>
#include <string_view>

#include "belay/base/defects.hpp"

namespace belay::test {

struct Scenario {
  base::Defect defect;
  std::string_view name;
  bool (*holds)();
};

std::span<const Scenario> core_scenarios();
std::span<const Scenario> engine_scenarios();
std::span<const Scenario> broker_scenarios();
std::span<const Scenario> archive_scenarios();
std::span<const Scenario> front_scenarios();

}  // namespace belay::test
