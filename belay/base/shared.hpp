// SPDX-License-Identifier: Apache-2.0
// Shared<T>: a large value that all its copies share, in 8 bytes. Nobody changes what is shared:
// edit() first makes a copy of its own. What an order asks for is in its event, in both books and
// in the frame that leaves; it is in memory once.
#pragma once

#include <atomic>  // tidy: allow threads because a copy may be let go of on the journal's thread
#include <cstdint>
#include <utility>

namespace belay::base {

template <class T>
class Shared {
 public:
  Shared() = default;  ///< T()
  Shared(T value) : node_(new Node(std::move(value))) {}
  Shared(const Shared& other) : node_(other.node_) {
    if (node_ != nullptr) node_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Shared(Shared&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Shared() {
    if (node_ == nullptr) return;
    if (node_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node_;
  }

  const T& operator*() const { return node_ != nullptr ? node_->value : initial(); }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }
  /// To be changed by its caller alone, until this is copied.
  T& edit() {
    const bool own = node_ != nullptr && node_->owners.load(std::memory_order_acquire) == 1;
    if (!own) *this = Shared(**this);
    return node_->value;
  }
  /// False while it was given no value.
  bool is_set() const { return node_ != nullptr; }

  friend bool operator==(const Shared& a, const Shared& b) {
    return a.node_ == b.node_ || *a == *b;
  }
  friend bool operator==(const Shared& a, const T& b) { return *a == b; }

 private:
  struct Node {
    explicit Node(T given) : value(std::move(given)) {}
    // tidy: allow threads because a copy may be let go of on the journal's thread
    std::atomic<std::uint32_t> owners = 1;
    T value;
  };
  static const T& initial() {
    static const T value{};
    return value;
  }
  Node* node_ = nullptr;
};

}  // namespace belay::base
