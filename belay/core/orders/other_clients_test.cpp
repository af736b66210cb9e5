// SPDX-License-Identifier: Apache-2.0
#include "tests/support/foreign_orders.hpp"

using namespace belay::test;

namespace {

bool names(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}
BrokerStatus canceled(std::int32_t client, std::int64_t number) {
  return {{BrokerOrderId{client, number}, std::nullopt, ""},
          BrokerState::canceled,
          "Cancelled",
          "",
          Quantity()};
}

}  // namespace

TEST_CASE("foreign: a change, and a cancel that was not asked for, are refused with the owner") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  const Reply cancel = answer_of(rig, CancelOrder{1, "tester", id, std::nullopt});
  CHECK(cancel.code == ReplyCode::wrong_state);
  CHECK(names(cancel.text, "belongs to client 3"));
  CHECK(names(cancel.text, "--foreign"));
  const Reply change = rig.reprice(id, "191");
  CHECK(change.code == ReplyCode::wrong_state);
  CHECK(names(change.text, "belongs to client 3: only that client can change it"));
  CHECK(names(change.text, "can be canceled, with foreign=true"));
  CHECK(rig.last.events.empty());
  CHECK(rig.last.effects.size() == 1);
}

TEST_CASE("foreign: a cancel goes in the owner's name, recorded with owner and who asked") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::accepted);
  CHECK(rig.the<ForeignRequest>().owner == 3);
  CHECK(rig.the<ForeignRequest>().principal == "tester");
  CHECK(rig.the<ForeignRequest>().action == "cancel");
  CHECK(rig.count<CancelIntended>() == 1);
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK(rig.the<ForeignCancelEffect>().broker_id == BrokerOrderId{3, 17});
  CHECK(rig.the<ForeignCancelEffect>().permanent_id == PermanentId(900));
  // Asking again while it is under way changes nothing.
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::accepted);
  CHECK(rig.count<ForeignCancelEffect>() == 0);
  CHECK(rig.last.events.empty());
}

TEST_CASE("foreign: the order is canceled when the broker says so, and not before") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.step(foreign_cancel(id));
  rig.step(ForeignDone{id, ForeignOutcome::sent, ""});
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).pending_cancel);
  rig.step(canceled(3, 17));
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.step(ForeignDone{id, ForeignOutcome::answered, "Cancelled"});
  CHECK(rig.the<ForeignRequest>().outcome == "answered: Cancelled");
  CHECK(rig.count<SnapshotEffect>() == 0);
}

TEST_CASE("foreign: a refusal leaves the order as it was and says whose it is") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.step(foreign_cancel(id));
  rig.step(ForeignDone{id, ForeignOutcome::refused, "client 3 is connected"});
  CHECK(rig.count<CancelRefused>() == 1);
  CHECK_FALSE(rig.order(id).pending_cancel);
  CHECK(rig.order(id).text == "client 3 is connected");
  // It may be asked for again.
  rig.step(foreign_cancel(id));
  CHECK(rig.count<ForeignCancelEffect>() == 1);
}

TEST_CASE("foreign: an unanswered request leaves the wish open and asks for the broker's lists") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.step(foreign_cancel(id));
  rig.step(ForeignDone{id, ForeignOutcome::unanswered, "no answer"});
  CHECK(rig.count<SnapshotEffect>() == 1);
  CHECK(rig.order(id).pending_cancel);
}

TEST_CASE("foreign: a wish that a restart left open is not asked for again by itself") {
  CoreRig rig = CoreRig::ready();
  const BrokerOrder shown = shown_of(3, 17, 900);
  const OrderId id = seen(rig, shown);
  rig.step(foreign_cancel(id));
  rig.restart();
  rig.up();
  rig.step(shown);
  rig.synced({shown.names});
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK(rig.count<ForeignCancelEffect>() == 0);
  CHECK(rig.count<CancelRefused>() == 1);
  CHECK_FALSE(rig.order(id).pending_cancel);
}

TEST_CASE("foreign: an order made by hand has no name, and the refusal says who can") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(0, 0, 901));
  const Reply reply = answer_of(rig, foreign_cancel(id));
  CHECK(reply.code == ReplyCode::wrong_state);
  CHECK(names(reply.text, "by hand"));
  CHECK(names(reply.text, "BELAY_BIND_MANUAL"));
  CHECK(names(rig.reprice(id, "191").text, "by hand"));
}

TEST_CASE("foreign: while the broker is away nothing is asked in anybody's name") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.down();
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::not_ready);
  CHECK(rig.last.events.empty());
}

TEST_CASE("foreign: a number of another client never leaves under ours") {
  CoreRig rig = CoreRig::ready();
  const OrderId ours = rig.working("k1");
  const auto number = rig.order(ours).broker_id->number;
  const OrderId theirs = seen(rig, shown_of(3, number, 900));
  rig.step(foreign_cancel(theirs));
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK_FALSE(rig.order(ours).pending_cancel);
}

TEST_CASE("foreign: our own order of another client id is not canceled by its number under this") {
  CoreRig rig;
  rig.client = 7;
  rig.up();
  rig.synced();
  const OrderId id = rig.working("k1");
  const BrokerNames names_then = rig.names(id);
  rig.restart();
  rig.client = 8;
  rig.up();
  rig.synced({names_then});
  const Reply refused = rig.cancel(id);
  CHECK(refused.code == ReplyCode::wrong_state);
  CHECK(names(refused.text, "belongs to client 7"));
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK(rig.reprice(id, "191").code == ReplyCode::wrong_state);
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::accepted);
  CHECK(rig.the<ForeignCancelEffect>().broker_id.session == 7);
}

TEST_CASE("bound: an order made by hand gets its name, and is ours to cancel then") {
  CoreRig rig = CoreRig::ready();
  BrokerOrder shown = shown_of(0, 0, 901);
  const OrderId id = seen(rig, shown);
  rig.step(BrokerBound{PermanentId(901), {0, -1}});
  CHECK(rig.the<BrokerIdBound>().broker_id == BrokerOrderId{0, -1});
  CHECK(rig.core.book().find(BrokerOrderId{0, -1})->id == id);
  rig.step(BrokerBound{PermanentId(901), {0, -1}});
  CHECK(rig.silent());
  // The report under the new name is about the same order.
  shown.names.broker_id = BrokerOrderId{0, -1};
  rig.step(shown);
  CHECK(rig.silent());
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.the<CancelEffect>().broker_id.number == -1);
  rig.step(canceled(0, -1));
  CHECK(rig.state(id) == OrdStatus::canceled);
}

TEST_CASE("bound: the order report alone tells the name too") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(0, 0, 901));
  rig.step(shown_of(0, -4, 901));
  CHECK(rig.count<BrokerIdBound>() == 1);
  CHECK(rig.order(id).broker_id == BrokerOrderId{0, -4});
}

TEST_CASE(
    "bound: what this session can name and did not place is canceled here and never changed") {
  CoreRig rig = CoreRig::ready();
  for (const std::int64_t number : {-1, 40}) {  // bound, and left by another program under our id
    const OrderId id = seen(rig, shown_of(0, number, 901 + number));
    const Reply change = rig.reprice(id, "191");
    CHECK(change.code == ReplyCode::wrong_state);
    CHECK(names(change.text, "it can be canceled here, and changed only where it was made"));
    CHECK(rig.last.events.empty());
    CHECK(rig.cancel(id).code == ReplyCode::accepted);
  }
}

TEST_CASE("foreign: a cancel of an order of a live account passes") {
  CoreRig rig = CoreRig::ready();
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  const OrderId id = seen(rig, shown_of(3, 17, 900, live));
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::accepted);
}

TEST_CASE("bound: a name of an order that nobody has shown changes nothing") {
  CoreRig rig = CoreRig::ready();
  rig.step(BrokerBound{PermanentId(55), {0, -1}});
  CHECK(rig.silent());
}

TEST_CASE("foreign: what was recorded is replayed to the same book") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  const OrderId hand = seen(rig, shown_of(0, 0, 901));
  rig.step(BrokerBound{PermanentId(901), {0, -1}});
  rig.step(foreign_cancel(id));
  rig.step(ForeignDone{id, ForeignOutcome::refused, "busy"});
  const Book book = rig.replayed();
  CHECK(book.find(hand)->broker_id == BrokerOrderId{0, -1});
  CHECK(book.find(id)->text == rig.order(id).text);
  CHECK(book.last_seq() == rig.core.book().last_seq());
}
