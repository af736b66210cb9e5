// SPDX-License-Identifier: Apache-2.0
// ArchivedFacts: what is remembered of archived orders, so that the broker may list them again
// without news: which executions are counted and at which revision, how much each order was filled,
// and the permanent ids of orders that we did not send. 16 bytes an entry, under 64-bit hashes. The
// broker lists the current day, at most a week with settings in TWS. So what was archived more than
// `days_kept` roll-overs of the trading day ago is forgotten.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/ordered_table.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core {

/// An execution of an archived order.
struct ArchivedExecution {
  OrderId order;
  bool external = false;         ///< the order is
  std::uint32_t revision = 0;    ///< large ones are not told apart: see revision_known
  bool revision_known = true;    ///< false: whether a report is new has to be looked up
  std::uint32_t commission = 0;  ///< digest of amount and currency; 0 when none had come
};
std::uint32_t commission_digest(const std::optional<Decimal>& amount, std::string_view currency);

class ArchivedFacts {
 public:
  static constexpr std::size_t days_kept = 8;

  void remember(const Order& order);
  /// The order is in memory again.
  void forget(const Order& order);
  /// The trading day changed.
  void roll();

  std::optional<ArchivedExecution> execution(std::string_view exec_base) const;
  std::optional<OrderId> external(PermanentId id) const;
  /// What the order was filled when it was archived.
  std::optional<Quantity> filled(OrderId id) const;

  std::size_t bytes() const;
  /// All entries as bytes, the same for the same facts; and back.
  std::string encode() const;
  bool decode(std::string_view bytes);

 private:
  struct Fact {
    using Key = std::uint64_t;
    std::uint64_t key = 0;
    std::uint64_t value = 0;
    bool vacant() const { return key == 0; }
    static std::uint64_t place(const Key& key) { return key; }
  };
  using Day = base::OrderedTable<Fact, 5>;
  template <class Visit>
  static void visit_facts(const Order& order, Visit visit);
  std::optional<std::uint64_t> find(std::uint64_t key) const;

  std::deque<Day> days_ = std::deque<Day>(1);  // the current one last
};

}  // namespace belay::core
