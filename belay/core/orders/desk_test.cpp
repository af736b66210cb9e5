// SPDX-License-Identifier: Apache-2.0
// Placing and canceling: keys, accounts, guards, the count of open orders.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;
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
  CHECK(full.code == ReplyCode::disk);
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
  CHECK(rig.order(id).spec->account == AccountId("DU1"));
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

TEST_CASE("open orders: the refusal says how many of those that count are not sent yet") {
  CoreRig rig = CoreRig::ready({.open_orders_max = 2});
  rig.sent("k1");
  rig.slots = 0;
  CHECK(rig.place("k2").code == ReplyCode::accepted);
  const Reply refused = rig.place("k3");
  CHECK(refused.code == ReplyCode::refused);
  CHECK(refused.text.find("1 of them still waiting to be sent") != std::string::npos);
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

TEST_CASE("open orders: the limit holds for orders that waited for the broker too, first come") {
  CoreOptions options;
  options.open_orders_max = 2;
  CoreRig rig(options);
  OrderSpec spec = limit_order();
  spec.valid_until = rig.now + std::chrono::minutes(60);
  std::vector<OrderId> ids;
  for (int i = 0; i < 5; ++i) {
    const Reply reply = rig.place(nullptr, spec);
    REQUIRE(reply.code == ReplyCode::accepted);
    ids.push_back(reply.order);
  }
  rig.up();
  rig.synced();
  CHECK(rig.count<PlaceEffect>() == 2);
  CHECK(rig.state(ids[0]) == OrdStatus::pending_new);
  CHECK(rig.state(ids[1]) == OrdStatus::pending_new);
  for (int i = 2; i < 5; ++i) {
    CHECK(rig.state(ids[static_cast<std::size_t>(i)]) == OrdStatus::denied);
    CHECK(rig.order(ids[static_cast<std::size_t>(i)]).text.find("MAX_ORDERS_PER_CONTRACT") !=
          std::string::npos);
  }
}

TEST_CASE("alarm: a state that lasts is told once, and closed when it is over") {
  CoreRig rig = CoreRig::ready();
  rig.step(Alarm{"disk_nearly_full", "40 MiB are free", "disk_nearly_full"});
  CHECK(rig.incident("disk_nearly_full"));
  rig.step(Alarm{"disk_nearly_full", "39 MiB are free", "disk_nearly_full"});
  CHECK(rig.silent());
  rig.step(Alarm{"disk_nearly_full", "200 MiB are free", "disk_nearly_full", true});
  CHECK(rig.the<IncidentClosed>().reason == "200 MiB are free");
  CHECK(rig.core.book().incidents().empty());
  rig.step(Alarm{"disk_nearly_full", "200 MiB are free", "disk_nearly_full", true});
  CHECK(rig.silent());
}
