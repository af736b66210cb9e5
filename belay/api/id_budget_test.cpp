// SPDX-License-Identifier: Apache-2.0
#include "belay/api/id_budget.hpp"

#include <doctest/doctest.h>

using namespace belay;
using namespace belay::api;

namespace {
const base::Time t0 = *base::parse_rfc3339("2026-11-21T15:00:00Z");
}

TEST_CASE("id budget: a loop of reservations ends at the hour's share, and the share comes back") {
  IdBudget budget({.per_hour = 1000, .per_day = 10'000});
  int granted = 0;
  for (int i = 0; i < 50; ++i) {
    if (budget.refuse("local", false, 100, t0)) continue;
    budget.charge("local", false, 100, t0);
    ++granted;
  }
  CHECK(granted == 10);
  const auto refusal = budget.refuse("local", false, 100, t0);
  REQUIRE(refusal.has_value());
  CHECK(refusal->operator_helps);
  CHECK(refusal->detail.find("ID_RESERVE_PER_HOUR") != std::string::npos);
  CHECK(refusal->retry_after >= std::chrono::minutes(6));
  CHECK_FALSE(budget.refuse("local", false, 100, t0 + refusal->retry_after).has_value());
  CHECK_FALSE(budget.refuse("another", false, 1000, t0).has_value());
  CHECK(budget.set_aside_total() == 1000);
}

TEST_CASE("id budget: a named operator may have more, and nobody more than the day's ceiling") {
  IdBudget budget({.per_hour = 1000, .per_day = 10'000});
  CHECK(budget.refuse("local", false, 5000, t0).has_value());
  CHECK_FALSE(budget.refuse("anna", true, 5000, t0).has_value());
  budget.charge("anna", true, 5000, t0);
  const auto refusal = budget.refuse("anna", true, 5001, t0);
  REQUIRE(refusal.has_value());
  CHECK_FALSE(refusal->operator_helps);
  CHECK(refusal->detail.find("ID_RESERVE_PER_DAY") != std::string::npos);
  CHECK_FALSE(budget.refuse("anna", true, 10'000, t0 + std::chrono::hours(24)).has_value());
}

TEST_CASE("id budget: a clock that goes back gives nothing, and a long sleep no more than all") {
  IdBudget budget({.per_hour = 2'000'000'000, .per_day = 2'000'000'000});
  budget.charge("local", false, 2'000'000'000, t0);
  CHECK(budget.refuse("local", false, 1'000'000, t0 - std::chrono::hours(5)).has_value());
  CHECK_FALSE(
      budget.refuse("local", false, 2'000'000'000, t0 + std::chrono::hours(5000)).has_value());
}
