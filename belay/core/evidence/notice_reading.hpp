// SPDX-License-Identifier: Apache-2.0
// Which of the requests that are under way a code of the broker is about. The codes name an order
// and not a request, and mean different things to a placement, a modification and a cancel.
#pragma once

#include "belay/core/asks/input.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core {

struct NoticeReading {
  Verdict verdict = Verdict::information;
  /// It can answer more than one request, or none that we know of: nothing is ended by it, the
  /// broker's lists decide.
  bool doubtful = false;
};

NoticeReading read_notice(const Order& order, const BrokerNotice& notice);

}  // namespace belay::core
