// SPDX-License-Identifier: Apache-2.0
// What Belay takes of a message from the broker, as names and values that can be compared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "belay/tws/border.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::test {

struct Report {
  bool told = false;                          ///< there is a report
  std::map<std::string, std::string> values;  ///< "?" is unknown
  std::vector<tws::LeftOut> left_out;
};

/// Nothing told and nothing left out for messages that Belay does not use.
Report report_of(const tws::wire::ServerMessage& message);

}  // namespace belay::test
