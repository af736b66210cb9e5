// SPDX-License-Identifier: Apache-2.0
// What each fact does to the book beside the order that it is about: ids, incidents, halts, days,
// names that change hands. What it does to the order itself is in book_apply.cpp.
#pragma once

#include "belay/base/defects.hpp"
#include "belay/core/facts/book.hpp"

namespace belay::core {

/// The facts about one order.
template <class E>
concept OfOneOrder = requires(const E& e) {
  e.order;
};

/// Leaving memory and coming back changes nothing about an order or its id.
bool moves_memory(const Event& event);
/// What an order's id is counted as.
IdBook::Use use_of(const Order* order);

// size: a function for each fact that does more than change its order
/// What a fact does to the book beside the order that it is about.
struct Around {
  Book& book;
  const StampedEvent& stamp;

  template <OfOneOrder E>
  void operator()(const E&) {}

  void operator()(const InstanceCreated& e) { book.instance_ = e.instance; }
  void operator()(const DaemonStarted& e) {
    book.epoch_ = e.epoch;
    book.phase_ = "down";
    if (base::defect(base::Defect::mark_forgotten_at_restart)) book.ids_.forget_marks();
    if (base::defect(base::Defect::key_forgotten_at_restart)) book.keys_.clear();
    if (base::defect(base::Defect::halt_forgotten_at_restart)) book.halted_.reset();
  }
  void operator()(const SendIntended& e) { book.ids_.apply(e, at()); }
  void operator()(const SendWithdrawn& e) {
    const Order* order = book.find(e.order);
    if (order->broker_id) book.ids_.withdrawn(*order->broker_id, at());
  }
  void operator()(const SendRefused& e) {
    book.ids_.apply(e, at());
    // Words about the id are about whoever holds it; ours is found by its tag until it has another.
    // (A holder that was archived is named by nothing until it is back.)
    const auto holder = book.ids_.clash(e.broker_id);
    if (holder && book.orders_.contains(*holder)) {
      book.by_broker_id_.put(e.broker_id, *holder);
    } else {
      book.by_broker_id_.erase(e.broker_id);
    }
  }
  void operator()(const BrokerNoted& e) {
    if (e.unlisted) ++book.unlisted_codes_total_;
  }
  void operator()(const ForeignRequest& e) {
    if (e.outcome.substr(0, 5) == "asked") ++book.foreign_requests_total_;
  }
  void operator()(const FloorRaised& e) { book.ids_.apply(e, at()); }
  void operator()(const MarkHealed& e) { book.ids_.apply(e, at()); }
  void operator()(const SessionChanged& e) {
    book.phase_ = e.phase;
    if (!e.accounts.empty()) book.accounts_ = e.accounts;
  }
  void operator()(const SyncCompleted& e) {
    book.phase_ = "ready";
    if (!e.positions_agreed) return;
    for (const std::string& account : book.accounts_) book.positions_agreed_.emplace(account);
  }
  void operator()(const IncidentOpened& e) {
    ++book.incidents_total_;
    book.incidents_.insert_or_assign(stamp.seq, Book::Incident{stamp.seq, stamp.time, e});
    if (!e.subject.empty()) book.open_subjects_.insert_or_assign(e.subject, stamp.seq);
    if (e.order.value() != 0) ++book.incidents_by_order_[e.order];
    if (e.kind == "duplicate_broker_id") ++book.id_reuse_total_;
    if (e.kind == "stale_order") book.ids_.add_stale(e.order);
  }
  void operator()(const IncidentClosed& e) {
    const auto it = book.incidents_.find(e.incident);
    if (it == book.incidents_.end()) return;
    book.open_subjects_.erase(it->second.opened.subject);
    const OrderId about = it->second.opened.order;
    book.incidents_.erase(it);
    const auto open = book.incidents_by_order_.find(about);
    if (open == book.incidents_by_order_.end() || --open->second != 0) return;
    book.incidents_by_order_.erase(open);
    if (const Order* order = book.find(about)) book.enlist(*order);
  }
  void operator()(const GapRecorded& e) { book.ids_.apply(e, at()); }
  void operator()(const IdBlockReserved& e) { book.ids_.apply(e, at()); }
  void operator()(const IdsResetBegun& e) { book.ids_.apply(e); }
  void operator()(const IdsReset& e) { book.ids_.apply(e, at()); }
  void operator()(const Halted& e) { book.halted_ = e; }
  void operator()(const Resumed&) { book.halted_.reset(); }
  void operator()(const TradingDayRolled& e) {
    book.trading_day_ = e.day;
    book.facts_.roll();
    book.trading_day_since_ = stamp.time;
  }
  void operator()(const PositionAdjusted& e) {
    if (book.for_readers_) return;
    Book::Expected& held = book.positions_[{e.account, e.contract.con_id}];
    // What was there at first sight needs no explanation.
    Decimal unexplained = held.unexplained;
    if (book.positions_agreed(e.account)) {
      const auto change = Decimal::add(e.to, Decimal::from_units(-e.from.units()));
      if (change) unexplained = Decimal::add(unexplained, *change).value_or(unexplained);
    }
    held = {e.contract, e.to, stamp.time, unexplained};
  }
  void operator()(const OrderArchived& e) { book.archive(e.order); }
  void operator()(const OrderRecalled& e) { book.recall(e.state); }

  // ---- readers, and what they share with the rest (book_around.cpp) ----
  /// Where the book ahead of the readers stands at this very fact with its order, what it made of
  /// the order is taken over. False: the fact has to be applied.
  bool take_over(OrderId id);
  void count_id(const IdBook::Use& before, const Order& now);
  /// After the fact: whether the order is done.
  void list_live(const Order& order);
  /// Of an order that was seen at the broker: another one may have its id already.
  void name_seen(const Order& order);

 private:
  void take_names(const Order* before, const Order& now);
  IdBook::Stamp at() const { return {stamp.seq, stamp.time}; }
};

}  // namespace belay::core
