// SPDX-License-Identifier: Apache-2.0
// Which lane an order waits in, in the words of a trader's day.
#include "belay/core/orders/lane.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

constexpr std::int64_t aapl = 265598;

OrderSpec order_of(Side side, OrdType type, std::int64_t count) {
  OrderSpec spec = limit_order(count);
  spec.side = side;
  spec.ord_type = type;
  spec.terms.price.reset();
  spec.terms.stop_px.reset();
  if (type == OrdType::limit || type == OrdType::stop_limit) spec.terms.price = price("200");
  if (type == OrdType::stop || type == OrdType::stop_limit) spec.terms.stop_px = price("180");
  if (type == OrdType::trailing_stop) spec.terms.trail_amount = price("5");
  return spec;
}
OrderSpec limit_sell(std::int64_t count) {
  return order_of(Side::sell, OrdType::limit, count);
}

/// A rig that holds 100 AAPL, bought by itself.
class HolderRig {
 public:
  HolderRig() {
    const OrderId id = rig.working("entry");
    BrokerExecution fill = rig.execution(id, "e.1.01", 100);
    fill.contract.con_id = aapl;
    rig.step(fill);
    REQUIRE(rig.core.book().expected_positions().size() == 1);
  }
  Lane lane(const OrderSpec& spec) const { return lane_of(rig.core.book(), spec); }
  CoreRig rig = CoreRig::ready();
};

}  // namespace

TEST_CASE("lane: a stop within the position protects, whatever kind of stop it is") {
  const HolderRig holder;
  for (const OrdType type : {OrdType::stop, OrdType::stop_limit, OrdType::trailing_stop}) {
    CHECK(holder.lane(order_of(Side::sell, type, 100)) == Lane::protective);
    CHECK(holder.lane(order_of(Side::sell, type, 101)) == Lane::new_risk);
    CHECK(holder.lane(order_of(Side::buy, type, 100)) == Lane::new_risk);
  }
}

TEST_CASE(
    "lane: other orders that take from the position reduce, as long as it stays on its side") {
  const HolderRig holder;
  CHECK(holder.lane(limit_sell(100)) == Lane::reducing);
  CHECK(holder.lane(order_of(Side::sell, OrdType::market, 40)) == Lane::reducing);
  CHECK(holder.lane(limit_sell(101)) == Lane::new_risk);
  CHECK(holder.lane(order_of(Side::buy, OrdType::limit, 1)) == Lane::new_risk);
}

TEST_CASE("lane: without a position everything is new risk") {
  CoreRig rig = CoreRig::ready();
  CHECK(lane_of(rig.core.book(), stop_sell(1)) == Lane::new_risk);
  HolderRig holder;
  OrderSpec other = stop_sell(1);
  other.contract.symbol = "MSFT";
  CHECK(holder.lane(other) == Lane::new_risk);
  other = stop_sell(1);
  other.account = AccountId("DU2");
  CHECK(holder.lane(other) == Lane::new_risk);
}

TEST_CASE("lane: a short position is protected by a buy") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("entry", limit_sell(100));
  BrokerExecution fill = rig.execution(id, "e.1.01", 60);
  fill.contract.con_id = aapl;
  rig.step(fill);
  CHECK(lane_of(rig.core.book(), order_of(Side::buy, OrdType::stop, 60)) == Lane::protective);
  CHECK(lane_of(rig.core.book(), order_of(Side::buy, OrdType::stop, 61)) == Lane::new_risk);
  CHECK(lane_of(rig.core.book(), order_of(Side::buy, OrdType::limit, 60)) == Lane::reducing);
  // What is left of the entry adds to the position.
  CHECK(lane_of(rig.core.book(), limit_sell(1)) == Lane::new_risk);
}

TEST_CASE("lane: stops share the position, the oldest first, and exits share it apart from them") {
  HolderRig holder;
  holder.rig.working("s1", stop_sell(60));
  CHECK(holder.lane(stop_sell(40)) == Lane::protective);
  CHECK(holder.lane(stop_sell(41)) == Lane::new_risk);
  // A target beside a stop is the usual pair: one of them will be gone when the other fills.
  CHECK(holder.lane(limit_sell(100)) == Lane::reducing);
  holder.rig.working("t1", limit_sell(70));
  CHECK(holder.lane(limit_sell(30)) == Lane::reducing);
  CHECK(holder.lane(limit_sell(31)) == Lane::new_risk);
  CHECK(holder.lane(stop_sell(40)) == Lane::protective);
}

TEST_CASE("lane: a stop that is being canceled makes room for the one that takes its place") {
  HolderRig holder;
  const OrderId stop = holder.rig.working("s1", stop_sell(100));
  CHECK(holder.lane(stop_sell(100)) == Lane::new_risk);
  holder.rig.cancel(stop);
  CHECK(holder.lane(stop_sell(100)) == Lane::protective);
}

TEST_CASE("lane: what a stop has filled no longer counts against the position that is left") {
  HolderRig holder;
  const OrderId stop = holder.rig.working("s1", stop_sell(100));
  BrokerExecution fill = holder.rig.execution(stop, "e.2.01", 30);
  fill.contract.con_id = aapl;
  holder.rig.step(fill);
  CHECK(holder.lane(stop_sell(1)) == Lane::new_risk);  // 70 held, 70 stopped
  CHECK(holder.lane(limit_sell(70)) == Lane::reducing);
}

TEST_CASE("lane: the contract may be named by its number, by a description, or by both") {
  HolderRig holder;
  OrderSpec by_number = stop_sell(60);
  by_number.contract = Contract();
  by_number.contract.con_id = aapl;
  CHECK(holder.lane(by_number) == Lane::protective);
  holder.rig.working("s1", by_number);
  // Both ways of naming it count for the same position.
  CHECK(holder.lane(stop_sell(41)) == Lane::new_risk);
  by_number.terms.order_qty = shares(41);
  CHECK(holder.lane(by_number) == Lane::new_risk);
  OrderSpec other_number = stop_sell(10);
  other_number.contract.con_id = aapl + 1;
  CHECK(holder.lane(other_number) == Lane::new_risk);
}

TEST_CASE("lane: a modification is judged by what the order will be") {
  HolderRig holder;
  const OrderId stop = holder.rig.working("s1", stop_sell(100));
  const Book& book = holder.rig.core.book();
  OrderTerms terms = holder.rig.order(stop).spec->terms;
  terms.stop_px = price("185");
  CHECK(lane_of_replace(book, holder.rig.order(stop), terms) == Lane::protective);
  CHECK(replace_passes_halt(book, holder.rig.order(stop), terms));
  terms.order_qty = shares(101);
  CHECK(lane_of_replace(book, holder.rig.order(stop), terms) == Lane::new_risk);
  CHECK_FALSE(replace_passes_halt(book, holder.rig.order(stop), terms));
}

TEST_CASE("lane: a modification that only lessens is never new risk") {
  CoreRig rig = CoreRig::ready();
  const OrderId entry = rig.working("entry");
  const OrderSpec& spec = rig.order(entry).spec;
  OrderTerms terms = spec.terms;
  terms.order_qty = shares(50);
  CHECK(only_lessens(spec, terms));
  CHECK(lane_of_replace(rig.core.book(), rig.order(entry), terms) == Lane::reducing);
  terms.price = price("180");  // a buy that is less willing
  CHECK(only_lessens(spec, terms));
  terms.price = price("199");
  CHECK_FALSE(only_lessens(spec, terms));
  terms = spec.terms;
  terms.order_qty = shares(101);
  CHECK_FALSE(only_lessens(spec, terms));
  terms = spec.terms;
  terms.outside_rth = true;
  CHECK_FALSE(only_lessens(spec, terms));
  CHECK(lane_of_replace(rig.core.book(), rig.order(entry), terms) == Lane::new_risk);
}
