// SPDX-License-Identifier: Apache-2.0
// Pages of lists: made of what is in memory, as it was when the history was asked, and of what the
// history holds, in pieces that each take a fraction of a millisecond.
#pragma once

#include <functional>
#include <string_view>

#include "belay/api/api.hpp"
#include "belay/api/paging.hpp"

namespace belay::api {

struct ListPlan {
  std::string_view member;
  engine::HistoryQuery query = {};  ///< what fits of the archived ones
  bool archived_too = true;
  /// What the broker told of it, in its last list.
  model::BrokerList told = model::BrokerList::open_orders;
  std::function<bool(const core::Order&)> keeps = {};
  /// Adds to `made` the bytes that were made anew.
  std::function<Shown(const core::Order&, std::size_t& made)> render = {};
};
void serve_list(Api& api, Exchange& exchange, const Page& page, const ListPlan& plan);

}  // namespace belay::api
