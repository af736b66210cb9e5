// SPDX-License-Identifier: Apache-2.0
// Broker ids under random inputs: blocks, orders under ids of their own, withdrawals, lost links,
// restarts, rolled-back and lifted floors, resets. A list of what became of each number judges:
// no id twice, strictly increasing on the wire, and every hole explained by exactly one event.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <vector>

#include "belay/base/prng.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;
using belay::base::Prng;

namespace {

CoreOptions some_options(Prng& prng) {
  CoreOptions options;
  options.ids.monitor_interval = std::chrono::seconds(60);
  options.ids.blocks_max = 5;
  if (prng.chance(30)) options.ids.block_hold = std::chrono::seconds(3);
  if (prng.chance(30)) {
    options.ids.ranges = *parse_id_ranges("manual=0-99,scanner=200-299,algo=400-449");
  }
  return options;
}

class IdsDay {
 public:
  explicit IdsDay(std::uint32_t seed) : prng_(seed), rig_(some_options(prng_)) {
    rig_.up(1);
    judge();
    rig_.synced();
    judge();
  }

  void play(const std::vector<std::uint32_t>& choices) {
    for (const std::uint32_t choice : choices) {
      prng_ = Prng(choice);
      rig_.slots = static_cast<unsigned>(prng_.below(4));
      act(choice % 16);
      judge();
    }
    judge_numbers();
    judge_replay();
  }

 private:
  std::int64_t mark() const { return rig_.core.book().id_mark(0); }

  void act(std::uint32_t what) {
    if (what < 4) return place(std::nullopt);
    if (what < 6) return place(some_number());
    if (what < 8) return reserve();
    if (what == 8) return release();
    if (what == 9) return withdraw();
    if (what == 10) return lose_link(false);
    if (what == 11) return lose_link(true);
    if (what == 12) return rig_.wait(std::chrono::seconds(prng_.below(90)));
    if (what == 13) {
      rig_.step(NextIdSeen{0, prng_.between(1, mark() + 10)});
      return;
    }
    if (what == 14) return external();
    reset();
  }
  void place(std::optional<std::int64_t> number) {
    OrderSpec spec = limit_order();
    constexpr const char* words[] = {"", "manual", "scanner", "algo"};
    spec.purpose = words[prng_.below(4)];
    spec.broker_number = number;
    rig_.step(PlaceOrder{++rig_.correlation, who(), std::nullopt, spec});
    REQUIRE(rig_.count<Reply>() == 1);
  }
  std::string who() { return prng_.chance(70) ? "a" : "b"; }
  std::optional<std::int64_t> some_number() {
    std::vector<std::int64_t> open;
    for (const auto& [first, block] : rig_.core.book().ids().blocks()) {
      open.push_back(prng_.between(block.next, block.reserved.to - 1));
    }
    if (open.empty() || prng_.chance(20)) return prng_.between(0, mark() + 3);
    return open[prng_.below(open.size())];
  }
  void reserve() {
    ReserveIds command{++rig_.correlation, who(), prng_.chance(50) ? "algo" : "test",
                       prng_.between(1, 5), std::nullopt};
    if (prng_.chance(40)) command.from = mark() + prng_.between(-5, 12);
    const auto before = mark();
    rig_.step(command);
    REQUIRE(rig_.count<Reply>() == 1);
    const Reply& reply = rig_.the<Reply>();
    if (reply.code == ReplyCode::accepted) {
      REQUIRE(reply.first_id > before);
      const IdBlockReserved& block = rig_.the<IdBlockReserved>();
      REQUIRE(block.from == reply.first_id);
      REQUIRE(block.to == reply.first_id + command.count);
      // What waited for a slot may be sent in this very step, above the block.
      if (rig_.count<SendIntended>() == 0) REQUIRE(mark() == block.to - 1);
    } else {
      REQUIRE(rig_.count<IdBlockReserved>() == 0);  // all or nothing
      // What waited for a slot may be sent in this very step.
      if (rig_.count<SendIntended>() == 0) REQUIRE(rig_.last.events.empty());
    }
  }
  void release() {
    const auto& blocks = rig_.core.book().ids().blocks();
    const std::int64_t from = blocks.empty() ? prng_.between(1, 50) : blocks.begin()->first.number;
    rig_.step(ReleaseIds{++rig_.correlation, who(), from});
  }
  void withdraw() {
    for (const OrderId id : rig_.core.book().live()) {
      if (rig_.order(id).status != OrdStatus::pending_new || rig_.order(id).external) continue;
      rig_.step(SendUndone{id, "withdrawn"});
      return;
    }
  }
  void lose_link(bool restart) {
    if (restart) {
      rig_.restart();
    } else {
      rig_.down();
    }
    judge();
    if (prng_.chance(10)) return;
    rig_.up(prng_.chance(30) ? prng_.between(1, mark() + 1) : mark() + prng_.between(1, 8));
    judge();
    std::vector<BrokerNames> listed;
    for (const OrderId id : rig_.core.book().live()) {
      if (rig_.order(id).broker_id) listed.push_back(rig_.names(id));
    }
    rig_.synced(std::move(listed));
  }
  void external() {
    const BrokerNames names{BrokerOrderId{0, mark() + prng_.between(-3, 6)},
                            PermanentId(50'000 + prng_.between(0, 1000)), "theirs", true};
    if (names.broker_id->number < 1) return;
    rig_.step(BrokerOrder{names, limit_order(), "LMT", BrokerState::working, "Submitted", "", {}});
  }
  void reset() {
    const auto before = mark();
    rig_.step(ResetIds{++rig_.correlation, "alice", "test"});
    judge();
    if (prng_.chance(50)) {
      const std::vector<OrderId> live(rig_.core.book().live().begin(),
                                      rig_.core.book().live().end());
      for (const OrderId id : live) {
        if (rig_.order(id).external || !rig_.order(id).broker_id) continue;
        rig_.notice(id, 202, Verdict::canceled);
        judge();
      }
    }
    rig_.wait(std::chrono::seconds(31));
    judge();
    rig_.step(NextIdSeen{0, prng_.between(1, before + 20)});
    REQUIRE(mark() >= before);
  }

  // Every number that an event speaks of, once.
  void explain(std::int64_t from, std::int64_t to) {
    REQUIRE(from < to);
    for (std::int64_t number = from; number < to; ++number) {
      CAPTURE(number);
      REQUIRE(explained_.insert(number).second);
      REQUIRE(sent_.count(number) == 0);
    }
  }
  void judge() {
    for (const StampedEvent& stamped : rig_.last.events) {
      if (const auto* e = std::get_if<FloorRaised>(&stamped.event)) explain(e->from, e->to);
      if (const auto* e = std::get_if<GapRecorded>(&stamped.event)) explain(e->from, e->to);
      if (const auto* e = std::get_if<SendWithdrawn>(&stamped.event)) {
        const std::int64_t number = rig_.order(e->order).broker_id->number;
        REQUIRE(sent_.erase(number) == 1);
        explain(number, number + 1);
      }
      if (const auto* e = std::get_if<SendIntended>(&stamped.event)) {
        REQUIRE(e->broker_id.number > on_wire_);
        on_wire_ = e->broker_id.number;
        REQUIRE(explained_.count(on_wire_) == 0);
        sent_.insert(on_wire_);
      }
    }
    rig_.last = Output();  // judged
  }
  void judge_numbers() {
    std::set<std::int64_t> open;
    for (const auto& [first, block] : rig_.core.book().ids().blocks()) {
      for (std::int64_t n = block.next; n < block.reserved.to; ++n) open.insert(n);
    }
    for (std::int64_t number = 1; number <= mark(); ++number) {
      CAPTURE(number);
      REQUIRE(sent_.count(number) + explained_.count(number) + open.count(number) == 1);
    }
  }
  void judge_replay() {
    const Book replayed = rig_.replayed();
    REQUIRE(replayed.id_mark(0) == mark());
    REQUIRE(replayed.id_gaps_total() == rig_.core.book().id_gaps_total());
    REQUIRE(replayed.ids().blocks().size() == rig_.core.book().ids().blocks().size());
  }

  Prng prng_;
  CoreRig rig_;
  std::set<std::int64_t> sent_;
  std::set<std::int64_t> explained_;
  std::int64_t on_wire_ = 0;
};

}  // namespace

TEST_CASE("S0.1 S0.2 S0.3 ids property: no id twice, rising on the wire, every hole told once") {
  CHECK(rc::check([](std::uint32_t seed, const std::vector<std::uint32_t>& choices) {
    IdsDay(seed).play(choices);
  }));
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Prng prng(seed);
    std::vector<std::uint32_t> choices(300);
    for (auto& choice : choices) choice = static_cast<std::uint32_t>(prng.next());
    IdsDay(seed).play(choices);
  }
}

TEST_CASE("S0.7 S0.58 S0.59 ids property: sixteen callers, ten thousand orders each, all unique") {
  CoreRig rig = CoreRig::ready();
  Prng prng(16);
  std::vector<int> left(16, 10'000);
  std::int64_t last = 0;
  for (int done = 0; done < 160'000;) {
    const std::size_t caller = prng.below(16);
    if (left[caller] == 0) continue;
    --left[caller];
    ++done;
    rig.step(PlaceOrder{0, "caller" + std::to_string(caller), std::nullopt, limit_order()});
    rig.history.clear();
    for (const Effect& effect : rig.last.effects) {
      const auto* place = std::get_if<PlaceEffect>(&effect);
      if (place == nullptr) continue;
      REQUIRE(place->broker_id.number == last + 1);
      last = place->broker_id.number;
    }
  }
  CHECK(last == 160'000);
}
