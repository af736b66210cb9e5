// SPDX-License-Identifier: Apache-2.0
// Incidents: matters that a person should know of. Each is open until evidence or a person closes
// it; how many are open at a time is bounded.
#include <fmt/format.h>

#include <algorithm>

#include "belay/core/core.hpp"

namespace belay::core {

namespace {
constexpr const char* dropped_subject = "incidents_dropped";
}

// The oldest gives way, of those without a subject first: each of the others stands for something
// that is still so. That this happened is itself an incident, once.
void Core::make_room_for_incident() {
  const auto& open = book_.incidents();
  if (options_.incidents_max == 0 || open.size() < options_.incidents_max) return;
  auto victim = std::find_if(open.begin(), open.end(),
                             [](const auto& entry) { return entry.second.opened.subject.empty(); });
  if (victim == open.end()) {
    victim = std::find_if(open.begin(), open.end(), [](const auto& entry) {
      return entry.second.opened.subject != dropped_subject;
    });
  }
  if (victim == open.end()) return;
  const std::string reason =
      fmt::format("gave way: {} incidents were open", options_.incidents_max);
  emit(IncidentClosed{victim->first, reason, ""});
  if (book_.find_incident(dropped_subject) != nullptr) return;
  emit(IncidentOpened{"incidents_dropped",
                      {},
                      fmt::format("more than {} incidents are open: the oldest give way unread; "
                                  "they are in the journal",
                                  options_.incidents_max),
                      dropped_subject,
                      {}});
}

void Core::on(const CloseIncident& command) {
  const auto refuse = [&](ReplyCode code, std::string text) {
    reply(command.correlation, code, {}, std::move(text));
  };
  if (book_.incidents().count(command.incident) == 0) {
    return refuse(ReplyCode::not_found,
                  fmt::format("there is no open incident {}", command.incident));
  }
  emit(IncidentClosed{command.incident, command.reason, command.principal});
  reply(command.correlation, ReplyCode::accepted);
}

}  // namespace belay::core
