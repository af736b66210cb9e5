// SPDX-License-Identifier: Apache-2.0
// `belay status`: one screen that says how things stand and what to do.
#pragma once

#include <string>

#include "belay/api/json.hpp"

namespace belay::app {

/// Answers of the daemon; null where it gave none, which is shown as unknown.
struct StatusParts {
  std::string address;
  api::Json health;
  api::Json orders;  ///< the open ones of everybody
  api::Json positions;
  api::Json account;
  api::Json incidents;
  api::Json halt = {};  ///< who halted and why, when new risk is halted
};
std::string status_screen(const StatusParts& parts);
/// The same figures as one JSON object around `health`, the daemon's own text; null is unknown.
std::string status_json(const StatusParts& parts, const std::string& health);

}  // namespace belay::app
