// SPDX-License-Identifier: Apache-2.0
// An order of ours that a person made there into what an order from here cannot be: it is shown in
// the broker's words, and no modification undoes it.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

void shown_in(CoreRig& rig, OrderId id, const OrderSpec& spec, const char* word) {
  rig.step(BrokerOrder{rig.names(id), spec, word, BrokerState::working, "Submitted", "", {}});
}
OrderSpec retyped(const CoreRig& rig, OrderId id) {
  OrderSpec spec = rig.order(id).spec;
  spec.ord_type = OrdType::other;
  spec.terms.price = price("191");
  spec.terms.stop_px = price("190");
  return spec;
}
OrderSpec at_the_open(const CoreRig& rig, OrderId id) {
  OrderSpec spec = rig.order(id).spec;
  spec.terms.time_in_force = TimeInForce::other;
  spec.terms.raw_time_in_force = "DTC";
  return spec;
}
bool says(const Reply& reply, const char* word) {
  return reply.code == ReplyCode::wrong_state && reply.text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "unspoken: a type that Belay does not know is kept as the broker's word, and not undone") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  shown_in(rig, id, retyped(rig, id), "PEG");
  CHECK(rig.count<OrderRestated>() == 1);
  shown_in(rig, id, retyped(rig, id), "PEG");
  CHECK(rig.silent());
  rig.restart();
  rig.up();
  rig.synced({rig.names(id)});
  shown_in(rig, id, retyped(rig, id), "PEG");
  CHECK(rig.order(id).spec->ord_type == OrdType::other);
  CHECK(rig.order(id).raw_ord_type == "PEG");
  CHECK(rig.order(id).spec->terms.price == price("191"));
  CHECK(rig.order(id).spec->terms.stop_px == price("190"));
  CHECK(says(rig.reprice(id, "189"), "PEG"));
  CHECK(rig.count<ReplaceEffect>() == 0);
  // Another such type, and one that is known again.
  shown_in(rig, id, retyped(rig, id), "PEG BEST");
  CHECK(says(rig.reprice(id, "189"), "PEG BEST"));
  OrderSpec limit = limit_order();
  limit.terms.price = price("188");
  shown_in(rig, id, limit, "LMT");
  CHECK(rig.order(id).spec->ord_type == OrdType::limit);
  CHECK(rig.order(id).raw_ord_type.empty());
  CHECK_FALSE(rig.order(id).spec->terms.stop_px.has_value());
  CHECK(rig.reprice(id, "189").code == ReplyCode::accepted);
  CHECK(rig.count<ReplaceEffect>() == 1);
}

TEST_CASE("unspoken: an order of such a type can be canceled") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  shown_in(rig, id, retyped(rig, id), "PEG");
  CHECK(rig.cancel(id).code == ReplyCode::accepted);
  CHECK(rig.count<CancelEffect>() == 1);
}

TEST_CASE("unspoken: a time in force is kept as the broker's word, until a person says another") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  shown_in(rig, id, at_the_open(rig, id), "LMT");
  CHECK(rig.order(id).spec->terms.time_in_force == TimeInForce::other);
  CHECK(rig.order(id).spec->terms.raw_time_in_force == "DTC");
  CHECK(says(rig.reprice(id, "189"), "DTC"));
  CHECK(rig.count<ReplaceEffect>() == 0);
  TermsPatch patch;
  patch.time_in_force = TimeInForce::good_till_cancel;
  CHECK(rig.replace(id, patch).code == ReplyCode::accepted);
  REQUIRE(rig.count<ReplaceEffect>() == 1);
  CHECK(rig.the<ReplaceEffect>().spec->terms.raw_time_in_force.empty());
}

TEST_CASE("unspoken: a modification that waits keeps what was changed there meanwhile") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.slots = 0;
  REQUIRE(rig.reprice(id, "189").code == ReplyCode::accepted);
  REQUIRE(rig.count<ReplaceEffect>() == 0);
  OrderSpec changed = rig.order(id).spec;
  changed.terms.time_in_force = TimeInForce::good_till_cancel;
  changed.terms.order_qty = shares(80);
  shown_in(rig, id, changed, "LMT");
  rig.slots = 1000;
  rig.step(Tick{});
  REQUIRE(rig.count<ReplaceEffect>() == 1);
  const OrderTerms& sent = rig.the<ReplaceEffect>().spec->terms;
  CHECK(sent.time_in_force == TimeInForce::good_till_cancel);
  CHECK(sent.order_qty == shares(80));
  CHECK(sent.price == price("189"));
}

TEST_CASE("unspoken: a modification that waits is off when it would undo such a word") {
  for (const bool type : {true, false}) {
    CAPTURE(type);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    rig.slots = 0;
    REQUIRE(rig.reprice(id, "189").code == ReplyCode::accepted);
    shown_in(rig, id, type ? retyped(rig, id) : at_the_open(rig, id), type ? "PEG" : "LMT");
    CHECK(rig.count<ReplaceRefused>() == 1);
    rig.slots = 1000;
    rig.step(Tick{});
    CHECK(rig.count<ReplaceEffect>() == 0);
    CHECK_FALSE(rig.order(id).desired_terms.has_value());
  }
}
