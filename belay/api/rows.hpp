// SPDX-License-Identifier: Apache-2.0
// Rows: how orders and fills look in lists, made once until the next event about the order.
#pragma once

#include <string_view>
#include <vector>

#include "belay/api/exchange.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

class Rows {
 public:
  explicit Rows(const views::LiveView& view) : view_(view) {}

  /// Adds to `made` the bytes that were made anew; so do the others.
  RowCache::Row order(const core::Order& order, std::size_t& made);
  /// Those of one account, or of any, the newest first.
  std::vector<ShownFill> fills(const core::Order& order, std::string_view account,
                               std::size_t& made);
  std::size_t bytes() const { return orders_.bytes() + fills_.bytes(); }

 private:
  const views::LiveView& view_;
  RowCache orders_;
  RowCache fills_;
};

/// The newest first; those that came without a time before all.
void sort_fills(std::vector<ShownFill>& fills);

}  // namespace belay::api
