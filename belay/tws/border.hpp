// SPDX-License-Identifier: Apache-2.0
// The one place that decides what a number of the broker's is worth here, message by message: which
// values mean "not given", how much of a double is noise, and what does not fit at all. What is
// left out has a name, so that nothing that could not be read reads as absent.
//
//   2147483647, 1.797E308 and its spellings, NaN, infinities, empty:   not given, everywhere
//   -1:                not given where no such number exists: client ids, permanent ids,
//                      commissions
//   0:                 not given for permanent ids and contracts; order id 0 is a manual order
//   doubles:           rounded to 1e-8, halves away from zero
//   beyond our range, negative quantities, order ids above those of orders:   left out, named
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/core/asks/input.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws {

/// A field that was there and could not be taken.
struct LeftOut {
  std::string field;
  std::string value;  ///< as it was read
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

/// A report with what was left out of it. Without a report nothing may be concluded: what is left
/// out says why, and when nothing is, the message told nothing yet.
template <class T>
struct Taken {
  std::optional<T> report;
  std::vector<LeftOut> left_out;
  bool has_value() const { return report.has_value(); }
  explicit operator bool() const { return has_value(); }
  T& operator*() { return *report; }
  const T& operator*() const { return *report; }
  T* operator->() { return &*report; }
  const T* operator->() const { return &*report; }
};

class Border {
 public:
  std::optional<core::Decimal> number(const wire::Real& value, const char* field);
  std::optional<core::Price> price(const wire::Real& value, const char* field);
  /// Zero is how the broker fills price fields that a type does not use.
  std::optional<core::Price> price_if_used(const wire::Real& value, const char* field);
  std::optional<core::Quantity> quantity(const wire::Real& value, const char* field);
  std::optional<core::PermanentId> permanent_id(std::int64_t value);
  /// Nothing when either half is not given, and for order id 0.
  std::optional<core::BrokerOrderId> broker_id(std::int32_t client, std::int32_t number);
  /// An amount that the broker sends as text, in its own words: empty when it means "not given",
  /// and when it is no number, which is left out.
  std::string amount(const std::string& text, const char* field);
  void leave_out(const char* field, std::string value);
  template <class T>
  Taken<T> taken(T report) {
    return {std::move(report), std::move(left_out_)};
  }
  template <class T>
  Taken<T> nothing() {
    return {std::nullopt, std::move(left_out_)};
  }

 private:
  std::vector<LeftOut> left_out_;
};

/// True for the value that stands for "no number" among integers.
bool is_unset(std::int32_t value);
/// Zero when not given, which no order's and no session's next id is.
std::int64_t next_id_of(std::int32_t told);
/// "20261231 21:00:00 US/Eastern" or "20261231-21:00:00" (UTC); nothing for other words.
std::optional<base::Time> time_of(std::string_view text);

}  // namespace belay::tws
