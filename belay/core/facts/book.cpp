// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/book.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/facts/order_machine.hpp"

namespace belay::core {

base::Hash128 key_hash(const AccountId& account, const ClOrdId& cl_ord_id) {
  return base::hash128(account.value() + '\0' + cl_ord_id.value());
}
std::uint64_t fingerprint(const OrderSpec& spec) {
  return base::hash128(encode(spec)).low;
}

std::string reported_ord_status(const Order& order) {
  if (!is_terminal(order.status)) {
    if (order.pending_cancel) return "PendingCancel";
    if (order.replacing || order.desired_terms) return "PendingReplace";
  }
  return std::string(name(order.status));
}

bool is_anomalous(const Order& order, Trigger trigger) {
  return transition(order.status, trigger).judgement == Judgement::anomalous;
}

Book::Book() = default;
Book::Book(const Book& other) = default;
Book::Book(Book&& other) noexcept = default;
Book& Book::operator=(const Book& other) = default;
Book& Book::operator=(Book&& other) noexcept = default;
Book::~Book() = default;

const Order* Book::find(OrderId id) const {
  return orders_.find(id);
}
const Order* Book::find(const BrokerOrderId& id) const {
  const OrderId* found = by_broker_id_.find(id);
  return found == nullptr ? nullptr : find(*found);
}
const Order* Book::find(PermanentId id) const {
  const OrderId* found = by_permanent_id_.find(id);
  return found == nullptr ? nullptr : find(*found);
}
const Order* Book::find_execution(std::string_view exec_base) const {
  const ExecutionPlace* found = by_execution_.find(exec_base);
  return found == nullptr ? nullptr : find(found->order);
}
// Where it was written down it still is, unless one before it was dropped since. A base id that
// another order has too is that one's place, also when it went with that one to the archive.
const Execution* Book::execution_of(const Order& order, std::string_view exec_base) const {
  const auto& all = order.executions;
  const ExecutionPlace* place = by_execution_.find(exec_base);
  if (place != nullptr && place->order == order.id && place->at < all.size() &&
      all[place->at].id.base == exec_base) {
    return &all[place->at];
  }
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Execution& e) { return e.id.base == exec_base; });
  return found == all.end() ? nullptr : &*found;
}
const Book::Incident* Book::find_incident(std::string_view subject) const {
  const auto it = open_subjects_.find(subject);
  return it == open_subjects_.end() ? nullptr : &incidents_.at(it->second);
}

Order& Book::at(OrderId id) {
  return orders_.write(id);
}
Order& Book::add(OrderId id) {
  BELAY_CHECK(id == next_order_id());
  ++orders_total_;
  Order& order = orders_.put(id, Order());
  order.id = id;
  return order;
}
namespace {
// The broker's number of a contract is not known to every order, so its description names it.
base::Hash128 open_key(const OrderSpec& spec) {
  const Contract& c = spec.contract;
  std::string text = spec.account.value();
  for (const std::string_view part :
       {std::string_view(c.symbol), name(c.sec_type), std::string_view(c.currency),
        std::string_view(c.last_trade_date), std::string_view(c.right), name(spec.side)}) {
    text += '\0';
    text += part;
  }
  if (c.strike) text += to_string(*c.strike);
  for (const ComboLeg& leg : c.legs) {
    text += fmt::format("|{}{}x{}", leg.side == Side::buy ? '+' : '-', leg.ratio, leg.con_id);
  }
  // An order that names its contract by the number alone shares its limit with that number only.
  if (c.symbol.empty()) text += fmt::format("#{}", c.con_id);
  return base::hash128(text);
}
}  // namespace

const std::vector<OrderId>* Book::open_in(const OrderSpec& spec) const {
  return open_.find(open_key(spec));
}
std::size_t Book::open_orders(const OrderSpec& spec) const {
  const auto* open = open_in(spec);
  return open == nullptr ? 0 : open->size();
}
void Book::note_open(const Order& order, bool open) {
  if (for_readers_) return;
  const base::Hash128 key = open_key(order.spec);
  std::vector<OrderId>& list = open_.at_or_make(key);
  const auto at = std::lower_bound(list.begin(), list.end(), order.id);
  if (open) {
    list.insert(at, order.id);
  } else if (list.size() > 1) {
    list.erase(at);
  } else {
    open_.erase(key);
  }
}

// Fills move what the account should hold. Without the broker's contract number nothing can be
// compared, so nothing is kept.
void Book::move_position(const Order& order, const AccountId& whose, Decimal change,
                         base::Time time) {
  if (for_readers_ || order.con_id == 0 || change.is_zero()) return;
  const PositionKey key{whose, order.con_id};
  const Decimal moved =
      order.spec->side == Side::buy ? change : Decimal::from_units(-change.units());
  Expected& held = move_position(key, moved, time);
  if (held.contract.symbol.empty()) {
    held.contract = order.spec->contract;
    held.contract.con_id = order.con_id;
  }
}
Book::Expected& Book::move_position(const PositionKey& key, Decimal change, base::Time time) {
  Expected& held = positions_[key];
  held.contract.con_id = key.second;
  if (const auto moved = Decimal::add(held.quantity, change)) held.quantity = *moved;
  held.changed_at = time;
  return held;
}

// Keeps the flags of an order right after each event.
void Book::settle(Order& order) {
  const bool done = is_terminal(order.status);
  // Somebody else's order that the broker no longer lists is not open there, however it ended.
  const bool open = !done && !(order.external && order.unknown);
  if (open != order.counted_open) {
    order.counted_open = open;
    note_open(order, open);
  }
  if (!done) return;
  order.pending_cancel = false;
  order.replacing.reset();
  order.unknown = false;
  order.desired_terms.reset();
  enlist(order);
}

}  // namespace belay::core
