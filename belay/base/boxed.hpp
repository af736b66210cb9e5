// SPDX-License-Identifier: Apache-2.0
// Boxed<T>: an optional for what is large and rare. Empty it costs a pointer; a copy copies what is
// in the box.
#pragma once

#include <memory>
#include <utility>

namespace belay::base {

template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(T value) : box_(std::make_unique<T>(std::move(value))) {}
  Boxed(const Boxed& other) : box_(other.box_ ? std::make_unique<T>(*other.box_) : nullptr) {}
  Boxed(Boxed&& other) noexcept = default;
  Boxed& operator=(Boxed other) noexcept {
    box_ = std::move(other.box_);
    return *this;
  }
  ~Boxed() = default;

  explicit operator bool() const { return box_ != nullptr; }
  bool has_value() const { return box_ != nullptr; }
  const T& operator*() const { return *box_; }
  const T* operator->() const { return box_.get(); }
  const T& value_or(const T& other) const { return box_ ? *box_ : other; }
  T& emplace() { return *(box_ = std::make_unique<T>()); }
  void reset() { box_.reset(); }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    return a.box_ && b.box_ ? *a.box_ == *b.box_ : a.box_ == b.box_;
  }
  friend bool operator==(const Boxed& a, const T& b) { return a.box_ && *a.box_ == b; }

 private:
  std::unique_ptr<T> box_;
};

}  // namespace belay::base
