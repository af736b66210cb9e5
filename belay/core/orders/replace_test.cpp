// SPDX-License-Identifier: Apache-2.0
// Modifications: one in flight, later ones join into the latest wish, and a refusal kills nothing.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

TEST_CASE("replace: it is sent under the same broker id with the whole order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
  const auto& effect = rig.the<ReplaceEffect>();
  CHECK(effect.broker_id == *rig.order(id).broker_id);
  CHECK(effect.spec->terms.price == price("191"));
  CHECK(effect.spec->terms.order_qty == shares(100));
  CHECK(effect.tag == order_tag(CoreRig::instance, id));
  CHECK(rig.order(id).spec->terms.price == price("190.5"));  // not in force yet
  CHECK(reported_ord_status(rig.order(id)) == "PendingReplace");
}

TEST_CASE("replace: the broker's echo of the new terms puts them in force") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.order(id).spec->terms.price == price("191"));
  CHECK_FALSE(rig.order(id).replace_in_flight());
  CHECK(reported_ord_status(rig.order(id)) == "New");
}

TEST_CASE("replace: what was said of a refused one is gone when a later one is in force") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191.003");
  rig.notice(id, 110, Verdict::request_refused, "price variation");
  CHECK(rig.order(id).code == 110);
  rig.reprice(id, "191");
  rig.shown(id);
  CHECK(rig.order(id).code == 0);
  CHECK(rig.order(id).text.empty());
}

TEST_CASE("replace: a fill beyond the old quantity shows that it arrived, and is no overfill") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  TermsPatch patch;
  patch.order_qty = shares(160);
  rig.replace(id, patch);
  rig.fill(id, "e.1.01", 150);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK_FALSE(rig.incident("overfill"));
  CHECK(rig.order(id).spec->terms.order_qty == shares(160));
  rig.fill(id, "e.2.01", 20);
  CHECK(rig.incident("overfill"));
}

namespace {
OrderId grown(CoreRig& rig) {
  const OrderId id = rig.working("k1");
  TermsPatch patch;
  patch.order_qty = shares(150);
  rig.replace(id, patch);
  rig.fill(id, "e.1.01", 100);
  return id;
}
}  // namespace

TEST_CASE("replace: a fill of the old quantity does not end an order that may have grown") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = grown(rig);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.order(id).replace_in_flight());
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
  rig.fill(id, "e.2.01", 50);
  CHECK_FALSE(rig.incident("overfill"));
  CHECK(rig.state(id) == OrdStatus::filled);
}

TEST_CASE("replace: an order that was filled before it grew is filled once that is told") {
  SUBCASE("by a refusal") {
    CoreRig rig = CoreRig::ready();
    const OrderId id = grown(rig);
    rig.notice(id, 104, Verdict::replace_refused, "Cannot modify a filled order.");
    CHECK(rig.state(id) == OrdStatus::filled);
  }
  SUBCASE("by the word Filled after the fill") {
    CoreRig rig = CoreRig::ready();
    const OrderId id = grown(rig);
    rig.status(id, BrokerState::filled, "Filled", 100);
    CHECK(rig.count<ReplaceRefused>() == 1);
    CHECK(rig.state(id) == OrdStatus::filled);
    CHECK_FALSE(rig.order(id).replace_in_flight());
  }
  SUBCASE("by lists that show it no more") {
    CoreRig rig = CoreRig::ready();
    const OrderId id = grown(rig);
    for (int i = 0; i < 4; ++i) rig.later_round();
    CHECK(rig.state(id) == OrdStatus::filled);
  }
  SUBCASE("and not before, through a restart") {
    CoreRig rig = CoreRig::ready();
    const OrderId id = grown(rig);
    rig.restart();
    CHECK(rig.state(id) == OrdStatus::partially_filled);
    CHECK(rig.order(id).replace_in_flight());
  }
}

TEST_CASE("replace: a late echo of the old terms accepts nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const OrderSpec old = rig.order(id).spec;
  rig.reprice(id, "191");
  rig.shown_as(id, old);
  CHECK(rig.count<ReplaceAccepted>() == 0);
  CHECK(rig.count<OrderRestated>() == 0);
  CHECK(rig.order(id).replace_in_flight());
}

TEST_CASE("replace: a late echo of the old trailing amount accepts nothing") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.ord_type = OrdType::trailing_stop;
  spec.terms.price.reset();
  spec.terms.trail_amount = price("2");
  const OrderId id = rig.working("k1", spec);
  TermsPatch patch;
  patch.trail_amount = price("1");
  rig.replace(id, patch);
  rig.shown_as(id, spec);
  CHECK(rig.count<ReplaceAccepted>() == 0);
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.order(id).spec->terms.trail_amount == price("1"));
}

TEST_CASE("replace: a refused one leaves the order alive with its old terms") {
  CoreRig rig = CoreRig::ready();
  for (const Verdict verdict : {Verdict::request_refused, Verdict::replace_refused}) {
    const OrderId id = rig.working(nullptr);
    rig.reprice(id, "191.001");
    rig.notice(id, 110, verdict, "minimum price variation");
    CHECK(rig.count<ReplaceRefused>() == 1);
    CHECK(rig.state(id) == OrdStatus::new_);
    CHECK(rig.order(id).spec->terms.price == price("190.5"));
    CHECK_FALSE(rig.order(id).desired_terms.has_value());
    CHECK(rig.order(id).code == 110);
  }
}

TEST_CASE("replace: one is under way at a time, later ones become the latest wish") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  CHECK(rig.reprice(id, "192").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 0);
  TermsPatch more;
  more.order_qty = shares(150);
  rig.replace(id, more);  // on top of 192
  CHECK(rig.count<ReplaceEffect>() == 0);
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  const auto& effect = rig.the<ReplaceEffect>();
  CHECK(effect.spec->terms.price == price("192"));
  CHECK(effect.spec->terms.order_qty == shares(150));
  rig.shown(id);
  CHECK(rig.count<ReplaceEffect>() == 0);
  CHECK(rig.order(id).spec->terms.price == price("192"));
  CHECK(rig.order(id).spec->terms.order_qty == shares(150));
}

TEST_CASE("replace: the latest wish outlives a refusal of the one before") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.reprice(id, "192");
  rig.notice(id, 110, Verdict::request_refused);
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.the<ReplaceEffect>().spec->terms.price == price("192"));
}

TEST_CASE("replace: the latest wish outlives one that never left our buffers") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.reprice(id, "192");
  rig.step(ReplaceUndone{id, "not one byte left"});
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.the<ReplaceEffect>().spec->terms.price == price("192"));
}

TEST_CASE("replace: the latest wish outlives a lost link") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.reprice(id, "192");
  rig.down();
  rig.up();
  rig.shown_as(id, limit_order());
  rig.synced({rig.names(id)});
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.the<ReplaceEffect>().spec->terms.price == price("192"));
}

TEST_CASE("replace: before the acknowledgement it waits, and takes no slot from others") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  CHECK(rig.reprice(id, "191").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 0);
  rig.slots = 1;
  CHECK(rig.place("k2").code == ReplyCode::accepted);
  CHECK(rig.count<PlaceEffect>() == 1);
  rig.shown(id);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("replace: a fill that ends the order takes the wish with it") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.fill(id, "e.1.01", 100);
  CHECK(rig.state(id) == OrdStatus::filled);
  CHECK_FALSE(rig.order(id).desired_terms.has_value());
  CHECK_FALSE(rig.order(id).replace_in_flight());
  rig.notice(id, 104, Verdict::replace_refused);  // cannot modify a filled order
  CHECK(rig.state(id) == OrdStatus::filled);
}

TEST_CASE("replace: a fill while it is under way counts, and the answer still comes") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.fill(id, "e.1.01", 40);
  CHECK(rig.state(id) == OrdStatus::partially_filled);
  CHECK(rig.order(id).replace_in_flight());
  rig.shown(id);
  CHECK(rig.count<ReplaceAccepted>() == 1);
  CHECK(rig.order(id).cum_qty == shares(40));
}

TEST_CASE("replace: a quantity that is filled already is refused and names the field") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  TermsPatch patch;
  for (const int count : {30, 40}) {
    patch.order_qty = shares(count);
    const Reply reply = rig.replace(id, patch);
    CHECK(reply.code == ReplyCode::invalid);
    REQUIRE(reply.errors.size() == 1);
    CHECK(reply.errors[0].field == "total_quantity");
    CHECK(rig.last.events.empty());
  }
  patch.order_qty = shares(41);
  CHECK(rig.replace(id, patch).code == ReplyCode::accepted);
}

TEST_CASE("replace: terms that would not be valid, or none at all, are refused") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  CHECK(rig.replace(id, TermsPatch{}).code == ReplyCode::invalid);
  TermsPatch patch;
  patch.stop_px = price("1");  // not for a limit order
  const Reply reply = rig.replace(id, patch);
  CHECK(reply.code == ReplyCode::invalid);
  REQUIRE_FALSE(reply.errors.empty());
  CHECK(reply.errors[0].field == "aux_price");
}

TEST_CASE("replace: not of what is done, unsent, being canceled or another's, nor without link") {
  CoreRig rig = CoreRig::ready();
  const OrderId done = rig.working("k1");
  rig.fill(done, "e.1.01", 100);
  CHECK(rig.reprice(done, "191").code == ReplyCode::wrong_state);
  const OrderId leaving = rig.working("k2");
  rig.cancel(leaving);
  CHECK(rig.reprice(leaving, "191").code == ReplyCode::wrong_state);
  CHECK(rig.reprice(OrderId(99), "191").code == ReplyCode::not_found);
  const OrderId kept = rig.working("k3");
  rig.slots = 0;
  const OrderId unsent = rig.place("k4").order;
  CHECK(rig.reprice(unsent, "191").code == ReplyCode::wrong_state);
  rig.down();
  CHECK(rig.reprice(kept, "191").code == ReplyCode::not_ready);
}

TEST_CASE("replace: a version that differs changes nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  TermsPatch patch;
  patch.price = price("191");
  rig.step(ReplaceOrder{1, "tester", id, rig.order(id).version - 1, patch});
  CHECK(rig.the<Reply>().code == ReplyCode::version_differs);
  CHECK(rig.last.events.empty());
}

TEST_CASE("restated: terms that a person changes at the broker become those in force") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  OrderSpec other = rig.order(id).spec;
  other.terms.price = price("189");
  other.terms.order_qty = shares(80);
  rig.shown_as(id, other);
  CHECK(rig.count<OrderRestated>() == 1);
  CHECK(rig.order(id).spec->terms.price == price("189"));
  CHECK(rig.order(id).leaves_qty() == shares(80));
  rig.shown_as(id, other);
  CHECK(rig.silent());
}

TEST_CASE("restated: a quantity of zero in a finished order's report restates nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  OrderSpec zero = rig.order(id).spec;
  zero.terms.order_qty = Quantity();
  rig.shown_as(id, zero);
  CHECK(rig.count<OrderRestated>() == 0);
  CHECK(rig.order(id).spec->terms.order_qty == shares(100));
}

TEST_CASE("restated: an order reduced to what is filled is filled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 40);
  OrderSpec less = rig.order(id).spec;
  less.terms.order_qty = shares(40);
  rig.shown_as(id, less);
  CHECK(rig.state(id) == OrdStatus::filled);  // FIX 4.4 appendix C.3.c
}

TEST_CASE("cancel: one while a modification waits keeps the wish back until it is refused") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  rig.reprice(id, "191");
  rig.cancel(id);
  rig.slots = 10;
  rig.step(Tick{});
  CHECK(rig.count<ReplaceEffect>() == 0);
  rig.notice(id, 10148, Verdict::cancel_too_late);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("replace: while the disk is nearly full one that lessens risk passes, no other") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.refuse_new = "the disk is nearly full";
  const Reply refused = rig.reprice(id, "191");
  CHECK(refused.code == ReplyCode::disk);
  CHECK(refused.text == "the disk is nearly full");
  CHECK(rig.last.events.empty());
  CHECK(rig.reprice(id, "190").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 1);
}
