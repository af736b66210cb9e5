// SPDX-License-Identifier: Apache-2.0
// Names: which order a report is about. Pure: read off the book, the session and the ids that the
// broker refused.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "belay/core/step.hpp"

namespace belay::core {

/// What a report says of its order beside the names.
struct Described {
  const Contract& contract;
  Side side;
  const OrderSpec* whole = nullptr;  ///< it shows the order itself
};
struct Match {
  OrderId order;
  bool exists = false;
};

/// `described`: nullptr when the names are all that is told.
Match match(const BrokerNames& names, const Described* described, const Step& step);
/// The order of ours that the report's tag names, if we sent it.
const Order* tagged_order(const BrokerNames& names, const Step& step);
/// Whom a report may be about of which only the names are known.
std::set<OrderId> named_in(const BrokerNames& names, const Step& step);
/// An id that could not be read, and no other name that is known: it may be that of any order of
/// ours that nothing was heard of since it was sent.
std::set<OrderId> unaccounted_for(const BrokerNames& names, const Described* described,
                                  const Step& step);
/// The orders of ours that are shown as open under our own ids.
std::set<OrderId> shown_in(const BrokerOrder& report, const Step& step);
std::set<OrderId> shown_in(const std::vector<BrokerNames>& listed, const Step& step);
/// A Belay made the tag of an order of this session, whichever Belay.
bool has_belay_tag(const BrokerNames& names, std::int32_t session);

}  // namespace belay::core
