// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/alerts.hpp"

#include <fmt/format.h>

namespace belay::app {

std::string Alerts::metrics() const {
  std::string out =
      "# HELP belay_alerts_total Alerts by sink and what became of them.\n"
      "# TYPE belay_alerts_total counter\n";
  const auto line = [&](std::string_view sink, std::string_view result, std::uint64_t value) {
    out += fmt::format("belay_alerts_total{{sink=\"{}\",result=\"{}\"}} {}\n", sink, result, value);
  };
  for (const auto& [sink, level] : sinks_) {
    const AlertStats stats = sink->stats();
    line(sink->name(), "delivered", stats.delivered);
    line(sink->name(), "failed_attempt", stats.failed);
    line(sink->name(), "given_up", stats.given_up);
    line(sink->name(), "dropped", stats.dropped);
  }
  out +=
      "# HELP belay_alerts_waiting Alerts that a sink has still to deliver.\n"
      "# TYPE belay_alerts_waiting gauge\n";
  for (const auto& [sink, level] : sinks_) {
    out += fmt::format("belay_alerts_waiting{{sink=\"{}\"}} {}\n", sink->name(),
                       sink->stats().waiting);
  }
  return out;
}

}  // namespace belay::app
