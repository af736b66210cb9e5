// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/order_table.hpp"

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"

namespace belay::core {

OrderTable::OrderTable(const OrderTable& other) {
  share(other);
  for (const auto& page : pages_) {
    if (page == nullptr) continue;
    for (Slot& slot : page->slots) {
      if (slot != nullptr) slot = std::make_shared<Order>(*slot);
    }
  }
}
void OrderTable::share(const OrderTable& other) {
  ids_ = other.ids_;
  pages_.clear();
  pages_.reserve(other.pages_.size());
  for (const auto& page : other.pages_) {
    pages_.push_back(page == nullptr ? nullptr : std::make_unique<Page>(*page));
  }
}
OrderTable::OrderTable(OrderTable&& other) noexcept
    : pages_(std::move(other.pages_)), ids_(std::move(other.ids_)) {}
OrderTable& OrderTable::operator=(OrderTable other) noexcept {
  pages_ = std::move(other.pages_);
  ids_ = std::move(other.ids_);
  return *this;
}

Order& OrderTable::write(OrderId id) {
  BELAY_CHECK(contains(id));
  Slot& own = slot(id);
  if (own.use_count() > 1) {
    // Of the two tables it is the readers' that takes the copy.
    const Slot* shown = readers_ != nullptr ? readers_->slot_of(id) : nullptr;
    Slot& copied = shown != nullptr && *shown == own ? readers_->slot(id) : own;
    copied = std::make_shared<Order>(*own);
  }
  return *own;
}

Order& OrderTable::put(OrderId id, Order order) {
  auto made = std::make_shared<Order>(std::move(order));
  put(id, made);
  return *made;
}

void OrderTable::put(OrderId id, Slot order) {
  const std::size_t page = id.value() / page_size;
  if (page >= pages_.size()) pages_.resize(page + 1);
  if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
  Slot& own = slot(id);
  BELAY_CHECK(own == nullptr);
  own = std::move(order);
  ++pages_[page]->used;
  ids_.insert(id);
}

void OrderTable::erase(OrderId id) {
  if (!contains(id)) return;
  auto& page = pages_[id.value() / page_size];
  slot(id).reset();
  ids_.erase(id);
  if (--page->used == 0) page.reset();
}

void OrderTable::show_in(OrderTable& readers) {
  readers.share(*this);
  readers_ = &readers;
  readers.ahead_ = this;
}

const Order* OrderTable::shown_at(OrderId id, std::uint64_t seq) const {
  const Order* there = ahead_ == nullptr ? nullptr : ahead_->find(id);
  if (there == nullptr) return nullptr;
  const bool same = there->seq == seq || base::defect(base::Defect::undurable_order_shown);
  return same ? there : nullptr;
}

void OrderTable::share(OrderId id) {
  const Slot& shown = *ahead_->slot_of(id);
  if (contains(id)) {
    slot(id) = shown;
  } else {
    put(id, shown);
  }
}

std::size_t OrderTable::behind() const {
  std::size_t count = 0;
  if (ahead_ == nullptr) return count;
  for (const OrderId id : ids_) count += find(id) == ahead_->find(id) ? 0U : 1U;
  return count;
}

}  // namespace belay::core
