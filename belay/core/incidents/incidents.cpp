// SPDX-License-Identifier: Apache-2.0
#include "belay/core/incidents/incidents.hpp"

#include <fmt/format.h>

namespace belay::core {

void on(const CloseIncident& command, Step& step) {
  const auto refuse = [&](ReplyCode code, std::string text) {
    step.reply(command.correlation, code, {}, std::move(text));
  };
  if (step.book().incidents().count(command.incident) == 0) {
    return refuse(ReplyCode::not_found,
                  fmt::format("there is no open incident {}", command.incident));
  }
  step.emit(IncidentClosed{command.incident, command.reason, command.principal});
  step.reply(command.correlation, ReplyCode::accepted);
}

}  // namespace belay::core
