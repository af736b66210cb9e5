// SPDX-License-Identifier: Apache-2.0
// Combinations: one order, several contracts that move.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

TEST_CASE("combination: legs count for positions, the summary for the order") {
  CoreRig rig = CoreRig::ready();
  BrokerNames names;
  names.permanent_id = PermanentId(777);
  names.broker_id = BrokerOrderId{7, 3};
  names.carries_tag = true;
  OrderSpec spec = limit_order(1, "1.5");
  spec.contract.sec_type = SecurityType::combination;
  spec.contract.con_id = 28812380;
  rig.step(BrokerOrder{names, spec, "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  const auto exec = [&](const char* id, std::int64_t con_id, Side side, SecurityType type) {
    BrokerExecution e;
    e.names = names;
    e.account = AccountId("DU1");
    e.contract.symbol = "AAPL";
    e.contract.con_id = con_id;
    e.contract.sec_type = type;
    e.execution.id = split_exec_id(id);
    e.execution.last_qty = shares(1);
    e.execution.last_px = price("1.5");
    e.execution.side = side;
    rig.step(e);
  };
  exec("bag.1.01", 28812380, Side::buy, SecurityType::combination);
  exec("leg1.1.01", 111, Side::buy, SecurityType::option);
  CHECK_FALSE(rig.incident("overfill"));
  exec("leg2.1.01", 222, Side::sell, SecurityType::option);
  const Order* combo = rig.core.book().find(PermanentId(777));
  REQUIRE(combo != nullptr);
  CHECK(combo->cum_qty == shares(1));
  const auto& held = rig.core.book().expected_positions();
  const auto leg2 = held.find({AccountId("DU1"), 222});
  CHECK((leg2 != held.end() && leg2->second.quantity.is_negative()));
}
