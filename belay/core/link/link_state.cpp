// SPDX-License-Identifier: Apache-2.0
#include "belay/core/link/link_state.hpp"

#include <fmt/format.h>

#include "belay/base/defects.hpp"

namespace belay::core {

bool LinkState::calendar_holds() const {
  if (base::defect(base::Defect::risk_sent_in_reset_window)) return false;
  return calendar.closed != Closed::open;
}

std::string LinkState::closed_text() const {
  return fmt::format(
      "{}: new orders are taken again at {}; one with a later valid_until waits for that",
      words(calendar.closed), base::to_rfc3339(calendar.opens));
}

}  // namespace belay::core
