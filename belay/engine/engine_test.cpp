// SPDX-License-Identifier: Apache-2.0
#include "belay/engine/engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/core/facts/event_encoding.hpp"
#include "tests/support/engine_rig.hpp"

using namespace belay::test;

TEST_CASE("engine: nothing leaves and nobody is answered before the commit") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  CHECK(rig.broker.log.empty());
  rig.turn();
  CHECK(rig.journal.pending.size() == 2);  // accepted and send intended in one batch
  rig.turn();
  CHECK(rig.broker.log.empty());
  rig.commit();
  CHECK(rig.broker.log == Log{"publish OrderAccepted", "publish SendIntended", "reply", "place 1"});
  CHECK(rig.replies.at(0).code == ReplyCode::accepted);
}

TEST_CASE("engine: what is published is dense, in order, and each once") {
  EngineRig rig;
  EngineRig::ready(rig);
  for (int i = 0; i < 5; ++i) {
    rig.submit(EngineRig::order());
    rig.turn();
  }
  rig.settle();
  for (std::size_t i = 0; i < rig.published.size(); ++i) CHECK(rig.published[i] == i + 1);
  CHECK(rig.published.size() == rig.journal.kept.size());
}

TEST_CASE("engine: inputs that come while an append is in flight go in one batch after it") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  const int appends = rig.journal.appends;
  for (int i = 0; i < 10; ++i) {
    rig.submit(EngineRig::order());
    rig.turn();
  }
  CHECK(rig.journal.appends == appends);
  rig.commit();
  CHECK(rig.journal.appends == appends + 1);
  CHECK(rig.journal.pending.size() == 20);
  CHECK(rig.sends() == Log{"reply", "place 1"});
  rig.commit();
  CHECK(rig.sends().size() == 22);
}

TEST_CASE("engine: a cancel of an order whose frame has left goes at once") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  rig.acknowledge(1);
  rig.turn();  // a commit is in flight and stays there
  rig.broker.log.clear();
  rig.submit(CancelOrder{7, "t", OrderId(1), std::nullopt});
  CHECK(rig.broker.log == Log{"cancel 1"});
  CHECK(rig.replies.size() == 1);  // the answer waits for the intent
  rig.commit();
  rig.settle();
  CHECK(rig.replies.size() == 2);
}

TEST_CASE("engine: a cancel of an order whose frame waits for its commit withdraws it instead") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  rig.submit(CancelOrder{7, "t", OrderId(1), std::nullopt});
  rig.settle();
  CHECK(rig.sends() == Log{"reply", "reply"});
  CHECK(rig.state(1) == OrdStatus::canceled);
  CHECK(rig.engine->stats().withdrawn_total == 1);
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE(
    "engine: a global cancel waits for no disk, and frames that wait are withdrawn before it") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();  // its commit is under way
  rig.submit(CancelMany{2, "t", CancelScope::all, AccountId(), false, false});
  CHECK(rig.broker.log == Log{"global cancel"});
  rig.settle();
  CHECK(rig.sends() == Log{"global cancel", "reply", "reply"});
  CHECK(rig.state(1) == OrdStatus::canceled);
}

TEST_CASE("engine: a cancel withdraws a modification that waits, and goes itself") {
  EngineRig rig;
  EngineRig::ready(rig);
  PlaceOrder limit = EngineRig::order();
  limit.spec.edit().ord_type = OrdType::limit;
  limit.spec.edit().terms.price = Price(Decimal::from_int(10));
  rig.submit(limit);
  rig.settle();
  rig.acknowledge(1);
  rig.settle();
  TermsPatch patch;
  patch.price = Price(Decimal::from_int(11));
  rig.submit(ReplaceOrder{2, "t", OrderId(1), std::nullopt, patch});
  rig.broker.log.clear();
  rig.submit(CancelOrder{3, "t", OrderId(1), std::nullopt});
  CHECK(rig.broker.log == Log{"cancel 1"});
  rig.settle();
  CHECK(std::find(rig.broker.log.begin(), rig.broker.log.end(), "replace 1") ==
        rig.broker.log.end());
  CHECK_FALSE(rig.engine->core().book().find(OrderId(1))->replace_in_flight());
  CHECK(rig.broker.reserved == 0);
}

TEST_CASE("engine: a frame that the link did not take is withdrawn, with a durable reason") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  rig.broker.connected = false;
  rig.commit();
  rig.settle();
  CHECK(rig.state(1) == OrdStatus::denied);
  CHECK(rig.position("publish SendWithdrawn") > rig.position("publish SendIntended"));
  CHECK(rig.engine->stats().sends_total == 0);
}

TEST_CASE("engine: an append that fails or was overtaken ends everything, and releases nothing") {
  for (const AppendOutcome outcome : {AppendOutcome::failed, AppendOutcome::stale}) {
    EngineRig rig;
    EngineRig::ready(rig);
    rig.submit(EngineRig::order());
    rig.turn();
    rig.submit(EngineRig::order());
    const auto published = rig.published.size();
    rig.journal.answer_with(outcome);
    rig.turn();
    CHECK(rig.fatal.size() == 1);
    CHECK(rig.engine->dead());
    CHECK(rig.broker.log.empty());
    CHECK(rig.replies.empty());
    const int appends = rig.journal.appends;
    rig.submit(EngineRig::order());
    rig.turn();
    rig.turn();
    CHECK(rig.broker.log.empty());
    CHECK(rig.journal.appends == appends);  // never over an append whose fate is unknown
    CHECK(rig.fatal.size() == 1);
    CHECK(rig.published.size() == published);
  }
}

TEST_CASE("engine: reserved slots are given back by sending, so the limit holds across commits") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.broker.limit = 2;
  for (int i = 0; i < 5; ++i) rig.submit(EngineRig::order());
  CHECK(rig.broker.reserved == 2);
  CHECK(rig.engine->core().queued() == 3);
  CHECK(rig.engine->next_deadline(rig.now) == rig.now + milliseconds(100));
  rig.turn();
  rig.commit();
  CHECK(rig.broker.reserved == 0);
  rig.submit(Tick{});
  CHECK(rig.broker.reserved == 2);
}

TEST_CASE("engine: a commit that takes long refuses new risk, and cancels pass") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  rig.submit(EngineRig::order());
  rig.turn();
  rig.now = rig.now + milliseconds(251);
  CHECK(rig.engine->stalled(rig.now));
  rig.broker.log.clear();
  rig.submit(EngineRig::order(9));
  rig.submit(CancelOrder{0, "t", OrderId(1), std::nullopt});
  CHECK(rig.broker.log == Log{"cancel 1"});
  rig.commit();
  rig.settle();
  CHECK(rig.replies.back().code == ReplyCode::disk);
  CHECK_FALSE(rig.engine->stalled(rig.now));
}

TEST_CASE("engine: a reason to take no new risk refuses orders until it ends") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.engine->refuse_new("the disk is nearly full");
  rig.submit(EngineRig::order());
  rig.settle();
  rig.turn();
  REQUIRE(rig.replies.size() == 1);
  CHECK(rig.replies[0].text == "the disk is nearly full");
  rig.engine->refuse_new("");
  rig.submit(EngineRig::order());
  rig.settle();
  CHECK(rig.replies[1].code == ReplyCode::accepted);
}

TEST_CASE("engine: an answer that needs no event is given without a commit") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(CancelOrder{5, "t", OrderId(99), std::nullopt});
  rig.turn();
  REQUIRE(rig.replies.size() == 1);
  CHECK(rig.replies[0].code == ReplyCode::not_found);
}

TEST_CASE("engine: a restart shows readers what is durable and publishes what comes behind it") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  const auto before = rig.journal.kept.size();
  rig.broker.log.clear();
  rig.make();
  CHECK(rig.published.empty());
  CHECK(rig.readers.last_seq() == before);
  CHECK_FALSE(rig.readers.find(OrderId(1))->unknown);
  rig.settle();
  CHECK(rig.published.front() == before + 1);
  CHECK(rig.readers.find(OrderId(1)) == rig.engine->core().book().find(OrderId(1)));
  CHECK(rig.journal.kept.size() > before);
  CHECK(rig.journal.kept.back().epoch == 2);
  CHECK(rig.engine->core().book().find(OrderId(1))->unknown);
  CHECK(rig.sends().empty());
}

TEST_CASE("engine: an order that the journal archives is told as it was, so that it can be kept") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  const auto happened = [&](const Event& event) {
    rig.journal.kept.push_back(
        {rig.journal.kept.size() + 1, 1, rig.now, type_of(event), event_version, encode(event)});
  };
  happened(OrderNotAccepted{OrderId(1), "no"});
  happened(OrderArchived{OrderId(1)});
  rig.make();
  REQUIRE(rig.archived.size() == 1);
  CHECK(rig.archived[0].first.id == OrderId(1));
  CHECK(rig.archived[0].first.text == "no");
  CHECK(rig.archived[0].second == rig.journal.kept.size());
  CHECK(rig.readers.is_archived(OrderId(1)));
}

TEST_CASE("engine: what an earlier life sent is told, and none of it lies in the future") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  const Time sent = rig.now;
  rig.now = sent - std::chrono::hours(1);  // the clock was set back
  rig.make();
  REQUIRE(rig.engine->sends_before().size() == 1);
  CHECK(rig.engine->sends_before().front() == rig.now);
  rig.now = sent + std::chrono::hours(1);
  rig.make();
  REQUIRE(rig.engine->sends_before().size() == 1);
  CHECK(rig.engine->sends_before().front() == sent);
}

TEST_CASE("engine: a crash before the commit leaves an order that never was") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.turn();
  rig.journal.pending.clear();  // lost with the process
  rig.broker.log.clear();
  rig.broker.reserved = 0;
  rig.make();
  rig.settle();
  CHECK(rig.engine->core().book().in_memory().empty());
  CHECK(rig.sends().empty());
}

TEST_CASE("engine: a damaged or later journal is refused with its row") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.journal.kept[1].payload = std::string("\x0a\xff", 2);
  Engine engine({}, rig.journal, {[](const StampedEvent&) {}, [](const Reply&) {}, {}});
  engine.attach(rig.broker);
  const auto started = engine.start(InstanceId(1), rig.now);
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().detail.find("row 2") != std::string::npos);
}

TEST_CASE("engine: a journal that answers within append needs no second turn") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.journal.at_once = true;
  rig.submit(EngineRig::order());
  rig.turn();
  CHECK(rig.sends() == Log{"reply", "place 1"});
  CHECK(rig.engine->quiet());
  CHECK(rig.journal.idles > 0);
}

TEST_CASE("engine: a batch has a limit, but the events of one step are never parted") {
  EngineRig rig;
  EngineRig::ready(rig);
  EngineOptions options;
  options.batch_max = 1;
  Engine small(options, rig.journal, {[](const StampedEvent&) {}, [](const Reply&) {}, {}});
  small.attach(rig.broker);
  rig.broker.log.clear();
  REQUIRE(small.start(InstanceId(1), rig.now).has_value());
  small.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}}, rig.now);
  small.submit(SnapshotDone{}, rig.now);
  small.submit(EngineRig::order(), rig.now);
  for (int i = 0; i < 3; ++i) {  // started, changed, completed
    small.turn(rig.now);
    REQUIRE(rig.journal.pending.size() == 1);
    rig.journal.answer_with(AppendOutcome::durable);
  }
  small.turn(rig.now);
  CHECK(rig.journal.pending.size() == 2);  // accepted and its intent
  CHECK(rig.broker.log.empty());
  rig.journal.answer_with(AppendOutcome::durable);
  small.turn(rig.now);
  CHECK(rig.broker.log == Log{"place 1"});
}
