// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

Reply reserve(CoreRig& rig, std::int64_t count, const char* purpose = "test",
              std::optional<std::int64_t> from = std::nullopt) {
  rig.step(ReserveIds{++rig.correlation, "tester", purpose, count, from});
  return rig.the<Reply>();
}
Reply place_under(CoreRig& rig, const char* key, std::int64_t number) {
  OrderSpec spec = limit_order();
  spec.broker_number = number;
  return rig.place(key, spec);
}
std::int64_t number_of(const CoreRig& rig, OrderId id) {
  return rig.order(id).broker_id->number;
}
OrderSpec for_purpose(const char* purpose) {
  OrderSpec spec = limit_order();
  spec.purpose = purpose;
  return spec;
}

}  // namespace

TEST_CASE("S0.17 reserve: consecutive ids at once, above everything, durable through a restart") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  const Reply reply = reserve(rig, 3, "algo");
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(reply.first_id == 2);
  CHECK(rig.core.book().id_mark(0) == 4);
  rig.restart();
  rig.up(2);
  rig.synced();
  CHECK_FALSE(rig.incident("next_id_lower"));
  REQUIRE(rig.core.book().ids().blocks().size() == 1);
  CHECK(rig.core.book().ids().blocks().begin()->second.reserved.purpose == "algo");
  CHECK(place_under(rig, "k2", 3).code == ReplyCode::accepted);
  CHECK(rig.the<PlaceEffect>().broker_id.number == 3);
}

TEST_CASE("S0.17 reserve: a start below the floor is lifted, one above leaves a gap") {
  CoreRig rig;
  rig.up(50);
  rig.synced();
  CHECK(reserve(rig, 2, "test", 7).first_id == 50);
  CHECK(reserve(rig, 2, "test", 60).first_id == 60);
  CHECK(rig.count<GapRecorded>() == 1);
  CHECK(rig.core.book().ids().gaps().back().from == 52);
  CHECK(rig.core.book().ids().gaps().back().to == 60);
  const Reply far = reserve(rig, 2, "test", 1'000'000);
  CHECK(far.code == ReplyCode::invalid);
  CHECK(far.errors.at(0).field == "from");
}

TEST_CASE("S0.18 reserve: all or nothing") {
  CoreRig rig;
  rig.up(2'146'999'990);
  rig.synced();
  const auto mark = rig.core.book().id_mark(0);
  CHECK(reserve(rig, 11).code == ReplyCode::exhausted);
  CHECK(rig.last.events.empty());
  CHECK(rig.core.book().id_mark(0) == mark);
  for (const std::int64_t count : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1001}}) {
    CHECK(reserve(rig, count).errors.at(0).field == "count");
  }
  CHECK(reserve(rig, 10).code == ReplyCode::accepted);
}

TEST_CASE("reserve: not before the floor is known, and only so many blocks at a time") {
  CoreOptions options;
  options.ids.blocks_max = 2;
  CoreRig rig(options);
  CHECK(reserve(rig, 1).code == ReplyCode::not_ready);
  rig.up();
  rig.synced();
  CHECK(reserve(rig, 1).code == ReplyCode::accepted);
  CHECK(reserve(rig, 1).code == ReplyCode::accepted);
  CHECK(reserve(rig, 1).code == ReplyCode::queue_full);
}

TEST_CASE("release: what was not used is one gap, and only the holder may release") {
  CoreRig rig = CoreRig::ready();
  reserve(rig, 5);
  place_under(rig, "k1", 2);
  CHECK(rig.count<GapRecorded>() == 1);  // id 1
  rig.step(ReleaseIds{++rig.correlation, "another", 1});
  CHECK(rig.the<Reply>().code == ReplyCode::not_found);
  rig.step(ReleaseIds{++rig.correlation, "tester", 1});
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
  CHECK(rig.the<GapRecorded>().from == 3);
  CHECK(rig.the<GapRecorded>().to == 6);
  CHECK(rig.the<GapRecorded>().reason.find("RESERVED_UNUSED") == 0);
  CHECK(rig.core.book().ids().blocks().empty());
  CHECK(rig.core.book().id_gaps_total() == 2);
}

TEST_CASE("S0.3 S0.53 import: an id of an own block goes out, every other one is refused") {
  CoreRig rig = CoreRig::ready();
  const auto refused = [&](std::int64_t number) {
    const Reply reply = place_under(rig, "never", number);
    CHECK(reply.code == ReplyCode::invalid);
    CHECK(reply.errors.at(0).field == "broker_order_id");
    CHECK(rig.last.events.empty());
    return reply.text;
  };
  CHECK(refused(1).find("block that you reserved") != std::string::npos);
  reserve(rig, 3);
  const Reply reply = place_under(rig, "k1", 2);
  CHECK(number_of(rig, reply.order) == 2);
  CHECK(refused(2).find("reused") == 0);
  CHECK(refused(1).find("passed") == 0);
  CHECK(refused(0).find("zero") == 0);
  CHECK(refused(4).find("block that you reserved") != std::string::npos);
  rig.step(PlaceOrder{++rig.correlation, "another", ClOrdId("k9"), [] {
                        OrderSpec spec = limit_order();
                        spec.broker_number = 3;
                        return spec;
                      }()});
  CHECK(rig.the<Reply>().code == ReplyCode::invalid);
  CHECK(place_under(rig, "k1", 2).code == ReplyCode::replayed);
  CHECK(place_under(rig, "k1", 3).code == ReplyCode::key_reused);
}

TEST_CASE("S0.3 blocks: an order that needs no block passes it, and the block is a gap once") {
  CoreRig rig = CoreRig::ready();
  reserve(rig, 3);
  reserve(rig, 2, "algo");
  CHECK(number_of(rig, rig.sent("k1")) == 6);
  CHECK(rig.core.book().id_gaps_total() == 2);
  CHECK(rig.core.book().ids().blocks().empty());
  CHECK(place_under(rig, "k2", 2).code == ReplyCode::invalid);
  rig.sent("k3");
  CHECK(rig.count<GapRecorded>() == 0);
}

TEST_CASE("blocks: ids that a later block skips take nothing from an earlier one") {
  CoreRig rig = CoreRig::ready(with_ranges("algo=400-449"));
  CHECK(reserve(rig, 4, "algo").first_id == 400);
  CHECK(reserve(rig, 4, "test").first_id == 450);
  CHECK(rig.the<GapRecorded>().from == 404);
  CHECK(rig.core.book().ids().blocks().size() == 2);
  OrderSpec spec = for_purpose("algo");
  spec.broker_number = 400;
  CHECK(number_of(rig, rig.place("k1", spec).order) == 400);
}

TEST_CASE("blocks: with a hold other orders wait for it, at most so long, whoever reserves again") {
  CoreOptions options;
  options.ids.block_hold = std::chrono::seconds(5);
  CoreRig rig = CoreRig::ready(options);
  reserve(rig, 2);
  const Reply waits = rig.place("k1");
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.core.next_deadline() < rig.now + std::chrono::seconds(5));
  CHECK(place_under(rig, "k2", 1).code == ReplyCode::accepted);
  CHECK(rig.the<PlaceEffect>().broker_id.number == 1);
  reserve(rig, 1);
  rig.wait(std::chrono::seconds(5));
  CHECK(rig.the<PlaceEffect>().order == waits.order);
  CHECK(number_of(rig, waits.order) == 4);
  CHECK(rig.core.book().ids().blocks().empty());
}

TEST_CASE("import: an order that would wait behind others is refused and nothing is recorded") {
  CoreRig rig = CoreRig::ready();
  reserve(rig, 2);
  rig.slots = 0;
  CHECK(place_under(rig, "k1", 1).code == ReplyCode::queue_full);
  CHECK(rig.last.events.empty());
  rig.slots = 10;
  rig.down();
  CHECK(place_under(rig, "k1", 1).code == ReplyCode::not_ready);
}

TEST_CASE("S0.13 floor: a block below a higher next id is a gap beside the raised floor") {
  CoreRig rig = CoreRig::ready();
  reserve(rig, 4);
  rig.down();
  rig.up(3);  // the broker was never told of the block: no incident
  CHECK_FALSE(rig.incident("next_id_lower"));
  CHECK(rig.the<GapRecorded>().to == 3);
  rig.synced();
  rig.step(NextIdSeen{0, 9});
  CHECK(rig.the<GapRecorded>().from == 3);
  CHECK(rig.the<FloorRaised>().from == 5);
  CHECK(rig.the<FloorRaised>().to == 9);
  rig.step(NextIdSeen{0, 2});
  CHECK(rig.silent());
  rig.step(NextIdSeen{5, 100});
  CHECK(rig.silent());
}

TEST_CASE("S0.15 ranges: a purpose without ids is refused by name while the others go on") {
  CoreRig rig(with_ranges("manual=1-2,scanner=10-19"));
  rig.up(broker_number_max - 5);  // no lap of manual fits above it
  rig.synced();
  const Reply none = rig.place("m1", for_purpose("manual"));
  CHECK(none.code == ReplyCode::exhausted);
  CHECK(none.text.find("RANGE_EXHAUSTED") != std::string::npos);
  CHECK(rig.place("o1", for_purpose("other")).code == ReplyCode::accepted);
}

TEST_CASE("S0.6 ranges: a range that was passed comes back higher up, and ids still rise") {
  CoreRig rig = CoreRig::ready(with_ranges("manual=1-2,scanner=10-19"));
  CHECK(number_of(rig, rig.sent("s1", for_purpose("scanner"))) == 10);
  CHECK(rig.the<GapRecorded>().reason.find("FLOOR_RAISED") == 0);
  CHECK(number_of(rig, rig.sent("m1", for_purpose("manual"))) == 41);
  CHECK(number_of(rig, rig.sent("m2", for_purpose("manual"))) == 42);
  CHECK(number_of(rig, rig.sent("m3", for_purpose("manual"))) == 81);
  CHECK(number_of(rig, rig.sent("s2", for_purpose("scanner"))) == 90);
  CHECK(number_of(rig, rig.sent("o1")) == 100);
  rig.down();
  rig.up(1500);
  CHECK_FALSE(rig.incident("id_range_refused"));
}

TEST_CASE("blocks: an order that needs no block takes its id below it, and the block stays") {
  CoreOptions options;
  options.ids.block_room = 5;
  CoreRig rig = CoreRig::ready(options);
  CHECK(reserve(rig, 3).first_id == 6);
  CHECK(number_of(rig, rig.sent("o1")) == 1);
  CHECK(number_of(rig, rig.sent("o2")) == 2);
  CHECK(reserve(rig, 2).first_id == 9);  // one room serves every block above it
  rig.restart();
  rig.up(3);
  rig.synced();
  CHECK(number_of(rig, rig.sent("o3")) == 3);
  CHECK(place_under(rig, "own", 6).code == ReplyCode::accepted);
  CHECK(place_under(rig, "room", 4).code == ReplyCode::invalid);
  CHECK(rig.core.book().ids().block_of({0, 7}) != nullptr);
  // Nothing is left below the block's own id: who needs none passes the rest, as ids only rise.
  CHECK(number_of(rig, rig.sent("o4")) == 11);
}

TEST_CASE("S0.31 ids: nine tenths used is an incident, once") {
  CoreRig rig;
  rig.up(1'932'299'990);
  rig.synced();
  CHECK_FALSE(rig.incident("ids_nearly_exhausted"));
  rig.sent("k1");
  rig.sent("k2");
  CHECK(rig.incident("ids_nearly_exhausted"));
  rig.sent("k3");
  CHECK(rig.count<IncidentOpened>() == 0);
}

TEST_CASE("S0.14 counts: per purpose, and how far each id has come") {
  CoreRig rig = CoreRig::ready();
  const auto count = [&](const char* purpose) {
    return rig.core.book().ids().counts()[purpose_index(purpose)];
  };
  const OrderId scanner = rig.sent("k1", for_purpose("scanner"));
  rig.sent("k2", for_purpose("swing"));
  CHECK(count("scanner").sent == 1);
  CHECK(count("other").sent == 1);
  rig.shown(scanner);
  CHECK(count("scanner").sent == 0);
  CHECK(count("scanner").acknowledged == 1);
  rig.fill(scanner, "e.1.01", 100);
  CHECK(count("scanner").acknowledged == 1);
  const OrderId undone = rig.sent("k3", for_purpose("algo"));
  rig.step(SendUndone{undone, "not connected"});
  CHECK(count("algo").sent == 0);
  CHECK(count("algo").acknowledged == 0);
  const Book replayed = rig.replayed();
  CHECK(replayed.ids().counts()[purpose_index("scanner")].acknowledged == 1);
  CHECK(replayed.ids().counts()[purpose_index("other")].sent == 1);
}

TEST_CASE("S0.2 gaps: each is kept with its reason and counted once, also by a replay") {
  CoreRig rig;
  rig.up(10);
  rig.synced();
  reserve(rig, 2);
  const OrderId id = rig.sent("k1");
  rig.step(SendUndone{id, "not connected"});
  const auto& gaps = rig.core.book().ids().gaps();
  REQUIRE(gaps.size() == 3);
  CHECK(gaps[0].reason.find("FLOOR_RAISED") == 0);
  CHECK(gaps[1].reason.find("RESERVED_UNUSED") == 0);
  CHECK(gaps[2].reason.find("REJECTED_BEFORE_SEND") == 0);
  CHECK(gaps[2].from == 12);
  CHECK(rig.replayed().id_gaps_total() == 3);
  CHECK(rig.replayed().ids().gaps().size() == 3);
}

TEST_CASE("blocks: an order is not sent after its valid_until behind a block either") {
  CoreOptions options;
  options.ids.block_hold = std::chrono::seconds(5);
  CoreRig rig = CoreRig::ready(options);
  reserve(rig, 3);
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + std::chrono::seconds(1);
  const Reply reply = rig.place("k1", spec);
  REQUIRE(reply.code == ReplyCode::accepted);
  REQUIRE(rig.count<PlaceEffect>() == 0);
  CHECK(rig.core.next_deadline() <= rig.now + std::chrono::seconds(1));
  rig.wait(std::chrono::seconds(2));
  CHECK(rig.state(reply.order) == OrdStatus::denied);
  CHECK(rig.order(reply.order).text == "not sent before its valid_until");
  rig.wait(std::chrono::seconds(4));
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("blocks: a valid_until that ends with the hold is looked at before the order goes") {
  CoreOptions options;
  options.ids.block_hold = std::chrono::seconds(5);
  CoreRig rig = CoreRig::ready(options);
  reserve(rig, 3);
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + std::chrono::seconds(1);
  const Reply reply = rig.place("k1", spec);
  rig.wait(std::chrono::seconds(6));  // both ended since the last step
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(reply.order) == OrdStatus::denied);
}

TEST_CASE("ids: without the broker's next id and a mark of our own new orders wait, and are told") {
  CoreRig rig;
  rig.up(0);
  rig.synced();
  CHECK(rig.core.book().find_incident("next_id_unknown") != nullptr);
  const Reply reply = rig.place("k1");
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(reserve(rig, 1).code == ReplyCode::not_ready);
  SUBCASE("until it answers the question") {
    rig.step(NextIdSeen{0, 17});
  }
  SUBCASE("until the next link tells it") {
    rig.down();
    rig.up(17);
    rig.synced();
    rig.place("k2");
  }
  CHECK(rig.core.book().find_incident("next_id_unknown") == nullptr);
  CHECK(rig.the<PlaceEffect>().broker_id.number >= 17);
}

TEST_CASE("ids: a mark of our own is enough when the broker does not tell its next id") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  rig.down();
  rig.up(0);
  rig.synced();
  CHECK(rig.core.book().find_incident("next_id_unknown") == nullptr);
  rig.place("k2");
  CHECK(rig.the<PlaceEffect>().broker_id.number == 2);
}
