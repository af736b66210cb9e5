// SPDX-License-Identifier: Apache-2.0
// The broker's codes by what they can be about: a code names an order, and which of its requests it
// answers follows from what is under way.
#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {
void told(CoreRig& rig, OrderId id, std::int32_t code, Verdict verdict, VerdictByRequest by) {
  BrokerNotice notice{{rig.order(id).broker_id, std::nullopt, ""}, code, "words", verdict};
  notice.by_request = by;
  rig.step(notice);
}
constexpr VerdictByRequest validates{Verdict::request_refused, Verdict::replace_refused,
                                     Verdict::request_refused};
constexpr VerdictByRequest of_cancel{{}, {}, Verdict::cancel_too_late};
}  // namespace

TEST_CASE("notice: 201 before any status rejects a placement, error first") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  told(rig, id, 201, Verdict::request_refused, refuses);
  CHECK(rig.state(id) == OrdStatus::rejected);
  rig.status(id, BrokerState::rejected, "Inactive");
  CHECK(rig.state(id) == OrdStatus::rejected);
  CHECK(rig.core.book().incidents().empty());
}

TEST_CASE("notice: 201 of a placement whose cancel is out is the placement's") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.cancel(id);
  told(rig, id, 201, Verdict::request_refused, refuses);
  CHECK(rig.state(id) == OrdStatus::rejected);
}

TEST_CASE("notice: 110 refuses a modification and the order lives with its old terms") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "190.123");
  told(rig, id, 110, Verdict::request_refused, refuses);
  CHECK(rig.count<ReplaceRefused>() == 1);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.order(id).spec->terms.price == price("190.5"));
}

TEST_CASE("notice: 321 while a modification and a cancel are out ends neither, and asks") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.reprice(id, "191");
  rig.cancel(id);
  told(rig, id, 321, Verdict::request_refused, validates);
  CHECK(rig.count<ReplaceRefused>() == 0);
  CHECK(rig.count<CancelRefused>() == 0);
  CHECK(rig.order(id).pending_cancel);
  CHECK(rig.order(id).replace_in_flight());
  CHECK(rig.count<SnapshotEffect>() == 1);
}

TEST_CASE("notice: 321 of a cancel alone refuses the cancel and not the order") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  told(rig, id, 321, Verdict::request_refused, validates);
  CHECK(rig.count<CancelRefused>() == 1);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("notice: 161, 136 and 10148 end the cancel, and ask what became of the order") {
  for (const int code : {161, 136, 10148}) {
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.working("k1");
    rig.cancel(id);
    told(rig, id, code, Verdict::cancel_too_late, of_cancel);
    CHECK(rig.the<CancelRefused>().code == code);
    CHECK(rig.state(id) == OrdStatus::new_);
    CHECK(rig.count<SnapshotEffect>() == 1);
  }
}

TEST_CASE("notice: 10148 while nothing is being canceled is noted, and asks") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  told(rig, id, 10148, Verdict::cancel_too_late, of_cancel);
  CHECK(rig.count<BrokerNoted>() == 1);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.count<SnapshotEffect>() == 1);
}

TEST_CASE("notice: 135 says that the id of a cancel is unknown, and the wish stands") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.cancel(id);
  told(rig, id, 135, Verdict::request_refused,
       {Verdict::request_refused, Verdict::replace_refused, Verdict::cancel_unknown});
  CHECK(rig.order(id).unknown);
  CHECK(rig.order(id).pending_cancel);
  CHECK(rig.state(id) == OrdStatus::new_);
}

TEST_CASE("notice: 202 cancels, whoever asked and whatever is under way") {
  CoreRig rig = CoreRig::ready();
  const VerdictByRequest canceled{Verdict::canceled, Verdict::canceled, Verdict::canceled};
  for (const bool replacing : {false, true}) {
    const OrderId id = rig.working(replacing ? "k1" : "k2");
    if (replacing) rig.reprice(id, "191");
    told(rig, id, 202, Verdict::canceled, canceled);
    CHECK(rig.state(id) == OrdStatus::canceled);
    rig.fill(id, replacing ? "e.1.01" : "e.2.01", 40);  // a late fill counts
    CHECK(rig.order(id).cum_qty == shares(40));
    CHECK(rig.state(id) == OrdStatus::canceled);
  }
}

TEST_CASE("notice: an unlisted code makes the command unknown, is counted, and asks") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1");
  rig.notice(id, 9999, Verdict::unlisted);
  CHECK(rig.the<OrderUnknown>().command == "place");
  CHECK(rig.count<SnapshotEffect>() == 1);
  CHECK(rig.core.book().unlisted_codes_total() == 1);
  rig.shown(id);
  CHECK_FALSE(rig.order(id).unknown);
}

TEST_CASE("notice: 10328 about a working order ends nothing, and asks") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  rig.notice(id, 10328, Verdict::temporary);
  CHECK(rig.state(id) == OrdStatus::new_);
  CHECK(rig.count<SnapshotEffect>() == 1);
}
