// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/terms.hpp"

#include "belay/core/orders/desk.hpp"

namespace belay::core {
namespace {

// The broker writes times in its own zone and way; what is a day away is another time.
bool is_another_day(base::Time a, base::Time b) {
  return (a > b ? a - b : b - a) >= std::chrono::hours(24);
}
void take_if_another_day(std::optional<base::Time>& ours, std::optional<base::Time> shown) {
  if (ours && shown && is_another_day(*ours, *shown)) ours = shown;
}
// Of a modification to another day: the day before it.
bool is_old_day(std::optional<base::Time> old, std::optional<base::Time> wanted,
                std::optional<base::Time> shown) {
  return old && wanted && shown && is_another_day(*shown, *wanted) && !is_another_day(*shown, *old);
}

// What was asked for on top of `before`, on top of `now`: what it left as it was follows.
OrderTerms rebased(OrderTerms wish, const OrderTerms& before, const OrderTerms& now) {
  const auto follow = [&](auto OrderTerms::*term) {
    if (wish.*term == before.*term) wish.*term = now.*term;
  };
  follow(&OrderTerms::order_qty);
  follow(&OrderTerms::price);
  follow(&OrderTerms::stop_px);
  follow(&OrderTerms::trail_amount);
  follow(&OrderTerms::trail_percent);
  // The end of a time in force belongs to it.
  if (wish.time_in_force == before.time_in_force && wish.expire_time == before.expire_time) {
    wish.time_in_force = now.time_in_force;
    wish.raw_time_in_force = now.raw_time_in_force;
    wish.expire_time = now.expire_time;
  }
  follow(&OrderTerms::good_after_time);
  follow(&OrderTerms::outside_rth);
  follow(&OrderTerms::hidden);
  follow(&OrderTerms::limit_offset);
  follow(&OrderTerms::percent_offset);
  return wish;
}

// True while a report shows the old value of a field that the modification changes. Fields that the
// broker does not show prove something only on the link that took the modification.
bool shows_old_terms(const Order& known, const OrderTerms& shown) {
  const OrderTerms& old = known.spec.terms;
  const OrderTerms& wanted = *known.replacing;
  const auto is_old = [](const auto& was, const auto& want, const auto& now) {
    return was != want && now == was;
  };
  const bool unseen = old.expire_time != wanted.expire_time ||
                      old.good_after_time != wanted.good_after_time ||
                      old.trail_percent != wanted.trail_percent;
  return is_old(old.time_in_force, wanted.time_in_force, shown.time_in_force) ||
         is_old(old.outside_rth, wanted.outside_rth, shown.outside_rth) ||
         is_old(old.hidden, wanted.hidden, shown.hidden) ||
         is_old_day(old.expire_time, wanted.expire_time, shown.expire_time) ||
         is_old_day(old.good_after_time, wanted.good_after_time, shown.good_after_time) ||
         (unseen && known.unknown);
}

// The terms as the broker shows them, where its words mean the same: times that it normalises are
// not taken from it, nor the moving trigger of a trailing stop.
OrderTerms terms_as_shown(const Order& known, const BrokerOrder& report) {
  const OrderSpec& shown = report.spec;
  OrderTerms out = known.spec.terms;
  out.order_qty = shown.terms.order_qty;
  if (shown.terms.time_in_force != TimeInForce::other) {
    const bool differs = shown.terms.time_in_force != out.time_in_force;
    out.time_in_force = shown.terms.time_in_force;
    out.raw_time_in_force.clear();
    if (differs) out.expire_time = shown.terms.expire_time;
  } else if (!shown.terms.raw_time_in_force.empty()) {
    out.time_in_force = TimeInForce::other;
    out.raw_time_in_force = shown.terms.raw_time_in_force;
    out.expire_time.reset();
  }
  take_if_another_day(out.expire_time, shown.terms.expire_time);
  take_if_another_day(out.good_after_time, shown.terms.good_after_time);
  out.outside_rth = shown.terms.outside_rth;
  out.hidden = shown.terms.hidden;
  const bool unspoken = shown.ord_type == OrdType::other;
  if (unspoken && report.raw_ord_type.empty()) return out;
  if (unspoken || known.spec.ord_type != shown.ord_type) {
    // Another type has prices of its own.
    out.price = shown.terms.price;
    out.stop_px = shown.terms.stop_px;
    out.trail_amount = shown.terms.trail_amount;
    out.trail_percent = shown.terms.trail_percent;
    out.limit_offset = shown.terms.limit_offset;
    out.percent_offset = shown.terms.percent_offset;
    return out;
  }
  if (shown.terms.price) out.price = shown.terms.price;
  const bool trailing = shown.ord_type == OrdType::trailing_stop;
  if (shown.terms.stop_px && !trailing) out.stop_px = shown.terms.stop_px;
  if (shown.terms.trail_amount && out.trail_amount) out.trail_amount = shown.terms.trail_amount;
  if (shown.terms.trail_percent && out.trail_percent) out.trail_percent = shown.terms.trail_percent;
  return out;
}

// What the modification asked for is there, as far as the broker shows it.
bool shows_wanted_terms(const Order& known, const OrderTerms& shown) {
  const OrderTerms& wanted = *known.replacing;
  const bool trailing = known.spec.ord_type == OrdType::trailing_stop;
  return shown.order_qty == wanted.order_qty && shown.price == wanted.price &&
         (trailing || shown.stop_px == wanted.stop_px) &&
         (!wanted.trail_amount || shown.trail_amount == wanted.trail_amount ||
          !known.spec.terms.trail_amount);
}

// What the broker changed by itself, or a person there: it is in force, and kept from now on.
void restate(OrderId id, const BrokerOrder& report, Step& step) {
  const Order& known = step.order(id);
  if (known.replacing) return;
  const OrderTerms before = known.spec.terms;
  const OrderTerms echoed = terms_as_shown(known, report);
  const OrdType type = report.spec.ord_type;
  const std::string word = type == OrdType::other ? report.raw_ord_type : "";
  const bool retyped = type == OrdType::other ? !word.empty() && known.raw_ord_type != word
                                              : known.spec.ord_type != type;
  // A finished fill is reported with quantity 0 by some messages; that restates nothing.
  if (echoed.order_qty.is_zero() || (echoed == before && !retyped)) return;
  step.emit(OrderRestated{id, echoed, retyped ? type : OrdType::other, retyped ? word : ""});
  if (!known.desired_terms) return;
  // A modification that waits was asked for on top of what was so before.
  const OrderTerms wish = rebased(*known.desired_terms, before, echoed);
  if (retyped) {
    // Its prices may mean nothing for the new type.
    step.emit(ReplaceRefused{id, 0, "the order is of another type at the broker now"});
  } else if (auto why = unspoken(known, wish)) {
    step.emit(ReplaceRefused{id, 0, std::move(*why)});
  } else if (wish != *known.desired_terms) {
    step.emit(ReplaceRequested{id, wish, known.principal});
  }
}

}  // namespace

void follow_terms(OrderId id, const BrokerOrder& report, Step& step) {
  const Order& known = step.order(id);
  if (is_terminal(known.status)) return;
  const OrderTerms echoed = terms_as_shown(known, report);
  if (known.replacing) {
    if (!shows_wanted_terms(known, echoed) || shows_old_terms(known, report.spec.terms)) return;
    step.emit(ReplaceAccepted{id});
  }
  restate(id, report, step);
}

}  // namespace belay::core
