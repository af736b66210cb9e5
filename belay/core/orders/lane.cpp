// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/lane.hpp"

#include <algorithm>

#include "belay/base/defects.hpp"

namespace belay::core {
namespace {

using base::Defect;

// A description without the broker's number. Futures may be named by their month alone.
bool describes(const Contract& wanted, const Contract& held) {
  const std::string& date = wanted.last_trade_date;
  return !wanted.symbol.empty() && wanted.symbol == held.symbol &&
         wanted.sec_type == held.sec_type && wanted.currency == held.currency &&
         held.last_trade_date.substr(0, date.size()) == date && wanted.right == held.right &&
         wanted.strike == held.strike;
}

// The position that an order of this spec would change. A description that fits several decides
// nothing.
const Book::Expected* position_of(const Book& book, const OrderSpec& spec) {
  const auto& all = book.expected_positions();
  if (spec.contract.con_id != 0) {
    const auto it = all.find({spec.account, spec.contract.con_id});
    return it == all.end() ? nullptr : &it->second;
  }
  const Book::Expected* found = nullptr;
  for (auto it = all.lower_bound({spec.account, std::numeric_limits<std::int64_t>::min()});
       it != all.end() && it->first.first == spec.account; ++it) {
    if (it->second.quantity.is_zero() || !describes(spec.contract, it->second.contract)) continue;
    if (found != nullptr) return nullptr;
    found = &it->second;
  }
  return found;
}

// What orders of this side can take from the position.
Quantity lessened_by(const Book::Expected* position, Side side) {
  const Decimal quantity = position == nullptr ? Decimal() : position->quantity;
  const bool reduces = side == Side::buy ? quantity.is_negative() : quantity > Decimal();
  if (!reduces) return {};
  return *Quantity::make(quantity.is_negative() ? Decimal::from_units(-quantity.units())
                                                : quantity);
}

}  // namespace

std::string_view name(Lane lane) {
  switch (lane) {
    case Lane::protective:
      return "protective";
    case Lane::reducing:
      return "reducing";
    case Lane::new_risk:
      return "new";
  }
  return "new";
}

LaneJudge::LaneJudge(const Book& book, const OrderSpec& spec) {
  const Book::Expected* position = position_of(book, spec);
  held_ = lessened_by(position, spec.side);
  // The same contract may be named by its number, by a description, or as the broker describes it.
  OrderSpec probe;
  probe.account = spec.account;
  probe.side = spec.side;
  std::vector<const std::vector<OrderId>*> lists;
  const auto look = [&](const Contract& contract) {
    probe.contract = contract;
    const auto* list = book.open_in(probe);
    if (list != nullptr && std::find(lists.begin(), lists.end(), list) == lists.end()) {
      lists.push_back(list);
    }
  };
  look(spec.contract);
  if (position != nullptr) {
    look(position->contract);
    Contract number_only;
    number_only.con_id = position->contract.con_id;
    look(number_only);
  }
  for (const auto* list : lists) open_.insert(open_.end(), list->begin(), list->end());
  if (lists.size() > 1) std::sort(open_.begin(), open_.end());
}

Lane LaneJudge::next(OrdType type, Quantity quantity) {
  if (held_.is_zero()) return Lane::new_risk;
  if (row_of(type).protects) {
    // A stop that goes beyond the position protects nothing and takes nothing from those that do.
    if (stops_ + quantity > held_) return Lane::new_risk;
    stops_ = stops_ + quantity;
    return base::defect(Defect::protective_waits_behind_entries) ? Lane::new_risk
                                                                 : Lane::protective;
  }
  exits_ = exits_ + quantity;
  return exits_ > held_ ? Lane::new_risk : Lane::reducing;
}

Quantity open_quantity(const Order& order) {
  Quantity most = order.spec->terms.order_qty;
  for (const auto* terms : {&order.replacing, &order.desired_terms}) {
    if (*terms) most = std::max(most, (*terms)->order_qty);
  }
  return most - order.cum_qty;
}

Lane lane_of(const Book& book, const OrderSpec& spec, std::optional<OrderId> self) {
  // Without a position nothing is lessened, and the list of open orders may be long.
  if (lessened_by(position_of(book, spec), spec.side).is_zero()) return Lane::new_risk;
  LaneJudge judge(book, spec);
  Quantity quantity = spec.terms.order_qty;
  for (const OrderId id : judge.open()) {
    if (self && id >= *self) break;
    if (judge.used_up()) return Lane::new_risk;
    const Order* other = book.find(id);
    // What is being canceled is on its way out: a stop may be replaced by another one.
    if (other == nullptr || other->pending_cancel) continue;
    judge.next(other->spec->ord_type, open_quantity(*other));
  }
  if (self) {
    if (const Order* order = book.find(*self)) quantity = quantity - order->cum_qty;
  }
  return judge.next(spec.ord_type, quantity);
}

bool only_lessens(const OrderSpec& spec, const OrderTerms& wanted) {
  const OrderTerms& now = spec.terms;
  OrderTerms rest = wanted;
  rest.order_qty = now.order_qty;
  rest.price = now.price;
  if (rest != now || wanted.order_qty > now.order_qty) return false;
  if (wanted.price == now.price) return true;
  if (!wanted.price || !now.price) return false;
  return spec.side == Side::buy ? *wanted.price < *now.price : *wanted.price > *now.price;
}

bool replace_passes_halt(const Book& book, const Order& order, const OrderTerms& wanted) {
  return only_lessens(order.spec, wanted) ||
         lane_of_replace(book, order, wanted) == Lane::protective;
}

Lane lane_of_replace(const Book& book, const Order& order, const OrderTerms& wanted) {
  OrderSpec spec = order.spec;
  spec.terms = wanted;
  const Lane lane = lane_of(book, spec, order.id);
  return lane == Lane::new_risk && only_lessens(order.spec, wanted) ? Lane::reducing : lane;
}

}  // namespace belay::core
