// SPDX-License-Identifier: Apache-2.0
// Boxed<T>: an optional for what is large and rare. Empty it costs a pointer; its copies share what
// is in the box.
#pragma once

#include <utility>

#include "belay/base/shared.hpp"

namespace belay::base {

template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(T value) : box_(std::move(value)) {}
  /// Full, also with a value that nobody set.
  Boxed(Shared<T> value) : box_(std::move(value)) {
    if (!box_.is_set()) box_.edit();
  }

  explicit operator bool() const { return box_.is_set(); }
  bool has_value() const { return box_.is_set(); }
  const T& operator*() const { return *box_; }
  const T* operator->() const { return &*box_; }
  const T& value_or(const T& other) const { return box_.is_set() ? *box_ : other; }
  T& emplace() { return (box_ = Shared<T>(T())).edit(); }
  void reset() { box_ = Shared<T>(); }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a.has_value() == b.has_value() && a.box_ == b.box_;
  }
  friend bool operator==(const Boxed& a, const T& b) { return a.has_value() && *a == b; }

 private:
  Shared<T> box_;
};

}  // namespace belay::base
