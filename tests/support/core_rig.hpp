// SPDX-License-Identifier: Apache-2.0
// CoreRig: a Core with a broker's words at hand, for tests that read as sentences. It keeps all
// events through their encoded bytes, so that restart() replays what a disk would give back. It
// checks nothing by itself but that each step's events are dense and leave a whole book.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/core.hpp"
#include "tests/support/book_check.hpp"
#include "tests/support/numbers.hpp"

namespace belay::test {

using namespace belay::core;

base::Time utc(const char* rfc3339);
OrderSpec limit_order(std::int64_t count = 100, const char* at = "190.5");
OrderSpec limit_order_for(TimeInForce time_in_force);
OrderSpec stop_sell(std::int64_t count);
/// Ids by purpose, in the words of the setting: "algo=400-449".
CoreOptions with_ranges(const char* text);
/// A code that refuses what was asked for: an order or its modification.
inline constexpr VerdictByRequest refuses{Verdict::request_refused, Verdict::replace_refused, {}};

class CoreRig {
 public:
  static constexpr InstanceId instance{0xfeed};

  /// The broker's lists are known to begin anew at midnight, far from the story's time.
  static CoreOptions usual();
  explicit CoreRig(CoreOptions options = usual());
  /// A rig whose session is up and whose snapshot is done.
  static CoreRig ready(CoreOptions options = usual());
  /// ... and that holds 100 AAPL.
  static CoreRig holder(CoreOptions options = usual());

  // ---- inputs ----
  const Output& step(const Input& input);
  void up(std::int64_t next_number = 1);
  void down();
  void synced(std::vector<BrokerNames> listed = {});
  /// The end of a settled, full round that was asked for just now.
  SnapshotDone round(std::vector<BrokerNames> listed = {});
  /// ... some time after whatever came before it.
  void later_round(std::vector<BrokerNames> listed = {});
  /// A journal of which somebody else wrote the next fact.
  void append(const Event& event);
  Reply place(const char* key, OrderSpec spec = limit_order());
  Reply replace(OrderId id, TermsPatch patch);
  Reply reprice(OrderId id, const char* to);
  Reply cancel(OrderId id);
  /// A placed order: sent, not yet acknowledged.
  OrderId sent(const char* key, OrderSpec spec = limit_order());
  /// ... and shown as working by the broker.
  OrderId working(const char* key, OrderSpec spec = limit_order());
  BrokerNames names(OrderId id) const;
  void shown(OrderId id, BrokerState state = BrokerState::working, const char* word = "Submitted");
  void shown_as(OrderId id, OrderSpec spec, BrokerState state = BrokerState::working,
                const char* word = "Submitted");
  void status(OrderId id, BrokerState state, const char* word, std::int64_t filled = 0,
              const char* why_held = "");
  void notice(OrderId id, std::int32_t code, Verdict verdict, const char* text = "words");
  BrokerExecution execution(OrderId id, const char* exec_id, std::int64_t count,
                            const char* at = "190.5") const;
  void fill(OrderId id, const char* exec_id, std::int64_t count, const char* at = "190.5");
  void wait(base::Duration duration);
  /// The process dies and a new core replays what the journal holds.
  void restart();

  // ---- what is so ----
  const Order& order(OrderId id) const;
  OrdStatus state(OrderId id) const { return order(id).status; }
  template <class E>
  int count_in(const Output& output) const {
    int total = 0;
    if constexpr (requires { E::type; }) {
      for (const auto& e : output.events) total += std::holds_alternative<E>(e.event) ? 1 : 0;
    } else {
      for (const auto& e : output.effects) total += std::holds_alternative<E>(e) ? 1 : 0;
    }
    return total;
  }
  /// How many of this event or effect the last step gave.
  template <class E>
  int count() const {
    return count_in<E>(last);
  }
  template <class E>
  const E& the() const {
    REQUIRE(count<E>() == 1);
    if constexpr (requires { E::type; }) {
      for (const auto& e : last.events) {
        if (const E* found = std::get_if<E>(&e.event)) return *found;
      }
    } else {
      for (const auto& e : last.effects) {
        if (const E* found = std::get_if<E>(&e)) return *found;
      }
    }
    std::abort();
  }
  /// True when the last step opened an incident of this kind.
  bool incident(const char* kind) const;
  bool silent() const { return last.events.empty() && last.effects.empty(); }

  struct Row {
    std::uint64_t seq;
    base::Time time;
    std::uint16_t type;
    std::string payload;
  };
  static Row bytes_of(const StampedEvent& e);
  static StampedEvent decoded(const Row& row);
  /// The book that a reader of the journal would have.
  Book replayed() const;

  unsigned slots = 1000;
  std::string refuse_new;
  /// The broker says at once that a contract number is what the order says. Off: it says nothing.
  bool confirms_contracts = true;
  std::size_t archive_room = 0;
  std::int32_t client = 0;
  base::Time now{1'795'253'400'000'000'000};
  Output last;
  std::vector<Row> history;
  Correlation correlation = 0;
  std::uint64_t rounds = 0;

 private:
  CoreOptions options_;

 public:
  Core core;

 private:
  void begin();
  Reply answer() const;
  std::uint64_t epoch_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace belay::test
