// SPDX-License-Identifier: Apache-2.0
// What holds of every book, whatever happened. Tests ask after each step; nothing else pays for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "belay/core/facts/book.hpp"

namespace belay::core {

/// Looks for the first rule that the book breaks.
struct BookChecker {
  const Book& book;
  std::string broken;

  void of(bool holds, std::string_view rule, OrderId id = {}) {
    if (holds || !broken.empty()) return;
    broken = id.value() == 0 ? std::string(rule) : fmt::format("order {}: {}", id.value(), rule);
  }
  void check_order(OrderId id, const Order& order);
  void check_sums(const Order& order);
  void check_names(const Order& order);
  void check_open(const Order& order);
  void check_archive();
  void check_incidents();
  void check_ids();
  bool may_be_archived(const Order& order) const {
    return is_terminal(order.status) && order.filled_claim <= order.cum_qty &&
           !order.copy_works() && !book.incidents_by_order_.contains(order.id);
  }
};

void BookChecker::check_order(OrderId id, const Order& order) {
  const bool done = is_terminal(order.status);
  of(order.id == id, "it stands under its own id", id);
  of(id.value() <= book.orders_total_, "it was counted when it was made", id);
  of(order.seq <= book.last_seq_, "its last event is in the past", id);
  of(order.version > 0, "its version counts its events", id);
  of(book.live_.contains(id) == !done, "it is live until it is done", id);
  of(!order.replacing || order.desired_terms, "terms that are under way are wanted", id);
  if (done) {
    of(!order.pending_cancel && !order.unknown && !order.desired_terms && !order.replacing,
       "nothing is wanted of an order that is done", id);
  }
  for (const Incarnation& copy : order.incarnations) {
    of(std::count(order.permanent_ids.begin(), order.permanent_ids.end(), copy.permanent_id) == 1,
       "each copy has a permanent id of the order", id);
  }
  if (!book.for_readers_ && !order.external) {
    const KeyUse* use = book.find_key(key_hash(order.spec->account, order.cl_ord_id));
    of(use != nullptr && use->order == id, "its key leads to it", id);
  }
}

void BookChecker::check_sums(const Order& order) {
  Quantity filled;
  std::uint32_t inferred = 0;
  std::uint32_t unpriced = 0;
  for (const Execution& e : order.executions) {
    if (e.inferred) ++inferred;
    if (e.busted || e.repeats || e.leg_con_id != 0) continue;
    filled = filled + e.last_qty;
    if (!e.last_px) ++unpriced;
  }
  of(order.cum_qty == filled, "its fills add up", order.id);
  of(order.inferred == inferred, "its inferred fills are counted", order.id);
  of(order.unpriced == unpriced, "its fills without a price are counted", order.id);
}

void BookChecker::check_names(const Order& order) {
  const auto in_memory = [&](const OrderId* id) {
    return id == nullptr || book.find(*id) != nullptr;
  };
  if (order.broker_id) {
    of(in_memory(book.by_broker_id_.find(*order.broker_id)),
       "its broker id leads to an order in memory", order.id);
  }
  // A name that another order took goes with that one when it is archived.
  const bool may_be_gone = book.archived() > 0;
  for (const PermanentId name : order.permanent_ids) {
    const Order* holder = book.find(name);
    if (holder == nullptr && may_be_gone) continue;
    of(holder != nullptr &&
           std::count(holder->permanent_ids.begin(), holder->permanent_ids.end(), name) == 1,
       "its permanent id leads to an order that has it", order.id);
  }
  if (book.for_readers_) return;
  for (const Execution& execution : order.executions) {
    const Order* holder = book.find_execution(execution.id.base);
    if (holder == nullptr && may_be_gone) continue;
    of(holder != nullptr && book.execution_of(*holder, execution.id.base) != nullptr,
       "its execution leads to an order that has it", order.id);
  }
}

void BookChecker::check_open(const Order& order) {
  const bool open = !is_terminal(order.status) && !(order.external && order.unknown);
  of(order.counted_open == open, "it counts as open while it is", order.id);
  if (book.for_readers_) return;
  const std::vector<OrderId>* beside = book.open_in(order.spec);
  const bool listed =
      beside != nullptr && std::binary_search(beside->begin(), beside->end(), order.id);
  of(listed == open, "it is among the open ones of its contract while it is open", order.id);
  if (!listed || beside->front() != order.id) return;
  for (const OrderId id : *beside) {
    const Order* other = book.find(id);
    of(other != nullptr && other->counted_open, "only open orders are beside it", order.id);
  }
}

void BookChecker::check_archive() {
  std::size_t finished = 0;
  for (const auto& [id, order] : book.orders_) finished += may_be_archived(order) ? 1U : 0U;
  if (book.for_readers_) finished = 0;
  of(book.finished_.size() == finished, "the finished orders are those that may be archived");
  for (const auto& [seq, id] : book.finished_) {
    const Order* order = book.find(id);
    of(order != nullptr && order->seq == seq && may_be_archived(*order),
       "it may be archived, by its last event", id);
  }
  of(book.highest_archived_.value() <= book.orders_total_, "what is archived was made");
  of(book.last_archived_seq_ <= book.last_seq_, "the last archiving is in the past");
}

void BookChecker::check_incidents() {
  std::map<OrderId, std::uint64_t> by_order;
  for (const auto& [seq, incident] : book.incidents_) {
    of(incident.seq == seq && seq <= book.last_seq_, "an incident stands under its own seq");
    if (incident.opened.order.value() != 0) ++by_order[incident.opened.order];
  }
  of(by_order == book.incidents_by_order_, "open incidents are counted by order");
  for (const auto& [subject, seq] : book.open_subjects_) {
    const auto named = book.incidents_.find(seq);
    of(named != book.incidents_.end() && named->second.opened.subject == subject,
       "a subject leads to its open incident");
  }
  of(book.incidents_.size() <= book.incidents_total_, "every open incident was counted");
}

void BookChecker::check_ids() {
  std::array<std::uint64_t, purposes.size()> sent{};
  for (const auto& [id, order] : book.orders_) {
    if (order.external || !order.broker_id || order.status != OrdStatus::pending_new) continue;
    ++sent.at(purpose_index(order.spec->purpose));
    of(order.broker_id->number <= book.id_mark(order.broker_id->session),
       "its broker id is not above the mark", id);
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    of(book.ids_.counts().at(i).sent == sent.at(i), "ids without an answer are counted");
  }
}

std::string Book::check() const {
  BookChecker checker{*this, ""};
  checker.of(orders_.size() <= orders_total_, "no more orders are in memory than were made");
  for (const auto& [id, order] : orders_) {
    checker.check_order(id, order);
    checker.check_sums(order);
    checker.check_names(order);
    checker.check_open(order);
  }
  for (const OrderId id : live_) {
    checker.of(orders_.contains(id), "a live order is in memory", id);
  }
  checker.check_archive();
  checker.check_incidents();
  checker.check_ids();
  return checker.broken;
}

}  // namespace belay::core
