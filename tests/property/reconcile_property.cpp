// SPDX-License-Identifier: Apache-2.0
// Reconciliation under random books and random lists: whatever a broker lists, saying it again
// changes nothing more; rounds that are not settled change nothing at all; and no fill that was
// told is lost to one that was inferred.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "belay/base/prng.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;
using belay::base::Prng;
using std::chrono::minutes;

namespace {

class RandomBroker {
 public:
  RandomBroker(std::uint32_t seed, unsigned rounds)
      : prng_(seed), rounds_(rounds), rig_(CoreRig::ready(options(rounds))) {}

  void play() {
    const int orders = static_cast<int>(prng_.between(1, 6));
    for (int i = 0; i < orders; ++i) make_order(i);
    if (prng_.chance(30)) {
      rig_.append(TradingDayRolled{"20261124"});
      rig_.restart();
      rig_.up();
    } else if (prng_.chance(60)) {
      rig_.down();
      rig_.up();
    }
    draw_lists();
    if (prng_.chance(50)) {
      said(false);
      // The end of the first lists of a link makes it ready, and that is all.
      REQUIRE(rig_.last.events.size() <= 1);
      said(false);
      REQUIRE(rig_.last.events.empty());
    }
    // Positions are compared once the fills are settled.
    for (unsigned i = 0; i < 2 * rounds_ + 2; ++i) said(true);
    const std::uint64_t settled = rig_.core.book().last_seq();
    for (int i = 0; i < 3; ++i) {
      said(true);
      CAPTURE(rig_.last.events.size());
      REQUIRE(rig_.core.book().last_seq() == settled);
    }
    tell_the_fills();
  }

 private:
  static CoreOptions options(unsigned rounds) {
    CoreOptions out;
    out.reconcile.policy.absence_rounds = rounds;
    return out;
  }
  void make_order(int i) {
    OrderSpec spec = limit_order(100);
    const TimeInForce tifs[] = {TimeInForce::day, TimeInForce::good_till_cancel,
                                TimeInForce::immediate_or_cancel};
    spec.terms.time_in_force = tifs[prng_.below(3)];
    const OrderId id = rig_.sent(("k" + std::to_string(i)).c_str(), spec);
    if (prng_.chance(70)) rig_.shown(id);
    if (prng_.chance(40)) fill(id, 10 + static_cast<std::int64_t>(prng_.below(40)));
    if (prng_.chance(20)) rig_.reprice(id, "191");
    if (prng_.chance(20)) rig_.cancel(id);
    if (prng_.chance(20)) rig_.status(id, BrokerState::canceled, "Cancelled");
  }
  void fill(OrderId id, std::int64_t count) {
    BrokerExecution report =
        rig_.execution(id, ("e" + std::to_string(++fills_) + ".01").c_str(), count);
    report.contract.con_id = 1;
    rig_.step(report);
  }
  void draw_lists() {
    for (const auto& [id, order] : rig_.core.book().in_memory()) {
      if (!order.broker_id) continue;
      const auto where = prng_.below(4);
      if (where == 0) open_.push_back(id);
      if (where == 1) {
        // Of all that was ordered, at most; with or without executions that we know.
        const Quantity more = shares(static_cast<std::int64_t>(prng_.below(60)));
        claims_[id] = std::min(order.cum_qty + more, order.spec->terms.order_qty);
      }
    }
    position_ = Decimal::from_int(prng_.between(-50, 200));
  }
  // The same lists, told anew.
  void said(bool settled) {
    rig_.wait(minutes(1));
    SnapshotDone done = rig_.round();
    for (const OrderId id : open_) {
      BrokerOrder order{rig_.names(id),
                        rig_.order(id).spec,
                        "LMT",
                        BrokerState::working,
                        "Submitted",
                        "",
                        {},
                        true};
      rig_.step(order);
      done.open_orders.push_back(rig_.names(id));
    }
    for (const auto& [id, claim] : claims_) {
      BrokerOrder order{rig_.names(id), rig_.order(id).spec,
                        "LMT",          BrokerState::canceled,
                        "Cancelled",    "",
                        claim,          true};
      order.names.broker_id.reset();
      if (first_) rig_.step(order);
      done.completed.push_back(order.names);
    }
    first_ = false;
    Position position{AccountId("DU1"), {}, position_, ""};
    position.contract.con_id = 1;
    done.positions = {position};
    done.positions_listed = true;
    done.settled = settled;
    rig_.step(done);
  }
  // What was inferred is told after all: nothing is counted twice.
  void tell_the_fills() {
    for (const auto& [id, claim] : claims_) {
      const Quantity before = rig_.order(id).cum_qty;
      std::int64_t told = 0;
      for (const Execution& e : rig_.order(id).executions) {
        if (!e.inferred) told += e.last_qty.value().units() / Decimal::one;
      }
      const std::int64_t all = claim.value().units() / Decimal::one;
      while (told < all) {
        const std::int64_t part =
            1 + static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(all - told)));
        told += part;
        BrokerExecution report =
            rig_.execution(id, ("r" + std::to_string(++fills_) + ".01").c_str(), part);
        report.cum_qty = shares(told);
        rig_.step(report);
        REQUIRE(rig_.order(id).cum_qty == before);
      }
      for (const Execution& e : rig_.order(id).executions) REQUIRE_FALSE(e.inferred);
    }
  }

  Prng prng_;
  unsigned rounds_;
  CoreRig rig_;
  int fills_ = 0;
  bool first_ = true;
  std::vector<OrderId> open_;
  std::map<OrderId, Quantity> claims_;
  Decimal position_;
};

}  // namespace

TEST_CASE("reconcile property: the same lists again decide nothing new") {
  CHECK(rc::check([](std::uint32_t seed) {
    RandomBroker(seed, 1).play();
    RandomBroker(seed, 2).play();
  }));
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    RandomBroker(seed, 2).play();
  }
}
