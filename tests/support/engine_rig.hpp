// SPDX-License-Identifier: Apache-2.0
// EngineRig: an engine with a journal that answers by hand and a broker that writes down what it is
// given.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/engine/engine.hpp"

namespace belay::test {

using namespace belay::engine;
using namespace belay::core;
using belay::base::Time;
using std::chrono::milliseconds;

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

struct WrittenBroker final : belay::broker::Broker {
  LaneSlots lane_slots(Time) const override { return reserved >= limit ? 0 : limit - reserved; }
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
  void global_cancel(Time) override { log.emplace_back("global cancel"); }
  bool place_family(const PlaceFamilyEffect& effect, Time) override {
    for (std::size_t i = 0; i < effect.orders.size(); ++i) unreserve();
    if (!connected) return false;
    log.push_back("family " + std::to_string(effect.orders.front().broker_id.number) + " to " +
                  std::to_string(effect.orders.back().broker_id.number));
    return true;
  }

  unsigned limit = 100;
  unsigned reserved = 0;
  bool connected = true;
  std::vector<std::string> log;
};

using Log = std::vector<std::string>;

class EngineRig {
 public:
  explicit EngineRig(EngineOptions options_of_all = {}) : options(std::move(options_of_all)) {
    make();
  }

  void make() {
    engine.reset();
    engine.emplace(
        options, journal,
        EngineHooks{.publish =
                        [this](const StampedEvent& e) {
                          published.push_back(e.seq);
                          readers.apply(e);
                          broker.log.push_back("publish " + std::string(name(e.event)));
                        },
                    .reply =
                        [this](const Reply& reply) {
                          replies.push_back(reply);
                          broker.log.emplace_back("reply");
                        },
                    .fatal = [this](const std::string& why) { fatal.push_back(why); },
                    .archived = [this](const Order& order,
                                       std::uint64_t seq) { archived.emplace_back(order, seq); }});
    engine->attach(broker);
    published.clear();
    readers = Book::for_readers();
    REQUIRE(engine->start(InstanceId(0xfeed), now, &readers).has_value());
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
  bool left(const std::string& line) const {
    const Log all = sends();
    return std::find(all.begin(), all.end(), line) != all.end();
  }
  std::size_t position(const std::string& line) const {
    const auto it = std::find(broker.log.begin(), broker.log.end(), line);
    REQUIRE(it != broker.log.end());
    return static_cast<std::size_t>(it - broker.log.begin());
  }
  OrdStatus state(std::uint64_t id) const {
    return engine->core().book().find(OrderId(id))->status;
  }

  EngineOptions options;
  Time now{1'795'253'400'000'000'000};
  ManualJournal journal;
  WrittenBroker broker;
  std::vector<Reply> replies;
  std::vector<std::uint64_t> published;
  Book readers;
  std::vector<std::pair<Order, std::uint64_t>> archived;  ///< in a replay, with the seq
  std::vector<std::string> fatal;
  std::optional<Engine> engine;
};

}  // namespace belay::test
