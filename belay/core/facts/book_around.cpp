// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/book_around.hpp"

#include "belay/base/check.hpp"
#include "belay/core/facts/order_machine.hpp"

namespace belay::core {

bool moves_memory(const Event& event) {
  return std::holds_alternative<OrderArchived>(event) ||
         std::holds_alternative<OrderRecalled>(event);
}

IdBook::Use use_of(const Order* order) {
  if (order == nullptr || order->external || !order->broker_id) return {};
  const bool unsent = order->status == OrdStatus::created || order->status == OrdStatus::denied;
  if (unsent) return {};
  const bool waits = order->status == OrdStatus::pending_new;
  return {waits ? IdState::sent : IdState::acknowledged, purpose_index(order->spec->purpose)};
}

void Around::count_id(const IdBook::Use& before, const Order& now) {
  const bool withdrawn = std::holds_alternative<SendWithdrawn>(stamp.event);
  book.ids_.count(before, withdrawn ? IdBook::Use{} : use_of(&now));
}

void Around::name_seen(const Order& order) {
  const OrderId* holder = book.by_broker_id_.find(*order.broker_id);
  if (holder == nullptr) {
    book.by_broker_id_.put(*order.broker_id, order.id);
  } else if (*holder != order.id) {
    book.ids_.add_clash(*order.broker_id, order.id);
  }
}

// What an order is called now, where that is another name than before.
void Around::take_names(const Order* before, const Order& now) {
  if (before == nullptr) {
    if (now.broker_id) name_seen(now);
  } else if (before->broker_id != now.broker_id) {
    if (before->broker_id) book.unindex(*before);
    book.index(now);
    if (now.broker_id) book.by_broker_id_.put(*now.broker_id, now.id);
  }
  const std::size_t known = before == nullptr ? 0 : before->permanent_ids.size();
  for (std::size_t at = known; at < now.permanent_ids.size(); ++at) {
    book.by_permanent_id_.put(now.permanent_ids[at], now.id);
  }
}

bool Around::take_over(OrderId id) {
  if (moves_memory(stamp.event)) return false;
  const Order* now = book.orders_.shown_at(id, stamp.seq);
  if (now == nullptr) return false;
  const Order* own = book.find(id);
  if (own == nullptr) {
    BELAY_CHECK(id == book.next_order_id());
    ++book.orders_total_;
  }
  count_id(use_of(own), *now);
  take_names(own, *now);
  book.orders_.share(id);
  std::visit(*this, stamp.event);
  list_live(*now);
  return true;
}

void Around::list_live(const Order& order) {
  if (!is_terminal(order.status)) return book.live_.insert(order.id);
  book.live_.erase(order.id);
  book.ids_.ended(order.id);
}

}  // namespace belay::core
