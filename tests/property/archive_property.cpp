// SPDX-License-Identifier: Apache-2.0
// The same random inputs to a core that archives everything it can and to one that archives
// nothing: what became of each order is the same. And at many points of such histories a book that
// comes back from its bytes, with the events behind it, is the book of all events.
#include <doctest/doctest.h>

#include <deque>
#include <map>

#include "belay/base/prng.hpp"
#include "belay/core/facts/order_encoding.hpp"
#include "tests/support/archive_rig.hpp"
#include "tests/support/book_text.hpp"

using namespace belay::test;
using belay::base::Prng;

namespace {

class TwoCores {
 public:
  explicit TwoCores(std::uint64_t seed) : prng_(seed), archiving_(prng_.below(4)) {
    plain_.up();
    plain_.synced();
  }

  void play(int steps) {
    for (int i = 0; i < steps; ++i) {
      act();
      answer(false);
      if (prng_.chance(2)) take_snapshot();
    }
    answer(true);
    compare();
  }

 private:
  void both(const Input& input) {
    plain_.step(input);
    tell(input);
  }
  void tell(const Input& input) {
    archiving_.tell(input);
    for (const Effect& effect : archiving_.last.effects) {
      if (const auto* recall = std::get_if<RecallEffect>(&effect)) asked_.push_back(recall->order);
    }
  }
  // The history answers late, so that further reports wait.
  void answer(bool all) {
    while (!asked_.empty() && (all || prng_.chance(40))) {
      const OrderId id = asked_.front();
      asked_.pop_front();
      tell(ArchivedOrder{id, archiving_.kept.at(id), ""});
    }
  }

  void act() {
    const auto what = prng_.below(20);
    if (what < 5) return place();
    if (what == 5) return external();
    const auto total = plain_.core.book().orders_total();
    if (total == 0) return;
    const OrderId id(1 + prng_.below(total));
    if (what < 12) return fill(id);
    if (what < 18) return shown(id);
    commission(id);
  }
  void place() {
    PlaceOrder order{++plain_.correlation, "t", std::nullopt, limit_order()};
    order.cl_ord_id = ClOrdId("key" + std::to_string(prng_.below(40)));
    both(order);
    const Reply& reply = plain_.the<Reply>();
    for (const Effect& effect : archiving_.last.effects) {
      if (const auto* other = std::get_if<Reply>(&effect)) {
        REQUIRE(other->order == reply.order);
        REQUIRE(other->code == reply.code);
      }
    }
  }
  BrokerNames names(OrderId id) {
    const Order& order = plain_.order(id);
    BrokerNames out = plain_.names(id);
    out.carries_tag = true;
    if (order.external) {
      out.tag = order.tag;
      out.permanent_id = order.permanent_ids.front();
    }
    return out;
  }
  void external() {
    const auto number = prng_.between(1, 20);
    BrokerNames names{BrokerOrderId{42, number}, PermanentId(7000 + number), "theirs", true};
    both(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "",
                     std::nullopt});
  }
  void fill(OrderId id) {
    BrokerExecution report = plain_.execution(id, "x", prng_.between(1, 50));
    report.names = names(id);
    const auto which = std::to_string(prng_.below(3));
    report.execution.id = {"e" + std::to_string(id.value()) + "." + which,
                           static_cast<std::uint32_t>(1 + prng_.below(3))};
    // The same revision says the same, as a broker's does.
    report.execution.last_qty =
        shares(10 + static_cast<std::int64_t>(report.execution.id.revision) * 7);
    both(report);
  }
  void shown(OrderId id) {
    constexpr BrokerState states[] = {BrokerState::working, BrokerState::canceled,
                                      BrokerState::rejected, BrokerState::filled,
                                      BrokerState::pending};
    BrokerState state = states[prng_.below(5)];
    const Order& order = plain_.order(id);
    if (!order.broker_id) return;
    // What is done is told as it was: nothing but a fill or a working order contradicts it.
    if (order.status == OrdStatus::filled) state = BrokerState::filled;
    if (order.status == OrdStatus::canceled) state = BrokerState::canceled;
    if (order.status == OrdStatus::rejected) state = BrokerState::rejected;
    const BrokerOrder report{names(id), order.spec, "LMT", state, "Word", "", std::nullopt};
    both(report);
  }
  void commission(OrderId id) {
    const Order& order = plain_.order(id);
    if (order.executions.empty()) return;
    const Execution& execution = order.executions[prng_.below(order.executions.size())];
    both(BrokerCommission{execution.id, Decimal::from_int(prng_.between(1, 3)), "USD",
                          std::nullopt});
  }

  void take_snapshot() {
    snapshots_[archiving_.core.book().last_seq()] = archiving_.core.book().encode();
  }

  void compare() {
    const Book& book = archiving_.core.book();
    const Book& plain = plain_.core.book();
    REQUIRE(book.orders_total() == plain.orders_total());
    std::uint64_t archived = 0;
    for (std::uint64_t i = 1; i <= plain.orders_total(); ++i) {
      const OrderId id(i);
      const Order& expected = plain_.order(id);
      Order found;
      if (const Order* in_memory = book.find(id)) {
        found = *in_memory;
      } else {
        found = *decode_order(archiving_.kept.at(id));
        ++archived;
      }
      CAPTURE(i);
      REQUIRE(found.status == expected.status);
      REQUIRE(found.cum_qty == expected.cum_qty);
      REQUIRE(found.notional == expected.notional);
      REQUIRE(found.executions.size() == expected.executions.size());
      for (std::size_t e = 0; e < found.executions.size(); ++e) {
        REQUIRE(found.executions[e].id == expected.executions[e].id);
        REQUIRE(found.executions[e].last_qty == expected.executions[e].last_qty);
        REQUIRE(found.executions[e].commission == expected.executions[e].commission);
      }
    }
    REQUIRE(book.archived() == archived);
    // Replay, and every snapshot with its tail, give the same bytes.
    const std::string bytes = book.encode();
    REQUIRE(archiving_.replayed().encode() == bytes);
    for (const auto& [seq, snapshot] : snapshots_) {
      auto restored = Book::decode(snapshot);
      REQUIRE(restored.has_value());
      REQUIRE(restored->encode() == snapshot);
      for (const auto& row : archiving_.history) {
        if (row.seq > seq) restored->apply(CoreRig::decoded(row));
      }
      REQUIRE(restored->encode() == bytes);
      REQUIRE(book_text(*restored) == book_text(book));
    }
  }

  Prng prng_;
  CoreRig plain_;
  ArchiveRig archiving_;
  std::deque<OrderId> asked_;
  std::map<std::uint64_t, std::string> snapshots_;
};

}  // namespace

TEST_CASE("archive property: archiving changes nothing, and snapshot and tail are the whole") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    TwoCores(seed).play(250);
  }
}
