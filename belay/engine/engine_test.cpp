// SPDX-License-Identifier: Apache-2.0
// The engine with a journal that answers by hand and a broker that writes down what it is given.
#include "belay/engine/engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/core/event_encoding.hpp"

using namespace belay::engine;
using namespace belay::core;
using belay::base::Time;
using std::chrono::milliseconds;

namespace {

struct ManualJournal final : Journal {
  belay::base::Status<> replay(const std::function<bool(const JournalRecord&)>& visit) override {
    for (const auto& record : kept) {
      if (!visit(record)) break;
    }
    return belay::base::ok();
  }
  std::uint64_t last_seq() const override { return kept.size(); }
  std::uint64_t last_epoch() const override { return kept.empty() ? 0 : kept.back().epoch; }
  std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                       std::vector<JournalRecord> batch) override {
    REQUIRE(pending.empty());
    REQUIRE_FALSE(answer.has_value());
    REQUIRE(expected_seq == kept.size() + 1);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      REQUIRE(batch[i].seq == expected_seq + i);
      REQUIRE(batch[i].epoch == epoch);
    }
    pending = std::move(batch);
    ++appends;
    ++ticket;
    if (at_once) answer_with(AppendOutcome::durable);
    return ticket;
  }
  std::optional<AppendCompletion> poll() override {
    auto out = std::move(answer);
    answer.reset();
    return out;
  }
  void idle() override { ++idles; }
  void answer_with(AppendOutcome outcome) {
    REQUIRE_FALSE(pending.empty());
    if (outcome == AppendOutcome::durable) kept.insert(kept.end(), pending.begin(), pending.end());
    pending.clear();
    answer = AppendCompletion{ticket, outcome, "detail"};
  }

  bool at_once = false;
  std::vector<JournalRecord> kept;
  std::vector<JournalRecord> pending;
  std::optional<AppendCompletion> answer;
  std::uint64_t ticket = 0;
  int appends = 0;
  int idles = 0;
};

struct WrittenBroker final : Broker {
  unsigned send_slots(Time) const override { return reserved >= limit ? 0 : limit - reserved; }
  Time next_slot(Time now) const override { return now + milliseconds(100); }
  void reserve() override { ++reserved; }
  void unreserve() override {
    REQUIRE(reserved > 0);
    --reserved;
  }
  bool place(const PlaceEffect& effect, Time) override {
    unreserve();
    if (!connected) return false;
    log.push_back("place " + std::to_string(effect.broker_id.number));
    return true;
  }
  bool replace(const ReplaceEffect& effect, Time) override {
    unreserve();
    if (!connected) return false;
    log.push_back("replace " + std::to_string(effect.broker_id.number));
    return true;
  }
  void cancel(const CancelEffect& effect, Time) override {
    log.push_back("cancel " + std::to_string(effect.broker_id.number));
  }
  void query_executions(Time) override { log.emplace_back("query"); }
  void foreign_cancel(const ForeignCancelEffect& effect, Time) override {
    log.push_back("foreign cancel " + std::to_string(effect.broker_id.number));
  }
  void foreign_replace(const ForeignReplaceEffect& effect, Time) override {
    log.push_back("foreign replace " + std::to_string(effect.broker_id.number));
  }
  void global_cancel(Time) override { log.emplace_back("global cancel"); }

  unsigned limit = 100;
  unsigned reserved = 0;
  bool connected = true;
  std::vector<std::string> log;
};

using Log = std::vector<std::string>;

class EngineRig {
 public:
  EngineRig() { make(); }

  void make() {
    engine.reset();
    engine.emplace(EngineOptions{}, journal,
                   EngineHooks{[this](const StampedEvent& e) {
                                 published.push_back(e.seq);
                                 broker.log.push_back("publish " + std::string(name(e.event)));
                               },
                               [this](const Reply& reply) {
                                 replies.push_back(reply);
                                 broker.log.emplace_back("reply");
                               },
                               [this](const std::string& why) { fatal.push_back(why); }});
    engine->attach(broker);
    published.clear();
    REQUIRE(engine->start(InstanceId(0xfeed), now).has_value());
  }
  /// A rig that is ready, with everything before durable and released.
  static void ready(EngineRig& rig) {
    rig.submit(SessionUp{0, 1, {{AccountId("DU1"), true}}});
    rig.submit(SnapshotDone{});
    rig.settle();
    rig.broker.log.clear();
    rig.replies.clear();
  }
  void submit(const Input& input) { engine->submit(input, now); }
  void turn() { engine->turn(now); }
  void commit() {
    journal.answer_with(AppendOutcome::durable);
    turn();
  }
  void settle() {
    for (int i = 0; i < 20 && !engine->quiet(); ++i) {
      turn();
      if (!journal.pending.empty()) commit();
    }
    REQUIRE(engine->quiet());
  }
  static PlaceOrder order(Correlation correlation = 1) {
    OrderSpec spec;
    spec.account = AccountId("DU1");
    spec.contract.symbol = "AAPL";
    spec.terms.order_qty = Quantity::from_int(1);
    return {correlation, "t", std::nullopt, spec};
  }
  void acknowledge(std::int64_t number) {
    submit(BrokerStatus{{BrokerOrderId{0, number}, std::nullopt, ""},
                        BrokerState::working,
                        "Submitted",
                        "",
                        Quantity()});
  }
  /// The log without the lines of publishing.
  Log sends() const {
    Log out;
    for (const auto& line : broker.log) {
      if (line.rfind("publish", 0) != 0) out.push_back(line);
    }
    return out;
  }
  std::size_t position(const std::string& line) const {
    const auto it = std::find(broker.log.begin(), broker.log.end(), line);
    REQUIRE(it != broker.log.end());
    return static_cast<std::size_t>(it - broker.log.begin());
  }
  OrdStatus state(std::uint64_t id) const {
    return engine->core().book().find(OrderId(id))->status;
  }

  Time now{1'795'253'400'000'000'000};
  ManualJournal journal;
  WrittenBroker broker;
  std::vector<Reply> replies;
  std::vector<std::uint64_t> published;
  std::vector<std::string> fatal;
  std::optional<Engine> engine;
};

}  // namespace

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

TEST_CASE("engine: a cancel withdraws a modification that waits, and goes itself") {
  EngineRig rig;
  EngineRig::ready(rig);
  PlaceOrder limit = EngineRig::order();
  limit.spec.ord_type = OrdType::limit;
  limit.spec.terms.price = Price(Decimal::from_int(10));
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
  CHECK(rig.replies.back().code == ReplyCode::not_ready);
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

TEST_CASE("engine: a restart publishes the past again and continues behind it") {
  EngineRig rig;
  EngineRig::ready(rig);
  rig.submit(EngineRig::order());
  rig.settle();
  const auto before = rig.journal.kept.size();
  rig.broker.log.clear();
  rig.make();
  CHECK(rig.published.size() == before);
  rig.settle();
  CHECK(rig.journal.kept.size() > before);
  CHECK(rig.journal.kept.back().epoch == 2);
  CHECK(rig.engine->core().book().find(OrderId(1))->unknown);
  CHECK(rig.sends().empty());
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

TEST_CASE("engine: a batch has a limit, and an effect waits for the batch of its step") {
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
  for (int i = 0; i < 4; ++i) {  // started, changed, completed, accepted
    small.turn(rig.now);
    REQUIRE(rig.journal.pending.size() == 1);
    rig.journal.answer_with(AppendOutcome::durable);
  }
  small.turn(rig.now);
  CHECK(rig.broker.log.empty());  // SendIntended is in flight still
  rig.journal.answer_with(AppendOutcome::durable);
  small.turn(rig.now);
  CHECK(rig.broker.log == Log{"place 1"});
}
