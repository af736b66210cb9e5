// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "tests/support/foreign_orders.hpp"

using namespace belay::test;

namespace {

/// Ours that works, ours that was only sent, another client's, one made by hand, one that is bound,
/// and another client's of another account.
struct Floor {
  Floor() {
    working = rig.working("k1");
    sent = rig.sent("k2");
    other = seen(rig, shown_of(3, 17, 900));
    hand = seen(rig, shown_of(0, 0, 901));
    bound = seen(rig, shown_of(0, -1, 902));
    OrderSpec spec = limit_order();
    spec.account = AccountId("U9");
    elsewhere = seen(rig, shown_of(4, 1, 903, spec));
  }
  Reply many(CancelScope scope, const char* account = "", bool dry_run = false,
             bool foreign = false) {
    CancelMany command{1, "tester", scope, AccountId(account), dry_run, foreign};
    rig.step(command);
    const Reply reply = rig.the<Reply>();
    codes.clear();
    for (const ReplyItem& item : reply.items) codes[item.order] = item.code;
    return reply;
  }
  CoreRig rig = CoreRig::ready();
  OrderId working, sent, other, hand, bound, elsewhere;
  std::map<OrderId, ReplyCode> codes;
};

}  // namespace

TEST_CASE("cancel many: scope own touches the orders that we sent and no other") {
  Floor floor;
  const Reply reply = floor.many(CancelScope::own);
  CHECK(reply.code == ReplyCode::accepted);
  CHECK(floor.codes.size() == 2);
  CHECK(floor.rig.count<CancelIntended>() == 2);
  CHECK(floor.rig.count<CancelEffect>() == 2);
  CHECK(floor.rig.count<GlobalCancelEffect>() == 0);
  CHECK(floor.rig.count<ForeignCancelEffect>() == 0);
}

TEST_CASE("cancel many: asking twice is asking again, with no new wish; then nothing is open") {
  Floor floor;
  floor.many(CancelScope::own);
  floor.many(CancelScope::own);
  CHECK(floor.codes.size() == 2);
  CHECK(floor.rig.last.events.empty());
  CHECK(floor.rig.count<CancelEffect>() == 2);
  floor.rig.status(floor.working, BrokerState::canceled, "Cancelled");
  floor.rig.status(floor.sent, BrokerState::canceled, "Cancelled");
  CHECK(floor.many(CancelScope::own).items.empty());
  CHECK(floor.rig.count<CancelEffect>() == 0);
}

TEST_CASE("cancel many: a dry run lists the same and does nothing") {
  for (const CancelScope scope : {CancelScope::own, CancelScope::account, CancelScope::all}) {
    Floor floor;
    floor.many(scope, "DU1", true);
    const auto listed = floor.codes;
    CHECK(floor.rig.last.events.empty());
    CHECK(floor.rig.last.effects.size() == 1);  // the answer
    floor.many(scope, "DU1");
    CHECK(floor.codes == listed);
  }
}

TEST_CASE("cancel many: scope account takes ours and bound ones, and names the owner of the rest") {
  Floor floor;
  const Reply reply = floor.many(CancelScope::account, "DU1");
  CHECK(floor.codes.at(floor.working) == ReplyCode::accepted);
  CHECK(floor.codes.at(floor.bound) == ReplyCode::accepted);
  CHECK(floor.codes.at(floor.other) == ReplyCode::wrong_state);
  CHECK(floor.codes.at(floor.hand) == ReplyCode::wrong_state);
  CHECK_FALSE(floor.codes.contains(floor.elsewhere));
  CHECK(floor.rig.count<CancelEffect>() == 3);
  bool named = false;
  for (const ReplyItem& item : reply.items) {
    if (item.order == floor.other) named = item.text.find("client 3") != std::string::npos;
  }
  CHECK(named);
}

TEST_CASE("cancel many: scope account with foreign asks in the owners' names too") {
  Floor floor;
  floor.many(CancelScope::account, "DU1", false, true);
  CHECK(floor.codes.at(floor.other) == ReplyCode::accepted);
  CHECK(floor.codes.at(floor.hand) == ReplyCode::wrong_state);
  CHECK(floor.rig.the<ForeignCancelEffect>().order == floor.other);
  CHECK(floor.rig.the<ForeignRequest>().owner == 3);
}

TEST_CASE("cancel many: scope account needs an account that exists") {
  Floor floor;
  const Reply none = floor.many(CancelScope::account);
  CHECK(none.code == ReplyCode::invalid);
  CHECK(none.errors.at(0).field == "account");
  CHECK(floor.many(CancelScope::account, "DU77").code == ReplyCode::invalid);
  CHECK(floor.rig.last.events.empty());
}

TEST_CASE("cancel many: scope all is one global cancel, with an outcome for each order") {
  Floor floor;
  floor.many(CancelScope::all);
  CHECK(floor.codes.size() == 6);
  for (const auto& [id, code] : floor.codes) CHECK(code == ReplyCode::accepted);
  CHECK(floor.rig.count<GlobalCancelEffect>() == 1);
  // What it did to orders of others is asked soon.
  CHECK(floor.rig.core.next_deadline() <= floor.rig.now + std::chrono::seconds(5));
  // What may not have arrived yet is ended one by one before it, so that nothing follows it.
  CHECK(floor.rig.the<CancelEffect>().order == floor.sent);
  CHECK(floor.rig.count<CancelIntended>() == 2);  // ours
  CHECK(floor.rig.count<ForeignRequest>() == 3);  // recorded: not ours, not bound to us
  CHECK(floor.rig.order(floor.working).pending_cancel);
}

TEST_CASE("cancel many: without the broker a global cancel is refused; own wishes are kept") {
  Floor floor;
  floor.rig.down();
  CHECK(floor.many(CancelScope::all).code == ReplyCode::not_ready);
  floor.many(CancelScope::own);
  CHECK(floor.codes.size() == 2);
  CHECK(floor.rig.count<CancelEffect>() == 0);
  const BrokerNames names = floor.rig.names(floor.working);
  floor.rig.up();
  floor.rig.synced({names});
  CHECK(floor.rig.the<CancelEffect>().order == floor.working);
}

TEST_CASE("cancel many: an order that waits for a slot never leaves") {
  CoreRig rig = CoreRig::ready();
  rig.slots = 0;
  const OrderId id = rig.place("k1").order;
  rig.step(CancelMany{1, "tester", CancelScope::own, AccountId(), false, false});
  CHECK(rig.state(id) == OrdStatus::canceled);
  CHECK(rig.count<CancelEffect>() == 0);
}
