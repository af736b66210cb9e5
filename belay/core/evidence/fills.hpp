// SPDX-License-Identifier: Apache-2.0
// Fills: each execution counts once, at its last revision, with the order that it belongs to; and
// the orders of which the broker says that more is filled than its executions tell.
#pragma once

#include <map>
#include <set>
#include <string>

#include "belay/core/evidence/claims.hpp"
#include "belay/core/evidence/reports.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

class Fills {
 public:
  bool names(OrderId id) const { return claims_.contains(id); }
  std::set<OrderId> claimed() const { return claims_.ids(); }
  base::Time next_deadline() const { return claims_.next_due(); }

  void on(const BrokerExecution& report, Reports& reports, Step& step);
  void on(const BrokerCommission& report, Step& step);
  void follow(const Event& event, Step& step);
  /// Asks for executions that a status has claimed for too long.
  void ask_again(Step& step);

 private:
  void take_again(const Order& holder, const BrokerExecution& report, Step& step);
  void take_new(OrderId id, const BrokerExecution& report, Step& step);
  void join_early_commission(OrderId id, const ExecId& exec_id, Step& step);
  void watch_claim(OrderId id, Step& step);

  std::map<std::string, BrokerCommission> early_commissions_;  // before their executions, by base
  Claims claims_;                                              // status ahead of executions
};

}  // namespace belay::core
