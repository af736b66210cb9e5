// SPDX-License-Identifier: Apache-2.0
// Reports: what the broker says of orders. Reports are facts about the world and may come late,
// twice, or in any order; each rule here makes no event when nothing is new.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "belay/core/step.hpp"

namespace belay::core {

class Reports {
 public:
  /// Orders that are done here and were listed as working, with the broker's word.
  using WorkingThoughDone = std::map<OrderId, std::pair<PermanentId, std::string>>;

  bool names(OrderId id) const { return working_though_done_.contains(id); }
  /// Since the last poll ended.
  WorkingThoughDone take_working_though_done() { return std::exchange(working_though_done_, {}); }

  void on(const BrokerOrder& report, Step& step);
  void on(const BrokerStatus& report, Step& step);
  void follow(const Event& event);
  /// A tag of a Belay's on an order that this journal never sent: a person must look at it.
  void note_lost_tag(const BrokerNames& names, Step& step);
  /// The order became known: what was told of its end before is told now.
  void tell_early_end(const BrokerNames& names, Step& step);

 private:
  void note_lost_facts(const std::string& tag, Step& step);
  void keep_early_end(const BrokerOrder& report);
  void follow_state(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                    const std::string& raw_status, std::optional<base::Text> why_held,
                    std::optional<Quantity> filled, const std::string& text, std::int64_t con_id,
                    const ToldPrices& told, bool listed, Step& step);
  void show_working(OrderId id, BrokerState state, const std::string& raw_status,
                    std::int64_t con_id, bool fills, bool listed, Step& step);
  void show_dead(OrderId id, const std::string& raw_status, const std::string& text, bool listed,
                 Step& step);

  std::map<PermanentId, BrokerOrder> early_ends_;  // of orders that only a fill makes known
  std::set<std::string> lost_tags_;  // of ours, on orders that the journal never sent; told
  WorkingThoughDone working_though_done_;
};

}  // namespace belay::core
