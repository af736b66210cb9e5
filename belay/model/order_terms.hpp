// SPDX-License-Identifier: Apache-2.0
// The terms of an order: a row each says how it is called and what may be done with it. One walk
// over these rows writes and reads the journal, reads requests and changes, prints orders, applies
// a change, and compares terms with what the broker shows. A new term is a member of OrderTerms
// (and of TermsPatch, if a change may have it), its row here, and its field at the broker's border.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>

#include "belay/model/order.hpp"

namespace belay::model {

/// What a report of the broker says of a term of an order that we know.
enum class Echo : std::uint8_t {
  as_shown,  ///< it is in force as it is shown
  of_type,   ///< the same, where the broker does not move it by itself
  if_ours,   ///< the same, where the order has it: the broker fills in what nobody gave
  by_day,    ///< the broker writes times in its own way: only another day is another time
  apart,     ///< nothing, or with others (time in force and its end)
};
/// Which values are good.
enum class Range : std::uint8_t {
  any,
  price,     ///< above 0, but for securities that trade below
  positive,  ///< above 0
  percent,   ///< above 0 and below 100
};

struct TermRules {
  bool asked = true;               ///< a caller may give it
  Use OrdTypeRow::*use = nullptr;  ///< which types have it; null: every type
  Range range = Range::any;
  base::Text OrderTerms::*raw = nullptr;  ///< the broker's words for what the member cannot hold
};

/// `change` is the member of TermsPatch, or nullptr for what cannot be changed.
template <class T, class Change>
struct Term {
  int number;         ///< in the journal: ascending, never used again
  const char* name;   ///< in the journal
  const char* field;  ///< in requests and answers; empty: it has no field of its own
  T OrderTerms::*member;
  Change change;
  Echo echo;
  TermRules rules;
};
template <class T, class Change>
constexpr Term<T, Change> term(int number, const char* name, const char* field,
                               T OrderTerms::*member, Change change, Echo echo,
                               TermRules rules = {}) {
  return {number, name, field, member, change, echo, rules};
}

inline constexpr std::tuple order_terms{
    term(1, "order_qty", "total_quantity", &OrderTerms::order_qty, &TermsPatch::order_qty,
         Echo::as_shown),
    term(2, "price", "limit_price", &OrderTerms::price, &TermsPatch::price, Echo::of_type,
         {.use = &OrdTypeRow::price, .range = Range::price}),
    term(3, "stop_px", "aux_price", &OrderTerms::stop_px, &TermsPatch::stop_px, Echo::of_type,
         {.use = &OrdTypeRow::stop_px, .range = Range::price}),
    term(4, "trail_amount", "trail_amount", &OrderTerms::trail_amount, &TermsPatch::trail_amount,
         Echo::if_ours, {.use = &OrdTypeRow::trail, .range = Range::positive}),
    term(5, "trail_percent", "trail_percent", &OrderTerms::trail_percent,
         &TermsPatch::trail_percent, Echo::if_ours,
         {.use = &OrdTypeRow::trail, .range = Range::percent}),
    term(6, "time_in_force", "time_in_force", &OrderTerms::time_in_force,
         &TermsPatch::time_in_force, Echo::apart, {.raw = &OrderTerms::raw_time_in_force}),
    term(7, "expire_time", "good_till_date", &OrderTerms::expire_time, &TermsPatch::expire_time,
         Echo::by_day, {.raw = &OrderTerms::raw_expire_time}),
    term(8, "good_after_time", "good_after_time", &OrderTerms::good_after_time,
         &TermsPatch::good_after_time, Echo::by_day, {.raw = &OrderTerms::raw_good_after_time}),
    term(9, "outside_rth", "outside_rth", &OrderTerms::outside_rth, &TermsPatch::outside_rth,
         Echo::as_shown),
    term(10, "hidden", "hidden", &OrderTerms::hidden, nullptr, Echo::as_shown),
    term(11, "cash_qty", "cash_qty", &OrderTerms::cash_qty, nullptr, Echo::apart, {.asked = false}),
    term(12, "limit_offset", "limit_offset", &OrderTerms::limit_offset, &TermsPatch::limit_offset,
         Echo::if_ours, {.use = &OrdTypeRow::limit_offset, .range = Range::positive}),
    term(13, "raw_time_in_force", "", &OrderTerms::raw_time_in_force, nullptr, Echo::apart,
         {.asked = false}),
    term(14, "raw_expire_time", "", &OrderTerms::raw_expire_time, nullptr, Echo::apart,
         {.asked = false}),
    term(15, "raw_good_after_time", "", &OrderTerms::raw_good_after_time, nullptr, Echo::apart,
         {.asked = false}),
    term(16, "percent_offset", "percent_offset", &OrderTerms::percent_offset,
         &TermsPatch::percent_offset, Echo::if_ours,
         {.use = &OrdTypeRow::percent_offset, .range = Range::percent}),
};
inline constexpr std::size_t order_terms_count = std::tuple_size_v<decltype(order_terms)>;

/// Calls `visit` with each row.
template <class Visit>
constexpr void for_each_term(Visit&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, order_terms);
}
/// A row whose member can be changed.
template <class Row>
inline constexpr bool is_changeable =
    !std::is_same_v<decltype(std::remove_cvref_t<Row>::change), std::nullptr_t>;

}  // namespace belay::model
