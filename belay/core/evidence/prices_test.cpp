// SPDX-License-Identifier: Apache-2.0
// What fills cost when not every report says so: unknown is unknown, never zero, and the broker's
// own sums are used before nothing.
#include <chrono>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

BrokerExecution unpriced(const CoreRig& rig, OrderId id, const char* exec_id, std::int64_t count) {
  BrokerExecution out = rig.execution(id, exec_id, count);
  out.execution.last_px.reset();
  return out;
}

void status(CoreRig& rig, OrderId id, std::int64_t filled, const char* average,
            const char* last = nullptr) {
  BrokerStatus report{rig.names(id), BrokerState::working, "Submitted", "", shares(filled)};
  if (average != nullptr) report.avg_px = price(average);
  if (last != nullptr) report.last_px = price(last);
  rig.step(report);
}

// Two settled rounds after which a claim that no execution tells is taken for a fill.
void infer(CoreRig& rig, OrderId id) {
  for (int i = 0; i < 2; ++i) {
    rig.wait(seconds(12));
    rig.step(rig.round({rig.names(id)}));
  }
}

}  // namespace

TEST_CASE("prices: a fill without a price makes the average unknown, and nothing else") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40, "189.5");
  CHECK(average_price(rig.order(id))->text == "189.5");
  rig.step(unpriced(rig, id, "e.2.01", 60));
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK(rig.order(id).cum_qty == shares(100));
  CHECK_FALSE(average_price(rig.order(id)).has_value());
  CHECK_FALSE(last_price(rig.order(id)).has_value());
  rig.restart();
  CHECK_FALSE(average_price(rig.order(id)).has_value());
}

TEST_CASE("prices: the broker's average of the same quantity is shown, as the broker's") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  BrokerExecution fill = unpriced(rig, id, "e.1.01", 40);
  fill.cum_qty = shares(40);
  fill.avg_px = price("189.5");
  rig.step(fill);
  REQUIRE(average_price(rig.order(id)).has_value());
  CHECK(average_price(rig.order(id))->text == "189.5");
  CHECK(average_price(rig.order(id))->by_broker);
  rig.step(unpriced(rig, id, "e.2.01", 20));
  CHECK_FALSE(average_price(rig.order(id)).has_value());  // that was the average of 40
  status(rig, id, 60, "190", "191");
  CHECK(average_price(rig.order(id))->text == "190");
  CHECK(last_price(rig.order(id)) == price("191"));
  rig.restart();
  CHECK(average_price(rig.order(id))->text == "190");
}

TEST_CASE("prices: an execution that is told again with its price gets it, and is no difference") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(unpriced(rig, id, "e.1.01", 40));
  rig.fill(id, "e.1.01", 40, "189.5");
  CHECK_FALSE(rig.incident("execution_differs"));
  CHECK(average_price(rig.order(id))->text == "189.5");
  CHECK_FALSE(average_price(rig.order(id))->by_broker);
  rig.step(unpriced(rig, id, "e.1.01", 40));
  CHECK(rig.silent());
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("prices: once a fill was corrected nobody knows of which fills the average was") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.step(unpriced(rig, id, "e.1.01", 40));
  status(rig, id, 40, "189");
  rig.fill(id, "e.2.01", 20, "190");
  rig.fill(id, "e.2.02", 0, "190");  // taken back: 40 are filled again
  CHECK(rig.order(id).cum_qty == shares(40));
  CHECK_FALSE(average_price(rig.order(id)).has_value());
}

TEST_CASE("prices: an inferred fill costs what the broker's average leaves for it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40, "189.5");
  status(rig, id, 100, "190.1", "190.5");
  infer(rig, id);
  REQUIRE(rig.order(id).executions.size() == 2);
  CHECK(rig.order(id).executions[1].inferred);
  CHECK(rig.order(id).executions[1].last_px == price("190.5"));
  CHECK(average_price(rig.order(id))->text == "190.1");
  CHECK(average_price(rig.order(id))->by_broker);
}

TEST_CASE("prices: an inferred fill of which the broker tells no price has none") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  status(rig, id, 100, nullptr);
  infer(rig, id);
  REQUIRE(rig.order(id).executions.size() == 1);
  CHECK_FALSE(rig.order(id).executions[0].last_px.has_value());
  CHECK_FALSE(average_price(rig.order(id)).has_value());
}

TEST_CASE("prices: terms of a report that could not all be read restate nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  OrderSpec shown = rig.order(id).spec;
  shown.terms.price.reset();
  shown.terms.order_qty = shares(7);
  BrokerOrder report{rig.names(id), shown, "LMT", BrokerState::working, "Submitted", "", {}};
  report.partial = true;
  rig.step(report);
  CHECK(rig.count<OrderRestated>() == 0);
  CHECK(rig.order(id).spec->terms.order_qty == shares(100));
}

TEST_CASE("prices: somebody's order for an amount of money is no overfill, and ends when told") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.ord_type = OrdType::market;
  spec.terms.price.reset();
  spec.terms.order_qty = Quantity();
  spec.terms.cash_qty = *Decimal::parse("500");
  const BrokerNames names{BrokerOrderId{9, 3}, PermanentId(700), "theirs"};
  rig.step(BrokerOrder{names, spec, "MKT", BrokerState::working, "Submitted", "", {}});
  const OrderId id = rig.the<ExternalOrderSeen>().order;
  BrokerExecution fill = rig.execution(id, "e.1.01", 2);
  fill.names = names;
  rig.step(fill);
  CHECK_FALSE(rig.incident("overfill"));
  CHECK_FALSE(rig.order(id).overfilled);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  rig.step(BrokerStatus{names, BrokerState::filled, "Filled", "", shares(2)});
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK_FALSE(rig.order(id).overfilled);
}
