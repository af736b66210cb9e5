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

TEST_CASE("foreign: without being asked for, a cancel or a change is refused with the owner") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  const Reply cancel = answer_of(rig, CancelOrder{1, "tester", id, std::nullopt});
  CHECK(cancel.code == ReplyCode::wrong_state);
  CHECK(names(cancel.text, "belongs to client 3"));
  CHECK(names(cancel.text, "--foreign"));
  const Reply change = rig.reprice(id, "191");
  CHECK(change.code == ReplyCode::wrong_state);
  CHECK(names(change.text, "belongs to client 3"));
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
  rig.step(ForeignDone{id, false, ForeignOutcome::sent, ""});
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).pending_cancel);
  rig.step(canceled(3, 17));
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.step(ForeignDone{id, false, ForeignOutcome::answered, "Cancelled"});
  CHECK(rig.the<ForeignRequest>().outcome == "answered: Cancelled");
  CHECK(rig.count<SnapshotEffect>() == 0);
}

TEST_CASE("foreign: a refusal leaves the order as it was and says whose it is") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.step(foreign_cancel(id));
  rig.step(ForeignDone{id, false, ForeignOutcome::refused, "client 3 is connected"});
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
  rig.step(ForeignDone{id, false, ForeignOutcome::unanswered, "no answer"});
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
  CHECK(answer_of(rig, foreign_reprice(id, "191")).code == ReplyCode::wrong_state);
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

TEST_CASE("foreign: a change is asked for with the changed fields only, and taken when shown") {
  CoreRig rig = CoreRig::ready();
  BrokerOrder shown = shown_of(3, 17, 900);
  const OrderId id = seen(rig, shown);
  CHECK(answer_of(rig, foreign_reprice(id, "191")).code == ReplyCode::accepted);
  const auto& effect = rig.the<ForeignReplaceEffect>();
  CHECK(effect.patch.price == price("191"));
  CHECK_FALSE(effect.patch.order_qty.has_value());
  CHECK(rig.the<ForeignRequest>().action == "replace");
  CHECK(rig.count<ReplaceEffect>() == 0);
  // One at a time.
  CHECK(answer_of(rig, foreign_reprice(id, "192")).code == ReplyCode::wrong_state);
  shown.spec.terms.price = price("191");
  rig.step(shown);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.order(id).spec.terms.price == price("191"));
}

TEST_CASE("foreign: a refused change leaves the old terms") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  rig.step(foreign_reprice(id, "191"));
  rig.step(ForeignDone{id, true, ForeignOutcome::refused, "client 3 is connected"});
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.order(id).spec.terms.price == price("190.5"));
  CHECK_FALSE(rig.order(id).desired_terms.has_value());
}

TEST_CASE("foreign: changes that make no sense are refused before anybody is asked") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(3, 17, 900));
  ReplaceOrder command = foreign_reprice(id, "191");
  command.patch.price.reset();
  command.patch.stop_px = price("180");  // it is a limit order
  const Reply reply = answer_of(rig, command);
  CHECK(reply.code == ReplyCode::invalid);
  REQUIRE(reply.errors.size() == 1);
  CHECK(reply.errors[0].field == "aux_price");
  OrderSpec odd = limit_order();
  odd.ord_type = OrdType::other;
  odd.terms.price.reset();
  const OrderId pegged = seen(rig, shown_of(3, 18, 902, odd));
  CHECK(answer_of(rig, foreign_reprice(pegged, "191")).code == ReplyCode::wrong_state);
}

TEST_CASE("foreign: a live account closes this way to new risk too; cancels pass") {
  CoreRig rig = CoreRig::ready();
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  const OrderId id = seen(rig, shown_of(3, 17, 900, live));
  CHECK(answer_of(rig, foreign_reprice(id, "191")).code == ReplyCode::wrong_state);
  CHECK(answer_of(rig, foreign_cancel(id)).code == ReplyCode::accepted);
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

TEST_CASE("bound: a change goes from the broker's own picture of the order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = seen(rig, shown_of(0, -1, 901));
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 0);
  CHECK(rig.count<ForeignRequest>() == 0);  // in our own name
  CHECK(rig.the<ForeignReplaceEffect>().broker_id.number == -1);
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
  rig.step(ForeignDone{id, false, ForeignOutcome::refused, "busy"});
  const Book book = rig.replayed();
  CHECK(book.find(hand)->broker_id == BrokerOrderId{0, -1});
  CHECK(book.find(id)->text == rig.order(id).text);
  CHECK(book.last_seq() == rig.core.book().last_seq());
}
