// SPDX-License-Identifier: Apache-2.0
#include "belay/views/alert.hpp"

#include <doctest/doctest.h>

using namespace belay::views;
using belay::base::Time;
using belay::core::IncidentOpened;

TEST_CASE("S0.49 alerts: an opened incident is one line of JSON, nothing else is an alert") {
  IncidentOpened opened{"overfill", belay::core::OrderId(3), "filled 2 of 1\n", "", {"a", "b"}};
  const auto alert = alert_of(7, Time(0), opened);
  REQUIRE(alert.has_value());
  CHECK(alert->level == AlertLevel::critical);
  CHECK(alert->seq == 7);
  CHECK(alert->json ==
        R"({"program":"belay","level":"critical","kind":"overfill","incident_id":"7",)"
        R"("time":"1970-01-01T00:00:00.000000000Z","order_id":"3","text":"filled 2 of 1\n",)"
        R"("candidates":["a","b"]})");
  CHECK_FALSE(alert_of(8, Time(0), belay::core::IncidentClosed{7, "", ""}).has_value());
}

TEST_CASE("alerts: a kind that is in no table is a warning; levels have names") {
  CHECK(level_of("something new") == AlertLevel::warning);
  CHECK(level_of("stale_order") == AlertLevel::warning);
  for (const AlertLevel level : {AlertLevel::info, AlertLevel::warning, AlertLevel::critical}) {
    CHECK(parse_alert_level(name(level)) == level);
  }
  CHECK_FALSE(parse_alert_level("loud").has_value());
}

TEST_CASE("alerts: whatever the texts hold, the line fits into a pipe") {
  IncidentOpened opened{"x", {}, std::string(1'000'000, '\x01'), "", {}};
  opened.candidates.assign(1000, std::string(10'000, '"'));
  const auto alert = alert_of(1, Time(0), opened);
  CHECK(alert->json.size() <= alert_json_max);
  CHECK(alert->json.find('\n') == std::string::npos);
}
