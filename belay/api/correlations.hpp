// SPDX-License-Identifier: Apache-2.0
// Correlations: which requests made an order what it is, for its lines in the log. Kept in memory
// for the newest orders that callers asked for since the start.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "belay/model/ids.hpp"

namespace belay::api {

class Correlations {
 public:
  void placed(model::OrderId order, std::string correlation_id) {
    if (by_order_.size() >= kept_max) by_order_.erase(by_order_.begin());
    by_order_[order] = {std::move(correlation_id), ""};
  }
  /// A cancel or a modification of the order is asked for.
  void asked(model::OrderId order, const std::string& correlation_id) {
    if (by_order_.size() >= kept_max && !by_order_.contains(order)) return;
    by_order_[order].asked = correlation_id;
  }
  /// Of the request that placed the order; empty when it is not known.
  std::string_view of(model::OrderId order) const {
    const auto found = by_order_.find(order);
    return found == by_order_.end() ? std::string_view() : found->second.placed;
  }
  /// Of the latest request to cancel or change it, else of the one that placed it.
  std::string_view latest(model::OrderId order) const {
    const auto found = by_order_.find(order);
    if (found == by_order_.end()) return {};
    return found->second.asked.empty() ? found->second.placed : found->second.asked;
  }

 private:
  static constexpr std::size_t kept_max = 20'000;
  struct Requests {
    std::string placed;
    std::string asked;
  };
  std::map<model::OrderId, Requests> by_order_;
};

}  // namespace belay::api
