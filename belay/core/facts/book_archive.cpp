// SPDX-License-Identifier: Apache-2.0
// What leaves memory and what comes back. An archived order costs its key and, for some days, the
// facts that tell the broker's old news from new (archived_facts.hpp); everything else of it is in
// the history. Archiving and recalling change nothing that a caller could see of the order.
#include <utility>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/order_encoding.hpp"

namespace belay::core {

Book Book::for_readers() {
  Book book;
  book.for_readers_ = true;
  return book;
}

void Book::show_in(Book& readers) {
  // Set aside for a moment: what readers do not have, and the orders, which are not copied.
  auto keys = std::exchange(keys_, {});
  auto facts = std::exchange(facts_, {});
  OrderTable orders(std::move(orders_));
  readers = *this;
  readers.for_readers_ = true;
  readers.finished_.clear();
  readers.open_.clear();
  readers.by_execution_.clear();
  readers.positions_.clear();
  keys_ = std::move(keys);
  facts_ = std::move(facts);
  orders_ = std::move(orders);
  orders_.show_in(readers.orders_);
}

// Among the finished orders that may be archived, as long as nothing speaks against it: a claim of
// more fills than are known, a copy at the broker that works, or a matter that a person has to
// settle.
void Book::enlist(const Order& order) {
  if (for_readers_ || !is_terminal(order.status) || order.filled_claim > order.cum_qty ||
      order.copy_works() || incidents_by_order_.contains(order.id)) {
    return;
  }
  finished_.insert_or_assign(order.seq, order.id);
}

// A name that leads to another order by now stays with that one.
void Book::unindex(const Order& order) {
  if (order.broker_id) {
    const OrderId* holder = by_broker_id_.find(*order.broker_id);
    if (holder != nullptr && *holder == order.id) by_broker_id_.erase(*order.broker_id);
  }
  for (const PermanentId id : order.permanent_ids) {
    const OrderId* leads_to = by_permanent_id_.find(id);
    if (leads_to != nullptr && *leads_to == order.id) by_permanent_id_.erase(id);
  }
  for (const Execution& execution : order.executions) {
    const ExecutionPlace* holder = by_execution_.find(execution.id.base);
    if (holder != nullptr && holder->order == order.id) by_execution_.erase(execution.id.base);
  }
}

void Book::index(const Order& order) {
  if (order.broker_id && order.broker_id->number != 0 &&
      by_broker_id_.find(*order.broker_id) == nullptr) {
    by_broker_id_.put(*order.broker_id, order.id);
  }
  for (const PermanentId id : order.permanent_ids) {
    if (!by_permanent_id_.contains(id)) by_permanent_id_.put(id, order.id);
  }
  for (std::size_t at = 0; at < order.executions.size() && !for_readers_; ++at) {
    const base::Text& base = order.executions[at].id.base;
    if (by_execution_.find(base) == nullptr) by_execution_.put(base, {order.id, at});
  }
}

void Book::archive(OrderId id) {
  const Order& order = at(id);
  BELAY_CHECK(is_terminal(order.status));
  BELAY_CHECK(!order.counted_open);
  unindex(order);
  if (!for_readers_) facts_.remember(order);
  finished_.erase(order.seq);
  last_archived_seq_ = last_seq_;
  if (id > highest_archived_) highest_archived_ = id;
  if (base::defect(base::Defect::archive_forgets_key)) {
    keys_.erase(key_hash(order.spec->account, order.cl_ord_id));
  }
  orders_.erase(id);
}

void Book::recall(std::string_view state) {
  auto decoded = decode_order(state);
  BELAY_CHECK(decoded.has_value());  // the core decoded it before it made the fact
  const OrderId id = decoded->id;
  BELAY_CHECK(is_archived(id));
  const Order& order = orders_.put(id, std::move(*decoded));
  ++recalls_total_;
  facts_.forget(order);
  index(order);
  enlist(order);
}

}  // namespace belay::core
