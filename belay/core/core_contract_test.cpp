// SPDX-License-Identifier: Apache-2.0
// One contract, named by its number, by a description, or by both: the broker says what it is.
#include <doctest/doctest.h>

#include "belay/core/lane.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {
constexpr std::int64_t tsla = 76792991;

OrderSpec by_number(std::int64_t con_id) {
  OrderSpec spec = limit_order();
  spec.contract = Contract();
  spec.contract.con_id = con_id;
  return spec;
}
OrderSpec described(const char* symbol, std::int64_t con_id) {
  OrderSpec spec = limit_order();
  spec.contract.symbol = symbol;
  spec.contract.con_id = con_id;
  return spec;
}
}  // namespace

TEST_CASE("contract: an order by number takes the broker's description, once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", by_number(tsla));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.order(id).spec.contract.symbol == "TSLA");
  CHECK(rig.count<ContractIdentified>() == 1);
  CHECK_FALSE(rig.incident("contract_differs"));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.silent());
}

TEST_CASE("contract: an order by description learns the number with its acknowledgement") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", described("TSLA", 0));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.order(id).con_id == tsla);
  CHECK(rig.count<ContractIdentified>() == 0);
}

TEST_CASE("contract: a number and a symbol that do not belong together are an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", described("SPY", 8314));
  rig.shown_as(id, described("IBM", 8314));
  CHECK(rig.incident("contract_differs"));
  CHECK(rig.order(id).spec.contract.symbol == "IBM");
}

TEST_CASE("contract: a stop by symbol protects what was bought by number") {
  for (const bool fill_first : {false, true}) {
    CAPTURE(fill_first);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1", by_number(tsla));
    BrokerExecution fill = rig.execution(id, "e.1.01", 100);
    fill.contract = described("TSLA", tsla).contract;
    if (fill_first) rig.step(fill);
    rig.shown_as(id, described("TSLA", tsla));
    if (!fill_first) rig.step(fill);
    OrderSpec stop = described("TSLA", 0);
    stop.side = Side::sell;
    stop.ord_type = OrdType::stop;
    stop.terms.stop_px = stop.terms.price;
    stop.terms.price.reset();
    CHECK(lane_of(rig.core.book(), stop) == Lane::protective);
    rig.restart();
    CHECK(lane_of(rig.core.book(), stop) == Lane::protective);
  }
}

TEST_CASE("contract: orders by number and by symbol share the limit of open orders") {
  CoreOptions options = CoreRig::usual();
  options.open_orders_max = 2;
  CoreRig rig = CoreRig::ready(options);
  rig.working("a", described("TSLA", 0));
  const OrderId b = rig.sent("b", by_number(tsla));
  rig.shown_as(b, described("TSLA", tsla));
  CHECK(rig.core.book().open_orders(described("TSLA", 0)) == 2);
  CHECK(rig.place("c", described("TSLA", 0)).code != ReplyCode::accepted);
}
