// SPDX-License-Identifier: Apache-2.0
// FactDay: one day of a broker as a list of facts, each complete in itself: what is open, what was
// filled and in which parts, legs, commissions, corrections of corrections, busts and equal parts
// after them, fills without a price and the broker's averages, fills that no execution tells,
// orders for an amount of money, what is done, with its size or without. tell() gives them to a
// core in any sequence and returns the book as a picture that must not depend on it.
//
// The picture leaves out what only a sequence has: the broker's last status word and text, the
// claim that came with it, versions and times, the ids that external orders get here, incidents
// (they tell the story), and the wording of a fill's time.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/base/prng.hpp"
#include "tests/support/core_rig.hpp"

namespace belay::test {

class FactDay {
 public:
  explicit FactDay(std::uint64_t seed) : prng_(seed) {
    const int own = static_cast<int>(prng_.between(1, 3));
    for (int i = 1; i <= own; ++i) own_order(i);
    const int others = static_cast<int>(prng_.between(1, 3));
    for (int i = 1; i <= others; ++i) other_order(i);
    if (prng_.chance(60)) combination();
  }
  /// Short days, for all permutations.
  enum class Short { combination, order, equal_parts, averages };
  static FactDay small(Short which) {
    FactDay day;
    switch (which) {
      case Short::combination:
        day.small_combination();
        break;
      case Short::order:
        day.small_order();
        break;
      case Short::equal_parts:
        day.small_equal_parts();
        break;
      case Short::averages:
        day.small_averages();
        break;
    }
    return day;
  }

  std::size_t size() const { return facts_.size(); }
  /// Any sequence of the facts, doubled or cut short and begun anew.
  std::vector<std::size_t> interleaving(base::Prng& prng) const {
    std::vector<std::size_t> all(size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::vector<std::size_t> out = all;
    const auto how = prng.below(3);
    if (how == 1) out.insert(out.end(), all.begin(), all.end());
    shuffle(out, prng);
    if (how == 2) {
      out.resize(prng.below(out.size() + 1));
      shuffle(all, prng);
      out.insert(out.end(), all.begin(), all.end());
    }
    return out;
  }

  std::string tell(const std::vector<std::size_t>& sequence) const {
    CoreRig rig = CoreRig::ready();
    for (const OrderSpec& spec : ours_) rig.sent(nullptr, spec);
    for (const std::size_t at : sequence) rig.step(facts_[at]);
    for (const Input& last : last_words_) rig.step(last);
    // The lists of the end of the day: what they leave open is settled by looking twice.
    for (int i = 0; i < 6; ++i) {
      rig.wait(std::chrono::seconds(20));
      SnapshotDone done = rig.round(open_);
      done.completed = done_;
      rig.step(done);
    }
    return picture(rig.core.book());
  }
  std::string told_in_sequence() const {
    std::vector<std::size_t> all(size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return tell(all);
  }

 private:
  FactDay() : prng_(7) {}
  static void shuffle(std::vector<std::size_t>& list, base::Prng& prng) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[prng.below(i)]);
  }

  // ---- what there is ----
  void own_order(int number) {
    OrderSpec spec = limit_order(100);
    spec.side = prng_.chance(50) ? Side::buy : Side::sell;
    const BrokerNames names{
        BrokerOrderId{0, number}, PermanentId(1000 + number),
        order_tag(CoreRig::instance, OrderId(static_cast<std::uint64_t>(number))), true};
    ours_.push_back(spec);
    spec.contract.con_id = 265598;
    life(names, spec, true);
  }
  void other_order(int number) {
    OrderSpec spec = limit_order(100);
    spec.contract.symbol = "MSFT";
    spec.contract.con_id = 272093;
    spec.side = prng_.chance(50) ? Side::buy : Side::sell;
    const BrokerNames names{BrokerOrderId{7, 40 + number}, PermanentId(2000 + number),
                            prng_.chance(50) ? "theirs" : "", true};
    if (prng_.chance(15)) spec.terms.order_qty = Quantity();  // ordered for an amount of money
    // Some are known from their fills alone, or from those and the list of what is done.
    life(names, spec, prng_.chance(60));
  }
  void combination() {
    BrokerNames names{BrokerOrderId{7, 60}, PermanentId(3000), "", true};
    OrderSpec spec = limit_order(5, "1.5");
    spec.contract.sec_type = SecurityType::combination;
    spec.contract.con_id = 28812380;
    spec.side = prng_.chance(50) ? Side::buy : Side::sell;
    const bool shown = prng_.chance(70);
    if (shown) open_order(names, spec);
    const int parts = static_cast<int>(prng_.between(1, 2));
    for (int part = 1; part <= parts; ++part) {
      const std::int64_t count = part == 1 && parts == 2 ? 2 : parts == 2 ? 3 : 5;
      const std::string base = fmt::format("bag.{}", part);
      execution(names, spec, {base, 1}, {count, part == 2 ? 5 : count});
      const bool taken_back = prng_.chance(15);
      if (taken_back) execution(names, spec, {base, 2}, {0, part == 2 ? 5 : count});
      for (int leg = 1; leg <= 2; ++leg) {
        OrderSpec moved = spec;
        moved.contract.sec_type = SecurityType::option;
        moved.contract.con_id = 100 + leg;
        moved.side = leg == 1 ? Side::buy : Side::sell;
        execution(names, moved, {fmt::format("{}.leg{}", base, leg), 1}, {count, count});
        if (taken_back) {
          execution(names, moved, {fmt::format("{}.leg{}", base, leg), 2}, {0, count});
        } else if (prng_.chance(10)) {
          execution(names, moved, {fmt::format("{}.leg{}", base, leg), 2}, {count - 1, count});
        }
        commission({fmt::format("{}.leg{}", base, leg), 1}, "0.65");
      }
    }
    end(names, spec, BrokerState::filled, 5, prng_.chance(60));
  }

  void small_combination() {
    const BrokerNames names{BrokerOrderId{7, 60}, PermanentId(3000), "", true};
    OrderSpec spec = limit_order(5, "1.5");
    spec.contract.sec_type = SecurityType::combination;
    spec.contract.con_id = 28812380;
    OrderSpec first = spec;
    first.contract.sec_type = SecurityType::option;
    first.contract.con_id = 101;
    OrderSpec second = first;
    second.contract.con_id = 102;
    second.side = Side::sell;
    open_order(names, spec);
    execution(names, spec, {"bag", 1}, {5, 5});
    execution(names, first, {"leg1", 1}, {5, 5});
    execution(names, second, {"leg2", 1}, {5, 5});
    commission({"leg1", 1}, "0.65");
    end(names, spec, BrokerState::filled, 5, true);
  }
  void small_order() {
    OrderSpec spec = limit_order(100);
    ours_.push_back(spec);
    spec.contract.con_id = 265598;
    const BrokerNames names{BrokerOrderId{0, 1}, PermanentId(1001),
                            order_tag(CoreRig::instance, OrderId(1)), true};
    BrokerNames untagged = names;
    untagged.tag.clear();
    open_order(names, spec);
    execution(names, spec, {"e1", 1}, {40, 40});
    execution(names, spec, {"e1", 2}, {30, 30});
    commission({"e1", 1}, "1");
    commission({"e1", 2}, "0.9");
    execution(untagged, spec, {"e2", 1}, {60, 90}, "DU2");
    end(names, spec, BrokerState::canceled, 90, true);
  }

  // A fill that was taken back, and another of the same size, price and running sum after it.
  void small_equal_parts() {
    const OrderSpec spec = small_spec();
    open_order(small_names(), spec);
    execution(small_names(), spec, {"e1", 1}, {10, 10});
    execution(small_names(), spec, {"e2", 1}, {10, 10});
    execution(small_names(), spec, {"e1", 2}, {0, 10});
    commission({"e2", 1}, "1");
    end(small_names(), spec, BrokerState::canceled, 10, true);
  }
  // A fill without a price: what the broker says of all of them is the average, whatever it said
  // of less.
  void small_averages() {
    const OrderSpec spec = small_spec();
    open_order(small_names(), spec);
    execution(small_names(), spec, {"e1", 1}, {40, 40, std::nullopt, price("190")});
    execution(small_names(), spec, {"e2", 1}, {60, 100, price("191"), price("190.6")});
    status(small_names(), BrokerState::working, "Submitted", 40, price("190"));
    end(small_names(), spec, BrokerState::filled, 100, true, price("190.6"));
  }
  OrderSpec small_spec() {
    OrderSpec spec = limit_order(100);
    ours_.push_back(spec);
    spec.contract.con_id = 265598;
    return spec;
  }
  static BrokerNames small_names() {
    return {BrokerOrderId{0, 1}, PermanentId(1001), order_tag(CoreRig::instance, OrderId(1)), true};
  }

  struct Part {
    std::int64_t count = 0;
    std::int64_t sum = 0;  ///< of the order after it
    std::optional<Price> at = price("190.5");
    std::optional<Price> average = std::nullopt;
  };

  void life(const BrokerNames& names, const OrderSpec& spec, bool shown) {
    if (shown) open_order(names, spec);
    const int parts = static_cast<int>(prng_.between(0, 3));
    Part part;
    std::int64_t cost = 0;  // of all so far, in cents
    std::int64_t cents = 0;
    bool equal = false;  // to the part before, which was taken back
    const bool sums_told = !prng_.chance(10);
    bool any_untold = !sums_told;
    for (int number = 1; number <= parts; ++number) {
      if (!equal) {
        part.count = number == 3 ? 100 - part.sum : prng_.between(10, 40);
        cents = 19'000 + prng_.between(0, 3) * 25;
        part.at = Price(Decimal::from_units(cents * 1'000'000));
        if (prng_.chance(20)) part.at.reset();
      }
      equal = false;
      part.sum += part.count;
      cost += part.count * cents;
      part.average = Price(Decimal::from_units(cost * 1'000'000 / part.sum));
      const std::string base = fmt::format("e{}.{}", names.permanent_id->value(), number);
      BrokerNames told = names;
      if (prng_.chance(20)) told.tag.clear();
      const char* account = prng_.chance(20) ? "DU2" : "DU1";
      // Some fills are told by no execution: what the broker counts says that they were.
      const bool untold = prng_.chance(8);
      any_untold = any_untold || untold;
      Part as_told = part;
      if (!sums_told) as_told.sum = 0;
      if (!untold) execution(told, spec, {base, 1}, as_told, account);
      // Some gateways tell one fill under two ids.
      if (!untold && prng_.chance(10)) execution(told, spec, {base + ".b", 1}, as_told, account);
      if (prng_.chance(70)) commission({base, 1}, "1");
      status(names, BrokerState::working, "Submitted", part.sum, part.average);
      if (untold || !prng_.chance(30)) continue;
      const bool bust = prng_.chance(60);
      Part corrected = as_told;
      corrected.count = bust ? 0 : part.count - 3;
      // The sum of a correction is of its own moment.
      if (sums_told && prng_.chance(50)) corrected.sum -= part.count - corrected.count;
      if (prng_.chance(20)) corrected.at = price("188.25");
      execution(told, spec, {base, 2}, corrected, account);
      if (!bust && prng_.chance(50)) commission({base, 2}, "0.9");
      if (!bust && prng_.chance(30)) {
        corrected.count = 0;
        execution(told, spec, {base, 3}, corrected, account);
      }
      if (!bust || prng_.chance(30)) continue;
      equal = true;
      part.sum -= part.count;
      cost -= part.count * cents;
    }
    const std::size_t told_before = facts_.size();
    if (part.sum == 100) {
      end(names, spec, BrokerState::filled, part.sum, true, part.average);
    } else if (prng_.chance(50)) {
      end(names, spec, BrokerState::canceled, part.sum, true, part.average);
    } else {
      if (shown) open_.push_back(names);
      status(names, BrokerState::working, "Submitted", part.sum, part.average);
    }
    if (!any_untold) return;
    last_words_.insert(last_words_.end(), facts_.begin() + static_cast<std::ptrdiff_t>(told_before),
                       facts_.end());
  }

  // ---- how it is told ----
  void open_order(const BrokerNames& names, const OrderSpec& spec) {
    facts_.emplace_back(
        BrokerOrder{names, spec, "LMT", BrokerState::working, "Submitted", "", std::nullopt});
  }
  void status(const BrokerNames& names, BrokerState state, const char* word, std::int64_t filled,
              std::optional<Price> average = std::nullopt) {
    BrokerStatus report{{names.broker_id, names.permanent_id, ""}, state, word, "", shares(filled)};
    report.avg_px = average;
    facts_.emplace_back(std::move(report));
  }
  void execution(const BrokerNames& names, const OrderSpec& spec, ExecId id, const Part& part,
                 const char* account = "DU1") {
    BrokerExecution report;
    report.names = names;
    report.account = AccountId(account);
    report.contract = spec.contract;
    report.execution.id = std::move(id);
    report.execution.last_qty = shares(part.count);
    report.execution.last_px = part.at;
    report.execution.side = spec.side;
    report.execution.busted = part.count == 0;
    report.cum_qty = shares(part.sum);
    report.avg_px = part.average;
    facts_.emplace_back(std::move(report));
  }
  void commission(ExecId id, const char* amount) {
    facts_.emplace_back(
        BrokerCommission{std::move(id), *Decimal::parse(amount), "USD", std::nullopt, false});
  }
  void end(const BrokerNames& names, const OrderSpec& spec, BrokerState state, std::int64_t filled,
           bool listed, std::optional<Price> average = std::nullopt) {
    const char* word = state == BrokerState::filled ? "Filled" : "Cancelled";
    status(names, state, word, filled, average);
    if (!listed && state == BrokerState::filled) return;
    BrokerOrder report{names, spec, "LMT", state, word, "", shares(filled)};
    // Some lists of what is done tell only how much was filled.
    if (prng_.chance(30)) report.spec.edit().terms.order_qty = Quantity();
    report.names.broker_id.reset();
    done_.push_back(report.names);
    facts_.emplace_back(std::move(report));
  }

  // ---- what must be equal ----
  static std::string picture(const Book& book) {
    std::map<std::string, std::string> lines;
    for (const auto& [id, order] : book.in_memory()) {
      const auto& terms = order.spec->terms;
      const std::string name =
          order.permanent_ids.empty() ? "-" : std::to_string(order.permanent_ids.front().value());
      const auto average = belay::core::average_price(order);
      std::string line = fmt::format(
          "{} {} {}#{} {} {} {} of {} at {} for {} {} unknown={} over={}",
          order.spec->account.value(), order.external ? "theirs" : "ours",
          order.spec->contract.symbol, order.con_id,
          belay::model::name(order.spec->contract.sec_type), belay::model::name(order.spec->side),
          to_string(order.cum_qty), to_string(terms.order_qty),
          terms.price ? to_string(*terms.price) : "-", average ? average->text : "-",
          belay::model::name(order.status), order.unknown, order.overfilled);
      std::map<std::string, std::string> fills;
      std::map<std::string, int> alike;  // which one of equal ones counts follows the sequence
      for (const Execution& e : order.executions) {
        // What an inferred one is called follows the id of its order here.
        const std::string called = e.inferred ? "-" : to_string(e.id);
        fills[e.inferred ? fmt::format("- {}", to_string(e.last_qty)) : e.id.base.str()] =
            fmt::format("\n    {} {} {} {} leg={} {} busted={} fee={}", called,
                        belay::model::name(e.side), to_string(e.last_qty), e.account.value(),
                        e.leg_con_id, e.inferred ? "inferred" : "told", e.busted,
                        e.commission ? e.commission->to_string() : "-");
        alike[fmt::format("{} at {} to {} of {} in {}: {}", to_string(e.last_qty),
                          e.last_px ? to_string(*e.last_px) : "-", to_string(e.cum_qty),
                          e.account.value(), e.leg_con_id,
                          e.repeats ? "not counted" : "counted")] += 1;
      }
      for (const auto& [base, fill] : fills) line += fill;
      for (const auto& [what, times] : alike) line += fmt::format("\n    {} x {}", times, what);
      lines[name] += line;
    }
    std::string out;
    for (const auto& [name, line] : lines) out += name + ": " + line + "\n";
    for (const auto& [key, held] : book.expected_positions()) {
      if (held.quantity.is_zero()) continue;
      out += fmt::format("{} holds {} of {}\n", key.first.value(), held.quantity.to_string(),
                         key.second);
    }
    return out;
  }

  base::Prng prng_;
  std::vector<OrderSpec> ours_;
  std::vector<Input> facts_;
  std::vector<Input> last_words_;  // what the lists of the day's end say of what no fill tells
  std::vector<BrokerNames> open_;
  std::vector<BrokerNames> done_;
};

}  // namespace belay::test
