// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/terms.hpp"

#include "belay/core/orders/desk.hpp"
#include "belay/model/order_terms.hpp"

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
OrderTerms rebased(const OrderTerms& wish, const OrderTerms& before, const OrderTerms& now) {
  OrderTerms out = wish;
  for_each_term([&](const auto& term) {
    if (wish.*term.member == before.*term.member) out.*term.member = now.*term.member;
  });
  // The end of a time in force belongs to it.
  const bool kept =
      wish.time_in_force == before.time_in_force && wish.expire_time == before.expire_time;
  const OrderTerms& from = kept ? now : wish;
  out.time_in_force = from.time_in_force;
  out.raw_time_in_force = from.raw_time_in_force;
  out.expire_time = from.expire_time;
  return out;
}

// True while a report shows the old value of a field that the modification changes. Fields that the
// broker does not show prove something only on the link that took the modification.
bool shows_old_terms(const Order& known, const OrderTerms& shown) {
  const OrderTerms& old = known.spec->terms;
  const OrderTerms& wanted = *known.replacing;
  const auto is_old = [](const auto& was, const auto& want, const auto& now) {
    return was != want && now == was;
  };
  const bool unseen = old.expire_time != wanted.expire_time ||
                      old.good_after_time != wanted.good_after_time ||
                      old.trail_percent != wanted.trail_percent;
  bool any = is_old(old.time_in_force, wanted.time_in_force, shown.time_in_force) ||
             (unseen && known.unknown);
  for_each_term([&](const auto& term) {
    const auto& was = old.*term.member;
    const auto& want = wanted.*term.member;
    using T = std::remove_cvref_t<decltype(was)>;
    if constexpr (std::is_same_v<T, bool>) any = any || is_old(was, want, shown.*term.member);
    if constexpr (std::is_same_v<T, std::optional<base::Time>>) {
      any = any || is_old_day(was, want, shown.*term.member);
    }
  });
  return any;
}

// A number that belongs to the type; another type has numbers of its own.
void take_number(const auto& term, const OrderTerms& shown, const OrdTypeRow* same, auto& ours) {
  const auto& number = shown.*term.member;
  if (same == nullptr) {
    ours = number;
    return;
  }
  // The trigger of a trailing stop moves.
  const bool moves = same->trails() && term.rules.use == &OrdTypeRow::stop_px;
  const bool given = term.echo == Echo::of_type ? !moves : ours.has_value();
  if (number && given) ours = number;
}

// The terms as the broker shows them, where its words mean the same: times that it normalises are
// not taken from it, nor the moving trigger of a trailing stop.
OrderTerms terms_as_shown(const Order& known, const BrokerOrder& report) {
  const OrderSpec& shown = report.spec;
  OrderTerms out = known.spec->terms;
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
  const bool untold = shown.ord_type == OrdType::other && report.raw_ord_type.empty();
  const bool same = shown.ord_type != OrdType::other && known.spec->ord_type == shown.ord_type;
  const OrdTypeRow* row = same ? &row_of(shown.ord_type) : nullptr;
  for_each_term([&](const auto& term) {
    auto& ours = out.*term.member;
    const auto& theirs = shown.terms.*term.member;
    using T = std::remove_cvref_t<decltype(theirs)>;
    if constexpr (std::is_same_v<T, std::optional<base::Time>>) {
      take_if_another_day(ours, theirs);
    } else if constexpr (std::is_same_v<T, std::optional<Price>> ||
                         std::is_same_v<T, std::optional<Decimal>>) {
      if (term.rules.use != nullptr && !untold) take_number(term, shown.terms, row, ours);
    } else {
      if (term.echo == Echo::as_shown) ours = theirs;
    }
  });
  return out;
}

// What the modification asked for is there, as far as the broker shows it.
bool shows_wanted_terms(const Order& known, const OrderTerms& shown) {
  const OrderTerms& wanted = *known.replacing;
  const OrdTypeRow& type = row_of(known.spec->ord_type);
  bool all = shown.order_qty == wanted.order_qty;
  for_each_term([&](const auto& term) {
    const auto& want = wanted.*term.member;
    using T = std::remove_cvref_t<decltype(want)>;
    const bool moves = type.trails() && term.rules.use == &OrdTypeRow::stop_px;
    if constexpr (std::is_same_v<T, std::optional<Price>>) {
      const bool seen =
          term.echo == Echo::of_type ? !moves : want && known.spec->terms.*term.member;
      if (term.rules.use != nullptr && seen) all = all && shown.*term.member == want;
    }
  });
  return all;
}

// What the broker changed by itself, or a person there: it is in force, and kept from now on.
void restate(OrderId id, const BrokerOrder& report, Step& step) {
  const Order& known = step.order(id);
  if (known.replacing) return;
  const OrderTerms before = known.spec->terms;
  const OrderTerms echoed = terms_as_shown(known, report);
  const OrdType type = report.spec->ord_type;
  const std::string word = type == OrdType::other ? report.raw_ord_type : "";
  const bool retyped = type == OrdType::other ? !word.empty() && known.raw_ord_type != word
                                              : known.spec->ord_type != type;
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
    if (!shows_wanted_terms(known, echoed) || shows_old_terms(known, report.spec->terms)) return;
    step.emit(ReplaceAccepted{id});
  }
  restate(id, report, step);
}

}  // namespace belay::core
