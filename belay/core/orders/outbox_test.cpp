// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/outbox.hpp"

#include <doctest/doctest.h>

#include <map>

#include "belay/base/prng.hpp"

using namespace belay::core;
using belay::base::Time;
using Kind = Outbox::Kind;

namespace {

class OutboxRig {
 public:
  Outbox::Number add(std::uint64_t order, Lane lane = Lane::new_risk, const char* who = "a",
                     std::uint64_t family = 1, Kind kind = Kind::place) {
    Outbox::Item item;
    for (std::uint64_t i = 0; i < family; ++i) item.orders.emplace_back(order + i);
    item.kind = kind;
    item.lane = lane;
    item.principal = who;
    outbox.add(item);
    return outbox.find(OrderId(order), kind)->number;
  }
  /// Sends with this many free slots; the first order of each item, in sequence.
  std::vector<std::uint64_t> send(unsigned slots) {
    std::vector<std::uint64_t> out;
    LaneSlots left(slots);
    while (const Outbox::Item* next = outbox.next(left)) {
      left.take(next->cost());
      out.push_back(outbox.take_sent(next->number).orders.front().value());
    }
    return out;
  }
  Outbox outbox;
};

using Sent = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("outbox: first come first served for one caller, and no more than the slots") {
  OutboxRig rig;
  for (std::uint64_t order = 1; order <= 4; ++order) rig.add(order);
  CHECK(rig.send(0).empty());
  CHECK(rig.send(3) == Sent{1, 2, 3});
  CHECK(rig.send(3) == Sent{4});
  CHECK(rig.outbox.empty());
}

TEST_CASE("outbox: protection goes before what reduces, and both before new risk") {
  OutboxRig rig;
  rig.add(1);
  rig.add(2, Lane::reducing);
  rig.add(3, Lane::protective);
  rig.add(4, Lane::reducing);
  CHECK(rig.outbox.size(Lane::reducing) == 2);
  CHECK(rig.send(9) == Sent{3, 2, 4, 1});
}

TEST_CASE("outbox: the callers of a lane take turns") {
  OutboxRig rig;
  for (std::uint64_t order = 1; order <= 4; ++order) rig.add(order, Lane::new_risk, "a");
  for (std::uint64_t order = 11; order <= 13; ++order) rig.add(order, Lane::new_risk, "b");
  rig.add(21, Lane::new_risk, "c");
  CHECK(rig.send(9) == Sent{1, 11, 21, 2, 12, 3, 13, 4});
}

TEST_CASE("outbox: a caller who sends one order at a time is not always first") {
  OutboxRig rig;
  for (std::uint64_t order = 1; order <= 5; ++order) rig.add(order, Lane::new_risk, "patient");
  Sent out;
  for (std::uint64_t round = 0; round < 6; ++round) {
    rig.add(100 + round, Lane::new_risk, "hasty");
    for (const auto sent : rig.send(1)) out.push_back(sent);
    if (rig.outbox.find(OrderId(100 + round), Kind::place) == nullptr) continue;
    rig.outbox.take(rig.outbox.find(OrderId(100 + round), Kind::place)->number);
  }
  CHECK(std::count_if(out.begin(), out.end(), [](auto id) { return id < 100; }) >= 3);
}

TEST_CASE("outbox: turns are measured in messages, so families get no larger share") {
  OutboxRig rig;
  for (std::uint64_t i = 0; i < 3; ++i) rig.add(1 + 3 * i, Lane::new_risk, "a", 3);
  for (std::uint64_t order = 50; order < 60; ++order) rig.add(order, Lane::new_risk, "b");
  CHECK(rig.send(11) == Sent{1, 50, 51, 52, 4, 53, 54});
}

TEST_CASE("outbox: modifications of a caller go before its new orders") {
  OutboxRig rig;
  rig.add(1);
  rig.add(2);
  rig.add(9, Lane::new_risk, "a", 1, Kind::replace);
  CHECK(rig.send(2) == Sent{9, 1});
}

TEST_CASE("outbox: a family waits until all its slots are free, and nothing below takes them") {
  OutboxRig rig;
  rig.add(1, Lane::reducing, "a", 3);
  rig.add(4, Lane::reducing, "b");
  rig.add(5);
  CHECK(rig.send(2).empty());
  rig.add(6, Lane::protective);
  CHECK(rig.send(2) == Sent{6});
  CHECK(rig.send(3) == Sent{1});
  CHECK(rig.send(3) == Sent{4, 5});
}

TEST_CASE("outbox: what can never fit is handed out to be refused") {
  OutboxRig rig;
  rig.add(1, Lane::new_risk, "a", 4);
  const LaneSlots slots({9, 6, 0}, {9, 6, 3});
  REQUIRE(rig.outbox.next(slots) != nullptr);
  CHECK(rig.outbox.next(slots)->cost() == 4);
  CHECK(rig.outbox.next(LaneSlots({9, 6, 0}, {9, 6, 4})) == nullptr);
}

TEST_CASE("outbox: slots that are kept for a higher lane are not given to a lower one") {
  OutboxRig rig;
  rig.add(1);
  const LaneSlots slots({3, 2, 0}, {9, 6, 3});
  CHECK(rig.outbox.next(slots) == nullptr);
  rig.add(2, Lane::reducing);
  CHECK(rig.outbox.next(slots)->orders.front() == OrderId(2));
}

TEST_CASE("outbox: what is taken leaves no trace, whoever is around it") {
  OutboxRig rig;
  const auto first = rig.add(1, Lane::new_risk, "a", 2);
  rig.add(3);
  CHECK(rig.outbox.of_caller("a") == 3);
  CHECK(rig.outbox.find(OrderId(2), Kind::place)->number == first);
  CHECK(rig.outbox.take(first).orders.size() == 2);
  CHECK(rig.outbox.find(OrderId(2), Kind::place) == nullptr);
  CHECK(rig.outbox.of_caller("a") == 1);
  CHECK(rig.outbox.size() == 1);
  CHECK(rig.send(9) == Sent{3});
  CHECK(rig.outbox.of_caller("a") == 0);
}

TEST_CASE("outbox: a parked item is in nobody's way and comes back with its age") {
  OutboxRig rig;
  const auto blocked = rig.add(1, Lane::new_risk, "a", 1, Kind::replace);
  rig.add(2, Lane::new_risk, "a", 1, Kind::replace);
  rig.outbox.park(blocked);
  CHECK(rig.outbox.waiting() == 1);
  CHECK(rig.outbox.size() == 2);
  CHECK(rig.outbox.next_deadline() == belay::base::never);
  rig.outbox.unpark(blocked, Time(5), Time(9));
  CHECK(rig.outbox.next_deadline() == Time(9));
  CHECK(rig.send(9) == Sent{1, 2});
}

TEST_CASE("outbox: an item that changes its lane keeps its age there") {
  OutboxRig rig;
  const auto first = rig.add(1);
  rig.add(2, Lane::reducing);
  rig.outbox.move(first, Lane::reducing, Time(3));
  CHECK(rig.outbox.size(Lane::new_risk) == 0);
  CHECK(rig.send(9) == Sent{1, 2});
}

TEST_CASE("outbox: deadlines are told, and what is due comes earliest first") {
  OutboxRig rig;
  const auto with = [&](std::uint64_t order, std::int64_t deadline) {
    Outbox::Item item;
    item.orders = {OrderId(order)};
    item.deadline = Time(deadline);
    rig.outbox.add(item);
  };
  with(1, 30);
  with(2, 10);
  with(3, 20);
  CHECK(rig.outbox.next_deadline() == Time(10));
  CHECK(rig.outbox.take_due(Time(9)).empty());
  const auto due = rig.outbox.take_due(Time(20));
  REQUIRE(due.size() == 2);
  CHECK(due[0].orders.front() == OrderId(2));
  CHECK(due[1].orders.front() == OrderId(3));
  CHECK(rig.outbox.next_deadline() == Time(30));
}

TEST_CASE("outbox: the oldest of a lane is known, whoever it belongs to") {
  OutboxRig rig;
  CHECK(rig.outbox.oldest(Lane::new_risk) == belay::base::never);
  const auto at = [&](std::uint64_t order, const char* who, Kind kind, std::int64_t when) {
    Outbox::Item item;
    item.orders = {OrderId(order)};
    item.kind = kind;
    item.principal = who;
    item.queued_at = Time(when);
    rig.outbox.add(item);
  };
  at(1, "a", Kind::place, 50);
  at(2, "a", Kind::replace, 60);
  at(3, "b", Kind::place, 55);
  CHECK(rig.outbox.oldest(Lane::new_risk) == Time(50));
}

// A second, far simpler account: a list that is searched from its beginning.
TEST_CASE("outbox: random use agrees with a plain list about what waits and who is next") {
  belay::base::Prng prng(11);
  for (int round = 0; round < 40; ++round) {
    OutboxRig rig;
    std::map<std::uint64_t, Lane> plain;  // by order, which is by age
    std::uint64_t last = 0;
    for (int i = 0; i < 300; ++i) {
      const auto what = prng.below(10);
      if (what < 5) {
        const auto lane = static_cast<Lane>(prng.below(3));
        rig.add(++last, lane, "only");
        plain[last] = lane;
      } else if (what < 7 && !plain.empty()) {
        const auto gone = std::next(plain.begin(), static_cast<long>(prng.below(plain.size())));
        rig.outbox.take(rig.outbox.find(OrderId(gone->first), Kind::place)->number);
        plain.erase(gone);
      } else if (what < 8 && !plain.empty()) {
        const auto moved = std::next(plain.begin(), static_cast<long>(prng.below(plain.size())));
        moved->second = static_cast<Lane>(prng.below(3));
        rig.outbox.move(rig.outbox.find(OrderId(moved->first), Kind::place)->number, moved->second,
                        belay::base::never);
      } else {
        for (const auto sent : rig.send(static_cast<unsigned>(prng.below(4)))) {
          for (const auto& [order, lane] : plain) REQUIRE(lane >= plain.at(sent));
          for (const auto& [order, lane] : plain) {
            if (lane == plain.at(sent)) REQUIRE(order >= sent);
          }
          plain.erase(sent);
        }
      }
      REQUIRE(rig.outbox.size() == plain.size());
      REQUIRE(rig.outbox.of_caller("only") == plain.size());
    }
  }
}

TEST_CASE("outbox: ten thousand items are added, found, taken and drained without a search") {
  OutboxRig rig;
  constexpr std::uint64_t many = 100'000;  // a search in each step would take minutes
  for (std::uint64_t order = 1; order <= many; ++order) {
    rig.add(order, static_cast<Lane>(order % 3), order % 2 == 0 ? "a" : "b");
  }
  for (std::uint64_t order = 1; order <= many; order += 2) {
    rig.outbox.take(rig.outbox.find(OrderId(order), Kind::place)->number);
  }
  CHECK(rig.send(many).size() == many / 2);
}
