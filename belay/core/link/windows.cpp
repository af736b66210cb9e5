// SPDX-License-Identifier: Apache-2.0
// The broker's calendar at work: before and while the broker is known to be away no new risk
// leaves; when it is back everything is asked before anything goes; a new trading day is recorded
// once, and what the old one's lists would no longer tell is asked for before it ends.
#include <fmt/format.h>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

base::Time Core::civil(base::Time now) const {
  return now - ahead_;
}
// When a civil time comes, by ours.
base::Time Core::own_time(base::Time civil) const {
  return civil == base::never ? civil : civil + ahead_;
}

// What the calendar says now; also after a clock that was set back.
void Core::look_at_calendar() {
  const base::Time now = civil(context_.now);
  if (now >= calendar_state_.until || now < calendar_state_.from) {
    calendar_state_ = calendar_.at(now);
  }
}

bool Core::calendar_holds() const {
  if (base::defect(Defect::risk_sent_in_reset_window)) return false;
  return calendar_state_.closed != Closed::open;
}

std::string Core::closed_text() const {
  return fmt::format(
      "{}: new orders are taken again at {}; one with a later valid_until waits for that",
      words(calendar_state_.closed), base::to_rfc3339(calendar_state_.opens));
}

void Core::reply_closed(Correlation to, OrderId order) {
  if (to == 0) return;
  Reply answer{to, ReplyCode::not_ready, order, closed_text(), {}};
  answer.retry_after = calendar_state_.opens - civil(context_.now);
  effect(std::move(answer));
}

void Core::keep_calendar() {
  if (!book_.instance()) return;  // the journal's first fact is whose it is
  const Closed before = std::exchange(closed_before_, calendar_state_.closed);
  if (before == Closed::open && calendar_holds()) {
    deny_unsent(calendar_state_.closed == Closed::daily_reset
                    ? "not sent before the broker's daily reset"
                    : "not sent before the broker's weekly log-in",
                true);
  } else if (before != Closed::open && calendar_state_.closed == Closed::open &&
             phase_ == Phase::ready) {
    // The link lasted through it, as it seems. What was held goes after a settled list.
    phase_ = Phase::syncing;
    rounds_.new_link = false;
    shown_.clear();
    emit(SessionChanged{"syncing", fmt::format("{} has ended", words(before)), {}});
    ask_round("window", true);
  }
  if (calendar_state_.closed == Closed::open) tell_unreachable();
  // A clock that was set back makes no day come twice: dates are compared as text.
  if (calendar_state_.day > book_.trading_day()) {
    emit(TradingDayRolled{calendar_state_.day});
  }
  if (calendar_state_.day_ends && asked_day_ != calendar_state_.day && phase_ == Phase::ready) {
    asked_day_ = calendar_state_.day;
    effect(QueryExecutionsEffect{});
  }
}

}  // namespace belay::core
