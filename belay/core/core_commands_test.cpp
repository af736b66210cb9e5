// SPDX-License-Identifier: Apache-2.0
// Placing: keys, ids, pacing, deadlines, guards.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("place: an order is accepted and sent in one step when a slot is free") {
  CoreRig rig = CoreRig::ready();
  const Reply reply = rig.place("k1");
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(rig.count<OrderAccepted>() == 1);
  CHECK(rig.the<SendIntended>().broker_id == BrokerOrderId{0, 1});
  const auto& effect = rig.the<PlaceEffect>();
  CHECK(effect.order == reply.order);
  CHECK(effect.tag == "b1.00000000feed.1");
  CHECK(effect.spec == limit_order());
  CHECK(rig.state(reply.order) == OrdStatus::pending_new);
}

TEST_CASE("idempotency: the same request again gives the first order and sends nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  const Reply again = rig.place("k1");
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == id);
  CHECK(rig.last.events.empty());
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("idempotency: the same key with another request is refused and names the first order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  const Reply other = rig.place("k1", limit_order(200));
  CHECK(other.code == ReplyCode::key_reused);
  CHECK(other.order == id);
  CHECK(rig.last.events.empty());
}

TEST_CASE("idempotency: keys of different accounts do not meet") {
  CoreRig rig = CoreRig::ready({.allow_live = true});
  rig.sent("k1");
  OrderSpec other = limit_order();
  other.account = AccountId("U9");
  CHECK(rig.place("k1", other).code == ReplyCode::accepted);
}

TEST_CASE("idempotency: a key outlives its order and a restart") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.status(id, BrokerState::canceled, "Cancelled");
  rig.restart();
  const Reply again = rig.place("k1");  // not even connected: the key decides first
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == id);
  CHECK(rig.place("k1", limit_order(7)).code == ReplyCode::key_reused);
}

TEST_CASE("idempotency: a contract given by its number alone is the same request after a restart") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.contract = Contract();
  spec.contract.con_id = 265598;
  spec.contract.currency.clear();  // not given: the number says it
  const OrderId id = rig.sent("k1", spec);
  rig.restart();
  const Reply again = rig.place("k1", spec);
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == id);
}

TEST_CASE("idempotency: a key is not used up when nothing was recorded") {
  CoreRig rig;
  CHECK(rig.place("k1").code == ReplyCode::not_ready);
  CHECK(rig.last.events.empty());
  rig.up();
  CHECK(rig.place("k1").code == ReplyCode::not_ready);  // syncing
  rig.synced();
  rig.refuse_new = "the disk is nearly full";
  const Reply full = rig.place("k1");
  CHECK(full.code == ReplyCode::not_ready);
  CHECK(full.text == "the disk is nearly full");
  rig.refuse_new.clear();
  CHECK(rig.place("k1", limit_order(200)).code == ReplyCode::accepted);
}

TEST_CASE("idempotency: an order that a rule refused keeps its key and its answer") {
  CoreRig rig = CoreRig::ready();
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  const Reply refused = rig.place("k1", live);
  CHECK(refused.code == ReplyCode::refused);
  CHECK(rig.state(refused.order) == OrdStatus::rejected);
  const Reply again = rig.place("k1", live);
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == refused.order);
}

TEST_CASE("idempotency: a key made by us never replaces a caller's key of the same words") {
  CoreRig rig = CoreRig::ready();
  const OrderId first = rig.sent("belay-2");
  const OrderId second = rig.sent(nullptr);
  CHECK(rig.order(second).cl_ord_id != ClOrdId("belay-2"));
  const Reply again = rig.place("belay-2");
  CHECK(again.code == ReplyCode::replayed);
  CHECK(again.order == first);
}

TEST_CASE("account: the only one is meant when none is named, several must be named") {
  CoreRig rig;
  rig.step(SessionUp{0, 1, {{AccountId("DU1"), true}}});
  rig.synced();
  OrderSpec spec = limit_order();
  spec.account = AccountId();
  const OrderId id = rig.sent("k1", spec);
  CHECK(rig.order(id).spec.account == AccountId("DU1"));
  rig.up();  // now two
  rig.synced();
  const Reply reply = rig.place("k2", spec);
  CHECK(reply.code == ReplyCode::invalid);
  REQUIRE(reply.errors.size() == 1);
  CHECK(reply.errors[0].field == "account");
}

TEST_CASE("account: one that the session does not have is refused") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.account = AccountId("DU2");
  CHECK(rig.place("k1", spec).code == ReplyCode::refused);
  CHECK(rig.count<OrderRefused>() == 1);
}

TEST_CASE("live guard: an account that is not paper lets no order leave without the switch") {
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  CoreRig guarded = CoreRig::ready();
  CHECK(guarded.place("k1", live).code == ReplyCode::refused);
  CHECK(guarded.count<PlaceEffect>() == 0);
  CoreRig open = CoreRig::ready({.allow_live = true});
  CHECK(open.place("k1", live).code == ReplyCode::accepted);
  CHECK(open.count<PlaceEffect>() == 1);
}

TEST_CASE("live guard: an order accepted before the session could tell is denied, not sent") {
  CoreRig rig;
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  live.valid_until = rig.now + seconds(60);
  const Reply reply = rig.place("k1", live);
  REQUIRE(reply.code == ReplyCode::accepted);
  rig.up();
  rig.synced();
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(reply.order) == OrdStatus::denied);
}

TEST_CASE("live guard: a live order of an earlier run is not changed without the switch") {
  OrderSpec live = limit_order();
  live.account = AccountId("U9");
  CoreRig open = CoreRig::ready({.allow_live = true});
  const OrderId id = open.working("k1", live);
  Core guarded{CoreOptions{}};
  for (const auto& row : open.history) guarded.restore(CoreRig::decoded(row));
  open.core = std::move(guarded);
  open.step(Started{2, CoreRig::instance, "test"});
  open.up();
  open.synced({open.names(id)});
  CHECK(open.reprice(id, "191").code == ReplyCode::wrong_state);
  CHECK(open.count<ReplaceEffect>() == 0);
  CHECK(open.cancel(id).code == ReplyCode::accepted);  // a cancel is no risk
  CHECK(open.count<CancelEffect>() == 1);
}

TEST_CASE("ids: they strictly increase in the order of sending") {
  CoreRig rig = CoreRig::ready();
  std::int64_t before = 0;
  for (int i = 0; i < 20; ++i) {
    const OrderId id = rig.sent(nullptr);
    CHECK(rig.order(id).broker_id->number > before);
    before = rig.order(id).broker_id->number;
    if (i == 10) {
      rig.down();
      rig.up();
      rig.synced();
    }
    if (i == 15) {
      rig.restart();
      rig.up();
      rig.synced();
    }
  }
}

TEST_CASE("ids: the broker's higher next id raises the floor and the gap has a reason") {
  CoreRig rig;
  rig.up(500);
  const auto& raised = rig.the<FloorRaised>();
  CHECK(raised.from == 1);
  CHECK(raised.to == 500);
  CHECK_FALSE(raised.reason.empty());
  rig.synced();
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 500);
  CHECK(rig.core.book().id_gaps_total() == 1);
}

TEST_CASE("ids: a lower next id is an incident and is never obeyed") {
  CoreRig rig;
  rig.up(500);
  rig.synced();
  rig.sent("k1");
  rig.down();
  rig.up(3);
  CHECK(rig.incident("next_id_lower"));
  CHECK(rig.count<FloorRaised>() == 0);
  rig.synced();
  CHECK(rig.order(rig.sent("k2")).broker_id->number == 501);
}

TEST_CASE("ids: the mark survives a restart even when the broker forgot everything") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.working("k2");
  rig.restart();
  rig.up(1);
  CHECK(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id->number == 3);
}

TEST_CASE(
    "ids: a next id below those of frames that may be lost is no rollback, and none is reused") {
  CoreRig rig = CoreRig::ready();
  rig.working("k1");
  rig.sent("k2");
  rig.down();
  rig.up(2);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id->number == 3);
  rig.down();
  rig.up(1);  // order 1 had been shown
  CHECK(rig.incident("next_id_lower"));
}

TEST_CASE("ids: each client id has a sequence of its own") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  rig.sent("k2");
  rig.down();
  rig.client = 7;
  rig.up(1);
  CHECK_FALSE(rig.incident("next_id_lower"));
  rig.synced();
  CHECK(rig.order(rig.sent("k3")).broker_id == BrokerOrderId{7, 1});
}

TEST_CASE("ids: an order seen under our client id with a higher id raises the floor") {
  // The data directory is new and the broker's sequence was reset: only the listed order shows
  // which ids are taken. Using one again would modify that order.
  CoreRig rig;
  rig.up(1);
  rig.step(BrokerOrder{{BrokerOrderId{0, 40}, PermanentId(9), "old"},
                       limit_order(),
                       "LMT",
                       BrokerState::working,
                       "Submitted",
                       "",
                       std::nullopt});
  CHECK(rig.the<FloorRaised>().to == 41);
  rig.synced({{BrokerOrderId{0, 40}, PermanentId(9), "old"}});
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 41);
  rig.step(BrokerOrder{{BrokerOrderId{5, 900}, PermanentId(10), "x"},
                       limit_order(),
                       "LMT",
                       BrokerState::working,
                       "Submitted",
                       "",
                       std::nullopt});
  CHECK(rig.count<FloorRaised>() == 0);  // another client's ids are not ours
}

TEST_CASE("ids: when the 32 bits are used up the order is refused, or denied if it waited") {
  CoreRig rig;
  // The top of the 32 bits belongs to the adapter's requests.
  rig.up(2'146'999'999);
  rig.synced();
  CHECK(rig.order(rig.sent("k1")).broker_id->number == 2'146'999'999);
  CHECK(rig.place("k2").code == ReplyCode::exhausted);
  CHECK(rig.core.book().find_key(key_hash(AccountId("DU1"), ClOrdId("k2"))) == nullptr);
  rig.down();
  OrderSpec patient = limit_order();
  patient.valid_until = rig.now + std::chrono::minutes(1);
  CHECK(rig.place("k3", patient).code == ReplyCode::accepted);
  rig.up();
  rig.synced();
  CHECK(rig.the<OrderDenied>().reason.find("RANGE_EXHAUSTED") != std::string::npos);
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("pacing: what finds no slot waits, has no id yet, and leaves first come first served") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 1;
  rig.place("k1");
  CHECK(rig.count<PlaceEffect>() == 1);
  rig.slots = 0;
  const OrderId second = rig.place("k2").order;
  const OrderId third = rig.place("k3").order;
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(third) == OrdStatus::created);
  CHECK_FALSE(rig.order(second).broker_id.has_value());
  CHECK(rig.core.queued() == 2);
  rig.slots = 1;
  rig.step(Tick{});
  CHECK(rig.the<PlaceEffect>().order == second);
  rig.step(Tick{});
  CHECK(rig.the<PlaceEffect>().order == third);
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("pacing: a step never sends more than the slots it was given") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  for (int i = 0; i < 10; ++i) rig.place(nullptr);
  rig.slots = 4;
  rig.step(Tick{});
  CHECK(rig.count<PlaceEffect>() == 4);
}

TEST_CASE("pacing: the queue has a limit, and beyond it nothing is recorded") {
  CoreRig rig = CoreRig::ready({.queue_max = 2});
  rig.slots = 0;
  rig.place("k1");
  rig.place("k2");
  CHECK(rig.place("k3").code == ReplyCode::queue_full);
  CHECK(rig.last.events.empty());
}

TEST_CASE("valid_until: one in the past is refused and nothing is recorded") {
  CoreRig rig = CoreRig::ready();
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now;
  CHECK(rig.place("k1", spec).code == ReplyCode::invalid);
  CHECK(rig.last.events.empty());
}

TEST_CASE("valid_until: an order with time left waits for the broker and is sent when it comes") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  CHECK(rig.state(id) == OrdStatus::created);
  CHECK(rig.core.next_deadline() == *spec.valid_until);
  rig.up();
  CHECK(rig.count<PlaceEffect>() == 0);  // not before the snapshot
  rig.synced();
  CHECK(rig.the<PlaceEffect>().order == id);
}

TEST_CASE("valid_until: what is still unsent then is denied") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  rig.wait(seconds(61));
  CHECK(rig.state(id) == OrdStatus::denied);
  CHECK(rig.core.queued() == 0);
  CHECK(rig.core.next_deadline() == belay::base::never);
}

TEST_CASE("valid_until: a slot that comes too late sends nothing") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  rig.up();
  rig.now = rig.now + seconds(120);  // the snapshot took long, and no tick came between
  rig.synced();
  CHECK(rig.count<PlaceEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::denied);
}

TEST_CASE("valid_until: the deadline of an order that was canceled while it waited is gone") {
  CoreRig rig;
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + seconds(60);
  const OrderId id = rig.place("k1", spec).order;
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  rig.wait(seconds(61));
  CHECK(rig.core.next_deadline() == belay::base::never);
  CHECK(rig.core.queued() == 0);
}

TEST_CASE("cancel: an order that waits to be sent ends at once and never leaves") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const OrderId id = rig.place("k1").order;
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 0);
  CHECK(rig.state(id) == OrdStatus::canceled);
  rig.slots = 10;
  rig.step(Tick{});
  CHECK(rig.count<PlaceEffect>() == 0);
}

TEST_CASE("cancel: it may go before the acknowledgement, and may be repeated") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelIntended>() == 1);
  CHECK(rig.the<CancelEffect>().broker_id == *rig.order(id).broker_id);
  CHECK(reported_ord_status(rig.order(id)) == "PendingCancel");
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelIntended>() == 0);
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE("cancel: it takes no slot and passes a halt of new risk") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  rig.refuse_new = "halted";
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE("cancel: of an order that is done it is too late, of an unknown id there is none") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.fill(id, "e.1.01", 100);
  const Reply late = rig.cancel(id);
  CHECK(late.code == ReplyCode::wrong_state);
  CHECK(late.text.find("too late") != std::string::npos);
  CHECK(rig.cancel(OrderId(99)).code == ReplyCode::not_found);
  CHECK(rig.last.events.empty());
}

TEST_CASE("cancel: while the link is down it is remembered and sent after the next snapshot") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.down();
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 0);
  rig.up();
  rig.synced({rig.names(id)});
  CHECK(rig.the<CancelEffect>().order == id);
}

TEST_CASE("commands: a version that differs changes nothing") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  const auto version = rig.order(id).version;
  rig.step(CancelOrder{1, "tester", id, version + 1});
  CHECK(rig.the<Reply>().code == ReplyCode::version_differs);
  CHECK(rig.last.events.empty());
  rig.step(CancelOrder{1, "tester", id, version});
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
}

TEST_CASE("commands: nobody waits at correlation 0, so nobody is answered") {
  CoreRig rig = CoreRig::ready();
  rig.step(PlaceOrder{0, "tester", std::nullopt, limit_order()});
  CHECK(rig.count<Reply>() == 0);
  CHECK(rig.count<PlaceEffect>() == 1);
}

TEST_CASE("open orders: at most so many in one contract, side and account, then refused") {
  CoreRig rig = CoreRig::ready({.open_orders_max = 2});
  const OrderId first = rig.working("k1");
  rig.sent("k2");
  const Reply refused = rig.place("k3");
  CHECK(refused.code == ReplyCode::refused);
  CHECK(refused.text.find("MAX_ORDERS_PER_CONTRACT") != std::string::npos);
  OrderSpec sell = limit_order();
  sell.side = Side::sell;
  CHECK(rig.place("k4", sell).code == ReplyCode::accepted);
  OrderSpec other = limit_order();
  other.contract.symbol = "MSFT";
  CHECK(rig.place("k5", other).code == ReplyCode::accepted);
  rig.status(first, BrokerState::canceled, "Cancelled");
  CHECK(rig.place("k6").code == ReplyCode::accepted);  // one has ended
}

TEST_CASE("open orders: the count survives a restart") {
  CoreRig rig = CoreRig::ready({.open_orders_max = 2});
  rig.working("k1");
  rig.working("k2");
  rig.restart();
  rig.up(3);
  rig.synced();
  CHECK(rig.place("k3").code == ReplyCode::refused);
}

TEST_CASE("open orders: contracts that are named by their number alone do not share a limit") {
  CoreRig rig = CoreRig::ready({.open_orders_max = 1});
  OrderSpec spec = limit_order();
  spec.contract.symbol.clear();
  spec.contract.con_id = 1;
  CHECK(rig.place("k1", spec).code == ReplyCode::accepted);
  CHECK(rig.place("k2", spec).code == ReplyCode::refused);
  spec.contract.con_id = 2;
  CHECK(rig.place("k3", spec).code == ReplyCode::accepted);
}

TEST_CASE("alarm: what a person should know is an incident about no order") {
  CoreRig rig;
  rig.step(Alarm{"broker_unreachable", "three attempts failed"});
  CHECK(rig.incident("broker_unreachable"));
  CHECK(rig.the<IncidentOpened>().order == OrderId());
}
