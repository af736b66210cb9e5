// SPDX-License-Identifier: Apache-2.0
// OrderTable: the orders in memory, by their dense ids. An order stays where it is while it is
// changed, so a decision that holds a reference sees what its own events did.
//
// Readers have a table of their own that runs behind (show_in). An order that is the same in both
// is in memory once. Before the table ahead changes such an order, the readers get a copy of it as
// it was; when they have come as far they let go of theirs and share again. Both live on one
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "belay/base/id_set.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::core {

class OrderTable {
 public:
  /// Ascending by id; what it points at is a pair of the id and the order.
  class iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = std::pair<OrderId, const Order&>;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    struct pointer {
      value_type entry;
      const value_type* operator->() const { return &entry; }
    };

    iterator() = default;
    iterator(const OrderTable* table, base::IdSet<OrderId>::iterator at) : table_(table), at_(at) {}
    reference operator*() const { return {*at_, *table_->find(*at_)}; }
    pointer operator->() const { return {**this}; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator& operator--() {
      --at_;
      return *this;
    }
    iterator operator++(int) { return {table_, at_++}; }
    iterator operator--(int) { return {table_, at_--}; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

   private:
    const OrderTable* table_ = nullptr;
    base::IdSet<OrderId>::iterator at_;
  };
  using const_iterator = iterator;

  OrderTable() = default;
  OrderTable(const OrderTable& other);
  OrderTable(OrderTable&& other) noexcept;
  /// The orders alone: who shows this table's orders, and whose it shows, stays as it is.
  OrderTable& operator=(OrderTable other) noexcept;
  ~OrderTable() = default;

  /// nullptr: it is not in memory.
  const Order* find(OrderId id) const {
    const Slot* found = slot_of(id);
    return found == nullptr ? nullptr : found->get();
  }
  bool contains(OrderId id) const { return find(id) != nullptr; }
  /// To be changed; it is there.
  Order& write(OrderId id);
  /// Takes an order in that is not there.
  Order& put(OrderId id, Order order);
  void erase(OrderId id);

  /// `readers` get the orders of this table and follow it from now on. It outlives its last change
  /// or theirs.
  void show_in(OrderTable& readers);
  /// Of readers: the order in the table ahead, if its last event is `seq` there; else nullptr.
  const Order* shown_at(OrderId id, std::uint64_t seq) const;
  /// Of readers: takes the order over that the table ahead has.
  void share(OrderId id);
  /// How many orders are held for the readers as they were.
  std::size_t behind() const;

  std::size_t size() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }
  iterator begin() const { return {this, ids_.begin()}; }
  iterator end() const { return {this, ids_.end()}; }
  iterator lower_bound(OrderId id) const { return {this, ids_.lower_bound(id)}; }

 private:
  using Slot = std::shared_ptr<Order>;
  static constexpr std::size_t page_size = 256;
  struct Page {
    std::array<Slot, page_size> slots;
    std::size_t used = 0;
  };
  const Slot* slot_of(OrderId id) const {
    const std::size_t page = id.value() / page_size;
    if (page >= pages_.size() || pages_[page] == nullptr) return nullptr;
    return &pages_[page]->slots[id.value() % page_size];
  }
  Slot& slot(OrderId id) { return pages_[id.value() / page_size]->slots[id.value() % page_size]; }
  void put(OrderId id, Slot order);
  void share(const OrderTable& other);

  std::vector<std::unique_ptr<Page>> pages_;
  base::IdSet<OrderId> ids_;
  OrderTable* readers_ = nullptr;
  const OrderTable* ahead_ = nullptr;
};

}  // namespace belay::core
