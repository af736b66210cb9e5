// SPDX-License-Identifier: Apache-2.0
// Orders of others as the broker reports them to a CoreRig: another client's, one made by hand, and
// the same once it is bound.
#pragma once

#include <string>
#include <utility>

#include "tests/support/core_rig.hpp"

namespace belay::test {

inline BrokerOrder shown_of(std::int32_t client, std::int64_t number, std::int64_t permanent,
                            OrderSpec spec = limit_order(), std::string tag = "") {
  BrokerOrder report;
  if (number != 0) report.names.broker_id = BrokerOrderId{client, number};
  report.names.permanent_id = PermanentId(permanent);
  report.names.tag = std::move(tag);
  report.names.carries_tag = true;
  report.spec = std::move(spec);
  report.raw_ord_type = "LMT";
  report.state = BrokerState::working;
  report.raw_status = "Submitted";
  return report;
}
/// Reports it and gives our id of it.
inline OrderId seen(CoreRig& rig, const BrokerOrder& report) {
  rig.step(report);
  const Order* found = rig.core.book().find(*report.names.permanent_id);
  REQUIRE(found != nullptr);
  return found->id;
}
inline Reply answer_of(CoreRig& rig, const Input& command) {
  rig.step(command);
  return rig.the<Reply>();
}
inline CancelOrder foreign_cancel(OrderId id) {
  return {1, "tester", id, std::nullopt, true};
}

}  // namespace belay::test
