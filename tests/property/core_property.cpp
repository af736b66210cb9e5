// SPDX-License-Identifier: Apache-2.0
// A Core under random inputs: commands, reports in any order, twice, wrong, lost links, restarts.
// A second, far simpler account of what was filled and sent judges it.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "belay/base/prng.hpp"
#include "tests/support/book_text.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;
using belay::base::Prng;

namespace {

class RandomDay {
 public:
  RandomDay() : rig_(CoreRig::ready()) {}

  void play(const std::vector<std::uint32_t>& choices) {
    for (const std::uint32_t choice : choices) {
      Prng prng(choice);
      rig_.slots = static_cast<unsigned>(prng.below(4));
      act(choice % 24, prng);
      judge_step();
    }
    judge_end();
  }

 private:
  void act(std::uint32_t what, Prng& prng) {
    const std::string key = "key" + std::to_string(prng.below(6));
    const OrderId id = some_order(prng);
    const bool known = id.value() != 0;
    if (what < 5) return place(prng.chance(30) ? nullptr : key.c_str(), prng);
    if (what == 5) return lose_link(prng);
    if (what == 6) return rig_.wait(std::chrono::milliseconds(prng.below(3000)));
    if (what == 7) return external(prng);
    if (what == 8 && prng.chance(30)) return restart(prng);
    if (!known) return;
    if (what == 9) return command(CancelOrder{++rig_.correlation, "t", id, std::nullopt});
    if (what == 10 || what == 11) return command(replacement(id, prng));
    if (what < 16) return fill(id, prng);
    if (what == 16) return notice(id, prng);
    if (what == 17 && rig_.order(id).broker_id) {
      rig_.step(SendUndone{id, "withdrawn"});
      return;
    }
    if (what == 18 && rig_.order(id).broker_id) {
      rig_.step(ReplaceUndone{id, "withdrawn"});
      return;
    }
    if (what < 21) return shown(id, prng);
    status(id, prng);
  }

  OrderId some_order(Prng& prng) const {
    const auto count = rig_.core.book().orders_total();
    return count == 0 ? OrderId() : OrderId(1 + prng.below(count));
  }
  void command(const Input& input) {
    rig_.step(input);
    REQUIRE(rig_.count<Reply>() == 1);
  }
  void place(const char* key, Prng& prng) {
    OrderSpec spec = limit_order(1 + static_cast<std::int64_t>(prng.below(3)) * 50);
    if (prng.chance(20)) spec.valid_until = rig_.now + std::chrono::milliseconds(prng.below(5000));
    if (prng.chance(5)) spec.account = AccountId("U9");
    PlaceOrder order{++rig_.correlation, "t", std::nullopt, spec};
    if (key != nullptr) order.cl_ord_id = ClOrdId(key);
    command(order);
  }
  ReplaceOrder replacement(OrderId id, Prng& prng) {
    TermsPatch patch;
    if (prng.chance(60)) patch.price = Price(Decimal::from_int(prng.between(180, 190)));
    if (prng.chance(50)) patch.order_qty = shares(prng.between(1, 150));
    return {++rig_.correlation, "t", id, std::nullopt, patch};
  }
  void fill(OrderId id, Prng& prng) {
    const Order& order = rig_.order(id);
    if (!order.broker_id && order.permanent_ids.empty()) return;
    const std::string base = "e" + std::to_string(id.value()) + "." + std::to_string(prng.below(4));
    const auto revision = static_cast<std::uint32_t>(1 + prng.below(3));
    const std::int64_t count = prng.chance(10) ? 0 : prng.between(1, 60);
    BrokerExecution report = rig_.execution(id, "x", count);
    report.names = names(id, prng);
    report.execution.id = {base, revision};
    report.execution.busted = count == 0;
    rig_.step(report);
    Fill& best = fills_[base];
    if (revision >= best.revision) best = {revision, report.execution.last_qty};
  }
  BrokerNames names(OrderId id, Prng& prng) const {
    const Order& order = rig_.order(id);
    BrokerNames out = rig_.names(id);
    out.carries_tag = true;  // orders and executions do; statuses and notices do not
    if (order.external) out.tag = order.tag;
    if (prng.chance(30)) out.permanent_id.reset();
    if (prng.chance(5) && !order.external) {
      out.permanent_id = PermanentId(90'000 + static_cast<std::int64_t>(prng.below(3)));
    }
    return out;
  }
  void notice(OrderId id, Prng& prng) {
    rig_.step(BrokerNotice{{rig_.order(id).broker_id, std::nullopt, ""},
                           static_cast<std::int32_t>(prng.below(500)),
                           "words",
                           static_cast<Verdict>(prng.below(9))});
  }
  BrokerState any_state(Prng& prng) const { return static_cast<BrokerState>(prng.below(8)); }
  void shown(OrderId id, Prng& prng) {
    if (!rig_.order(id).broker_id) return;
    OrderSpec spec = rig_.order(id).spec;
    if (rig_.order(id).replacing && prng.chance(60)) spec.terms = *rig_.order(id).replacing;
    if (prng.chance(10)) spec.terms.order_qty = shares(prng.between(0, 150));
    rig_.step(BrokerOrder{names(id, prng), spec, "LMT",
                          prng.chance(60) ? BrokerState::working : any_state(prng), "Word", "text",
                          std::nullopt});
  }
  void status(OrderId id, Prng& prng) {
    BrokerNames by_id{rig_.order(id).broker_id, std::nullopt, ""};
    rig_.step(BrokerStatus{by_id, any_state(prng), "Word" + std::to_string(prng.below(3)),
                           prng.chance(10) ? "locate" : "", shares(prng.between(0, 150))});
  }
  void external(Prng& prng) {
    BrokerNames names;
    if (prng.chance(70)) {
      names.broker_id = BrokerOrderId{static_cast<std::int32_t>(prng.below(3)),
                                      static_cast<std::int64_t>(prng.below(30))};
    }
    if (prng.chance(80)) names.permanent_id = PermanentId(500 + prng.between(0, 5));
    if (prng.chance(30)) names.tag = "other";
    names.carries_tag = true;
    rig_.step(
        BrokerOrder{names, limit_order(), "LMT", any_state(prng), "Word", "text", std::nullopt});
  }
  void come_back(Prng& prng) {
    rig_.up(prng.between(1, 40));
    std::vector<BrokerNames> listed;
    for (const OrderId id : rig_.core.book().live()) {
      if (rig_.order(id).broker_id && prng.chance(60)) listed.push_back(rig_.names(id));
    }
    rig_.synced(std::move(listed));
  }
  void lose_link(Prng& prng) {
    rig_.down();
    judge_step();
    if (prng.chance(80)) come_back(prng);
  }
  void restart(Prng& prng) {
    const std::string before = book_text(rig_.core.book());
    const std::string replayed = book_text(rig_.replayed());
    REQUIRE(before == replayed);
    rig_.restart();
    judge_step();
    if (prng.chance(80)) come_back(prng);
  }

  void judge_step() {
    unsigned sends = 0;
    for (const Effect& effect : rig_.last.effects) {
      if (const auto* place = std::get_if<PlaceEffect>(&effect)) {
        ++sends;
        // Guarantee 1: one order, once. Guarantee 2: ids strictly increase.
        REQUIRE(placed_.insert(place->order.value()).second);
        std::int64_t& mark = marks_[place->broker_id.session];
        REQUIRE(place->broker_id.number > mark);
        mark = place->broker_id.number;
      } else if (std::holds_alternative<ReplaceEffect>(effect)) {
        ++sends;
      }
    }
    REQUIRE(sends <= rig_.slots);
    rig_.last = Output();  // judged
    const Book& book = rig_.core.book();
    for (const auto& [id, order] : book.in_memory()) {
      REQUIRE(book.live().contains(order.id) == !is_terminal(order.status));
      if (is_terminal(order.status)) {
        REQUIRE_FALSE(order.unknown);
        REQUIRE_FALSE(order.pending_cancel);
        REQUIRE_FALSE(order.desired_terms.has_value());
      }
    }
  }

  void judge_end() {
    // Guarantee 4: every fill counts once, in whatever state it found the order.
    Quantity expected;
    for (const auto& [base, fill] : fills_) expected = expected + fill.quantity;
    Quantity counted;
    for (const auto& [id, order] : rig_.core.book().in_memory()) counted = counted + order.cum_qty;
    REQUIRE(counted == expected);
    // Guarantee 9: the same events give the same state.
    REQUIRE(book_text(rig_.core.book()) == book_text(rig_.replayed()));
    // Time alone never spins the loop: a tick leaves no deadline behind it.
    rig_.slots = 0;
    rig_.step(Tick{});
    REQUIRE(rig_.core.next_deadline() > rig_.now);
  }

  struct Fill {
    std::uint32_t revision = 0;
    Quantity quantity;
  };
  CoreRig rig_;
  std::map<std::string, Fill> fills_;
  std::set<std::uint64_t> placed_;
  std::map<std::int32_t, std::int64_t> marks_;
};

}  // namespace

TEST_CASE("core property: one send per order, rising ids, fills counted once, replay is exact") {
  CHECK(rc::check([](const std::vector<std::uint32_t>& choices) { RandomDay().play(choices); }));
  // Long days without shrinking, for what needs many steps.
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Prng prng(seed);
    std::vector<std::uint32_t> choices(400);
    for (auto& choice : choices) choice = static_cast<std::uint32_t>(prng.next());
    RandomDay().play(choices);
  }
}
