// SPDX-License-Identifier: Apache-2.0
// What could be read of an entry only as far as whose it is: it decides nothing about that order,
// and holds up nothing about the others.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::seconds;

namespace {

BrokerNames tagged(const CoreRig& rig, OrderId id) {
  return {std::nullopt, std::nullopt, order_tag(CoreRig::instance, rig.order(id).id), true};
}
BrokerNames of_another_client() {
  return {BrokerOrderId{9, 3}, PermanentId(700), "theirs", true};
}

void later_round(CoreRig& rig, std::vector<UnreadEntry> unread,
                 std::vector<BrokerNames> listed = {}) {
  rig.wait(seconds(12));
  SnapshotDone done = rig.round(std::move(listed));
  done.wish = UINT64_MAX / 2;
  done.unread = std::move(unread);
  rig.step(done);
}

}  // namespace

TEST_CASE("unread: an entry of another order keeps nothing undecided") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  for (int i = 0; i < 2; ++i) later_round(rig, {{of_another_client(), false}});
  CHECK(rig.state(id) == OrdStatus::not_accepted);
}

TEST_CASE("unread: an order of which something was listed is not absent, however it is named") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  const OrderId other = rig.sent("k2");
  const BrokerNames by_id{rig.order(id).broker_id, std::nullopt, "", true};
  for (const BrokerNames& names : {tagged(rig, id), by_id}) {
    for (int i = 0; i < 3; ++i) later_round(rig, {{names, false}});
    CHECK(rig.state(id) == OrdStatus::pending_new);
    CHECK_FALSE(rig.order(id).unknown);
  }
  CHECK(rig.state(other) == OrdStatus::not_accepted);
  for (int i = 0; i < 2; ++i) later_round(rig, {});
  CHECK(rig.state(id) == OrdStatus::not_accepted);
}

TEST_CASE("unread: an order that has only its permanent id in the entry is not absent") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const BrokerNames by_permanent_id{std::nullopt, rig.names(id).permanent_id, "", true};
  for (int i = 0; i < 3; ++i) later_round(rig, {{by_permanent_id, false}});
  CHECK_FALSE(rig.order(id).unknown);
  for (int i = 0; i < 2; ++i) later_round(rig, {});
  CHECK(rig.order(id).unknown);
}

TEST_CASE("unread: a listed order whose terms nobody could read refuses no modification") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  REQUIRE(rig.order(id).replace_in_flight());
  for (int i = 0; i < 3; ++i) later_round(rig, {{tagged(rig, id), false}}, {rig.names(id)});
  CHECK(rig.order(id).replace_in_flight());
  for (int i = 0; i < 2; ++i) later_round(rig, {}, {rig.names(id)});
  CHECK_FALSE(rig.order(id).replace_in_flight());
}

TEST_CASE("unread: a fill of unknown size is inferred from what the broker says is filled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1", limit_order(10));
  rig.fill(id, "e.1.01", 4, "190");
  BrokerStatus status{rig.names(id), BrokerState::filled, "Filled", "", shares(10)};
  status.avg_px = price("190.3");
  rig.step(status);
  for (int i = 0; i < 2; ++i) later_round(rig, {{tagged(rig, id), false}});
  CHECK(rig.state(id) == OrdStatus::filled);
  REQUIRE(rig.order(id).executions.size() == 2);
  CHECK(rig.order(id).executions[1].inferred);
  CHECK(rig.order(id).executions[1].last_px == price("190.5"));
  // When it can be read after all it takes the place of what was inferred.
  BrokerExecution real = rig.execution(id, "e.2.01", 6, "190.5");
  real.cum_qty = shares(10);
  rig.step(real);
  CHECK(rig.order(id).cum_qty == shares(10));
  CHECK_FALSE(rig.order(id).overfilled);
}

TEST_CASE("unread: a correction that cannot be read makes the broker's total a dispute") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1", limit_order(10));
  rig.fill(id, "e.1.01", 4);
  rig.status(id, BrokerState::working, "Submitted", 6);
  bool told = false;
  for (int i = 0; i < 2; ++i) {
    later_round(rig, {{tagged(rig, id), true}}, {rig.names(id)});
    told = told || rig.incident("fills_disputed");
  }
  CHECK(told);
  CHECK(rig.order(id).cum_qty == shares(4));
}

TEST_CASE("unread: an id refused as used is not sent again while a fill may be what came of it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 103, Verdict::duplicate_id, "Duplicate order id");
  rig.step(NextIdSeen{0, 300});
  for (int i = 0; i < 3; ++i) {
    later_round(rig, {{tagged(rig, id), false}});
    CHECK(rig.count<PlaceEffect>() == 0);
  }
  CHECK(rig.state(id) == OrdStatus::pending_new);
}

namespace {

Position held(const char* account, std::int64_t con_id, std::optional<int> count) {
  Position out;
  out.account = AccountId(account);
  out.contract.symbol = "X";
  out.contract.con_id = con_id;
  if (count) out.quantity = Decimal::from_int(*count);
  return out;
}

// The contracts of which the round tells a break.
std::string broken_in(CoreRig& rig, std::vector<Position> positions) {
  rig.wait(seconds(12));
  SnapshotDone done = rig.round();
  done.positions = std::move(positions);
  done.positions_listed = true;
  rig.step(done);
  std::string out;
  for (const auto& event : rig.last.events) {
    const auto* told = std::get_if<IncidentOpened>(&event.event);
    if (told != nullptr && told->kind == "position_break") out += told->subject + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("unread: how much is held of one contract stops the comparison of that one alone") {
  for (const auto& unread : {held("DU1", 7, std::nullopt), held("", 7, std::nullopt)}) {
    CoreRig rig = CoreRig::ready();
    REQUIRE(broken_in(rig, {held("DU1", 7, 10), held("DU1", 8, 1)}).empty());
    REQUIRE(rig.core.book().positions_agreed(AccountId("DU1")));
    std::string broken;
    for (int i = 0; i < 3; ++i) broken += broken_in(rig, {held("DU1", 8, 5), unread});
    CHECK(broken == "position_break/DU1/8 ");
    const auto& expected = rig.core.book().expected_positions();
    CHECK(expected.at({AccountId("DU1"), 7}).quantity == Decimal::from_int(10));
    CHECK(broken_in(rig, {held("DU1", 7, 10), held("DU1", 8, 5)}).empty());
  }
}

TEST_CASE("unread: a position of an unreadable contract stops the comparison of its account") {
  CoreRig rig = CoreRig::ready();
  REQUIRE(broken_in(rig, {held("DU1", 8, 1)}).empty());
  for (int i = 0; i < 3; ++i) {
    CHECK(broken_in(rig, {held("DU1", 8, 5), held("DU1", 0, std::nullopt)}).empty());
  }
  CHECK(rig.core.book().expected_positions().at({AccountId("DU1"), 8}).quantity ==
        Decimal::from_int(1));
  CHECK(broken_in(rig, {held("DU1", 8, 5)}).empty());
  CHECK(broken_in(rig, {held("DU1", 8, 5)}) == "position_break/DU1/8 ");
}

TEST_CASE("unread: a fill of unknown size leaves its contract out, though it is listed as held") {
  CoreRig rig = CoreRig::ready();
  REQUIRE(broken_in(rig, {held("DU1", 7, 10), held("DU1", 8, 1)}).empty());
  for (int i = 0; i < 3; ++i) {
    CHECK(broken_in(rig, {held("DU1", 7, 16), held("DU1", 8, 1), held("DU1", 7, std::nullopt)})
              .empty());
  }
  CHECK(rig.core.book().expected_positions().at({AccountId("DU1"), 7}).quantity ==
        Decimal::from_int(10));
}

TEST_CASE("unread: what was agreed without one contract is agreed, and that one is told later") {
  CoreRig rig = CoreRig::ready();
  CHECK(broken_in(rig, {held("DU1", 8, 1), held("DU1", 7, std::nullopt)}).empty());
  CHECK(rig.core.book().positions_agreed(AccountId("DU1")));
  CHECK_FALSE(rig.core.book().expected_positions().contains({AccountId("DU1"), 7}));
  // Nobody agreed on it: that there is some is no first sight any more.
  std::string broken;
  for (int i = 0; i < 2; ++i) broken += broken_in(rig, {held("DU1", 8, 1), held("DU1", 7, 3)});
  CHECK(broken == "position_break/DU1/7 ");
}

TEST_CASE("unread: a contract is not compared while a fill of it may be an order's of ours") {
  CoreRig rig = CoreRig::ready();
  const auto position = [](std::int64_t con_id, const char* symbol, int count) {
    Position out = held("DU1", con_id, count);
    out.contract.symbol = symbol;
    return out;
  };
  const auto compared = [&](std::vector<UnreadEntry> unread, int apples, int others) {
    std::string out;
    for (int i = 0; i < 3; ++i) {
      rig.wait(seconds(12));
      SnapshotDone done = rig.round();
      done.unread = unread;
      done.positions = {position(7, "AAPL", apples), position(8, "IBM", others)};
      done.positions_listed = true;
      rig.step(done);
      for (const auto& event : rig.last.events) {
        const auto* told = std::get_if<IncidentOpened>(&event.event);
        if (told != nullptr && told->kind == "position_break") out += told->subject + " ";
      }
    }
    return out;
  };
  REQUIRE(compared({}, 10, 1).empty());
  OrderSpec spec = limit_order();
  spec.contract.con_id = 7;
  const OrderId id = rig.sent("k1", spec);
  BrokerNames names{std::nullopt, PermanentId(700), "", true};
  names.id_unread = true;
  CHECK(compared({{names, false}}, 50, 2) == "position_break/DU1/8 ");
  CHECK(rig.state(id) == OrdStatus::pending_new);
  // Its order is known, and the fill counts.
  rig.shown(id);
  rig.fill(id, "e.1.01", 40);
  CHECK(compared({}, 50, 2).empty());
}

TEST_CASE("unread: an order without a readable id is nobody else's while ours is unaccounted for") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  BrokerNames names{std::nullopt, rig.names(id).permanent_id, "", true};
  names.id_unread = true;
  const BrokerOrder report{names, rig.order(id).spec, "LMT", BrokerState::working, "Submitted", "",
                           {}};
  BrokerExecution fill = rig.execution(id, "e.1.01", 40);
  fill.names = names;
  for (int i = 0; i < 3; ++i) {
    rig.step(report);
    CHECK(rig.count<ExternalOrderSeen>() == 0);
    rig.step(fill);
    CHECK(rig.count<ExternalOrderSeen>() == 0);
    later_round(rig, {{names, false}}, {names});
    CHECK(rig.state(id) == OrdStatus::pending_new);
  }
  // Once its permanent id is known it is found by that.
  rig.shown(id);
  rig.step(fill);
  CHECK(rig.order(id).cum_qty == shares(40));
  // With nothing of ours to be accounted for it is another's, and so is one of another contract.
  BrokerOrder other = report;
  other.names.permanent_id = PermanentId(700);
  rig.step(other);
  CHECK(rig.count<ExternalOrderSeen>() == 1);
  rig.sent("k2");
  other.names.permanent_id = PermanentId(701);
  other.spec.edit().contract.symbol = "IBM";
  rig.step(other);
  CHECK(rig.count<ExternalOrderSeen>() == 1);
}
