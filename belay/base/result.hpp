// SPDX-License-Identifier: Apache-2.0
// Result<T, E>: a value or the reason why there is none, with the member names of C++23's
// std::expected (absent from clang 14 + libstdc++ 12). Operating errors travel in it; parsing
// never throws and never asserts.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "belay/base/check.hpp"

namespace belay::base {

template <class E>
struct Failure {
  E error;
};
template <class E>
Failure(E) -> Failure<E>;

/// What went wrong, for people: `field` names the input at fault ("limit_price", "journal.db").
struct Error {
  std::string field;
  std::string detail;
  friend bool operator==(const Error&, const Error&) = default;
};

inline Failure<Error> fail(std::string field, std::string detail) {
  return Failure<Error>{Error{std::move(field), std::move(detail)}};
}

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
  Result(Failure<F> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    BELAY_CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    BELAY_CHECK(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    BELAY_CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  const E& error() const {
    BELAY_CHECK(!has_value());
    return std::get<1>(state_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T value_or(T other) const { return has_value() ? std::get<0>(state_) : std::move(other); }

 private:
  std::variant<T, E> state_;
};

struct Unit {
  friend bool operator==(Unit, Unit) = default;
};
/// For functions that succeed without a value: `return ok();`.
template <class E = Error>
using Status = Result<Unit, E>;
inline Unit ok() {
  return {};
}

}  // namespace belay::base
